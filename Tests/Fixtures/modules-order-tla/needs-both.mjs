// SPDX-License-Identifier: Apache-2.0
import { slow } from './slow.mjs';
import { fast } from './fast.mjs';
console.log('needs both', slow, fast);
await null;
console.log('needs both ends');
