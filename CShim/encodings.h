// SPDX-License-Identifier: Apache-2.0
// The names of the Encoding Standard's encodings, and what their decoders look characters up in.
#ifndef CSHIM_ENCODINGS_H
#define CSHIM_ENCODINGS_H

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ci {

// How an encoding is decoded.
enum class EncodingKind : uint8_t {
  kUtf8,
  kSingleByte,
  kGb18030,
  kBig5,
  kEucJp,
  kIso2022Jp,
  kShiftJis,
  kEucKr,
  kUtf16Be,
  kUtf16Le,
  kUserDefined,
};

struct Encoding {
  EncodingKind kind;
  // The name and the other labels, between spaces.
  const char *labels;
  // ICU's converter of a single-byte encoding.
  const char *converter;
  // Pairs of a byte and its character, where the standard says otherwise than the converter; U+FFFD: none.
  const char16_t *patches;

  std::string_view name() const {
    std::string_view all(labels);
    return all.substr(0, all.find(' '));
  }
};

constexpr size_t kEncodings = 39;
extern const Encoding kEncodingTable[kEncodings];

// The place in the table, of a label as the standard gets it; -1 for none and for what may not be decoded.
int EncodingOf(std::string_view label);

// Indexes of the standard: code points by pointer, 0 for none.
enum class Index : uint8_t { kGb18030, kGb18030Ranges, kBig5, kEucKr, kJis0208, kJis0212 };
constexpr size_t kIndexes = 6;

// What a decoder looks up: a table of an index, or the characters of the bytes from 0x80 on. Made once a process, when
// first asked for; null where ICU lacks the converter. Any thread.
const uint32_t *IndexTable(Index index);
const char16_t *UpperHalf(size_t encoding);

}  // namespace ci

#endif
