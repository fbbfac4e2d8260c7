# test-module-python.py: modules and key files, seen from Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import os

import gi

gi.require_version("Au", "1")

from gi.repository import Au, Gio, GLib, GObject

import parts
import tap

parts.register()

KEY_FILE = """[au]
store=main
backend=pool
middleware=watch
ttl=1h

[store main]
type=python
path=records.db

[backend pool]
type=thread
max-workers=3

[middleware watch]
type=python-watch
limit=1
pause=1h30m
token=sesame

[engine other]
store=main
backend=pool
"""


def fails(code, function, *arguments):
    try:
        result = function(*arguments)
    except GLib.Error as error:
        assert error.matches(Au.error_quark(), code), error
        return error.message
    raise AssertionError(f"no error, but {result}")


def write(text):
    path = os.path.join(GLib.get_user_config_dir(), "au.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def add_function(engine):
    engine.add_function(Au.Function.new("test.double", "(x)", "x", Au.FunctionFlags.NONE,
                                        lambda call, arguments, *data:
                                        GLib.Variant("x", 2 * arguments.unpack()[0])))


def test_a_key_file_makes_engines_of_parts_in_python():
    path = write(KEY_FILE)
    config = Au.Config.new_from_file(path)
    assert config.get_origin() == path
    assert config.check(Au.Engine)
    assert config.list_labels("engine") == ["other"]
    engine = config.create(Au.Engine, "au")
    other = config.create(Au.Engine, "engine other")

    store = engine.get_store()
    assert isinstance(store, parts.Store)
    assert store.path == os.path.join(os.path.dirname(path), "records.db")
    assert other.get_store() is store
    assert Au.part_get_type_name(store) == "python"
    assert engine.get_backend().props.max_workers == 3

    add_function(engine)
    options = Au.Options(key="seven")
    value = engine.call("test.double", GLib.Variant("(x)", (7,)), options, -1, None)
    assert value.unpack() == 14
    assert store.load("seven", None).get_value().unpack() == 14
    message = fails(Au.Error.REFUSED, engine.call, "test.double", GLib.Variant("(x)", (8,)), None,
                    -1, None)
    assert message.endswith("No more than 1: wait 5400000000 µs"), message


def test_settings_are_changed_and_shown():
    config = Au.Config.new_from_data(KEY_FILE.encode(), "memory")
    config.set("middleware.watch.pause", "2h")
    text = config.to_text(Au.Engine)
    assert "pause=2h" in text
    assert "token=(secret)" in text and "sesame" not in text, text
    config = Au.Config.new_from_data(KEY_FILE.encode(), "memory")
    message = fails(Au.Error.INVALID_ARGUMENT, config.set, "worker", "x")
    assert "“worker” is no name of a setting" in message, message


def test_mistakes_are_found_with_their_places():
    text = KEY_FILE.replace("limit=1", "limit=many").replace("pause=1h30m", "paws=1h")
    path = write(text)
    mistakes = Au.Config.find_mistakes(path, [], Au.Engine)
    assert len(mistakes) == 2, mistakes
    assert mistakes[0].startswith(f"{path}:17: [middleware watch] limit: "), mistakes
    assert "from 0 to 1000000" in mistakes[0]
    assert "did you mean “pause”" in mistakes[1], mistakes
    message = fails(Au.Error.CONFIG, Au.Config.new_from_file(path).check, Au.Engine)
    assert message == mistakes[0]


def test_a_property_says_which_values_cannot_be_used():
    def check(value, *data):
        if value is not None and " " in value:
            raise parts.au_error(Au.Error.INVALID_ARGUMENT, "no blanks, please")
        return True

    assert Au.property_set_check(parts.Store, "path", check)
    path = write("[au]\nstore=main\nbackend=main\n[store main]\ntype=python\npath=a b\n"
                 "[backend main]\ntype=thread\n")
    mistakes = Au.Config.find_mistakes(path, None, Au.Engine)
    assert mistakes == [f"{path}:6: [store main] path: no blanks, please"], mistakes
    assert Au.property_set_check(parts.Store, "path", lambda *data: True)
    assert Au.Config.find_mistakes(path, None, Au.Engine) == []
    fails(Au.Error.INVALID_ARGUMENT, Au.property_set_check, parts.Store, "nothing", check)


def test_an_unknown_type_is_told_what_there_is():
    message = fails(Au.Error.MODULE_NOT_FOUND, Au.part_get_gtype, Au.ModuleKind.STORE, "pythn")
    assert "did you mean “python”" in message, message


def test_parts_are_made_of_settings():
    watch = Au.part_new_from_strings(Au.ModuleKind.MIDDLEWARE, "python-watch",
                                     ["limit=5", "pause=250ms"])
    assert isinstance(watch, parts.Watch)
    assert (watch.limit, watch.pause) == (5, 250000)
    assert sorted(Au.part_dup_settings(watch)) == ["limit=5", "pause=250ms"]
    message = fails(Au.Error.INVALID_ARGUMENT, Au.part_new_from_strings, Au.ModuleKind.MIDDLEWARE,
                    "python-watch", ["limit=-1"])
    assert message.startswith("limit: "), message
    message = fails(Au.Error.STORE, Au.part_new_from_strings, Au.ModuleKind.STORE, "python",
                    ["path=/nowhere/records.db"])
    assert message.startswith("/nowhere/records.db: "), message


def test_parts_of_modules_are_made_as_well():
    gtype = Au.part_get_gtype(Au.ModuleKind.BACKEND, "thread")
    assert gtype.name == "AuThreadBackend"
    backend = Au.part_new_from_strings(Au.ModuleKind.BACKEND, "thread", ["max-workers=2"])
    assert isinstance(backend, Au.Backend)
    assert backend.props.max_workers == 2
    assert Au.part_dup_settings(backend) == ["max-workers=2"]
    function = Au.part_find_function("digest.file")
    assert function.get_name() == "digest.file"
    message = fails(Au.Error.UNKNOWN_FUNCTION, Au.part_find_function, "digest.fil")
    assert "did you mean “digest.file”" in message, message


def test_a_part_is_registered_once_and_is_a_part():
    assert Au.part_register(Au.ModuleKind.STORE, "python", parts.Store)
    message = fails(Au.Error.MODULE_INVALID, Au.part_register, Au.ModuleKind.STORE, "python",
                    type("Other", (parts.Store,), {}))
    assert "there is a store “python” already" in message, message
    message = fails(Au.Error.MODULE_INVALID, Au.part_register, Au.ModuleKind.STORE, "watch",
                    parts.Watch)
    assert "PythonWatch, which is no object that implements AuStore" in message, message
    message = fails(Au.Error.INVALID_ARGUMENT, Au.part_register, Au.ModuleKind.STORE, "No Name",
                    parts.Store)
    assert "“No Name” cannot be the name of a store" in message, message


def test_properties_are_described_and_converted():
    process = Au.part_get_gtype(Au.ModuleKind.BACKEND, "process")
    for name, unit, text, value in (("grace", Au.Unit.DURATION, "1m30s", 90000000),
                                    ("max-workers", Au.Unit.NONE, "8", 8),
                                    ("orphans", Au.Unit.NONE, "kill", None),
                                    ("program", Au.Unit.NONE, "au-worker", "au-worker")):
        assert Au.property_get_unit(process, name) == unit
        converted, result = Au.property_value_from_text(process, name, text)
        assert converted
        assert value is None or result == value, result
        assert Au.property_value_to_text(process, name, result) == text
    assert Au.property_describe(process, "orphans") == "one of finish, kill"
    assert Au.property_describe(Au.Backend, "running").startswith("a whole number")
    message = fails(Au.Error.INVALID_ARGUMENT, Au.property_describe, process, "grase")
    assert "did you mean “grace”" in message, message
    message = fails(Au.Error.INVALID_ARGUMENT, Au.property_value_from_text, process, "grace", "soon")
    assert "30s" in message, message
    message = fails(Au.Error.INVALID_ARGUMENT, Au.property_value_to_text, process, "max-workers",
                    "x")
    assert "it takes a whole number" in message, message
    message = fails(Au.Error.INVALID_ARGUMENT, Au.property_set_unit, parts.Watch, "limit",
                    Au.Unit.SIZE)
    assert "make it a guint64" in message, message
    assert Au.duration_from_text("2h")[1] == 7200000000
    assert Au.duration_to_text(7200000000) == "2h"


def test_a_property_that_key_files_set_is_made():
    pspec = Au.param_spec_duration("age", None, "How old it is", 0, 10, 0,
                                   GObject.ParamFlags.READWRITE)
    assert (pspec.name, pspec.value_type) == ("age", GObject.TYPE_INT64)


def test_modules_are_looked_at():
    infos = {f"{info.get_kind().value_nick}/{info.get_name()}": info for info in Au.modules_list()}
    assert {"store/sqlite", "backend/thread", "function/digest"} <= set(infos), infos
    info = infos["function/digest"]
    assert info.get_version() is None and info.list_functions() == []
    assert info.load()
    assert info.get_license() == "LGPL-2.1-or-later"
    assert info.get_version() and info.get_summary()
    assert "digest.file" in info.list_functions() and info.list_types() == []
    assert os.path.isabs(info.get_file())
    info = Au.ModuleInfo.new(Au.ModuleKind.STORE, "file")
    assert info.load() and info.list_types() == ["store/file"]
    fails(Au.Error.MODULE_NOT_FOUND, Au.ModuleInfo.new, Au.ModuleKind.STORE, "nothing")
    Au.module_add_folder("/nowhere")
    assert "/nowhere" in Au.module_list_folders()


def test_a_serializer_in_python_is_used():
    serializer = Au.part_new_from_strings(Au.ModuleKind.SERIALIZER, "python", [])
    data = serializer.to_bytes(GLib.Variant("(si)", ("a", 1)))
    assert serializer.from_bytes(data).unpack() == ("a", 1)
    message = fails(Au.Error.DAMAGED, serializer.from_bytes, GLib.Bytes.new(b"damaged"))
    assert "checksum" in message


tap.main(globals())
