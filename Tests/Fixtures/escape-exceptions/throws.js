// SPDX-License-Identifier: Apache-2.0
await null;
throw globalThis.thrownValue;
