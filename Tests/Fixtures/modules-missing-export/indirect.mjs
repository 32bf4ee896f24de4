// SPDX-License-Identifier: Apache-2.0
export { absent } from './lib.mjs';
