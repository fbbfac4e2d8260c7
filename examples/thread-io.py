# thread-io.py: many slow reads at a time, in threads
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version("Au", "1")

from gi.repository import Au, Gio, GLib

def fetch(call, arguments, *user_data):
    (path,) = arguments.unpack()
    (contents, etag) = Gio.File.new_for_path(path).load_bytes(call.get_cancellable())
    return GLib.Variant.new_from_bytes(GLib.VariantType("ay"), contents, True)


KEY_FILE = b"""
[store main]
type=memory
[backend main]
type=thread
max-workers=16
"""

engine = Au.Engine.new_from_config(Au.Config.new_from_data(KEY_FILE, "example"))
engine.add_function(Au.Function.new("fetch", "(s)", "ay", Au.FunctionFlags.NONE, fetch))

# No file may take longer than 20 seconds.
options = Au.Options.new()
options.set_timeout(20 * GLib.USEC_PER_SEC)
handles = [engine.submit("fetch", GLib.Variant("(s)", (path,)), options) for path in sys.argv[1:]]

# All are under way now. One that fails harms no other.
for path, handle in zip(sys.argv[1:], handles):
    try:
        handle.wait(-1, None)
        print(f"{path}: {handle.dup_result().get_size()} bytes")
    except GLib.Error as error:
        print(f"{path}: {error.message}")
