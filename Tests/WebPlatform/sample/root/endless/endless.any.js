// SPDX-License-Identifier: Apache-2.0
test(() => {}, 'passes before');
test(() => { for (;;); }, 'never ends');
