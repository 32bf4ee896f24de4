// SPDX-License-Identifier: Apache-2.0
export * from './cycle-2.mjs';
export const one = 1;
