// SPDX-License-Identifier: Apache-2.0
#include "percent.h"

namespace ci {

namespace {

constexpr uint8_t Bit(EncodeSet set) { return static_cast<uint8_t>(set); }

struct Sets {
  uint8_t of[256];
  constexpr void Add(const char *characters, int sets) {
    for (const char *c = characters; *c; ++c) of[static_cast<uint8_t>(*c)] |= static_cast<uint8_t>(sets);
  }
  constexpr Sets() : of() {
    constexpr int kForm = Bit(EncodeSet::kForm);
    constexpr int kUserinfo = Bit(EncodeSet::kUserinfo) | kForm;
    constexpr int kPath = Bit(EncodeSet::kPath) | kUserinfo;
    constexpr int kSpecialQuery = Bit(EncodeSet::kSpecialQuery);
    constexpr int kQuery = Bit(EncodeSet::kQuery) | kSpecialQuery | kPath;
    constexpr int kFragment = Bit(EncodeSet::kFragment);
    for (int c = 0; c < 256; ++c) of[c] = c < 0x20 || c > 0x7E ? 0xFF : 0;
    Add(" \"<>", kFragment | kQuery);
    Add("`", kFragment | kPath);
    Add("#", kQuery);
    Add("'", kSpecialQuery | kForm);
    Add("?{}", kPath);
    Add("/:;=@[\\]^|", kUserinfo);
    Add("$%&+,!()~", kForm);
  }
};
constexpr Sets kSets;

}  // namespace

void AppendEncoded(std::string *out, std::string_view bytes, EncodeSet set) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  const uint8_t bit = Bit(set);
  size_t start = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto c = static_cast<uint8_t>(bytes[i]);
    if (!(kSets.of[c] & bit)) continue;
    out->append(bytes, start, i - start);
    start = i + 1;
    if (c == ' ' && set == EncodeSet::kForm) {
      *out += '+';
    } else {
      const char escape[] = {'%', kHex[c >> 4], kHex[c & 15]};
      out->append(escape, sizeof(escape));
    }
  }
  out->append(bytes, start, std::string_view::npos);
}

std::string PercentDecode(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '%' && bytes.size() - i > 2) {
      int high = HexDigit(bytes[i + 1]);
      int low = HexDigit(bytes[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high << 4 | low);
        i += 2;
        continue;
      }
    }
    out += bytes[i];
  }
  return out;
}

}  // namespace ci
