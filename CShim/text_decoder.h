// SPDX-License-Identifier: Apache-2.0
// The decoders of the Encoding Standard, on plain memory.
#ifndef CSHIM_TEXT_DECODER_H
#define CSHIM_TEXT_DECODER_H

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "encodings.h"

namespace ci {

// Between two pieces of a stream. All zero at its start; what the bytes mean is each decoder's own affair.
struct DecoderState {
  uint8_t bytes[3];
  uint8_t mode : 7;
  // Whether something has come out, which then begins with no byte order mark.
  uint8_t began : 1;

  bool is_initial() const { return bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 0 && mode == 0; }
};
static_assert(sizeof(DecoderState) == sizeof(uint32_t), "it is kept as a number");

// Where decoders write. There must be room for as many units as bytes are decoded, and kMostHeld.
class TextOutput {
 public:
  explicit TextOutput(char16_t *start) : at_(start) {}

  char16_t *at() const { return at_; }
  bool malformed() const { return malformed_; }
  void Put(uint32_t unit) { *at_++ = static_cast<char16_t>(unit); }
  void PutUnits(const uint16_t *units, size_t count) {
    std::memcpy(at_, units, count * sizeof(*units));
    at_ += count;
  }
  void PutPoint(uint32_t point) {
    if (point >= 0x10000) {
      Put(0xD7C0 + (point >> 10));
      point = 0xDC00 | (point & 0x3FF);
    }
    Put(point);
  }
  void Error() {
    malformed_ = true;
    Put(0xFFFD);
  }
  // Writes the ASCII at the beginning; returns where it ends.
  const uint8_t *PutAscii(const uint8_t *from, const uint8_t *end) {
    char16_t *at = at_;
    for (; end - from >= 16; from += 16, at += 16) {
      uint64_t words[2];
      std::memcpy(words, from, sizeof(words));
      if ((words[0] | words[1]) & 0x8080808080808080) break;
      for (int i = 0; i < 16; ++i) at[i] = from[i];
    }
    while (from < end && *from < 0x80) *at++ = *from++;
    at_ = at;
    return from;
  }

 private:
  char16_t *at_;
  bool malformed_ = false;
};

// Units that come of what was held back before, at the most.
constexpr size_t kMostHeld = 4;

// Whether ICU has what the encoding needs.
bool CanDecode(size_t encoding);
void Decode(size_t encoding, DecoderState *state, const uint8_t *bytes, size_t count, TextOutput *out);
// The end of the stream.
void FinishDecoding(size_t encoding, DecoderState *state, TextOutput *out);

// Units of UTF-8 that is well-formed, whole and has no character past U+00FF; SIZE_MAX where it is none. `out` has room
// for as many units as there are bytes.
size_t DecodeLatin1(const uint8_t *bytes, size_t count, uint8_t *out);

// Of one encoding.
void DecodeUtf8(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out);
void DecodeUtf16(bool is_big_endian, DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out);
void DecodeGb18030(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out);
void DecodeBig5(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out);
void DecodeEucKr(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out);
void DecodeShiftJis(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out);
void DecodeEucJp(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out);
void DecodeIso2022Jp(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out);
void FinishIso2022Jp(DecoderState *state, TextOutput *out);

}  // namespace ci

#endif
