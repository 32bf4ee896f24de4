// SPDX-License-Identifier: Apache-2.0
// Everything that a program under Rookery finds besides ECMAScript itself.
/// <reference path="./abort.d.ts" />
/// <reference path="./bindings.d.ts" />
/// <reference path="./blob.d.ts" />
/// <reference path="./console.d.ts" />
/// <reference path="./crypto.d.ts" />
/// <reference path="./crypto-algorithms.d.ts" />
/// <reference path="./encoding.d.ts" />
/// <reference path="./events.d.ts" />
/// <reference path="./fetch.d.ts" />
/// <reference path="./globals.d.ts" />
/// <reference path="./messaging.d.ts" />
/// <reference path="./modules.d.ts" />
/// <reference path="./performance.d.ts" />
/// <reference path="./streams.d.ts" />
/// <reference path="./streams-parts.d.ts" />
/// <reference path="./url.d.ts" />
/// <reference path="./web-socket.d.ts" />
/// <reference path="./webassembly.d.ts" />
/// <reference path="./workers.d.ts" />
