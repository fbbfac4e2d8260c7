# process.py: a program that runs for as long as it is needed
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
from contextlib import contextmanager

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

my_worker = ["sh", "-c", "echo 'Worker started!'; touch ready; sleep 60; echo 'Worker exiting!'"]


@contextmanager
def run_process(argv, is_ready=None, already_running=None):
    process = Au.Process.new(argv)
    process.props.timeout = 5 * GLib.USEC_PER_SEC
    if is_ready is not None:
        process.set_ready_func(is_ready)
    if already_running is not None:
        process.set_found_func(already_running)
    process.start(None)
    try:
        yield process
    finally:
        process.stop(None)


def file_is_there(process, *user_data):
    return os.path.exists("ready")


# Asked again and again until it is ready.
with run_process(my_worker, is_ready=file_is_there) as process:
    print(f"Process running: {process.is_running()}", flush=True)

# It has ended with everything that it has started, and nothing else.
print(f"Process running: {process.is_running()}", flush=True)

with run_process(my_worker, already_running=file_is_there) as process:
    if process.was_found():
        print("Service was already running!")
    else:
        print("Launched new worker process!")
