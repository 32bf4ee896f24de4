// SPDX-License-Identifier: Apache-2.0
// Percent-encoding (WHATWG URL, 1.3).
#ifndef CSHIM_PERCENT_H
#define CSHIM_PERCENT_H

#include <cstdint>
#include <string>
#include <string_view>

namespace ci {

// The percent-encode sets, each a bit of a table's entries. Bytes beyond ASCII are in all of them.
enum class EncodeSet : uint8_t {
  kC0Control = 1,
  kFragment = 2,
  kQuery = 4,
  kSpecialQuery = 8,
  kPath = 16,
  kUserinfo = 32,
  // application/x-www-form-urlencoded, where a space becomes a plus.
  kForm = 64,
};

void AppendEncoded(std::string *out, std::string_view bytes, EncodeSet set);
std::string PercentDecode(std::string_view bytes);

// The value of a hexadecimal digit, or -1.
inline int HexDigit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}
inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace ci

#endif
