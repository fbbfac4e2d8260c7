# delayed-results.py: results that arrive later, and are passed on before they do, from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib



def request(call, arguments, *user_data):
    def answer(*data):
        call.return_value(GLib.Variant("(us)", (200, "You are awesome!")))
        return GLib.SOURCE_REMOVE

    (delay,) = arguments.unpack()
    source = GLib.timeout_source_new(delay)
    source.set_callback(answer)
    source.attach(GLib.MainContext.get_thread_default())


def post_process(raw_result):
    """Is given a result that is not there yet."""

    def start(call, arguments, *user_data):
        def arrived(raw_result, result):
            try:
                raw_result.await_finish(result)
            except GLib.Error as error:
                call.return_error(error)
                return
            code, message = raw_result.get_value().unpack()
            a, b = message.rsplit(" ", 1)
            call.return_value(GLib.Variant("(us)", (code, f"{a} very {b}")))

        raw_result.await_async(None, arrived)

    return tame("post-process", "()", start)


def tame(name, input_type, start):
    return Au.Tamed.new(Au.Function.new_async(name, input_type, "(us)", Au.FunctionFlags.NONE, start))


def print_status(prefix, value):
    code, message = value.unpack()
    print(f"{prefix}Status {code}: `{message}`")


request = tame("request", "(u)", request)
delay = GLib.Variant("(u)", (20,))

# at once
print_status("", request.call_sync(delay, None))

# later
scope = Au.Scope.new(Au.ScopeExitMode.WAIT, Au.ScopeErrorMode.CANCEL)
raw_result = request.call_in_scope(scope, delay)
result = post_process(raw_result).call_in_scope(scope, None)
try:
    result.get_value()
except GLib.Error as error:
    assert error.matches(Au.error_quark(), Au.Error.NOT_READY)
    print("scope > result: Not yet available.")
result.block(-1, None)
print_status("scope > result: ", result.get_value())
scope.close(None)
