// SPDX-License-Identifier: Apache-2.0
export * from './cycle-1.mjs';
export const two = 2;
