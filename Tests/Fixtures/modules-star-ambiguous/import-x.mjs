// SPDX-License-Identifier: Apache-2.0
import { x } from './both.mjs';
