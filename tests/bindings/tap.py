# tap.py: tests in Python that speak TAP
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Runs the functions of a script whose names start with test_, in order."""

import sys
import traceback


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


def main(namespace):
    tests = [(name, function) for name, function in namespace.items()
             if name.startswith("test_") and callable(function)]
    failed = False

    print(f"1..{len(tests)}", flush=True)
    for number, (name, function) in enumerate(tests, 1):
        title = name[len("test_"):].replace("_", "-")
        try:
            function()
        except Skip as reason:
            print(f"ok {number} - {title} # SKIP {reason}", flush=True)
        except Exception:
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} - {title}", flush=True)
            failed = True
        else:
            print(f"ok {number} - {title}", flush=True)
    sys.exit(1 if failed else 0)
