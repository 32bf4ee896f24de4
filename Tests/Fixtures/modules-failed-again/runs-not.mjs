// SPDX-License-Identifier: Apache-2.0
globalThis.ran = true;
