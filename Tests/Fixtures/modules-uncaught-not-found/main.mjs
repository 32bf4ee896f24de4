// SPDX-License-Identifier: Apache-2.0
import './folder/first.mjs';
