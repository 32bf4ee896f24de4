// SPDX-License-Identifier: Apache-2.0
export function then(resolve) { resolve('resolved by then'); }
