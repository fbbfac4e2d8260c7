// test-status-javascript.js: statuses and errors, seen from JavaScript
//
// Copyright 2026 The au authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Au from 'gi://Au?version=1';

import {assert, assertEqual, main} from './tap.js';

await main({
    'words round trip': () => {
        for (const word of ['pending', 'running', 'completed', 'failed', 'cancelled']) {
            const [done, status] = Au.status_from_string(word);

            assert(done);
            assertEqual(Au.status_to_string(status), word);
        }
    },

    'only ends are terminal': () => {
        assert(!Au.status_is_terminal(Au.Status.PENDING));
        assert(!Au.status_is_terminal(Au.Status.RUNNING));
        assert(Au.status_is_terminal(Au.Status.COMPLETED));
        assert(Au.status_is_terminal(Au.Status.FAILED));
        assert(Au.status_is_terminal(Au.Status.CANCELLED));
    },

    'errors are exceptions of their domain': () => {
        let caught = null;

        try {
            Au.status_from_string('done');
        } catch (error) {
            caught = error;
        }
        assert(caught?.matches(Au.error_quark(), Au.Error.INVALID_ARGUMENT), `${caught}`);
        assert(caught.message.includes('done'));
    },
});
