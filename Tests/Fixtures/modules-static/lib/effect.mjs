// SPDX-License-Identifier: Apache-2.0
(globalThis.effects ??= []).push('effect');
export {};
