// SPDX-License-Identifier: Apache-2.0
export const c = 'c';
export const a = 'a';
export const b = 'b';
export const $ = '$';
export const Z = 'Z';
export const ä = 'ä';
