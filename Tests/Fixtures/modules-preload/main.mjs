// SPDX-License-Identifier: Apache-2.0
import { value } from './value.mjs';
console.log('module', order.join(), value === (await fromPreload()).value);
console.log((await evalInPreload()).value === value, typeof declaredByPreload, globalThis.declaredByPreload);
console.log(lexical, 'lexical' in globalThis, seenThis === globalThis);
console.log(await metaInPreload);
console.log((await earlyImport).value === value, evaluations);
await missing.catch((error) => console.log(error.name, error.code));
