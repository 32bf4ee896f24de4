// SPDX-License-Identifier: Apache-2.0
// The place of an import that finds nothing.
  import { x } from "../absent.mjs"; console.log(x);
