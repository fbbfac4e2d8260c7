# test-process-python.py: a script whose functions run in processes of its own
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import sys

import gi

gi.require_version("Au", "1")

from gi.repository import Au, Gio, GLib

import tap


def where(call, arguments, *data):
    return GLib.Variant("(is)", (os.getpid(), call.get_key()))


def divide(call, arguments, *data):
    a, b = arguments.unpack()
    call.set_progress(0.5, "half way")
    try:
        return GLib.Variant("d", a / b)
    except ZeroDivisionError as error:
        raise GLib.Error(str(error), "g-io-error-quark", int(Gio.IOErrorEnum.INVALID_DATA))


def die(call, arguments, *data):
    os.kill(os.getpid(), 9)


for name, types, code in (("script.where", ("()", "(is)"), where),
                          ("script.divide", ("(dd)", "d"), divide),
                          ("script.die", ("()", None), die)):
    Au.Function.new(name, *types, Au.FunctionFlags.NONE, code).register()

# A worker goes no further: what follows runs in the first process only.
Au.init(sys.argv)

with open("/proc/self/comm") as file:
    assert file.read() != "au-worker\n"


def engine_new(*settings):
    return Au.Engine.new_with_parts(Au.part_new_from_strings(Au.ModuleKind.STORE, "memory", []),
                                    Au.part_new_from_strings(Au.ModuleKind.BACKEND, "process", settings))


def call(engine, function, arguments=None):
    handle = engine.submit(function, arguments, None)
    handle.wait(-1, None)
    return handle, handle.dup_result().unpack()


def test_functions_run_in_another_process():
    engine = engine_new("max-workers=1")
    handle, (pid, key) = call(engine, "script.where")
    assert pid != os.getpid()
    assert key == handle.get_key()
    assert call(engine, "script.where")[1][0] == pid


def test_many_at_once():
    engine = engine_new("max-workers=2")
    handles = [engine.submit("script.divide", GLib.Variant("(dd)", (i, 4)), None) for i in range(200)]
    for i, handle in enumerate(handles):
        handle.wait(-1, None)
        assert handle.dup_result().unpack() == i / 4


def test_errors_come_back():
    engine = engine_new("max-workers=1")
    handle = engine.submit("script.divide", GLib.Variant("(dd)", (1, 0)), None)
    try:
        handle.wait(-1, None)
    except GLib.Error as error:
        assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_DATA)
        assert "division" in error.message
    else:
        raise AssertionError("it has not failed")


def test_a_dead_worker_is_replaced():
    engine = engine_new("max-workers=1")
    handle = engine.submit("script.die", None, None)
    try:
        handle.wait(-1, None)
    except GLib.Error as error:
        assert error.matches(Au.error_quark(), Au.Error.WORKER_LOST), error
        assert "script.die" in error.message and "signal 9" in error.message
    else:
        raise AssertionError("it has not failed")
    assert call(engine, "script.where")[1][0] != os.getpid()


tap.main(globals())
