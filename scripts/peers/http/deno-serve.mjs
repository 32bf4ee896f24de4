// SPDX-License-Identifier: Apache-2.0
// What scripts/bench-http asks, on Deno.serve, without any isolation: deno run --allow-net deno-serve.mjs PORT
import { answer } from './worker.mjs';

Deno.serve({ hostname: '127.0.0.1', port: Number(Deno.args[0]), onListen() {} }, answer);
