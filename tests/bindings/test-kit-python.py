# test-kit-python.py: parts in Python pass the suites that those in C pass
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import sys

import gi

gi.require_version("Au", "1")
gi.require_version("AuTest", "1")

from gi.repository import Au, AuTest

import parts


def open_store(place, *data):
    store = parts.Store(path=place)
    store.init(None)
    return store


AuTest.init(sys.argv)
AuTest.store_add_suite("/store/python", AuTest.StoreFlags.NO_LARGE_VALUES, open_store)
AuTest.serializer_add_suite("/serializer/python", lambda *data: parts.Serializer())
AuTest.middleware_add_suite("/middleware/python", lambda *data: parts.Watch())
sys.exit(AuTest.run())
