// SPDX-License-Identifier: Apache-2.0
export const value = { a: 1 };
export const query = import.meta.url.split("?")[1] ?? "none";
export default 'the default';
