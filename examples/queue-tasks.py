# queue-tasks.py: tasks that are written down here, and run by whoever reads them
#
#   export AU_CONFIG=queue.conf
#   python3 queue-tasks.py write ID NAME      writes a task down, under an id
#   python3 queue-tasks.py result ID          waits for what became of it
#   python3 queue-tasks.py read               runs tasks until it is interrupted
#   python3 queue-tasks.py both ID NAME       writes one, and reads in the same program
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import signal
import sys

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib


def greet(call, arguments, *user_data):
    (name,) = arguments.unpack()
    return GLib.Variant("s", f"Hello, {name}!")


def write(id, name):
    options = Au.Options.new()
    options.set_key(id)
    handle = engine.submit("greet", GLib.Variant("(s)", (name,)), options)
    print(f"{id}: {Au.status_to_string(handle.get_status())}", flush=True)


def result(id):
    handle = engine.get_handle(id, None)
    handle.wait(-1, None)
    print(f"{id}: {handle.dup_result().unpack()}", flush=True)


def start_worker():
    worker = Au.Worker.new_from_config(Au.Config.find())
    worker.start()
    return worker


def stop(worker, loop):
    """Ends what runs, or gives it back."""

    def drained(worker, result):
        worker.drain_finish(result)
        loop.quit()

    worker.drain_async(GLib.USEC_PER_SEC, drained)
    loop.run()


def read():
    loop = GLib.MainLoop()
    worker = start_worker()
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, loop.quit)
    loop.run()
    stop(worker, loop)


def both(id, name):
    write(id, name)
    worker = start_worker()
    result(id)
    stop(worker, GLib.MainLoop())


# A task holds the name of its function: this is where readers look it up.
Au.Function.new("greet", "(s)", "s", Au.FunctionFlags.NONE, greet).register()
engine = Au.Engine.new(None)
commands = {"write": write, "result": result, "read": read, "both": both}
commands[sys.argv[1]](*sys.argv[2:])

# What was written is there for others when this has returned.
engine.drain(-1, None)
