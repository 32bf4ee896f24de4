// SPDX-License-Identifier: Apache-2.0
export default function <T>(value: T): T { return value; }
