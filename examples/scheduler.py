# scheduler.py: what is due, when it is
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

scheduler = Au.Scheduler.new()
scheduler.add_after(20000, GLib.Variant("s", "second"))
scheduler.add_after(10000, GLib.Variant("s", "first"))
print(scheduler.next(-1, None).unpack())
print(scheduler.next(-1, None).unpack())
