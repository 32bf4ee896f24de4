// SPDX-License-Identifier: Apache-2.0
export const then = (...args) => {
  globalThis.thenOfModule.push(args);
  args[0]("settled");
};
