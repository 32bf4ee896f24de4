// SPDX-License-Identifier: Apache-2.0
console.warn('a warning goes to standard error');
throw { not: 'an error', nested: [1, 2] };
