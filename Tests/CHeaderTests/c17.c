// SPDX-License-Identifier: Apache-2.0
#include "sizes.inc"

size_t header_sizes_c17(size_t *sizes, size_t capacity) { return fill(sizes, capacity); }
