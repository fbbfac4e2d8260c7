# custom-middleware.py: a rate limit that really refuses
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import threading

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib, GObject

class RateLimit(GObject.Object, Au.Middleware):
    """Called from any thread: a lock guards what it counts."""

    def __init__(self, max_per_minute):
        super().__init__()
        self.max_per_minute = max_per_minute
        self.lock = threading.Lock()
        self.times = []
        self.n_refused = 0

    def do_before_compute(self, job):
        with self.lock:
            now = Au.clock_get_monotonic_time()
            self.times = [time for time in self.times if time > now - 60 * GLib.USEC_PER_SEC]
            if len(self.times) < self.max_per_minute:
                self.times.append(now)
                return True
            self.n_refused += 1
        raise GLib.Error(f"more than {self.max_per_minute} computations a minute", "au-error-quark",
                         int(Au.Error.REFUSED))


def call_api(call, arguments, *user_data):
    return arguments.get_child_value(0)


limit = RateLimit(max_per_minute=3)
engine = Au.Engine.new(None)
engine.add_function(Au.Function.new("call-api", "(u)", "u", Au.FunctionFlags.NONE, call_api))
engine.add_middleware(limit)
for i in range(1, 6):
    try:
        engine.call("call-api", GLib.Variant("(u)", (i,)), None, -1, None)
        print(f"call {i}: done")
    except GLib.Error as error:
        print(f"call {i}: {error.message}")
print(f"{limit.n_refused} refused")
