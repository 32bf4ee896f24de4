// SPDX-License-Identifier: Apache-2.0
export default class { static kind = 'class'; name = new.target === undefined ? 'none' : 'instance'; }
export const fn = function () { return fn.name; };
