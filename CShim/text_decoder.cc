// SPDX-License-Identifier: Apache-2.0
#include "text_decoder.h"

namespace ci {

namespace {

// Bytes from 0x80 on are a character each.
template <typename CharacterOf>
void DecodeBytes(const uint8_t *from, const uint8_t *end, TextOutput *out, CharacterOf character_of) {
  while ((from = out->PutAscii(from, end)) < end) {
    for (; from < end && *from >= 0x80; ++from) {
      char16_t unit = character_of(*from);
      if (unit == 0xFFFD)
        out->Error();
      else
        out->Put(unit);
    }
  }
}

}  // namespace

bool CanDecode(size_t encoding) {
  switch (kEncodingTable[encoding].kind) {
    case EncodingKind::kSingleByte:
      return UpperHalf(encoding);
    case EncodingKind::kGb18030:
      return IndexTable(Index::kGb18030) && IndexTable(Index::kGb18030Ranges);
    case EncodingKind::kBig5:
      return IndexTable(Index::kBig5);
    case EncodingKind::kEucJp:
      return IndexTable(Index::kJis0208) && IndexTable(Index::kJis0212);
    case EncodingKind::kIso2022Jp:
    case EncodingKind::kShiftJis:
      return IndexTable(Index::kJis0208);
    case EncodingKind::kEucKr:
      return IndexTable(Index::kEucKr);
    default:
      return true;
  }
}

void Decode(size_t encoding, DecoderState *state, const uint8_t *bytes, size_t count, TextOutput *out) {
  const uint8_t *end = bytes + count;
  switch (kEncodingTable[encoding].kind) {
    case EncodingKind::kUtf8:
      return DecodeUtf8(state, bytes, end, out);
    case EncodingKind::kUtf16Be:
      return DecodeUtf16(true, state, bytes, end, out);
    case EncodingKind::kUtf16Le:
      return DecodeUtf16(false, state, bytes, end, out);
    case EncodingKind::kSingleByte: {
      const char16_t *table = UpperHalf(encoding);
      return DecodeBytes(bytes, end, out, [table](uint8_t byte) { return table[byte - 0x80]; });
    }
    case EncodingKind::kUserDefined:
      return DecodeBytes(bytes, end, out, [](uint8_t byte) { return static_cast<char16_t>(0xF700 + byte); });
    case EncodingKind::kGb18030:
      return DecodeGb18030(state, bytes, end, out);
    case EncodingKind::kBig5:
      return DecodeBig5(state, bytes, end, out);
    case EncodingKind::kEucKr:
      return DecodeEucKr(state, bytes, end, out);
    case EncodingKind::kShiftJis:
      return DecodeShiftJis(state, bytes, end, out);
    case EncodingKind::kEucJp:
      return DecodeEucJp(state, bytes, end, out);
    case EncodingKind::kIso2022Jp:
      return DecodeIso2022Jp(state, bytes, end, out);
  }
}

void FinishDecoding(size_t encoding, DecoderState *state, TextOutput *out) {
  if (kEncodingTable[encoding].kind == EncodingKind::kIso2022Jp)
    FinishIso2022Jp(state, out);
  else if (!state->is_initial())
    out->Error();
  *state = {};
}

}  // namespace ci
