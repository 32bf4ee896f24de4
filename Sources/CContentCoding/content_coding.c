// SPDX-License-Identifier: Apache-2.0
#include "content_coding.h"

#include <brotli/decode.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct cc_decoder {
  cc_coding_t coding;
  int has_started;
  int has_ended;
  size_t memory;
  z_stream zlib;
  BrotliDecoderState *brotli;
};

// A block's size stands before it, in as much room as keeps the block aligned.
enum { HEADER = 2 * sizeof(size_t) };

static void *take(void *context, size_t size) {
  cc_decoder_t *decoder = context;
  if (size > SIZE_MAX - HEADER) return NULL;
  size_t *block = malloc(size + HEADER);
  if (!block) return NULL;
  *block = size;
  decoder->memory += size;
  return (char *)block + HEADER;
}

static void give_back(void *context, void *address) {
  cc_decoder_t *decoder = context;
  if (!address) return;
  size_t *block = (size_t *)((char *)address - HEADER);
  decoder->memory -= *block;
  free(block);
}

static voidpf zlib_take(voidpf context, uInt count, uInt size) { return take(context, (size_t)count * size); }

static void zlib_give_back(voidpf context, voidpf address) { give_back(context, address); }

cc_decoder_t *cc_decoder_new(cc_coding_t coding) {
  cc_decoder_t *decoder = calloc(1, sizeof *decoder);
  if (!decoder) return NULL;
  decoder->coding = coding;
  if (coding == CC_BROTLI) {
    decoder->brotli = BrotliDecoderCreateInstance(take, give_back, decoder);
    if (decoder->brotli) return decoder;
  } else {
    decoder->zlib.zalloc = zlib_take;
    decoder->zlib.zfree = zlib_give_back;
    decoder->zlib.opaque = decoder;
    // 16: gzip's wrapping. Otherwise zlib's, until the first byte says that there is none.
    if (inflateInit2(&decoder->zlib, coding == CC_GZIP ? 16 + MAX_WBITS : MAX_WBITS) == Z_OK) return decoder;
  }
  free(decoder);
  return NULL;
}

void cc_decoder_dispose(cc_decoder_t *decoder) {
  if (!decoder) return;
  if (decoder->coding == CC_BROTLI) {
    BrotliDecoderDestroyInstance(decoder->brotli);
  } else {
    inflateEnd(&decoder->zlib);
  }
  free(decoder);
}

size_t cc_decoder_memory(const cc_decoder_t *decoder) { return decoder->memory; }

static cc_status_t decode_brotli(cc_decoder_t *decoder, const uint8_t *input, size_t *input_length, uint8_t *output,
                                 size_t *output_length) {
  size_t in = *input_length, out = *output_length;
  const BrotliDecoderResult result = BrotliDecoderDecompressStream(decoder->brotli, &in, &input, &out, &output, NULL);
  *input_length -= in;
  *output_length -= out;
  switch (result) {
    case BROTLI_DECODER_RESULT_SUCCESS:
      decoder->has_ended = 1;
      return CC_ENDED;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
      return CC_NEEDS_INPUT;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
      return CC_NEEDS_OUTPUT;
    default: {
      const BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(decoder->brotli);
      return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
                 ? CC_OUT_OF_MEMORY
                 : CC_MALFORMED;
    }
  }
}

static cc_status_t decode_zlib(cc_decoder_t *decoder, const uint8_t *input, size_t *input_length, uint8_t *output,
                               size_t *output_length) {
  z_stream *zlib = &decoder->zlib;
  // Some servers send deflate without zlib's wrapping, as some of the first did: 8 is zlib's method, and with it
  // raw deflate would begin with an odd stored block.
  if (!decoder->has_started && *input_length > 0) {
    decoder->has_started = 1;
    if (decoder->coding == CC_DEFLATE && (input[0] & 0x8f) != 8) inflateReset2(zlib, -MAX_WBITS);
  }
  const uInt in = *input_length > UINT_MAX ? UINT_MAX : (uInt)*input_length;
  const uInt out = *output_length > UINT_MAX ? UINT_MAX : (uInt)*output_length;
  zlib->next_in = (Bytef *)input;
  zlib->avail_in = in;
  zlib->next_out = output;
  zlib->avail_out = out;
  const int result = inflate(zlib, Z_NO_FLUSH);
  *input_length = in - zlib->avail_in;
  *output_length = out - zlib->avail_out;
  switch (result) {
    case Z_STREAM_END:
      decoder->has_ended = 1;
      return CC_ENDED;
    case Z_OK:
    case Z_BUF_ERROR:
      return zlib->avail_out == 0 ? CC_NEEDS_OUTPUT : CC_NEEDS_INPUT;
    case Z_MEM_ERROR:
      return CC_OUT_OF_MEMORY;
    default:
      return CC_MALFORMED;
  }
}

cc_status_t cc_decode(cc_decoder_t *decoder, const uint8_t *input, size_t *input_length, uint8_t *output,
                      size_t *output_length) {
  if (decoder->has_ended) {
    // Another member of a gzip file may follow; anything else is padding.
    if (decoder->coding != CC_GZIP || *input_length == 0 || input[0] != 0x1f) {
      *output_length = 0;
      return CC_ENDED;
    }
    decoder->has_ended = 0;
    inflateReset(&decoder->zlib);
  }
  return decoder->coding == CC_BROTLI ? decode_brotli(decoder, input, input_length, output, output_length)
                                      : decode_zlib(decoder, input, input_length, output, output_length);
}

size_t cc_gzip_size(const uint8_t *input, size_t length) {
  z_stream stream = {0};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  size_t total = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    uint8_t output[1 << 14];
    if (stream.avail_in == 0) {
      uInt piece = length < UINT_MAX ? (uInt)length : UINT_MAX;
      stream.next_in = (z_const Bytef *)input;
      stream.avail_in = piece;
      input += piece;
      length -= piece;
    }
    stream.next_out = output;
    stream.avail_out = sizeof output;
    status = deflate(&stream, length == 0 ? Z_FINISH : Z_NO_FLUSH);
    total += sizeof output - stream.avail_out;
  }
  deflateEnd(&stream);
  return status == Z_STREAM_END ? total : 0;
}
