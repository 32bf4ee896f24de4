// SPDX-License-Identifier: Apache-2.0
export const real = 'must not be taken';
