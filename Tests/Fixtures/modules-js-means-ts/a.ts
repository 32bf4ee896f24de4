// SPDX-License-Identifier: Apache-2.0
(globalThis as any).evaluations = ((globalThis as any).evaluations ?? 0) + 1;
export const a: string = 'a of a.ts';
