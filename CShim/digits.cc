// SPDX-License-Identifier: Apache-2.0
#include "digits.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>

namespace ci {

namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrlDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint8_t kNoDigit = 64;
constexpr uint8_t kSpace = 65;
constexpr uint8_t kEquals = 66;

// What each character is: the value of a digit, or one of the above.
struct Inverse {
  uint8_t of[256];
  constexpr explicit Inverse(const char *digits) : of() {
    for (auto &value : of) value = kNoDigit;
    for (uint8_t i = 0; i < 64; ++i) of[static_cast<uint8_t>(digits[i])] = i;
    for (char space : {' ', '\t', '\n', '\f', '\r'}) of[static_cast<uint8_t>(space)] = kSpace;
    of[static_cast<uint8_t>('=')] = kEquals;
  }
};
constexpr Inverse kInverse(kDigits);
constexpr Inverse kUrlInverse(kUrlDigits);

// Two digits for each of some values, as they follow one another.
template <size_t kCount>
struct Pairs {
  char of[kCount][2];
  constexpr Pairs(const char *digits, size_t base) : of() {
    for (size_t i = 0; i < kCount; ++i) {
      of[i][0] = digits[i / base];
      of[i][1] = digits[i % base];
    }
  }
};
constexpr Pairs<4096> kPairs(kDigits, 64);
constexpr Pairs<4096> kUrlPairs(kUrlDigits, 64);
constexpr Pairs<256> kHexPairs("0123456789abcdef", 16);

// The value of a hexadecimal digit, or 16.
template <typename Character>
uint8_t HexValue(Character character) {
  if (character >= '0' && character <= '9') return static_cast<uint8_t>(character - '0');
  auto lower = static_cast<uint32_t>(character) | 0x20;
  return lower >= 'a' && lower <= 'f' ? static_cast<uint8_t>(lower - 'a' + 10) : 16;
}

}  // namespace

Base64Decoder::Base64Decoder(DecodedBytes *out, bool is_url, LastChunk last, bool fills)
    : out_(out), inverse_(is_url ? kUrlInverse.of : kInverse.of), last_(last), fills_(fills) {
  if (fills && out->capacity == 0) state_ = State::kEnough;
}

bool Base64Decoder::Stop(State state) {
  state_ = state;
  return false;
}

template <typename Character>
size_t Base64Decoder::TakeGroups(const Character *text, size_t count) {
  const size_t most = std::min(count / 4, (out_->capacity - out_->written) / 3);
  const uint8_t *inverse = inverse_;
  uint8_t *to = out_->bytes + out_->written;
  size_t done = 0;
  for (; done < most; ++done, text += 4, to += 3) {
    uint32_t group = 0;
    uint32_t bad = 0;
    for (size_t k = 0; k < 4; ++k) {
      uint32_t character = static_cast<uint32_t>(text[k]);
      uint32_t value = character < 256 ? inverse[character] : kNoDigit;
      bad |= value;
      group = group << 6 | (value & 63);
    }
    if (bad >= kNoDigit) break;
    to[0] = static_cast<uint8_t>(group >> 16);
    to[1] = static_cast<uint8_t>(group >> 8);
    to[2] = static_cast<uint8_t>(group);
  }
  if (done == 0) return 0;
  out_->written += done * 3;
  out_->read = index_ += done * 4;
  return done * 4;
}

template <typename Character>
bool Base64Decoder::Push(const Character *text, size_t count) {
  if (state_ >= State::kEnough) return false;
  for (size_t i = 0; i < count;) {
    // Most text is whole groups and nothing else.
    if (state_ == State::kDigits && digits_ == 0) {
      i += TakeGroups(text + i, count - i);
      if (fills_ && out_->written == out_->capacity) return Stop(State::kEnough);
    }
    if (i < count && !Take(static_cast<uint32_t>(text[i++]))) return false;
  }
  return true;
}

bool Base64Decoder::Take(uint32_t character) {
  ++index_;
  uint8_t value = character < 256 ? inverse_[character] : kNoDigit;
  if (value == kSpace) return true;
  if (value == kEquals) {
    if (state_ == State::kDigits && digits_ >= 2) {
      state_ = digits_ == 2 ? State::kPadding : State::kPadded;
      return true;
    }
    if (state_ != State::kPadding) return Stop(State::kMalformed);
    state_ = State::kPadded;
    return true;
  }
  if (value == kNoDigit || state_ != State::kDigits) return Stop(State::kMalformed);
  return TakeDigit(value);
}

