// SPDX-License-Identifier: Apache-2.0
export const jsx = (type, props) => ({ type, ...props });
export const jsxs = jsx;
