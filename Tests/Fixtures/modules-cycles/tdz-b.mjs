// SPDX-License-Identifier: Apache-2.0
import { fromA } from './tdz-a.mjs';
export const fromB = `b of ${fromA}`;
