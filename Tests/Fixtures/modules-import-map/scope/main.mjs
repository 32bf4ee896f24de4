// SPDX-License-Identifier: Apache-2.0
import { name } from 'library';
import deep from 'library/deep.mjs';
export default { name, deep };
