# semaphore.py: one at a time, in a main loop
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

loop = GLib.MainLoop()
semaphore = Au.Semaphore.new(1)


def entered(semaphore, result, name):
    semaphore.acquire_finish(result)
    print(name)
    semaphore.release()
    if name == "last":
        loop.quit()


for name in "first", "second", "last":
    semaphore.acquire_async(None, entered, name)
loop.run()
