// SPDX-License-Identifier: Apache-2.0
export const x = 'x of 2';
export const z = 'z';
