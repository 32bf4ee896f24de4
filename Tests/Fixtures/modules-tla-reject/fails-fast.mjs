// SPDX-License-Identifier: Apache-2.0
await 0;
throw new SyntaxError('fails fast');
