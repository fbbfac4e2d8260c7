# nested-scopes.py: functions of an outer scope go on while an inner one is closed, from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib


from contextlib import contextmanager


def slow_echo(call, arguments, *user_data):
    text, delay = arguments.unpack()

    def echo(*data):
        print(text)
        call.return_value(None)
        return GLib.SOURCE_REMOVE

    # On a busy machine, too, the shorter one comes first.
    source = GLib.timeout_source_new(delay)
    source.set_priority(delay)
    source.set_callback(echo)
    source.attach(GLib.MainContext.get_thread_default())


def args(text, delay):
    return GLib.Variant("(su)", (text, delay))


slow_echo = Au.Tamed.new(Au.Function.new_async("slow-echo", "(su)", None, Au.FunctionFlags.NONE, slow_echo))


@contextmanager
def open_scope(exit_mode=Au.ScopeExitMode.WAIT, error_mode=Au.ScopeErrorMode.CANCEL):
    scope = Au.Scope.new(exit_mode, error_mode)
    try:
        yield scope
    except Exception as error:
        scope.cancel()
        scope.close(None)
        raise error
    scope.close(None)


print("with:", flush=True)
with open_scope() as outer:
    slow_echo.call_in_scope(outer, args("Outer Scope > DELAY(1.5)", 300))
    slow_echo.call_in_scope(outer, args("Outer Scope > DELAY(1)", 200))

    with open_scope() as inner:
        slow_echo.call_in_scope(inner, args("Outer Scope > Inner Scope > DELAY(2)", 400))
        slow_echo.call_in_scope(inner, args("Outer Scope > Inner Scope > DELAY(1)", 201))

    # This one begins when the inner scope is closed.
    slow_echo.call_in_scope(outer, args("Outer Scope > DELAY(.5)", 100))


def slow_bulk_echo(loop):
    """The same in a main loop, which goes on meanwhile."""
    outer = Au.Scope.new(Au.ScopeExitMode.WAIT, Au.ScopeErrorMode.CANCEL)
    inner = Au.Scope.new(Au.ScopeExitMode.WAIT, Au.ScopeErrorMode.CANCEL)

    def inner_closed(scope, result):
        scope.close_finish(result)
        slow_echo.call_in_scope(outer, args("Outer Scope > DELAY(.5)", 100))
        outer.close_async(None, outer_closed)

    def outer_closed(scope, result):
        scope.close_finish(result)
        loop.quit()

    slow_echo.call_in_scope(outer, args("Outer Scope > DELAY(1.5)", 300))
    slow_echo.call_in_scope(outer, args("Outer Scope > DELAY(1)", 200))
    slow_echo.call_in_scope(inner, args("Outer Scope > Inner Scope > DELAY(2)", 400))
    slow_echo.call_in_scope(inner, args("Outer Scope > Inner Scope > DELAY(1)", 201))
    inner.close_async(None, inner_closed)


print("async with:", flush=True)
loop = GLib.MainLoop()
slow_bulk_echo(loop)
loop.run()
