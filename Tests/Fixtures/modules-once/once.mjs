// SPDX-License-Identifier: Apache-2.0
globalThis.evaluations = (globalThis.evaluations ?? 0) + 1;
export const id = {};
