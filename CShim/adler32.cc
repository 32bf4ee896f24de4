// SPDX-License-Identifier: Apache-2.0
// Adler-32 for V8, which checks its snapshot for every isolate with that, and each code cache that it reads. libnode's
// own goes byte by byte: this takes its place in the program, and is some ten times as fast.
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>

namespace {

constexpr uint32_t kModulus = 65521;
// The longest run of blocks whose sums fit 32 bits.
constexpr uint32_t kMostBlocks = 5552 / 16;

struct Sums {
  uint32_t bytes;
  // Of the first sum, as it was after each byte.
  uint32_t sums;
};

uint32_t Total(__m128i lanes) {
  alignas(16) uint32_t parts[4];
  _mm_store_si128(reinterpret_cast<__m128i *>(parts), lanes);
  return parts[0] + parts[1] + parts[2] + parts[3];
}

void AddBlocks(Sums *sums, const uint8_t *data, uint32_t blocks) {
  const __m128i zero = _mm_setzero_si128();
  // How often each byte of a block is in the second sum at the block's end.
  const __m128i first_weights = _mm_set_epi16(9, 10, 11, 12, 13, 14, 15, 16);
  const __m128i last_weights = _mm_set_epi16(1, 2, 3, 4, 5, 6, 7, 8);
  __m128i bytes = zero;
  // The first sum before each block, and what the block's own bytes add to the second.
  __m128i before = zero;
  __m128i within = zero;
  for (uint32_t i = 0; i < blocks; ++i, data += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i *>(data));
    before = _mm_add_epi32(before, bytes);
    bytes = _mm_add_epi32(bytes, _mm_sad_epu8(block, zero));
    within = _mm_add_epi32(within, _mm_madd_epi16(_mm_unpacklo_epi8(block, zero), first_weights));
    within = _mm_add_epi32(within, _mm_madd_epi16(_mm_unpackhi_epi8(block, zero), last_weights));
  }
  sums->sums = (sums->sums + 16 * (blocks * sums->bytes + Total(before)) + Total(within)) % kModulus;
  sums->bytes = (sums->bytes + Total(bytes)) % kModulus;
}

}  // namespace

// As adler32() of zlib.
extern "C" __attribute__((visibility("default"))) unsigned long Cr_z_adler32(unsigned long adler, const uint8_t *data,
                                                                             unsigned int count) {
  if (!data) return 1;
  Sums sums = {static_cast<uint32_t>(adler & 0xFFFF), static_cast<uint32_t>(adler >> 16 & 0xFFFF)};
  while (count >= 16) {
    const uint32_t blocks = count / 16 < kMostBlocks ? count / 16 : kMostBlocks;
    AddBlocks(&sums, data, blocks);
    data += 16 * blocks;
    count -= 16 * blocks;
  }
  for (; count > 0; --count) {
    sums.bytes += *data++;
    sums.sums += sums.bytes;
  }
  return static_cast<unsigned long>(sums.sums % kModulus) << 16 | sums.bytes % kModulus;
}

#endif
