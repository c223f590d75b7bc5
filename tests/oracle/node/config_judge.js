// SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads frames from stdin (a length of four bytes, then the data) and answers each with a frame.
// A question is a script in UTF-8, an answer is JSON: {"config": …} with what the script made of its global variable,
// or {"error": "…", "parsed": …} where it failed; "parsed" says whether it failed only while it ran.

'use strict';

const vm = require('vm');

// Evaluated where the script ran, so that const and let count too. Functions are shown as the objects that they are.
const SHOW = `JSON.stringify(
    typeof config === 'undefined' ? null : config,
    (name, value) => typeof value === 'function' ? Object.assign({}, value) : value
)`;

function answer(source) {
    let script;

    try {
        script = new vm.Script(source);
    } catch (error) {
        return { error: String(error), parsed: false };
    }
    try {
        const context = vm.createContext({});

        script.runInContext(context, { timeout: 1000 });

        return { config: JSON.parse(vm.runInContext(SHOW, context)) };
    } catch (error) {
        return { error: String(error), parsed: true };
    }
}

let pending = Buffer.alloc(0);

process.stdin.on('data', chunk => {
    pending = Buffer.concat([ pending, chunk ]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const end = 4 + pending.readInt32BE(0);
        const reply = Buffer.from(JSON.stringify(answer(new TextDecoder().decode(pending.subarray(4, end)))));
        const length = Buffer.alloc(4);

        length.writeInt32BE(reply.length);
        process.stdout.write(Buffer.concat([ length, reply ]));
        pending = pending.subarray(end);
    }
});
