// SPDX-License-Identifier: Apache-2.0
export const direct = () => eval("import('./value.mjs')");
export const made = () => new Function("return import('./value.mjs')")();
