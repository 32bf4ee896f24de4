// SPDX-License-Identifier: Apache-2.0
import * as namespace from './then.js';
export default Object.keys(namespace);
