// SPDX-License-Identifier: Apache-2.0
test(() => {}, 'a timer that is left does not matter');
setInterval(() => {}, 10);
