# lru.py: what was not used for the longest time is forgotten
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

lru = Au.Lru.new(2, -1)
for number, word in enumerate(("zero", "one", "two")):
    lru.set(GLib.Variant("i", number), GLib.Variant("s", word))
for number in range(3):
    word = lru.get(GLib.Variant("i", number))
    print(number, word.unpack() if word is not None else "forgotten")
