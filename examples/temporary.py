# temporary.py: an engine with a folder of its own, which goes with it
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
from contextlib import contextmanager

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

def square(call, arguments, *user_data):
    (x,) = arguments.unpack()
    return GLib.Variant("x", x * x)


@contextmanager
def open_temporary(backend=None):
    temporary = Au.Temporary.new(backend)
    try:
        yield temporary
    finally:
        # Stops what runs, waits for it, and removes the folder.
        temporary.close(-1, None)


with open_temporary() as temporary:
    engine = temporary.get_engine()
    engine.add_function(Au.Function.new("square", "(x)", "x", Au.FunctionFlags.NONE, square))
    value = engine.call("square", GLib.Variant("(x)", (10,)), None, 5 * GLib.USEC_PER_SEC, None)
    print(f"10² = {value.unpack()}")

print(f"the folder is {'still there' if os.path.exists(temporary.get_path()) else 'gone'}")
