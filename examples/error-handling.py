# error-handling.py: what went wrong, and where
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import math

import gi

gi.require_version("Au", "1")

from gi.repository import Au, Gio, GLib

def may_fail(call, arguments, *user_data):
    (x,) = arguments.unpack()
    if x < 0:
        raise GLib.Error(f"x must be positive, not {x}", "g-io-error-quark",
                         int(Gio.IOErrorEnum.INVALID_ARGUMENT))
    return GLib.Variant("d", math.sqrt(x))


engine = Au.Engine.new(None)
engine.add_function(Au.Function.new("may-fail", "(i)", "d", Au.FunctionFlags.NONE, may_fail))
handle = engine.submit("may-fail", GLib.Variant("(i)", (-5,)), None)

# Waiting for it fails with the function's own error.
try:
    handle.wait(5 * GLib.USEC_PER_SEC, None)
except GLib.Error as error:
    print(f"the computation: {error.domain}, code {error.code}: {error.message}")
    print(f"its status: {Au.status_to_string(handle.get_status())}")
    if error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_ARGUMENT):
        print("the caller knows what to do about it")

# Arguments of another type never become a computation.
try:
    engine.submit("may-fail", GLib.Variant("(s)", ("five",)), None)
except GLib.Error as error:
    print(f"submitting: {error.message}")

# A key without a record is an error, and nothing that may still come.
try:
    engine.get_handle("no-such-key", None)
except GLib.Error as error:
    print(f"looking for it: {error.message}")
