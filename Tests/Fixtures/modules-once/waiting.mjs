// SPDX-License-Identifier: Apache-2.0
export let count = 0;
count++;
await new Promise((done) => setTimeout(done, 5));
count++;
