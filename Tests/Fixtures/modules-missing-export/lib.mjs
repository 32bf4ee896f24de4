// SPDX-License-Identifier: Apache-2.0
console.log('lib evaluates once, for the import that is right');
export const present = 1;
