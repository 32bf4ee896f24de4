// SPDX-License-Identifier: Apache-2.0
export { x } from './circular-2.mjs';
