// SPDX-License-Identifier: Apache-2.0
// Bytes as base64 and hexadecimal digits (ECMA-262, FromBase64 and FromHex), read piece by piece.
#ifndef CSHIM_DIGITS_H
#define CSHIM_DIGITS_H

#include <cstddef>
#include <cstdint>

namespace ci {

// What becomes of a last group of digits that is not whole.
enum class LastChunk { kLoose, kStrict, kStopBeforePartial };

// Where decoded bytes go, and how far it got.
struct DecodedBytes {
  uint8_t *bytes;
  size_t capacity;
  size_t written = 0;
  // Digits whose bytes are written, with what stands between and after them.
  size_t read = 0;
};

class Base64Decoder {
 public:
  // Where it fills, decoding ends in order when no whole group fits any more; otherwise the capacity suffices for any
  // text of the length.
  Base64Decoder(DecodedBytes *out, bool is_url, LastChunk last, bool fills);
  // Takes the next characters. False when nothing more is to be taken.
  template <typename Character>
  bool Push(const Character *text, size_t count);
  // After the last character. False where the text is malformed.
  bool Finish();

 private:
  enum class State { kDigits, kPadding, kPadded, kEnough, kMalformed };

  // Whole groups of digits; returns how many characters.
  template <typename Character>
  size_t TakeGroups(const Character *text, size_t count);
  bool Take(uint32_t character);
  bool TakeDigit(uint8_t value);
  bool Stop(State state);
  bool WriteLast(bool is_strict);

  DecodedBytes *out_;
  const uint8_t *inverse_;
  LastChunk last_;
  bool fills_;
  State state_ = State::kDigits;
  uint32_t group_ = 0;
  int digits_ = 0;
  size_t index_ = 0;
};

// Characters from an even place on. False at the first pair that is no two hexadecimal digits.
template <typename Character>
bool DecodeHex(const Character *text, size_t count, DecodedBytes *out);

// The digits of some bytes; all but the last piece of a text have a multiple of 3. `out` may overlap the bytes where
// those end at its end.
void AppendBase64(const uint8_t *bytes, size_t count, bool is_url, bool is_padded, char *out);
void AppendHex(const uint8_t *bytes, size_t count, char *out);
size_t LengthOfBase64(size_t count, bool is_padded);

// Forgiving-base64 decode (WHATWG Infra, 7). Returns how many bytes it wrote, no more than three quarters of the text;
// SIZE_MAX where that is malformed. `out` may be `text`.
size_t Base64Decode(const uint8_t *text, size_t count, uint8_t *out);

}  // namespace ci

#endif
