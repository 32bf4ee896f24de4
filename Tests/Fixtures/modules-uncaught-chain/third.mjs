// SPDX-License-Identifier: Apache-2.0
export const value = 1;
	const broken = [1, 2;
