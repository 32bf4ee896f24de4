// SPDX-License-Identifier: Apache-2.0
import text from './text.txt' with { type: 'text' };
import bytes from './bytes.bin' with { type: 'bytes' };
import html from './page.html' with { type: 'text' };
import source from './main.mjs' with { type: 'text' };
import * as namespace from './bytes.bin' with { type: 'bytes' };
import empty from './empty.txt' with { type: 'text' };
import emptyBytes from './empty.txt' with { type: 'bytes' };

console.log(JSON.stringify(text), JSON.stringify(html));
console.log(source.startsWith('// SPDX'), source.includes('source.startsWith'));
console.log(bytes instanceof Uint8Array, bytes.join());
console.log(bytes === namespace.default, bytes.buffer instanceof ArrayBuffer, bytes.byteLength);
console.log(JSON.stringify(empty), emptyBytes.length);
bytes[0] = 7;
console.log((await import('./bytes.bin', { with: { type: 'bytes' } })).default[0]);
// Malformed UTF-8 becomes U+FFFD; a byte order mark is no part of the text.
const { default: malformed } = await import('./malformed.txt', { with: { type: 'text' } });
console.log([...malformed].map((c) => c.codePointAt(0).toString(16)).join());
const { default: both } = await import('data:text/plain;base64,77u/eA==', { with: { type: 'text' } });
console.log(JSON.stringify(both));
const { default: raw } = await import('data:text/plain;base64,77u/eA==', { with: { type: 'bytes' } });
console.log(raw.join());
