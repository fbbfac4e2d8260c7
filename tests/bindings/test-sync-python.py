# test-sync-python.py: the building blocks, seen from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import threading

import gi

gi.require_version("Au", "1")

from gi.repository import Au, Gio, GLib

import tap


def expect(code, function, *arguments):
    try:
        function(*arguments)
    except GLib.Error as error:
        assert error.matches(Au.error_quark(), code), error
    else:
        raise AssertionError("this should have failed")


def iterate_until(condition):
    context = GLib.MainContext.default()
    while not condition():
        context.iteration(True)


def test_channel_between_threads():
    channel = Au.Channel.new(2, Au.ChannelOrder.FIFO)

    def put():
        for number in range(100):
            channel.put(GLib.Variant("i", number), -1, None)
        channel.close()

    thread = threading.Thread(target=put)
    thread.start()
    assert [channel.get(-1, None).unpack() for _ in range(100)] == list(range(100))
    expect(Au.Error.CLOSED, channel.get, -1, None)
    thread.join()


def test_channel_with_priorities():
    channel = Au.Channel.new_with_priorities(0, lambda item, *data: -item.unpack())
    for number in 2, 5, 3:
        assert channel.try_put(GLib.Variant("i", number))
    assert [channel.try_get().unpack() for _ in range(3)] == [5, 3, 2]
    assert channel.try_get() is None


def test_waits_in_a_main_loop():
    semaphore = Au.Semaphore.new(0)
    order = []

    def entered(semaphore, result, name):
        assert semaphore.acquire_finish(result)
        order.append(name)

    for name in "a", "b", "c":
        semaphore.acquire_async(None, entered, name)
    assert semaphore.props.waiting == 3
    semaphore.set_limit(3)
    assert order == []
    iterate_until(lambda: len(order) == 3)
    assert order == ["a", "b", "c"]


def test_cancelled():
    mutex = Au.Mutex.new()
    cancellable = Gio.Cancellable()
    outcome = []

    def locked(mutex, result, *data):
        try:
            mutex.lock_finish(result)
        except GLib.Error as error:
            outcome.append(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    assert mutex.try_lock()
    mutex.lock_async(cancellable, locked)
    cancellable.cancel()
    iterate_until(lambda: outcome)
    assert outcome == [True]


def test_cache_calls_once():
    calls = []

    def square(task, *data):
        calls.append(1)
        return GLib.Variant("i", task.get_argument().unpack() ** 2)

    cache = Au.Cache.new(square)
    assert [cache.get(GLib.Variant("i", 7), -1, None).unpack() for _ in range(3)] == [49] * 3
    assert len(calls) == 1
    known, value = cache.try_get(GLib.Variant("i", 7))
    assert known and value.unpack() == 49


def test_tasks():
    group = Au.TaskGroup.new()
    thread = group.run("thread", lambda task, *data: GLib.Variant("s", task.get_name()))
    loop = group.start("loop", lambda task, *data: task.return_value(GLib.Variant("i", 1)))
    closed = []
    group.close_async(None, lambda group, result: closed.append(group.close_finish(result)))
    iterate_until(lambda: closed)
    assert thread.dup_value().unpack() == "thread"
    assert loop.dup_value().unpack() == 1
    expect(Au.Error.CLOSED, group.run, None, lambda task, *data: None)


def test_batches():
    batches = []

    def work(task, *data):
        batches.append(task.get_argument().unpack())
        task.return_value(None)

    batcher = Au.Batcher.new_starting(60 * GLib.USEC_PER_SEC, 2, work)
    for number in range(3):
        batcher.put(GLib.Variant("i", number))
    batcher.flush()
    iterate_until(lambda: len(batches) == 2)
    assert batches == [[0, 1], [2]]


def test_mapping():
    def square(task, *data):
        number = task.get_argument().unpack()
        if number == 3:
            raise GLib.Error("three", "g-io-error-quark", int(Gio.IOErrorEnum.FAILED))
        return GLib.Variant("i", number * number)

    executor = Au.Executor.new(2)
    squares, failed = [], []
    iterator = executor.map_run(None, GLib.Variant("ai", range(5)), square)
    while (task := iterator.next(-1, None)) is not None:
        try:
            squares.append(task.dup_value().unpack())
        except GLib.Error:
            failed.append(task.get_argument().unpack())
    assert sorted(squares) == [0, 1, 4, 16]
    assert failed == [3]
    assert executor.close(-1, None)
    expect(Au.Error.CLOSED, executor.map_run, None, GLib.Variant("ai", [1]), square)


def test_cached_tasks():
    calls = []

    def start(task, *data):
        calls.append(task)

    cache = Au.Cache.new_starting(start)
    first, second = (cache.get_task(GLib.Variant("s", "key")) for _ in range(2))
    iterate_until(lambda: calls)
    first.cancel()
    assert first.is_done() and not second.is_done()
    calls[0].return_value(GLib.Variant("i", 7))
    assert second.dup_value().unpack() == 7
    assert cache.get_task(GLib.Variant("s", "key")).dup_value().unpack() == 7
    assert len(calls) == 1
    assert (cache.props.hits, cache.props.misses, cache.props.shared) == (1, 1, 1)


def test_streams():
    def count(stream, *data):
        for number in range(10):
            stream.emit(GLib.Variant("i", number))
        return True

    merged = Au.Stream.new_merged([Au.Stream.new(count, 1), Au.Stream.new(count, 0)],
                                  Au.StreamErrors.RAISE)
    items = []
    while (item := merged.next(-1, None)) is not None:
        items.append(item.unpack())
    assert sorted(items) == sorted(2 * list(range(10)))
    assert merged.close(-1, None)


tap.main(globals())
