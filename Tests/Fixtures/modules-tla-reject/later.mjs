// SPDX-License-Identifier: Apache-2.0
await new Promise((_, reject) => setTimeout(reject, 20, 'a string'));
