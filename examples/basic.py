# basic.py: a function, and its value
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

def twice(call, arguments, *user_data):
    (x,) = arguments.unpack()
    return GLib.Variant("i", 2 * x)


# None: the key file of the user, or what is sensible when there is none.
engine = Au.Engine.new(None)
engine.add_function(Au.Function.new("twice", "(i)", "i", Au.FunctionFlags.NONE, twice))

# Submits, waits for at most 10 seconds, and gets the value.
print(engine.call("twice", GLib.Variant("(i)", (21,)), None, 10 * GLib.USEC_PER_SEC, None).unpack())
