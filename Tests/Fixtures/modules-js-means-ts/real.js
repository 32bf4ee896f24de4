// SPDX-License-Identifier: Apache-2.0
export const real = 'a .js that is there wins';
