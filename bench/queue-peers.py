#!/usr/bin/python3
# What Celery and RQ take, over a Redis of their own: PEER FOLDER NUMBER NUMBER-ALONE.
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import json
import os
import shutil
import subprocess
import sys
import time

OUTSTANDING = 64


def skip(peer, why):
    print(json.dumps({"peer": peer, "skipped": why}))
    sys.exit(0)


def many(submit, is_done, n):
    waiting = []
    sent = done = 0
    start = time.monotonic()
    while done < n:
        while sent < n and len(waiting) < OUTSTANDING:
            waiting.append(submit())
            sent += 1
        left = [job for job in waiting if not is_done(job)]
        done += len(waiting) - len(left)
        waiting = left
    return n / (time.monotonic() - start)


def alone(submit, is_done, n):
    samples = []
    for _ in range(n):
        start = time.monotonic()
        job = submit()
        while not is_done(job):
            pass
        samples.append((time.monotonic() - start) * 1e6)
    return sorted(samples)[len(samples) // 2]


def main():
    peer, folder, n, n_alone = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    socket = os.path.join(folder, "redis.socket")
    if shutil.which("redis-server") is None:
        skip(peer, "redis-server is not installed")
    try:
        import redis
        __import__(peer)
    except ImportError:
        skip(peer, "it is not installed")

    server = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", socket, "--save", "",
                               "--appendonly", "yes", "--appendfsync", "everysec", "--dir", folder],
                              stdout=subprocess.DEVNULL)
    while not os.path.exists(socket):
        time.sleep(0.01)

    environment = dict(os.environ, PYTHONPATH=os.path.dirname(os.path.abspath(__file__)),
                       AU_PEER_SOCKET=socket, PYTHONDONTWRITEBYTECODE="1")
    os.environ.update(environment)
    sys.dont_write_bytecode = True
    import queue_peer_tasks as tasks

    if peer == "celery":
        command = [sys.executable, "-m", "celery", "-A", "queue_peer_tasks", "worker", "-c", "1",
                   "-l", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        connection = redis.Redis(unix_socket_path=socket)
        submit = tasks.stamp.delay

        def is_done(job):
            return connection.exists("celery-task-meta-" + job.id)
    else:
        import rq
        connection = redis.Redis(unix_socket_path=socket)
        queue = rq.Queue("default", connection=connection)
        command = [sys.executable, "-c", "import redis, rq; "
                   "c = redis.Redis(unix_socket_path=%r); "
                   "rq.SimpleWorker([rq.Queue('default', connection=c)], connection=c).work()" % socket]

        def submit():
            return queue.enqueue(tasks.plain_stamp, result_ttl=60)

        def is_done(job):
            return connection.hget("rq:job:" + job.id, "status") == b"finished"

    worker = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        many(submit, is_done, 50)
        print(json.dumps({"peer": peer + " over redis, synced each second",
                          "64-outstanding-1/s": round(many(submit, is_done, n)),
                          "alone-median-us": round(alone(submit, is_done, n_alone))}))
    finally:
        worker.kill()
        server.kill()


main()
