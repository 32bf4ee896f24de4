// SPDX-License-Identifier: Apache-2.0
order.push('second', typeof lexical);
const evalInPreload = () => eval("import('../value.mjs')");
const metaInPreload = (() => {
  try {
    return eval('import.meta');
  } catch (error) {
    return error.name;
  }
})();
