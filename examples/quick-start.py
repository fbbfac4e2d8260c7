# quick-start.py: the factorial of 100, computed by au, from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import math

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib


def factorial(call, arguments, *user_data):
    (n,) = arguments.unpack()
    return GLib.Variant("s", str(math.factorial(n)))


engine = Au.Engine.new(None)
engine.add_function(Au.Function.new("factorial", "(u)", "s", Au.FunctionFlags.NONE, factorial))

handle = engine.submit("factorial", GLib.Variant("(u)", (100,)), None)
print(f"now:   {Au.status_to_string(handle.get_status())}")

handle.wait(30 * GLib.USEC_PER_SEC, None)
print(f"then:  {Au.status_to_string(handle.get_status())}")
print(f"100! = {handle.dup_result().unpack()}")
