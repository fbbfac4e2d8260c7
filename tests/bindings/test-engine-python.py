# test-engine-python.py: engines, handles and middleware, seen from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import threading

import gi

gi.require_version("Au", "1")

from gi.repository import Au, Gio, GLib, GObject

import tap


def part(kind, name):
    return Au.part_new_from_strings(kind, name, [])


def engine_new(backend="thread"):
    return Au.Engine.new_with_parts(part(Au.ModuleKind.STORE, "memory"),
                                    part(Au.ModuleKind.BACKEND, backend))


def add(call, arguments, *data):
    a, b = arguments.unpack()
    if a < 0:
        raise GLib.Error("negative", "g-io-error-quark", int(Gio.IOErrorEnum.INVALID_DATA))
    call.set_progress(0.5, "half way")
    return GLib.Variant("x", a + b)


def adder(engine):
    function = Au.Function.new("test.add", "(xx)", "x", Au.FunctionFlags.NONE, add)
    engine.add_function(function)


def wait(handle):
    loop = GLib.MainLoop()
    outcome = []

    def done(source, result):
        assert source is handle
        try:
            outcome.append(source.wait_finish(result))
        except GLib.Error as error:
            outcome.append(error)
        loop.quit()

    handle.wait_async(None, done)
    assert not outcome
    loop.run()
    return outcome[0]


def test_a_function_in_python_runs_in_a_thread():
    engine = engine_new()
    adder(engine)
    handle = engine.submit("test.add", GLib.Variant("(xx)", (20, 22)), None)
    assert wait(handle) is True
    assert handle.props.status == Au.Status.COMPLETED
    assert handle.props.result.unpack() == 42
    assert handle.dup_result().unpack() == 42
    assert handle.props.progress == 1.0
    assert handle.props.key == handle.get_key()
    assert handle.props.function == "test.add"


def test_options_have_properties():
    engine = engine_new()
    adder(engine)
    options = Au.Options(key="from-python", priority=3)
    handle = engine.submit("test.add", GLib.Variant("(xx)", (1, 2)), options)
    assert handle.props.key == "from-python"
    assert wait(handle) is True
    assert engine.get_handle("from-python", None).dup_result().unpack() == 3


def test_an_error_of_a_function_keeps_its_domain():
    engine = engine_new()
    adder(engine)
    handle = engine.submit("test.add", GLib.Variant("(xx)", (-1, 0)), None)
    error = wait(handle)
    assert isinstance(error, GLib.Error)
    assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.INVALID_DATA), error
    assert error.message == "negative"
    assert handle.props.status == Au.Status.FAILED


def test_what_is_refused_is_an_exception():
    engine = engine_new()
    adder(engine)
    for name, arguments, code in (
            ("test.none", GLib.Variant("()", ()), Au.Error.UNKNOWN_FUNCTION),
            ("test.add", GLib.Variant("(s)", ("x",)), Au.Error.BAD_TYPE)):
        try:
            engine.submit(name, arguments, None)
        except GLib.Error as error:
            assert error.matches(Au.error_quark(), code), error.message
        else:
            raise AssertionError(name)


def test_notify_comes_in_the_main_loop():
    engine = engine_new()
    adder(engine)
    handle = engine.submit("test.add", GLib.Variant("(xx)", (1, 2)), None)
    threads = set()
    handle.connect("notify::status", lambda *args: threads.add(threading.get_ident()))
    assert wait(handle) is True
    assert threads <= {threading.get_ident()}


class Counter(GObject.Object, Au.Middleware):
    def __init__(self, refuse=False):
        super().__init__()
        self.refuse = refuse
        self.seen = []

    def do_before_compute(self, job):
        self.seen.append("before")
        if self.refuse:
            raise GLib.Error("not today", "au-error-quark", int(Au.Error.REFUSED))
        return True

    def do_after_compute(self, job, record):
        self.seen.append("after")
        return True


def test_a_middleware_in_python():
    engine = engine_new("inline")
    adder(engine)
    counter = Counter()
    engine.add_middleware(counter)
    handle = engine.submit("test.add", GLib.Variant("(xx)", (1, 2)), None)
    assert wait(handle) is True
    assert counter.seen == ["before", "after"], counter.seen


def items(handle):
    loop = GLib.MainLoop()
    seen = []

    def got(source, result):
        item = source.next_item_finish(result)
        if item is None:
            loop.quit()
            return
        seen.append(item.unpack())
        source.next_item_async(None, got)

    handle.next_item_async(None, got)
    loop.run()
    return seen


def test_a_generator_in_python_gives_items():
    engine = engine_new()
    running = {}

    def step(call, arguments, *data):
        numbers = running.setdefault(call.get_key(), iter(range(*arguments.unpack())))
        for number in numbers:
            return True, GLib.Variant("i", number)
        del running[call.get_key()]
        return False, None

    engine.add_function(Au.Function.new_iterator("test.count", "(i)", "i",
                                                 Au.FunctionFlags.NONE, step))
    first = engine.submit("test.count", GLib.Variant("(i)", (5,)), None)
    second = engine.submit("test.count", GLib.Variant("(i)", (3,)), None)
    assert items(first) == [0, 1, 2, 3, 4]
    assert items(second) == [0, 1, 2]
    assert wait(first) is True and wait(second) is True
    assert not running


def test_items_are_emitted_from_python():
    engine = engine_new()

    def emit(call, arguments, *data):
        for number in range(*arguments.unpack()):
            call.emit(GLib.Variant("i", number))
        return GLib.Variant("i", 99)

    engine.add_function(Au.Function.new("test.emit", "(i)", "i", Au.FunctionFlags.NONE, emit))
    handle = engine.submit("test.emit", GLib.Variant("(i)", (3,)), None)
    assert items(handle) == [0, 1, 2]
    assert handle.dup_result().unpack() == 99


class Witness(GObject.Object, Au.Middleware):
    """Notes which thread lets it go."""

    __gtype_name__ = "PythonWitness"
    left_in = []

    def __init__(self):
        super().__init__()
        self.left_in = Witness.left_in

    def __del__(self):
        self.left_in.append(threading.current_thread())
        GLib.MainContext.default().wakeup()


def test_parts_in_python_are_let_go_of_in_the_main_context():
    engine = engine_new()
    gate = threading.Event()

    def await_gate(call, arguments, *data):
        gate.wait()
        return GLib.Variant("x", 1)

    engine.add_middleware(Witness())
    engine.add_function(Au.Function.new("test.gate", "()", "x", Au.FunctionFlags.NONE, await_gate))
    handle = engine.submit("test.gate", GLib.Variant("()", ()), None)
    del handle, engine
    gate.set()
    while not Witness.left_in:
        GLib.MainContext.default().iteration(True)
    assert Witness.left_in == [threading.main_thread()]


tap.main(globals())
