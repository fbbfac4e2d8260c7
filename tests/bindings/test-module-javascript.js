// test-module-javascript.js: modules, key files and the test kit, seen from JavaScript
//
// Copyright 2026 The au authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import Au from 'gi://Au?version=1';
import AuTest from 'gi://AuTest?version=1';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

import {assert, assertEqual, main} from './tap.js';

const Plain = GObject.registerClass({
    GTypeName: 'JavaScriptPlain',
    Implements: [Au.Serializer],
    Properties: {
        'pause': Au.param_spec_duration('pause', null, 'How long it waits', 0, 60000000, 0,
            GObject.ParamFlags.READWRITE | GObject.ParamFlags.CONSTRUCT),
        'token': GObject.ParamSpec.string('token', null, 'What nobody is to know',
            GObject.ParamFlags.READWRITE, null),
    },
}, class extends GObject.Object {
    vfunc_to_bytes(value) {
        return GLib.Bytes.new(new TextEncoder().encode(value.print(true)));
    }

    vfunc_from_bytes(bytes) {
        const text = new TextDecoder().decode(bytes.get_data() ?? new Uint8Array());

        try {
            return GLib.Variant.parse(null, text, null, null);
        } catch (error) {
            throw new GLib.Error(Au.error_quark(), Au.Error.DAMAGED, `“${text}” is no value`);
        }
    }

    vfunc_get_content_type() {
        return 'text/x-gvariant';
    }
});

Au.property_set_secret(Plain, 'token');

const KEY_FILE = `[au]
store=main
backend=pool

[store main]
type=memory

[backend pool]
type=thread
max-workers=3
`;

function fails(code, run) {
    try {
        run();
    } catch (error) {
        assert(error.matches?.(Au.error_quark(), code), `${error}`);
        return error.message;
    }
    throw new Error('no error');
}

await main({
    'a key file makes an engine': () => {
        const config = Au.Config.new_from_data(new TextEncoder().encode(KEY_FILE), 'memory');

        config.set('backend.pool.max-workers', '2');
        assert(config.check(Au.Engine));
        assert(config.to_text(Au.Engine).includes('max-workers=2'));

        const engine = config.create(Au.Engine, 'au');

        assertEqual(engine.get_backend().max_workers, 2);
        assertEqual(Au.part_get_type_name(engine.get_store()), 'memory');
    },

    'mistakes are found with their places': () => {
        const path = GLib.build_filenamev([GLib.get_user_config_dir(), 'au.conf']);

        GLib.file_set_contents(path, KEY_FILE.replace('max-workers', 'max-worker'));

        const mistakes = Au.Config.find_mistakes(path, [], Au.Engine);

        assertEqual(mistakes.length, 1);
        assert(mistakes[0].startsWith(`${path}:10: [backend pool] max-worker: `), mistakes[0]);
        assert(mistakes[0].includes('did you mean “max-workers”'), mistakes[0]);
    },

    'a part in JavaScript has a name in key files': () => {
        assert(Au.part_register(Au.ModuleKind.SERIALIZER, 'javascript', Plain));

        const part = Au.part_new_from_strings(Au.ModuleKind.SERIALIZER, 'javascript',
            ['pause=250ms', 'token=sesame']);

        assert(part instanceof Plain);
        assertEqual(part.pause, 250000);
        assertEqual(Au.part_get_type_name(part), 'javascript');

        const bytes = part.to_bytes(new GLib.Variant('(si)', ['a', 1]));

        assertEqual(part.from_bytes(bytes).print(false), "('a', 1)");
        fails(Au.Error.DAMAGED, () => part.from_bytes(GLib.Bytes.new(new Uint8Array([40]))));
    },

    'a secret is not printed': () => {
        const config = Au.Config.new_from_data(new TextEncoder().encode(
            `${KEY_FILE}\n[serializer plain]\ntype=javascript\ntoken=sesame\n`), 'memory');

        assert(config.to_text(Au.Engine).includes('token=(secret)'));
    },

    'properties are described and converted': () => {
        assertEqual(Au.property_get_unit(Plain, 'pause'), Au.Unit.DURATION);
        assert(Au.property_describe(Plain, 'pause').includes('from 0 to 1m'));

        const [converted, value] = Au.property_value_from_text(Plain, 'pause', '1s');

        assert(converted);
        assertEqual(value, 1000000);
        assertEqual(Au.property_value_to_text(Plain, 'pause', value), '1s');
        assert(fails(Au.Error.INVALID_ARGUMENT, () => Au.property_describe(Plain, 'paus'))
            .includes('did you mean “pause”'));
    },

    'modules are looked at': () => {
        const info = Au.ModuleInfo.new(Au.ModuleKind.FUNCTION, 'digest');

        assert(info.load());
        assert(info.list_functions().includes('digest.file'));
        assert(Au.modules_list().get_n_items() > 10);
        fails(Au.Error.MODULE_NOT_FOUND, () => Au.ModuleInfo.new(Au.ModuleKind.STORE, 'nothing'));
        fails(Au.Error.MODULE_NOT_FOUND, () => Au.part_get_gtype(Au.ModuleKind.STORE, 'nothing'));
    },

    'the kit helps with tests': () => {
        const clock = AuTest.Clock.new();
        const before = Au.clock_get_real_time();

        clock.advance(3600000000);
        assertEqual(Au.clock_get_real_time() - before, 3600000000);
    },
});
