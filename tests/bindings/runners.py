# runners.py: a queue and a backend that are written in Python
#
# Copyright 2026 The au authors
# SPDX-License-Identifier: LGPL-2.1-or-later

import functools
import heapq
import itertools
import threading

import gi

gi.require_version("Au", "1")

from gi.repository import Au, Gio, GLib, GObject

from parts import au_error, check_cancelled

FOR_EVER = 2**63 - 1


def call(method):
    """What every function of the queue does: look at the cancellable, and be alone."""

    @functools.wraps(method)
    def wrapper(self, *arguments):
        check_cancelled(arguments[-1])
        with self.lock:
            return method(self, *arguments[:-1])

    return wrapper


def get_due(now, span):
    return now + min(span, FOR_EVER - now)


class Queue(GObject.Object, Au.Store, Au.Queue):
    """Keeps records in memory, and hands them to workers of this process."""

    __gtype_name__ = "PythonQueue"

    def __init__(self, **properties):
        super().__init__(**properties)
        self.lock = threading.RLock()
        self.records = {}
        self.numbers = itertools.count()
        self.order = {}         # of what is queued or claimed: when it was put in
        self.leases = {}        # of what is claimed: when that ends
        self.paused = set()
        self.workers = {}

    # a store

    def do_get_flags(self):
        return Au.StoreFlags.IMMEDIATE | Au.StoreFlags.QUEUE

    def do_get_durability(self):
        return Au.Durability.NONE

    def require(self, key):
        Au.key_check(key)
        if key not in self.records:
            raise au_error(Au.Error.NOT_FOUND, f"There is no computation “{key}”")
        return self.records[key]

    def find_holder(self, record):
        unique = record.get_options().get_unique_key()
        for other in self.records.values() if unique is not None else ():
            if (other.get_options().get_unique_key() == unique
                    and not Au.Status.is_terminal(other.get_status())):
                return other
        return None

    def write(self, record):
        key = record.get_key()
        former = self.records.get(key)
        self.records[key] = record
        claimed = record.get_status() == Au.Status.RUNNING and record.get_lease_end() > 0
        if claimed and (key not in self.leases or former.get_attempt() != record.get_attempt()):
            self.leases[key] = record.get_lease_end()
        elif not claimed:
            self.leases.pop(key, None)
        if claimed or record.is_queued():
            self.order.setdefault(key, next(self.numbers))
        else:
            self.order.pop(key, None)

    @call
    def do_insert(self, record):
        key = record.get_key()
        Au.key_check(key)
        stored = self.records.get(key)
        if stored is not None:
            if (stored.get_function(), stored.get_arguments()) != (record.get_function(), record.get_arguments()):
                raise au_error(Au.Error.CONFLICT, f"“{key}” names another computation already")
            return stored, False
        holder = self.find_holder(record)
        if holder is not None and not Au.Status.is_terminal(record.get_status()):
            return holder, False
        self.write(record)
        self.settle()
        return self.records[key], True

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
        if (holder is not None and holder.get_key() != key
                and not Au.Status.is_terminal(record.get_status())):
            raise au_error(Au.Error.INVALID_TRANSITION,
                           f"“{holder.get_key()}” has the unique key of “{key}” now")
        self.write(record)
        self.settle()
        return True

    @call
    def do_remove(self, key):
        self.require(key)
        for place in (self.records, self.order, self.leases):
            place.pop(key, None)
        self.settle()
        return True

    @call
    def do_list(self, query):
        found = sorted((record for record in self.records.values() if query.matches(record)),
                       key=lambda record: record.get_key())
        return found[:query.get_limit()] if query.get_limit() > 0 else found

    # what comes after what

    def get_awaited(self, record):
        """What was started once has what it comes after behind it."""
        return record.get_options().get_after() or [] if record.get_attempt() == 0 else []

    def is_done(self, key):
        other = self.records.get(key)
        return other is not None and other.get_status() == Au.Status.COMPLETED

    def is_hopeless(self, record, key):
        other = self.records.get(key)
        return other is None or key == record.get_key() or (
            Au.Status.is_terminal(other.get_status()) and other.get_status() != Au.Status.COMPLETED)

    def settle(self):
        """Ends what comes after something that will not complete; and so on."""
        again = True
        while again:
            again = False
            for record in [self.records[key] for key in self.order]:
                hopeless = [key for key in self.get_awaited(record)
                            if record.is_queued() and self.is_hopeless(record, key)]
                if hopeless:
                    self.write(Au.transition_refuse_after(record, hopeless[0],
                                                          self.records.get(hopeless[0])))
                    again = True

    # a queue

    def count(self, get, value):
        return sum(get(self.records[key]) == value for key in self.leases)

    def has_room(self, claim, record):
        def get_key(one):
            return one.get_options().get_concurrency_key()

        limit = claim.get_limit(record.get_function())
        if limit > 0 and self.count(Au.Record.get_function, record.get_function()) >= limit:
            return False
        key = get_key(record)
        return key is None or self.count(get_key, key) < record.get_options().get_concurrency()

    def begin(self, claim, record, now):
        try:
            claimed = Au.transition_begin(record, claim.get_owner(), get_due(now, claim.get_lease()))
        except GLib.Error as error:
            self.write(Au.transition_refuse(record, error))
            self.settle()
            return None
        self.write(claimed)
        return claimed

    @call
    def do_claim(self, claim):
        now = Au.clock_get_real_time()
        records = []
        dues = []
        for queue in claim.get_queues():
            waiting = [self.records[key] for key in sorted(self.order, key=self.order.get)
                       if self.records[key].is_queued() and queue not in self.paused
                       and self.records[key].get_options().get_queue() == queue
                       and all(map(self.is_done, self.get_awaited(self.records[key])))]
            dues += [record.get_due() for record in waiting if record.get_due() > now]
            for record in sorted(waiting, key=lambda one: -one.get_options().get_priority()):
                if (len(records) < claim.get_max() and record.get_due() <= now
                        and self.has_room(claim, record)):
                    claimed = self.begin(claim, record, now)
                    records += [claimed] if claimed is not None else []
        return records, min(dues, default=0)

    @call
    def do_renew(self, records, lease):
        current = []
        for record in records:
            key = record.get_key()
            if key in self.leases and self.records[key].get_attempt() == record.get_attempt():
                self.leases[key] = get_due(Au.clock_get_real_time(), lease)
                current.append(self.records[key])
        return current

    @call
    def do_reap(self, limit):
        now = Au.clock_get_real_time()
        lost = [key for key, end in self.leases.items() if end <= now or
                Au.owner_get_state(self.records[key].get_owner()) == Au.OwnerState.DEAD][:limit]
        for key in lost:
            self.write(Au.transition_reap(self.records[key]))
        self.settle()
        self.workers = {name: worker for name, worker in self.workers.items() if not worker.is_gone(now)}
        return len(lost)

    @call
    def do_set_paused(self, queue, paused):
        (self.paused.add if paused else self.paused.discard)(queue)
        return True

    @call
    def do_list_paused(self):
        return sorted(self.paused)

    @call
    def do_announce(self, worker):
        self.workers[worker.get_id()] = worker
        return True

    @call
    def do_withdraw(self, name):
        self.workers.pop(name, None)
        return True

    @call
    def do_list_workers(self):
        return [self.workers[name] for name in sorted(self.workers)]


