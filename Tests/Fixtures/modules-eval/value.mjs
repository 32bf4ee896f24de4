// SPDX-License-Identifier: Apache-2.0
export const value = 'value';
export const where = 'top';
