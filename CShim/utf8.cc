// SPDX-License-Identifier: Apache-2.0
#include "utf8.h"

#include <cstring>

namespace ci {

size_t AsciiPrefix(const uint8_t *bytes, size_t count) {
  size_t i = 0;
  for (; count - i >= 32; i += 32) {
    uint64_t words[4];
    std::memcpy(words, bytes + i, sizeof(words));
    if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080) break;
  }
  while (i < count && bytes[i] < 0x80) ++i;
  return i;
}

bool MayBeLatin1(const uint8_t *bytes, size_t count) {
  constexpr size_t kBlock = 4096;
  for (size_t i = 0; i < count; i += kBlock) {
    uint8_t greatest = 0;
    for (size_t k = i; k < count && k < i + kBlock; ++k) greatest = greatest < bytes[k] ? bytes[k] : greatest;
    if (greatest > 0xC3) return false;
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
