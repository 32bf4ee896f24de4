// SPDX-License-Identifier: Apache-2.0
function inner() {
  throw new TypeError('the cause');
}
try {
  inner();
} catch (cause) {
  throw new Error('the effect', { cause });
}
