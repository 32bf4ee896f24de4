// SPDX-License-Identifier: Apache-2.0
export const leaf = 'leaf';
export const { meta } = { meta: import.meta };
export const load = (specifier) => import(specifier).then((module) => module.leaf, () => undefined);
