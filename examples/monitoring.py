# monitoring.py: what an engine did, in numbers
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import math

import gi

gi.require_version("Au", "1")

from gi.repository import Au, Gio, GLib

KEY_FILE = b"""
[au]
middleware=numbers
[store main]
type=memory
[middleware numbers]
type=metrics
"""


def root(call, arguments, *user_data):
    (x,) = arguments.unpack()
    y = math.isqrt(x)
    if y * y != x:
        raise GLib.Error(f"{x} is no square", "g-io-error-quark", int(Gio.IOErrorEnum.INVALID_ARGUMENT))
    return GLib.Variant("u", y)


engine = Au.Engine.new_from_config(Au.Config.new_from_data(KEY_FILE, "example"))
engine.add_function(Au.Function.new("root", "(u)", "u", Au.FunctionFlags.NONE, root))

# Dropping a handle does not stop the computation.
for x in range(10):
    engine.submit("root", GLib.Variant("(u)", (x,)), None)

# Nothing new is taken, and what runs is waited for.
engine.drain(-1, None)

metrics = engine.get_middleware()[0]
numbers = metrics.props.snapshot.unpack()
for name in "submitted", "started", "completed", "failed", "cancelled":
    print(f"{name:<10} {numbers[name]:>2}")
print(f"on average {numbers['duration-sum'] / numbers['duration-count'] / GLib.USEC_PER_SEC:.6f} s")

# The same for a monitoring system; here only a line of it.
for line in metrics.props.prometheus.splitlines():
    if line.startswith("au_computations_completed_total"):
        print(f"for Prometheus: {line}")
