// SPDX-License-Identifier: Apache-2.0
// The encodings of Chinese, Korean and Japanese. A byte that cannot follow is looked at again where it is ASCII.
#include <utility>

#include "text_decoder.h"

namespace ci {

namespace {

bool IsIn(uint8_t byte, uint8_t low, uint8_t high) { return byte >= low && byte <= high; }

constexpr uint32_t kNoPointer = UINT32_MAX;

// Encodings of a lead byte and a trail byte. `single` gives the code point of a byte that stands alone and is no lead,
// or 0; `put` writes the character of a pair, if there is one.
template <typename IsLead, typename Single, typename PutPair>
void DecodePairs(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out, IsLead is_lead,
                 Single single, PutPair put) {
  uint8_t lead = state->bytes[0];
  while (from < end) {
    if (lead != 0) {
      uint8_t byte = *from;
      bool is_known = put(std::exchange(lead, uint8_t{0}), byte);
      if (!is_known) out->Error();
      if (is_known || byte >= 0x80) ++from;
      continue;
    }
    from = out->PutAscii(from, end);
    if (from == end) break;
    uint8_t byte = *from++;
    if (is_lead(byte))
      lead = byte;
    else if (uint32_t point = single(byte))
      out->Put(point);
    else
      out->Error();
  }
  state->bytes[0] = lead;
}

uint32_t None(uint8_t) { return 0; }

bool PutPoint(const uint32_t *index, uint32_t pointer, TextOutput *out) {
  uint32_t point = pointer == kNoPointer ? 0 : index[pointer];
  if (point != 0) out->PutPoint(point);
  return point != 0;
}

uint32_t TwoByteGb18030(uint8_t lead, uint8_t byte) {
  if (byte < 0x40 || byte == 0x7F || byte == 0xFF) return kNoPointer;
  return (lead - 0x81u) * 190 + byte - (byte < 0x7F ? 0x40 : 0x41);
}

uint32_t FourByteGb18030(const uint8_t *bytes, uint8_t last) {
  uint32_t pointer = (bytes[0] - 0x81u) * 12600 + (bytes[1] - 0x30u) * 1260 + (bytes[2] - 0x81u) * 10 + last - 0x30;
  if (pointer < 39420) return IndexTable(Index::kGb18030Ranges)[pointer];
  return pointer >= 189000 && pointer <= 1237575 ? pointer - 189000 + 0x10000 : 0;
}

}  // namespace

// The state has the bytes that were read.
void DecodeGb18030(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out) {
  const uint32_t *index = IndexTable(Index::kGb18030);
  uint8_t *held = state->bytes;
  while (from < end) {
    uint8_t byte = *from;
    if (held[2] != 0) {
      uint32_t point = IsIn(byte, 0x30, 0x39) ? FourByteGb18030(held, byte) : 0;
      if (point != 0) {
        out->PutPoint(point);
        held[0] = held[1] = held[2] = 0;
        ++from;
      } else if (IsIn(byte, 0x30, 0x39)) {
        out->Error();
        held[0] = held[1] = held[2] = 0;
        ++from;
      } else {
        // The second is a digit, and the third is a first one.
        out->Error();
        out->Put(held[1]);
        held[0] = held[2];
        held[1] = held[2] = 0;
      }
    } else if (held[1] != 0) {
      if (IsIn(byte, 0x81, 0xFE)) {
        held[2] = byte;
        ++from;
      } else {
        out->Error();
        out->Put(held[1]);
        held[0] = held[1] = 0;
      }
    } else if (held[0] != 0) {
      if (IsIn(byte, 0x30, 0x39)) {
        held[1] = byte;
        ++from;
        continue;
      }
      bool is_known = PutPoint(index, TwoByteGb18030(held[0], byte), out);
      held[0] = 0;
      if (!is_known) out->Error();
      if (is_known || byte >= 0x80) ++from;
    } else if (byte < 0x80) {
      from = out->PutAscii(from, end);
    } else {
      ++from;
      if (byte == 0x80)
        out->Put(0x20AC);
      else if (byte == 0xFF)
        out->Error();
      else
        held[0] = byte;
    }
  }
}

void DecodeBig5(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out) {
  const uint32_t *index = IndexTable(Index::kBig5);
  DecodePairs(
      state, from, end, out, [](uint8_t byte) { return IsIn(byte, 0x81, 0xFE); }, None,
      [&](uint8_t lead, uint8_t byte) {
        if (!IsIn(byte, 0x40, 0x7E) && !IsIn(byte, 0xA1, 0xFE)) return false;
        uint32_t pointer = (lead - 0x81u) * 157 + byte - (byte < 0x7F ? 0x40 : 0x62);
        // Of two code points each.
        if (pointer == 1133 || pointer == 1135 || pointer == 1164 || pointer == 1166) {
          out->Put(pointer < 1150 ? 0xCA : 0xEA);
          out->Put(pointer % 31 == 17 ? 0x304 : 0x30C);
          return true;
        }
        return PutPoint(index, pointer, out);
      });
}

void DecodeEucKr(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out) {
  const uint32_t *index = IndexTable(Index::kEucKr);
  DecodePairs(
      state, from, end, out, [](uint8_t byte) { return IsIn(byte, 0x81, 0xFE); }, None,
      [&](uint8_t lead, uint8_t byte) {
        return IsIn(byte, 0x41, 0xFE) && PutPoint(index, (lead - 0x81u) * 190 + byte - 0x41, out);
      });
}

void DecodeShiftJis(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out) {
  const uint32_t *index = IndexTable(Index::kJis0208);
  DecodePairs(
      state, from, end, out, [](uint8_t byte) { return IsIn(byte, 0x81, 0x9F) || IsIn(byte, 0xE0, 0xFC); },
      [](uint8_t byte) { return byte == 0x80             ? 0x80u
                                : IsIn(byte, 0xA1, 0xDF) ? 0xFEC0u + byte
                                                         : 0u; },
      [&](uint8_t lead, uint8_t byte) {
        if (!IsIn(byte, 0x40, 0x7E) && !IsIn(byte, 0x80, 0xFC)) return false;
        uint32_t row = lead - (lead < 0xA0 ? 0x81u : 0xC1u);
        return PutPoint(index, row * 188 + byte - (byte < 0x7F ? 0x40 : 0x41), out);
      });
}

// The mode is 1 in JIS X 0212, which the byte 0x8F begins.
void DecodeEucJp(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out) {
  const uint32_t *indexes[] = {IndexTable(Index::kJis0208), IndexTable(Index::kJis0212)};
  DecoderState rest = *state;
  uint8_t lead = rest.bytes[0];
  bool is_0212 = rest.mode != 0;
  while (from < end) {
    if (lead == 0) {
      from = out->PutAscii(from, end);
      if (from == end) break;
      if (*from == 0x8E || *from == 0x8F || IsIn(*from, 0xA1, 0xFE))
        lead = *from;
      else
        out->Error();
      ++from;
      continue;
    }
    uint8_t byte = *from;
    bool is_upper = IsIn(byte, 0xA1, 0xFE);
    if (lead == 0x8F && is_upper) {
      is_0212 = true;
      lead = byte;
      ++from;
      continue;
    }
    bool is_known = false;
    if (lead == 0x8E && IsIn(byte, 0xA1, 0xDF)) {
      out->Put(0xFEC0u + byte);
      is_known = true;
    } else if (IsIn(lead, 0xA1, 0xFE) && is_upper) {
      uint32_t pointer = (lead - 0xA1u) * 94 + byte - 0xA1;
      is_known = PutPoint(indexes[is_0212], is_0212 && pointer >= 82 * 94 ? kNoPointer : pointer, out);
    }
    lead = 0;
    is_0212 = false;
    if (!is_known) out->Error();
    if (is_known || byte >= 0x80) ++from;
  }
  state->bytes[0] = lead;
  state->mode = is_0212;
}

namespace {

enum Iso2022JpMode : uint8_t { kAscii, kRoman, kKatakana, kLead, kTrail, kEscapeStart, kEscape };

// The state has the mode, the mode to which a failed escape returns, the byte that waits, and whether the last thing
// was an escape: two in a row are an error.
class Iso2022Jp {
 public:
  Iso2022Jp(DecoderState *state, TextOutput *out)
      : mode_(state->bytes[0]), output_(state->bytes[1]), state_(state), out_(out) {}
  ~Iso2022Jp() {
    state_->bytes[0] = mode_;
    state_->bytes[1] = output_;
  }
  Iso2022Jp(const Iso2022Jp &) = delete;

