// SPDX-License-Identifier: Apache-2.0
export const result = await Promise.reject(new Error('handled')).catch((error) => error.message);
