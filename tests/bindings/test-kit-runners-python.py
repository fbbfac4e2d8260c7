# test-kit-runners-python.py: a queue and a backend in Python pass the suites that those in C pass
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version("Au", "1")
gi.require_version("AuTest", "1")

from gi.repository import AuTest

import runners

AuTest.init(sys.argv)
AuTest.functions_register()
AuTest.store_add_suite("/store/python-queue", AuTest.StoreFlags.DEFAULT, lambda *data: runners.Queue())
AuTest.queue_add_suite("/queue/python", lambda *data: runners.Queue())
AuTest.backend_add_suite("/backend/python", lambda max_workers, *data: runners.Backend(max_workers=max_workers))
sys.exit(AuTest.run())
