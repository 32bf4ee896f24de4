// SPDX-License-Identifier: Apache-2.0
export { x } from './both.mjs';
