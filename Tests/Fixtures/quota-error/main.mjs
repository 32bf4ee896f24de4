// SPDX-License-Identifier: Apache-2.0
// QuotaExceededError is a DOMException that may say what there is and what was wanted.
try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { console.log(e.name, e.code, e instanceof DOMException, e.constructor === QuotaExceededError, e.quota, e.message, structuredClone(e) instanceof QuotaExceededError) }
console.log(new QuotaExceededError('x', { quota: 1, requested: 3 }).requested, QuotaExceededError.length);
class A extends QuotaExceededError {}
console.log(new A('m') instanceof A, new A('m').message, Object.prototype.toString.call(new A));
for (const o of [{quota:-1},{requested:-1},{quota:5,requested:2},{quota:NaN}]) try { new QuotaExceededError('', o) } catch (e) { console.log(e.name, e.message) }
