// SPDX-License-Identifier: Apache-2.0
type Padding = { one: 1; two: 2 };
interface More extends Padding {
  three: 3;
}

export async function fail(what: string): Promise<More> {
  await 0;
  const text: string = what; throw new RangeError(`failed with ${typeof text}`);
}
