# shared-infrastructure.py: two functions, one store, one backend, and a chain
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

def preprocess(call, arguments, *user_data):
    (text,) = arguments.unpack()
    return GLib.Variant("s", text.lower().strip())


def transform(call, arguments, *user_data):
    (key,) = arguments.unpack()
    record = engine.get_store().load(key, call.get_cancellable())
    return GLib.Variant("s", record.get_value().unpack()[::-1])


TIMEOUT = 60 * GLib.USEC_PER_SEC

engine = Au.Engine.new(None)
engine.add_function(Au.Function.new("step1", "(s)", "s", Au.FunctionFlags.NONE, preprocess))
engine.add_function(Au.Function.new("step2", "(s)", "s", Au.FunctionFlags.NONE, transform))

# Wait for the first step, then submit the second …
first = engine.submit("step1", GLib.Variant("(s)", ("  Some TEXT ",)), None)
first.wait(TIMEOUT, None)
value = engine.call("step2", GLib.Variant("(s)", (first.get_key(),)), None, TIMEOUT, None)
print(f"waited:  {value.unpack()}")

# … or submit both, and let the engine wait.
first = engine.submit("step1", GLib.Variant("(s)", (" Other TEXT ",)), None)
options = Au.Options.new()
options.set_after([first.get_key()])
value = engine.call("step2", GLib.Variant("(s)", (first.get_key(),)), options, TIMEOUT, None)
print(f"chained: {value.unpack()}")
