// SPDX-License-Identifier: Apache-2.0
export * from './x1.mjs';
export * from './x2.mjs';
export const x = 'own';
