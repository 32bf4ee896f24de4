// SPDX-License-Identifier: Apache-2.0
import './runs-not.mjs';
import './syntax.mjs';
globalThis.ran = true;
