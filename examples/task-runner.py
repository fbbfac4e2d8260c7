# task-runner.py: chunks of a long list, handled here while they are made elsewhere, from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib



def long_blocking_function(call, arguments, *user_data):
    total_size, chunk_size = arguments.unpack()
    total_size = max(total_size, chunk_size)
    big_list = range(total_size)
    for n in range(total_size // chunk_size):
        chunk = big_list[chunk_size * n:chunk_size * (n + 1)]
        call.emit(GLib.Variant("au", chunk))


def handle_chunk(runner, handle, chunk):
    print(f"got a chunk: {chunk.unpack()}")


function = Au.Function.new("long-blocking-function", "(uu)", None, Au.FunctionFlags.NONE,
                           long_blocking_function)

for target in "thread", "loop", "sync":
    print(f"{target}:")
    runner = Au.TaskRunner.new(target, function)
    runner.connect("item", handle_chunk)
    runner.connect("end", lambda runner, handle, value: print("end"))
    runner.connect("error", lambda runner, handle, error: print(f"error: {error.message}"))

    # Each run has this before its own arguments.
    runner.bind(GLib.Variant("(u)", (6,)))
    runner.run(GLib.Variant("(u)", (2,)), None)
