// SPDX-License-Identifier: Apache-2.0
/// What the headers are as C17 and as C++17 see them.
#ifndef HEADER_TESTS_H
#define HEADER_TESTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sizes of every struct that crosses the boundary, in one order.
size_t header_sizes_c17(size_t *_Nonnull sizes, size_t capacity);
size_t header_sizes_cpp17(size_t *_Nonnull sizes, size_t capacity);

/// zlib's adler32(), as the program and V8 find it.
unsigned long Cr_z_adler32(unsigned long adler, const uint8_t *_Nullable data, unsigned int count);

#ifdef __cplusplus
}
#endif

#endif
