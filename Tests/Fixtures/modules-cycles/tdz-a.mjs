// SPDX-License-Identifier: Apache-2.0
import { fromB } from './tdz-b.mjs';
export const fromA = 'a';
export const usesB = fromB;
