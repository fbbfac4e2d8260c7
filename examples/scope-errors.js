// scope-errors.js: errors in three ways of calling, and what nobody handles, from JavaScript
//
// Copyright 2026 The au authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Au from 'gi://Au?version=1';
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

Gio._promisify(Au.Tamed.prototype, 'call_async', 'call_finish');
Gio._promisify(Au.Delayed.prototype, 'await_async', 'await_finish');
Gio._promisify(Au.Scope.prototype, 'close_async', 'close_finish');

const tamed = Au.Tamed.new(Au.Function.new_async('faulty', '()', null, Au.FunctionFlags.NONE,
    call => call.return_error(new GLib.Error(Au.error_quark(), Au.Error.FAILED, 'Oh no!'))));

function openScope() {
    return Au.Scope.new(Au.ScopeExitMode.WAIT, Au.ScopeErrorMode.CANCEL);
}

try {
    await tamed.call_async(null, null);
} catch (error) {
    print("async: Actually, I'm good.");
}

try {
    tamed.call_sync(null, null);
} catch (error) {
    print("sync: Actually, I'm good.");
}

// An error that somebody has waited for is not told again.
let scope = openScope();
let result = tamed.call_in_scope(scope, null);
try {
    await result.await_async(null);
} catch (error) {
    print("scope: Actually, I'm good.");
}
await scope.close_async(null);
print('closed: well');

// And what nobody has waited for is.
scope = openScope();
result = tamed.call_in_scope(scope, null);
try {
    await scope.close_async(null);
} catch (error) {
    print(`closed: ${error.message}`);
    for (let i = 0; i < scope.get_n_errors(); i++)
        print(`  ${scope.dup_error(i).message}`);
}
