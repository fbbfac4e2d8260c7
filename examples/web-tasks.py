# web-tasks.py: one request starts a computation, others ask for it by its key
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

# The two handlers have all that a web server needs of au.

def analyze(call, arguments, *user_data):
    (text,) = arguments.unpack()
    return GLib.Variant("u", len(text.split()))


def handle_analyze(text):
    """POST /analyze: does not wait."""
    return engine.submit("analyze", GLib.Variant("(s)", (text,)), None).get_key()


def handle_question(question, key):
    """GET /status/KEY and GET /result/KEY: a key that is unknown, or damaged, is an error."""
    handle = engine.get_handle(key, None)
    if question == "status":
        return Au.status_to_string(handle.get_status())
    return handle.dup_result().unpack()


engine = Au.Engine.new(None)
engine.add_function(Au.Function.new("analyze", "(s)", "u", Au.FunctionFlags.NONE, analyze))
command, argument = sys.argv[1:]
try:
    answer = handle_analyze(argument) if command == "analyze" else handle_question(command, argument)
except GLib.Error as error:
    sys.exit(f"web-tasks: {error.message}")

# A server drains its engine when it is told to stop.
engine.drain(-1, None)
print(answer)
