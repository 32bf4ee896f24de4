// SPDX-License-Identifier: Apache-2.0
// Text codings on plain bytes.
#ifndef CSHIM_UTF8_H
#define CSHIM_UTF8_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace ci {

// Whether the bytes are well-formed UTF-8 (Unicode 3.9, table 3-7).
bool IsUtf8(const uint8_t *bytes, size_t count);

std::string Base64Encode(const std::string &bytes);
// Forgiving-base64 decode (WHATWG Infra, 7). False where malformed.
bool Base64Decode(const std::string &text, std::string *out_bytes);

}  // namespace ci

#endif
