// test-engine-javascript.js: functions and handles, seen from JavaScript
//
// Copyright 2026 The au authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Au from 'gi://Au?version=1';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

import {assert, assertEqual, main} from './tap.js';

Gio._promisify(Au.Handle.prototype, 'wait_async', 'wait_finish');
Gio._promisify(Au.Handle.prototype, 'next_item_async', 'next_item_finish');

function engineNew() {
    const store = Au.part_new_from_strings(Au.ModuleKind.STORE, 'memory', []);
    const backend = Au.part_new_from_strings(Au.ModuleKind.BACKEND, 'thread', []);
    const engine = Au.Engine.new_with_parts(store, backend);

    // JavaScript runs in its own thread only
    engine.add_function(Au.Function.new('test.add', '(xx)', 'x',
        Au.FunctionFlags.OWNER_CONTEXT, (call, args) => {
            const [a, b] = args.deepUnpack();

            return GLib.Variant.new_int64(a + b);
        }));

    return engine;
}

await main({
    'a function runs in the thread of its context': async () => {
        const engine = engineNew();
        const handle = engine.submit('test.add', new GLib.Variant('(xx)', [20, 22]), null);

        assert(await handle.wait_async(null));
        assertEqual(handle.status, Au.Status.COMPLETED);
        assertEqual(handle.result.unpack(), 42);
    },

    'a generator gives items': async () => {
        const engine = engineNew();
        const running = new Map();
        const seen = [];

        engine.add_function(Au.Function.new_iterator('test.count', '(i)', 'i',
            Au.FunctionFlags.OWNER_CONTEXT, (call, args) => {
                const [end] = args.deepUnpack();
                const next = running.get(call.get_key()) ?? 0;

                running.set(call.get_key(), next + 1);
                return next < end ? [true, new GLib.Variant('i', next)] : [false, null];
            }));

        const handle = engine.submit('test.count', new GLib.Variant('(i)', [4]), null);
        for (;;) {
            const item = await handle.next_item_async(null);
            if (item === null)
                break;
            seen.push(item.unpack());
        }
        assertEqual(seen.join(' '), '0 1 2 3');
        assert(await handle.wait_async(null));
    },

    'a wait that cannot end is an error': async () => {
        const engine = engineNew();
        const handle = engine.submit('test.add', new GLib.Variant('(xx)', [1, 2]), null);
        let caught = null;

        try {
            handle.wait(-1, null);
        } catch (error) {
            caught = error;
        }
        assert(caught?.matches(Au.error_quark(), Au.Error.WOULD_DEADLOCK), `${caught}`);
        assert(await handle.wait_async(null));
    },

    'what is refused is an exception': () => {
        const engine = engineNew();
        let caught = null;

        try {
            engine.submit('test.add', new GLib.Variant('(s)', ['x']), null);
        } catch (error) {
            caught = error;
        }
        assert(caught?.matches(Au.error_quark(), Au.Error.BAD_TYPE), `${caught}`);
    },
});
