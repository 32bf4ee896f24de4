// SPDX-License-Identifier: Apache-2.0
// What UTF-8 is made of.
#ifndef CSHIM_UTF8_H
#define CSHIM_UTF8_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace ci {

// How many bytes at the beginning are ASCII.
size_t AsciiPrefix(const uint8_t *bytes, size_t count);
// Whether UTF-8, if it is well-formed, has no character past U+00FF.
bool MayBeLatin1(const uint8_t *bytes, size_t count);

std::string Base64Encode(const std::string &bytes);
// Forgiving-base64 decode (WHATWG Infra, 7). False where malformed.
bool Base64Decode(const std::string &text, std::string *out_bytes);

}  // namespace ci

#endif
