// SPDX-License-Identifier: Apache-2.0
export const x = 'x of 1';
export const y = 'y';
export default 'not passed on by a star';
