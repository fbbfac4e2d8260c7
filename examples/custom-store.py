# custom-store.py: records kept in a dictionary
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import threading

import gi

gi.require_version("Au", "1")

from gi.repository import Au, GLib, GObject


def failure(code, message):
    return GLib.Error(message, "au-error-quark", int(code))


class DictionaryStore(GObject.Object, Au.Store):
    """A store is asked from any thread; what it does not implement is made of the rest."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()
        self.records = {}

    def find(self, key):
        if key not in self.records:
            raise failure(Au.Error.NOT_FOUND, f"There is no computation “{key}”")
        return self.records[key]

    def find_unique(self, record):
        """An unfinished computation that has the same unique key."""
        wanted = record.get_options().get_unique_key()
        for other in self.records.values() if wanted is not None else ():
            if other.get_options().get_unique_key() == wanted and not Au.status_is_terminal(other.get_status()):
                return other
        return None

    def do_get_flags(self):
        # It never blocks, so that the engine may ask it from anywhere.
        return Au.StoreFlags.IMMEDIATE

    def do_insert(self, record, cancellable):
        """Creates once. Whoever submits the same call under the same key gets what is there."""
        with self.lock:
            key = record.get_key()
            there = self.records.get(key)
            if there is not None and (there.get_function() != record.get_function()
                                      or not there.get_arguments().equal(record.get_arguments())):
                raise failure(Au.Error.CONFLICT, f"The key “{key}” already names another computation")
            there = there or self.find_unique(record)
            if there is not None:
                return there, False
            self.records[key] = record
            return record, True

    def do_load(self, key, cancellable):
        with self.lock:
            return self.find(key)

    def do_replace(self, record, expected, cancellable):
        """Changes only what nobody else has changed meanwhile, and only as is allowed."""
        with self.lock:
            old = self.find(record.get_key())
            if old.get_revision() != expected:
                raise failure(Au.Error.CONFLICT, f"Somebody else has changed “{record.get_key()}”")
            Au.transition_check(old, record)
            self.records[record.get_key()] = record
            return True

    def do_remove(self, key, cancellable):
        with self.lock:
            self.find(key)
            del self.records[key]
            return True

    def do_list(self, query, cancellable):
        """What the query wants, in the order of keys."""
        with self.lock:
            records = [self.records[key] for key in sorted(self.records)]
            records = [record for record in records if query.matches(record)]
            return records[:query.get_limit()] if query.get_limit() > 0 else records


def process(call, arguments, *user_data):
    return arguments.get_child_value(0)


store = DictionaryStore()
backend = Au.part_new_from_strings(Au.ModuleKind.BACKEND, "thread", None)
engine = Au.Engine.new_with_parts(store, backend)
engine.add_function(Au.Function.new("process", "(s)", "s", Au.FunctionFlags.NONE, process))

# The second “green” is not computed: the store has it.
for key in "red", "green", "blue", "green":
    options = Au.Options.new()
    options.set_key(key)
    engine.call("process", GLib.Variant("(s)", (key,)), options, -1, None)

for record in store.list(Au.Query.new(), None):
    print(f"{record.get_key():<5} {Au.status_to_string(record.get_status())}, "
          f"revision {record.get_revision()}")
