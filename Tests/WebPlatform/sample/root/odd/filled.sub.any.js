// SPDX-License-Identifier: Apache-2.0
test(() => {}, 'needs a server: not run');
