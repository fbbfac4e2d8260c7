// quick-start.js: the factorial of 100, computed by au, from JavaScript
//
// Copyright 2026 The au authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Au from 'gi://Au?version=1';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

Gio._promisify(Au.Handle.prototype, 'wait_async');

function factorial(call, args) {
    const [n] = args.deepUnpack();
    let product = 1n;

    for (let i = 2n; i <= n; i++)
        product *= i;
    return new GLib.Variant('s', `${product}`);
}

const engine = Au.Engine.new(null);

// JavaScript is never called in another thread: its functions run in this main loop.
engine.add_function(Au.Function.new('factorial', '(u)', 's',
    Au.FunctionFlags.OWNER_CONTEXT, factorial));

const handle = engine.submit('factorial', new GLib.Variant('(u)', [100]), null);
print(`now:   ${Au.status_to_string(handle.get_status())}`);

await handle.wait_async(null);
print(`then:  ${Au.status_to_string(handle.get_status())}`);
print(`100! = ${handle.dup_result().deepUnpack()}`);
