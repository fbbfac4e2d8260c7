# channel.py: what one puts, another gets
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

channel = Au.Channel.new(0, Au.ChannelOrder.LIFO)
for word in "one", "two", "three":
    channel.put(GLib.Variant("s", word), -1, None)
channel.close()

while True:
    try:
        print(channel.get(-1, None).unpack())
    except GLib.Error as error:
        assert error.matches(Au.error_quark(), Au.Error.CLOSED)
        break
