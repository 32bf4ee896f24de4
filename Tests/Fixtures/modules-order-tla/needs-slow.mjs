// SPDX-License-Identifier: Apache-2.0
import { slow } from './slow.mjs';
console.log('needs slow', slow);