bool Base64Decoder::TakeDigit(uint8_t value) {
  size_t room = out_->capacity - out_->written;
  if (fills_ && room < 3 && static_cast<size_t>(digits_) == room + 1) return Stop(State::kEnough);
  group_ = group_ << 6 | value;
  if (++digits_ < 4) return true;
  for (int shift = 16; shift >= 0; shift -= 8) {
    if (out_->written == out_->capacity) return Stop(State::kMalformed);
    out_->bytes[out_->written++] = static_cast<uint8_t>(group_ >> shift);
  }
  digits_ = 0;
  group_ = 0;
  out_->read = index_;
  return !fills_ || out_->written < out_->capacity || Stop(State::kEnough);
}

bool Base64Decoder::WriteLast(bool is_strict) {
  int spare = digits_ == 2 ? 4 : 2;
  if (is_strict && (group_ & ((1u << spare) - 1)) != 0) return false;
  group_ >>= spare;
  for (int shift = (digits_ - 2) * 8; shift >= 0; shift -= 8) {
    if (out_->written == out_->capacity) return false;
    out_->bytes[out_->written++] = static_cast<uint8_t>(group_ >> shift);
  }
  out_->read = index_;
  return true;
}

bool Base64Decoder::Finish() {
  if (state_ == State::kEnough) return true;
  if (state_ == State::kMalformed) return false;
  if (state_ == State::kPadded) return WriteLast(last_ == LastChunk::kStrict);
  if (digits_ == 0) {
    out_->read = index_;
    return true;
  }
  if (last_ == LastChunk::kStopBeforePartial) return true;
  if (state_ == State::kPadding || last_ == LastChunk::kStrict || digits_ == 1) return false;
  return WriteLast(false);
}

template <typename Character>
bool DecodeHex(const Character *text, size_t count, DecodedBytes *out) {
  for (size_t i = 0; i + 1 < count && out->written < out->capacity; i += 2) {
    uint8_t high = HexValue(text[i]);
    uint8_t low = HexValue(text[i + 1]);
    if (high > 15 || low > 15) return false;
    out->bytes[out->written++] = static_cast<uint8_t>(high << 4 | low);
    out->read += 2;
  }
  return true;
}

template bool Base64Decoder::Push(const uint8_t *text, size_t count);
template bool Base64Decoder::Push(const uint16_t *text, size_t count);
template bool DecodeHex(const uint8_t *text, size_t count, DecodedBytes *out);
template bool DecodeHex(const uint16_t *text, size_t count, DecodedBytes *out);

void AppendBase64(const uint8_t *bytes, size_t count, bool is_url, bool is_padded, char *out) {
  const auto *pairs = is_url ? kUrlPairs.of : kPairs.of;
  size_t i = 0;
  for (; i + 3 <= count; i += 3, out += 4) {
    uint32_t group = static_cast<uint32_t>(bytes[i]) << 16 | static_cast<uint32_t>(bytes[i + 1]) << 8 | bytes[i + 2];
    std::memcpy(out, pairs[group >> 12], 2);
    std::memcpy(out + 2, pairs[group & 4095], 2);
  }
  size_t left = count - i;
  if (left == 0) return;
  uint32_t group = static_cast<uint32_t>(bytes[i]) << 16 | (left == 2 ? static_cast<uint32_t>(bytes[i + 1]) << 8 : 0);
  std::memcpy(out, pairs[group >> 12], 2);
  out += 2;
  if (left == 2) *out++ = pairs[group & 4095][0];
  for (size_t k = left; is_padded && k < 3; ++k) *out++ = '=';
}

void AppendHex(const uint8_t *bytes, size_t count, char *out) {
  for (size_t i = 0; i < count; ++i) std::memcpy(out + 2 * i, kHexPairs.of[bytes[i]], 2);
}

size_t LengthOfBase64(size_t count, bool is_padded) {
  return is_padded ? (count + 2) / 3 * 4 : count / 3 * 4 + (count % 3 == 0 ? 0 : count % 3 + 1);
}

size_t Base64Decode(const uint8_t *text, size_t count, uint8_t *out) {
  DecodedBytes decoded = {out, count};
  Base64Decoder decoder(&decoded, false, LastChunk::kLoose, false);
  decoder.Push(text, count);
  return decoder.Finish() ? decoded.written : SIZE_MAX;
}

}  // namespace ci
