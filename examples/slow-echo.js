// slow-echo.js: one asynchronous function, called in three ways, from JavaScript
//
// Copyright 2026 The au authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Au from 'gi://Au?version=1';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

Gio._promisify(Au.Tamed.prototype, 'call_async', 'call_finish');
Gio._promisify(Au.Scope.prototype, 'close_async', 'close_finish');

const slowEcho = Au.Tamed.new(Au.Function.new_async('slow-echo', '(su)', null,
    Au.FunctionFlags.NONE, (borrowed, args) => {
        const [text, delay] = args.deepUnpack();

        // JavaScript is only lent what a function is given; this keeps it.
        const call = borrowed.ref();

        // On a busy machine, too, the shorter one comes first.
        const source = GLib.timeout_source_new(delay);
        source.set_priority(delay);
        source.set_callback(() => {
            print(text);
            call.return_value(null);
            return GLib.SOURCE_REMOVE;
        });
        source.attach(GLib.MainContext.get_thread_default());
    }));

function args(text, delay) {
    return new GLib.Variant('(su)', [text, delay]);
}

// In a main loop: nothing blocks, and each gives a promise.
await Promise.all([
    slowEcho.call_async(args('async > DELAY(1)', 200), null),
    slowEcho.call_async(args('async > DELAY(.1)', 20), null),
    slowEcho.call_async(args('async > DELAY(.5)', 100), null),
]);

// Where there is none: one after the other.
slowEcho.call_sync(args('sync > DELAY(1)', 200), null);
slowEcho.call_sync(args('sync > DELAY(.1)', 20), null);
slowEcho.call_sync(args('sync > DELAY(.5)', 100), null);

// In a scope: together, and all have finished when it is closed.
const scope = Au.Scope.new(Au.ScopeExitMode.WAIT, Au.ScopeErrorMode.CANCEL);
slowEcho.call_in_scope(scope, args('scope > DELAY(1)', 200));
slowEcho.call_in_scope(scope, args('scope > DELAY(.1)', 20));
slowEcho.call_in_scope(scope, args('scope > DELAY(.5)', 100));
await scope.close_async(null);
