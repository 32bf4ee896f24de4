// SPDX-License-Identifier: Apache-2.0
globalThis.lateEvaluations = (globalThis.lateEvaluations ?? 0) + 1;
