// SPDX-License-Identifier: Apache-2.0
globalThis.order = ['first'];
var declaredByPreload = 'a var is a property of the global object';
const lexical = 'a const is seen by all later code';
const seenThis = this;
// From the script's own folder.
const fromPreload = () => import('../value.mjs');
const earlyImport = import('../value.mjs');
const missing = import('./value.mjs');
missing.catch(() => {});
