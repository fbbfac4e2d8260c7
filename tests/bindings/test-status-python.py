# test-status-python.py: statuses and errors, seen from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

import tap


def test_words_round_trip():
    for word in "pending", "running", "completed", "failed", "cancelled":
        done, status = Au.status_from_string(word)
        assert done
        assert Au.status_to_string(status) == word
        assert status.value_nick == word


def test_only_ends_are_terminal():
    ends = [status for status in (Au.Status.PENDING, Au.Status.RUNNING,
                                  Au.Status.COMPLETED, Au.Status.FAILED,
                                  Au.Status.CANCELLED)
            if Au.status_is_terminal(status)]
    assert ends == [Au.Status.COMPLETED, Au.Status.FAILED, Au.Status.CANCELLED]


def test_errors_are_exceptions_of_their_domain():
    try:
        Au.status_from_string("done")
    except GLib.Error as error:
        assert error.matches(Au.error_quark(), Au.Error.INVALID_ARGUMENT)
        assert "done" in error.message
    else:
        raise AssertionError("there is no status “done”")


tap.main(globals())
