// SPDX-License-Identifier: Apache-2.0
import { fail } from './fails.ts';

interface Wide { a: string; b: string }
const wide: Wide = { a: 'a', b: 'b' };
console.log(Object.keys(wide).join());

await fail(wide as unknown as string);
