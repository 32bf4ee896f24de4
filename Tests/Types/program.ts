// SPDX-License-Identifier: Apache-2.0
// Compiles: a program for the command line.
import { args, env } from 'rookery:process';
import bytes from './add.wasm';
import text from './poem.txt';

const who: string = process.argv[2] ?? env['NAME'] ?? args.join();
console.log('%s', who, text.length, import.meta.url, import.meta.resolve('./x.js'), import.meta.main);
console.table([{ a: 1 }], ['a']);
const { instance } = await WebAssembly.instantiate(bytes, { env: { log: (x: number) => console.log(x) } });
const module: WebAssembly.Module = await WebAssembly.compileStreaming(fetch('data:application/wasm;base64,AA=='));
const memory = new WebAssembly.Memory({ initial: 1 });
instance.exports['add'](1, memory.grow(1), WebAssembly.Module.exports(module)[0]?.name);

const timer: number = setTimeout((a: string, b: number) => console.log(a.repeat(b)), 5, 'x', 2);
clearTimeout(timer);
queueMicrotask(() => { self.clearInterval(setInterval(() => {}, 1)); });
const copy: Map<string, number[]> = structuredClone(new Map([['a', [1]]]));
const userAgent: string = navigator.userAgent;
const base64: string = btoa(atob(''));
const uuid: string = crypto.randomUUID();

// @ts-expect-error: the handler wants other arguments
setTimeout((a: string) => a, 5, 5);
// @ts-expect-error: no other members
process.exit(1);
// @ts-expect-error: no shared memory
new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
export { base64, copy, userAgent, uuid };
