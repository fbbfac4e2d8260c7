# cleanup.py: how long results are kept
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

KEY_FILE = b"""
[au]
ttl=1h
[store main]
type=memory
"""


def twice(call, arguments, *user_data):
    (x,) = arguments.unpack()
    return GLib.Variant("i", 2 * x)


def clean_up():
    n_removed = engine.cleanup_expired(None)
    print(f"removed {n_removed}, left {len(engine.list(None, None))}")


HOUR = 3600 * GLib.USEC_PER_SEC

# All of au asks one clock for the time, which can be moved: tests need not sleep.
Au.clock_freeze()
engine = Au.Engine.new_from_config(Au.Config.new_from_data(KEY_FILE, "example"))
engine.add_function(Au.Function.new("twice", "(i)", "i", Au.FunctionFlags.NONE, twice))

# One computation says otherwise than the key file.
options = Au.Options.new()
options.set_ttl(24 * HOUR)
for i in range(10):
    engine.call("twice", GLib.Variant("(i)", (i,)), options if i == 0 else None, -1, None)

clean_up()
Au.clock_advance(61 * HOUR // 60)
clean_up()
Au.clock_advance(24 * HOUR)
clean_up()
