// SPDX-License-Identifier: Apache-2.0
test(() => {}, 'passes before');
throw new RangeError('outside of any test');
