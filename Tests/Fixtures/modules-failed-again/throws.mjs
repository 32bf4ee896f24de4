// SPDX-License-Identifier: Apache-2.0
globalThis.thrown = (globalThis.thrown ?? 0) + 1;
throw new RangeError('thrown while evaluating');
