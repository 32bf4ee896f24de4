// SPDX-License-Identifier: Apache-2.0
import '../effect.mjs';
import { counter } from '../../lib/values.mjs';
(globalThis.effects ??= []).push('deep');
export const deep = `deep ${counter}`;
