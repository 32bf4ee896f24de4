// SPDX-License-Identifier: Apache-2.0
#include "utf8.h"

#include <cstring>

namespace ci {

bool IsUtf8(const uint8_t *bytes, size_t count) {
  size_t i = 0;
  while (i < count) {
    // Eight ASCII bytes at a time: most text is.
    uint64_t word;
    if (count - i >= sizeof(word)) {
      std::memcpy(&word, bytes + i, sizeof(word));
      if ((word & 0x8080808080808080) == 0) {
        i += sizeof(word);
        continue;
      }
    }
    uint8_t lead = bytes[i];
    if (lead < 0x80) {
      ++i;
      continue;
    }
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || count - i < length) return false;
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (bytes[i + 1] < low || bytes[i + 1] > high) return false;
    for (size_t k = 2; k < length; ++k) {
      if ((bytes[i + k] & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

namespace {
constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The alphabet's inverse; 64 is none of it, 65 is ASCII whitespace.
struct Inverse {
  uint8_t of[256];
  constexpr Inverse() : of() {
    for (auto &value : of) value = 64;
    for (uint8_t i = 0; i < 64; ++i) of[static_cast<uint8_t>(kAlphabet[i])] = i;
    for (char space : {' ', '\t', '\n', '\f', '\r'}) of[static_cast<uint8_t>(space)] = 65;
  }
};
constexpr Inverse kInverse;
}  // namespace

std::string Base64Encode(const std::string &bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    size_t left = bytes.size() - i;
    auto at = [&](size_t k) { return k < left ? static_cast<uint32_t>(static_cast<uint8_t>(bytes[i + k])) : 0; };
    uint32_t group = at(0) << 16 | at(1) << 8 | at(2);
    text += kAlphabet[group >> 18];
    text += kAlphabet[group >> 12 & 63];
    text += left > 1 ? kAlphabet[group >> 6 & 63] : '=';
    text += left > 2 ? kAlphabet[group & 63] : '=';
  }
  return text;
}

bool Base64Decode(const std::string &text, std::string *out_bytes) {
  std::string digits;
  digits.reserve(text.size());
  for (char c : text) {
    if (kInverse.of[static_cast<uint8_t>(c)] != 65) digits += c;
  }
  if (digits.size() % 4 == 0 && !digits.empty() && digits.back() == '=') {
    digits.pop_back();
    if (digits.back() == '=') digits.pop_back();
  }
  if (digits.size() % 4 == 1) return false;
  out_bytes->reserve(digits.size() / 4 * 3 + 2);
  uint32_t group = 0;
  int bits = 0;
  for (char c : digits) {
    uint8_t value = kInverse.of[static_cast<uint8_t>(c)];
    if (value >= 64) return false;
    group = group << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      *out_bytes += static_cast<char>(group >> bits & 0xFF);
    }
  }
  return true;
}

}  // namespace ci
