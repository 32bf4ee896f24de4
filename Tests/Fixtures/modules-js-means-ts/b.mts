// SPDX-License-Identifier: Apache-2.0
export const b = 'b of b.mts' as const;
