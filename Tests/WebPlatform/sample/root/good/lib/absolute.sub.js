// SPDX-License-Identifier: Apache-2.0
const fromServer = '{{host}}:{{ports[http][0]}}';
