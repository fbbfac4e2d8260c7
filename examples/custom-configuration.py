# custom-configuration.py: the same engine made by program and by key file
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib

KEY_FILE = b"""
[au]
store=results
backend=pool
middleware=log;numbers

[store results]
type=file
path=by-key-file
format=variant

[backend pool]
type=thread
max-workers=2

[middleware log]
type=logging
level=debug

[middleware numbers]
type=metrics
"""


def make_by_key_file():
    return Au.Engine.new_from_config(Au.Config.new_from_data(KEY_FILE, "example"))


def make_by_program():
    kind = Au.ModuleKind
    store = Au.part_new_from_strings(kind.STORE, "file", ["path=by-program", "format=variant"])
    backend = Au.part_new_from_strings(kind.BACKEND, "thread", ["max-workers=2"])
    engine = Au.Engine.new_with_parts(store, backend)
    engine.add_middleware(Au.part_new_from_strings(kind.MIDDLEWARE, "logging", ["level=debug"]))
    engine.add_middleware(Au.part_new_from_strings(kind.MIDDLEWARE, "metrics", None))
    return engine


def analyze(call, arguments, *user_data):
    return GLib.Variant("t", arguments.n_children())


def use(made, engine):
    engine.add_function(Au.Function.new("analyze", "(sus)", "t", Au.FunctionFlags.NONE, analyze))
    options = Au.Options.new()
    options.set_ttl(3600 * GLib.USEC_PER_SEC)  # for all: ttl=1h in [au]
    value = engine.call("analyze", GLib.Variant("(sus)", ("text", 7, "")), options, -1, None)
    print(f"made {made}: store {Au.part_get_type_name(engine.get_store())}, "
          f"backend {Au.part_get_type_name(engine.get_backend())}, "
          f"{len(engine.get_middleware())} middleware; value {value.unpack()}")


use("by program", make_by_program())
use("by key file", make_by_key_file())
