// SPDX-License-Identifier: Apache-2.0
var fromHelper = 'a global variable';