  // False where the byte is to be looked at again.
  bool Feed(uint8_t byte) {
    if (mode_ == kEscapeStart) return FeedEscapeStart(byte);
    if (mode_ == kEscape) return FeedEscape(byte);
    if (byte == 0x1B) {
      if (mode_ == kTrail) out_->Error();
      mode_ = kEscapeStart;
      return true;
    }
    if (mode_ == kTrail) {
      mode_ = kLead;
      uint32_t pointer = IsIn(byte, 0x21, 0x7E) ? (held() - 0x21u) * 94 + byte - 0x21 : kNoPointer;
      if (!PutPoint(IndexTable(Index::kJis0208), pointer, out_)) out_->Error();
      held() = 0;
      return true;
    }
    state_->mode = false;
    FeedCharacter(byte);
    return true;
  }

  void Finish() {
    if (mode_ == kEscape || mode_ == kEscapeStart) {
      bool has_more = mode_ == kEscape;
      Fail();
      if (has_more) Feed(std::exchange(held(), uint8_t{0}));
    }
    if (mode_ == kTrail) out_->Error();
  }

 private:
  uint8_t &held() { return state_->bytes[2]; }

  void Fail() {
    state_->mode = false;
    mode_ = output_;
    out_->Error();
  }

  void FeedCharacter(uint8_t byte) {
    if (mode_ == kLead && IsIn(byte, 0x21, 0x7E)) {
      held() = byte;
      mode_ = kTrail;
    } else if (mode_ == kKatakana && IsIn(byte, 0x21, 0x5F)) {
      out_->Put(0xFF40u + byte);
    } else if (mode_ == kRoman && byte == 0x5C) {
      out_->Put(0xA5);
    } else if (mode_ == kRoman && byte == 0x7E) {
      out_->Put(0x203E);
    } else if (mode_ <= kRoman && byte < 0x80 && byte != 0x0E && byte != 0x0F) {
      out_->Put(byte);
    } else {
      out_->Error();
    }
  }

  bool FeedEscapeStart(uint8_t byte) {
    if (byte == 0x24 || byte == 0x28) {
      held() = byte;
      mode_ = kEscape;
      return true;
    }
    Fail();
    return false;
  }

  bool FeedEscape(uint8_t byte) {
    uint8_t first = std::exchange(held(), uint8_t{0});
    bool is_character_set = first == 0x28 ? byte == 0x42 || byte == 0x4A || byte == 0x49 : byte == 0x40 || byte == 0x42;
    if (!is_character_set) {
      Fail();
      Feed(first);
      return false;
    }
    mode_ = output_ = first == 0x24 ? kLead : byte == 0x42 ? kAscii : byte == 0x4A ? kRoman : kKatakana;
    if (state_->mode != 0) out_->Error();
    state_->mode = true;
    return true;
  }

  uint8_t mode_;
  uint8_t output_;
  DecoderState *state_;
  TextOutput *out_;
};

}  // namespace

void DecodeIso2022Jp(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out) {
  Iso2022Jp decoder(state, out);
  while (from < end) {
    if (decoder.Feed(*from)) ++from;
  }
}

void FinishIso2022Jp(DecoderState *state, TextOutput *out) { Iso2022Jp(state, out).Finish(); }

}  // namespace ci
