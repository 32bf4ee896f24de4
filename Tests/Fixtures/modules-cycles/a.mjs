// SPDX-License-Identifier: Apache-2.0
import { b, hoistedB } from './b.mjs';
console.log('a', b, hoistedB());
export let a = 1;
export function bumpA() { a++; }
export function hoistedA() { return 'hoisted a'; }
