// SPDX-License-Identifier: Apache-2.0
// The host parser: domains, IPv4 and IPv6 addresses, opaque hosts.
#include <algorithm>
#include <cstdio>

#include "idna.h"
#include "percent.h"
#include "url.h"

namespace ci {

namespace {

struct Hosts {
  bool forbidden[256];
  bool forbidden_in_domain[256];
  constexpr Hosts() : forbidden(), forbidden_in_domain() {
    for (int c = 0; c < 256; ++c) forbidden_in_domain[c] = c < 0x20 || c >= 0x7F || c == '%';
    for (char c : {'\0', '\t', '\n', '\r', ' ', '#', '/', ':', '<', '>', '?', '@', '[', '\\', ']', '^', '|'}) {
      forbidden[static_cast<uint8_t>(c)] = forbidden_in_domain[static_cast<uint8_t>(c)] = true;
    }
  }
};
constexpr Hosts kHosts;

// ---- IPv4

// Larger numbers than 32 bits hold become this one. False where the text is none.
constexpr uint64_t kTooLarge = uint64_t{1} << 32;
bool ParseNumber(std::string_view text, uint64_t *out) {
  if (text.empty()) return false;
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    base = ToLower(text[1]) == 'x' ? 16 : 8;
    text.remove_prefix(base == 16 ? 2 : 1);
  }
  uint64_t number = 0;
  for (char c : text) {
    int digit = HexDigit(c);
    if (digit < 0 || digit >= base) return false;
    number = std::min(number * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit), kTooLarge);
  }
  *out = number;
  return true;
}

bool EndsInNumber(std::string_view domain) {
  if (!domain.empty() && domain.back() == '.') domain.remove_suffix(1);
  size_t dot = domain.rfind('.');
  std::string_view last = dot == std::string_view::npos ? domain : domain.substr(dot + 1);
  if (last.empty() || !IsDigit(last[0])) return false;
  uint64_t number;
  return std::all_of(last.begin(), last.end(), IsDigit) || ParseNumber(last, &number);
}

bool ParseIPv4(std::string_view text, std::string *out) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  uint64_t address = 0;
  for (int parts = 1;; ++parts) {
    size_t dot = text.find('.');
    uint64_t number;
    if (parts > 4 || !ParseNumber(text.substr(0, dot), &number)) return false;
    if (dot == std::string_view::npos) {
      int left = 8 * (5 - parts);
      if (number >> left) return false;
      address = address << left | number;
      break;
    }
    if (number > 255) return false;
    address = address << 8 | number;
    text.remove_prefix(dot + 1);
  }
  char buffer[16];
  auto part = [&](int shift) { return static_cast<unsigned>(address >> shift & 0xFF); };
  int length = std::snprintf(buffer, sizeof(buffer), "%u.%u.%u.%u", part(24), part(16), part(8), part(0));
  out->assign(buffer, static_cast<size_t>(length));
  return true;
}

// ---- IPv6

// The four decimal numbers at the end of an IPv6 address.
bool ParseEmbeddedIPv4(std::string_view text, uint16_t *pieces) {
  uint32_t address = 0;
  size_t at = 0;
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && (at == text.size() || text[at++] != '.')) return false;
    if (at == text.size() || !IsDigit(text[at])) return false;
    uint32_t number = 0;
    for (size_t start = at; at < text.size() && IsDigit(text[at]); ++at) {
      if (at > start && number == 0) return false;
      number = number * 10 + static_cast<uint32_t>(text[at] - '0');
      if (number > 255) return false;
    }
    address = address << 8 | number;
  }
  pieces[0] = static_cast<uint16_t>(address >> 16);
  pieces[1] = static_cast<uint16_t>(address);
  return at == text.size();
}

