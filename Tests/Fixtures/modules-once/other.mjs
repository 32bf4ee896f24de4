// SPDX-License-Identifier: Apache-2.0
export { id } from './once.mjs';
