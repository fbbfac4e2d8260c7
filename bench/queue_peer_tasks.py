# What workers of Celery and RQ compute.
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os
import time


def plain_stamp():
    return time.monotonic_ns() // 1000


try:
    import celery
except ImportError:
    pass
else:
    redis = "redis+socket://" + os.environ.get("AU_PEER_SOCKET", "")
    app = celery.Celery("queue_peer_tasks", broker=redis, backend=redis)
    stamp = app.task(name="stamp")(plain_stamp)
