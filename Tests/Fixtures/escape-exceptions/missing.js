// SPDX-License-Identifier: Apache-2.0
import { none } from "./throws.js";
export default none;
