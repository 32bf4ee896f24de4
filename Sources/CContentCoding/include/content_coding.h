// SPDX-License-Identifier: Apache-2.0
#ifndef CONTENT_CODING_H
#define CONTENT_CODING_H

#include <stddef.h>
#include <stdint.h>

/// Undoes one content coding of HTTP, in pieces of any size, with zlib or brotli.
typedef struct cc_decoder cc_decoder_t;

typedef enum cc_coding { CC_GZIP, CC_DEFLATE, CC_BROTLI } cc_coding_t;

typedef enum cc_status {
  CC_NEEDS_INPUT,   ///< All input was taken; there is no more output without more of it.
  CC_NEEDS_OUTPUT,  ///< The output is full; there may be more.
  CC_ENDED,         ///< The coding's end was reached. What follows it is taken and ignored.
  CC_MALFORMED,
  CC_OUT_OF_MEMORY,
} cc_status_t;

/// Makes a decoder.
/// Owns:   the caller owns it until cc_decoder_dispose; null if there is no memory.
cc_decoder_t *cc_decoder_new(cc_coding_t coding);

void cc_decoder_dispose(cc_decoder_t *decoder);

/// Decodes some. `*input_length` becomes how much was taken, `*output_length` how much was written.
cc_status_t cc_decode(cc_decoder_t *decoder, const uint8_t *input, size_t *input_length, uint8_t *output,
                      size_t *output_length);

/// The memory that the decoder has now, in bytes.
size_t cc_decoder_memory(const cc_decoder_t *decoder);

/// How many bytes gzip makes of these at its usual level; 0 if there is no memory.
size_t cc_gzip_size(const uint8_t *input, size_t length);

#endif
