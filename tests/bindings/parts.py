# parts.py: a store, a serializer and a middleware that are written in Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import functools
import hashlib
import sqlite3
import threading

import gi

gi.require_version("Au", "1")

from gi.repository import Au, Gio, GLib, GObject


def au_error(code, text):
    return GLib.Error(text, "au-error-quark", int(code))


def check_cancelled(cancellable):
    if cancellable is not None and cancellable.is_cancelled():
        raise GLib.Error("The call was cancelled", "g-io-error-quark",
                         int(Gio.IOErrorEnum.CANCELLED))


def call(method):
    """What every function of the store does: look at the cancellable, and be alone."""

    @functools.wraps(method)
    def wrapper(self, *arguments):
        check_cancelled(arguments[-1])
        try:
            with self.lock, self.database:
                self.database.execute("BEGIN IMMEDIATE")
                return method(self, *arguments[:-1])
        except sqlite3.Error as error:
            raise au_error(Au.Error.STORE, f"{self.path}: {error}") from None

    return wrapper


class Store(GObject.Object, Au.Store, Gio.Initable):
    """Keeps records in a database, which any number of processes may use."""

    __gtype_name__ = "PythonStore"

    path = GObject.Property(type=str, nick="path", blurb="The file of the database",
                            flags=GObject.ParamFlags.READWRITE | GObject.ParamFlags.CONSTRUCT_ONLY)

    def __init__(self, **properties):
        super().__init__(**properties)
        self.lock = threading.Lock()
        self.database = None

    def __del__(self):
        # only a collection of garbage would close it: it refers to itself
        if self.database is not None:
            self.database.close()

    def do_init(self, cancellable):
        try:
            self.database = sqlite3.connect(self.path or "", timeout=60, isolation_level=None,
                                            check_same_thread=False)
            self.database.execute("PRAGMA journal_mode=TRUNCATE")
            self.database.execute("PRAGMA synchronous=OFF")
            self.database.execute("CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY,"
                                  " held TEXT UNIQUE, record BLOB) WITHOUT ROWID")
        except sqlite3.Error as error:
            raise au_error(Au.Error.STORE, f"{self.path}: {error}") from None
        return True

    def do_get_flags(self):
        return Au.StoreFlags.PERSISTENT | Au.StoreFlags.SHARED

    def do_get_durability(self):
        return Au.Durability.PROCESS

    def read(self, data):
        variant = GLib.Variant.new_from_bytes(GLib.VariantType("v"), GLib.Bytes.new(data), False)
        return Au.Record.from_variant(variant.get_variant())

    def find(self, key):
        row = self.database.execute("SELECT record FROM records WHERE key=?", (key,)).fetchone()
        return self.read(row[0]) if row is not None else None

    def require(self, key):
        Au.key_check(key)
        record = self.find(key)
        if record is None:
            raise au_error(Au.Error.NOT_FOUND, f"There is no computation “{key}”")
        return record

    def get_held(self, record):
        """The unique key, which a record holds while it has not ended."""
        ended = Au.Status.is_terminal(record.get_status())
        return None if ended else record.get_options().get_unique_key()

    def find_holder(self, record):
        row = self.database.execute("SELECT record FROM records WHERE held=?",
                                    (self.get_held(record),)).fetchone()
        return self.read(row[0]) if row is not None else None

    def write(self, record):
        data = GLib.Variant("v", record.to_variant()).get_data_as_bytes().get_data()
        self.database.execute("INSERT INTO records VALUES (?1, ?2, ?3)"
                              " ON CONFLICT (key) DO UPDATE SET held=?2, record=?3",
                              (record.get_key(), self.get_held(record), data))

    @call
    def do_insert(self, record):
        stored = self.find(record.get_key())
        if stored is not None:
            same = [(one.get_function(), one.get_arguments()) for one in (stored, record)]
            if same[0] != same[1]:
                raise au_error(Au.Error.CONFLICT,
                               f"“{record.get_key()}” names another computation already")
            return stored, False
        holder = self.find_holder(record)
        if holder is not None:
            return holder, False
        self.write(record)
        return record, True

    @call
    def do_load(self, key):
        return self.require(key)

    @call
    def do_replace(self, record, expected):
        key = record.get_key()
        stored = self.require(key)
        if stored.get_revision() != expected:
            raise au_error(Au.Error.CONFLICT, f"Somebody else has changed “{key}”")
        Au.transition_check(stored, record)
        holder = self.find_holder(record)
        if holder is not None and holder.get_key() != key:
            raise au_error(Au.Error.INVALID_TRANSITION,
                           f"“{holder.get_key()}” has the unique key of “{key}” now")
        self.write(record)
        return True

    @call
    def do_remove(self, key):
        self.require(key)
        self.database.execute("DELETE FROM records WHERE key=?", (key,))
        return True

    @call
    def do_list(self, query):
        records = []
        limit = query.get_limit()
        for row in self.database.execute("SELECT record FROM records ORDER BY key"):
            record = self.read(row[0])
            if query.matches(record):
                records.append(record)
                if len(records) == limit:
                    break
        return records


class Serializer(GObject.Object, Au.Serializer):
    """Writes a checksum and a value."""

    __gtype_name__ = "PythonSerializer"

    def do_to_bytes(self, value):
        data = GLib.Variant("v", value).get_data_as_bytes().get_data()
        return GLib.Bytes.new(hashlib.sha256(data).digest() + data)

    def do_from_bytes(self, data):
        data = data.get_data() or b""
        if hashlib.sha256(data[32:]).digest() != data[:32]:
            raise au_error(Au.Error.DAMAGED, "The bytes are damaged: their checksum does not fit")
        return GLib.Variant.new_from_bytes(GLib.VariantType("v"), GLib.Bytes.new(data[32:]),
                                           False).get_variant()

    def do_get_content_type(self):
        return "application/x-python"


class Watch(GObject.Object, Au.Middleware):
    """Counts computations, and refuses what takes its turn too soon."""

    __gtype_name__ = "PythonWatch"

    limit = GObject.Property(type=int, default=0, minimum=0, maximum=1000000, nick="limit",
                             blurb="How many computations it lets in; 0 for any number")
    pause = GObject.Property(type=GObject.TYPE_INT64, default=0, minimum=0,
                             maximum=GLib.MAXINT64, nick="pause", blurb="How long it says to wait")
    token = GObject.Property(type=str, nick="token", blurb="What nobody is to know")

    def __init__(self, **properties):
        super().__init__(**properties)
        self.lock = threading.Lock()
        self.n_seen = 0

    def do_before_compute(self, job):
        with self.lock:
            if 0 < self.limit <= self.n_seen:
                raise au_error(Au.Error.REFUSED, f"No more than {self.limit}: wait {self.pause} µs")
            self.n_seen += 1
        return True


Au.property_set_unit(Store, "path", Au.Unit.FILE)
Au.property_set_unit(Watch, "pause", Au.Unit.DURATION)
Au.property_set_secret(Watch, "token")


def register():
    """Makes them parts that key files can name."""
    Au.part_register(Au.ModuleKind.STORE, "python", Store)
    Au.part_register(Au.ModuleKind.SERIALIZER, "python", Serializer)
    Au.part_register(Au.ModuleKind.MIDDLEWARE, "python-watch", Watch)
