# test-record-python.py: a record made, changed and read in Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

import tap


def test_record_is_made_changed_and_read():
    pending = Au.Record.new("key", "factorial", GLib.Variant("(x)", (5,)), None)
    running = Au.transition_begin(pending, "host/boot/1/2", 0)
    completed = Au.transition_complete(running, 1, GLib.Variant("s", "120"))
    assert pending.get_status() == Au.Status.PENDING
    assert running.get_status() == Au.Status.RUNNING
    assert running.get_owner() == "host/boot/1/2"
    assert completed.get_arguments().unpack() == (5,)
    assert completed.get_value().unpack() == "120"
    assert completed.get_revision() == 3


def test_forms_are_the_same_record():
    record = Au.Record.new("key", "f", None, None)
    for other in (Au.Record.from_json(record.to_json(True), -1),
                  Au.Record.from_bytes(record.to_bytes()),
                  Au.Record.from_variant(record.to_variant())):
        assert other.to_bytes().get_data() == record.to_bytes().get_data()


def test_late_reports_are_refused():
    record = Au.Record.new("key", "f", None, None)
    try:
        Au.transition_complete(record, 1, None)
    except GLib.Error as error:
        assert error.matches(Au.error_quark(), Au.Error.STALE)
    else:
        raise AssertionError("nothing runs")


tap.main(globals())
