// SPDX-License-Identifier: Apache-2.0
import { ring as next } from './ring-2.mjs';
export function ring(rounds) { return rounds === 0 ? 'end in 1' : '1 ' + next(rounds - 1); }
