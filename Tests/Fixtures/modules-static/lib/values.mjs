// SPDX-License-Identifier: Apache-2.0
export let counter = 0;
export function increment() { counter++; }
const inner = 'renamed';
export { inner as renamed, inner as 'a string name' };
export default function () { return 'default ' + theName(); }
function theName() { return 'function'; }
