# slow-echo.py: one asynchronous function, called in three ways, from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib


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

# In a main loop: nothing blocks, and each is called back.
loop = GLib.MainLoop()
left = []


def call_async(text, delay):
    def done(tamed, result):
        tamed.call_finish(result)
        left.remove(text)
        if not left:
            loop.quit()

    left.append(text)
    slow_echo.call_async(args(text, delay), None, done)


call_async("async > DELAY(1)", 200)
call_async("async > DELAY(.1)", 20)
call_async("async > DELAY(.5)", 100)
loop.run()

# Where there is none: one after the other.
slow_echo.call_sync(args("sync > DELAY(1)", 200), None)
slow_echo.call_sync(args("sync > DELAY(.1)", 20), None)
slow_echo.call_sync(args("sync > DELAY(.5)", 100), None)

# In a scope: together, and all have finished when it is closed.
scope = Au.Scope.new(Au.ScopeExitMode.WAIT, Au.ScopeErrorMode.CANCEL)
slow_echo.call_in_scope(scope, args("scope > DELAY(1)", 200))
slow_echo.call_in_scope(scope, args("scope > DELAY(.1)", 20))
slow_echo.call_in_scope(scope, args("scope > DELAY(.5)", 100))
scope.close(None)
