// tap.js: tests in JavaScript that speak TAP
//
// Copyright 2026 The au authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import System from 'system';

/** Thrown by a test that cannot run here; the message says why. */
export class Skip extends Error {}

export function assert(condition, message = 'assertion failed') {
    if (!condition)
        throw new Error(message);
}

export function assertEqual(actual, expected) {
    assert(Object.is(actual, expected), `${actual} is not ${expected}`);
}

/** Runs the functions of an object in order; they may be asynchronous. */
export async function main(tests) {
    const entries = Object.entries(tests);
    let failed = false;

    print(`1..${entries.length}`);
    for (const [index, [name, run]] of entries.entries()) {
        try {
            await run();
            print(`ok ${index + 1} - ${name}`);
        } catch (error) {
            if (error instanceof Skip) {
                print(`ok ${index + 1} - ${name} # SKIP ${error.message}`);
                continue;
            }
            for (const line of `${error}\n${error.stack ?? ''}`.trimEnd().split('\n'))
                print(`# ${line}`);
            print(`not ok ${index + 1} - ${name}`);
            failed = true;
        }
    }
    if (failed)
        System.exit(1);
}
