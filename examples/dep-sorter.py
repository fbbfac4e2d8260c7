# dep-sorter.py: what has to come before what
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

sorter = Au.DepSorter.new()
sorter.add_dependency("shoes", "socks")
sorter.add_dependency("shoes", "trousers")
print(sorter.sort())
sorter.add_dependency("trousers", "shoes")
try:
    sorter.sort()
except GLib.Error as error:
    print(error.matches(Au.error_quark(), Au.Error.CYCLE))