bool ParseIPv6(std::string_view text, uint16_t (&pieces)[8]) {
  int count = 0;
  int compressed = -1;
  size_t at = 0;
  auto has = [&](size_t index, char c) { return index < text.size() && text[index] == c; };
  if (has(0, ':')) {
    if (!has(1, ':')) return false;
    at = 2;
    compressed = count = 1;
    pieces[0] = 0;
  }
  while (at < text.size()) {
    if (count == 8) return false;
    if (text[at] == ':') {
      if (compressed >= 0) return false;
      ++at;
      pieces[count++] = 0;
      compressed = count;
      continue;
    }
    uint32_t value = 0;
    size_t start = at;
    while (at < text.size() && at - start < 4 && HexDigit(text[at]) >= 0) {
      value = value << 4 | static_cast<uint32_t>(HexDigit(text[at++]));
    }
    if (has(at, '.')) {
      if (at == start || count > 6 || !ParseEmbeddedIPv4(text.substr(start), pieces + count)) return false;
      count += 2;
      break;
    }
    if (at < text.size()) {
      if (text[at] != ':' || ++at == text.size()) return false;
    }
    pieces[count++] = static_cast<uint16_t>(value);
  }
  if (compressed < 0) return count == 8;
  // The pieces behind the two colons go to the end.
  std::fill(pieces + count, pieces + 8, uint16_t{0});
  std::rotate(pieces + compressed, pieces + count, pieces + 8);
  return true;
}

void AppendIPv6(std::string *out, const uint16_t (&pieces)[8]) {
  int zeros = -1;
  int longest = 1;
  for (int i = 0; i < 8; ++i) {
    int end = i;
    while (end < 8 && pieces[end] == 0) ++end;
    if (end - i > longest) {
      zeros = i;
      longest = end - i;
    }
    if (end > i) i = end - 1;
  }
  *out += '[';
  for (int i = 0; i < 8; ++i) {
    if (i == zeros) {
      *out += i == 0 ? "::" : ":";
      i += longest - 1;
      continue;
    }
    char buffer[8];
    int length = std::snprintf(buffer, sizeof(buffer), "%x", pieces[i]);
    out->append(buffer, static_cast<size_t>(length));
    if (i < 7) *out += ':';
  }
  *out += ']';
}

// ---- Domains

bool HasPunycode(std::string_view lower) {
  for (size_t at = 0; (at = lower.find("xn--", at)) != std::string_view::npos; ++at) {
    if (at == 0 || lower[at - 1] == '.') return true;
  }
  return false;
}

bool ParseDomain(std::string_view domain, std::string *out) {
  out->assign(domain);
  bool is_ascii = true;
  for (char &c : *out) {
    is_ascii = is_ascii && static_cast<uint8_t>(c) < 0x80;
    c = ToLower(c);
  }
  if ((!is_ascii || HasPunycode(*out)) && !DomainToASCII(domain, out)) return false;
  auto is_forbidden = [](char c) { return kHosts.forbidden_in_domain[static_cast<uint8_t>(c)]; };
  if (out->empty() || std::any_of(out->begin(), out->end(), is_forbidden)) return false;
  if (!EndsInNumber(*out)) return true;
  std::string address;
  if (!ParseIPv4(*out, &address)) return false;
  *out = std::move(address);
  return true;
}

}  // namespace

bool ParseHost(std::string_view input, bool is_special, std::string *out) {
  if (!input.empty() && input[0] == '[') {
    uint16_t pieces[8];
    if (input.back() != ']' || input.size() < 2 || !ParseIPv6(input.substr(1, input.size() - 2), pieces)) return false;
    AppendIPv6(out, pieces);
    return true;
  }
  if (!is_special) {
    auto is_forbidden = [](char c) { return kHosts.forbidden[static_cast<uint8_t>(c)]; };
    if (std::any_of(input.begin(), input.end(), is_forbidden)) return false;
    AppendEncoded(out, input, EncodeSet::kC0Control);
    return true;
  }
  if (input.find('%') == std::string_view::npos) return ParseDomain(input, out);
  return ParseDomain(PercentDecode(input), out);
}

}  // namespace ci
