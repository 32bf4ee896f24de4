// SPDX-License-Identifier: Apache-2.0
export const meta = import.meta;
export const resolve = (specifier) => import.meta.resolve(specifier);