class Backend(GObject.Object, Au.Backend):
    """Runs each computation in one of a few threads."""

    __gtype_name__ = "PythonBackend"

    max_workers = GObject.Property(type=GObject.TYPE_UINT, nick="max-workers", default=2, minimum=0,
                                   flags=GObject.ParamFlags.READWRITE | GObject.ParamFlags.CONSTRUCT)

    def __init__(self, **properties):
        super().__init__(**properties)
        self.changed = threading.Condition()
        self.jobs = []
        self.numbers = itertools.count()
        self.n_running = 0
        self.n_threads = 0
        self.drains = []

    @GObject.Property(type=GObject.TYPE_UINT)
    def running(self):
        return self.n_running

    @GObject.Property(type=GObject.TYPE_UINT)
    def waiting(self):
        return len(self.jobs)

    def do_launch(self, job):
        with self.changed:
            heapq.heappush(self.jobs, (-job.get_priority(), next(self.numbers), job))
            if self.n_threads < max(self.max_workers, 1):
                self.n_threads += 1
                threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            with self.changed:
                if not self.jobs:
                    self.n_threads -= 1
                    drains = self.drains if self.n_threads == 0 else []
                    if drains:
                        self.drains = []
                    break
                job = heapq.heappop(self.jobs)[2]
                self.n_running += 1
            job.run()
            del job
            with self.changed:
                self.n_running -= 1
        for task in drains:
            task.return_boolean(True)

    def do_drain_async(self, cancellable, callback, *data):
        # here the callback has its data already, and takes none
        task = Gio.Task.new(self, None, lambda backend, result, *_: callback(backend, result))
        with self.changed:
            if self.n_threads > 0:
                self.drains.append(task)
                return
        task.return_boolean(True)

    def do_drain_finish(self, result):
        return result.propagate_boolean()
