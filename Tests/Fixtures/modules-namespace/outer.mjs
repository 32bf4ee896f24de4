// SPDX-License-Identifier: Apache-2.0
export * as inner from './lib.mjs';
export * as default from './string.mjs';
export * as 'any name at all' from './lib.mjs';
