# batch.py: a thousand computations with one infrastructure
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

def process_item(call, arguments, *user_data):
    (n,) = arguments.unpack()
    steps = 0
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return GLib.Variant("u", steps)


engine = Au.Engine.new(None)
engine.add_function(Au.Function.new("process-item", "(t)", "u", Au.FunctionFlags.NONE, process_item))

# A tag finds them again, tomorrow and in another program: au list --tag batch
options = Au.Options.new()
options.set_tags(["batch"])
handles = engine.submit_many("process-item", [GLib.Variant("(t)", (i,)) for i in range(1, 1001)], options)

steps = []
for handle in handles:
    handle.wait(-1, None)
    steps.append(handle.dup_result().unpack())
longest = max(steps)
print(f"{len(steps)} computations; {steps.index(longest) + 1} takes longest: {longest} steps")
