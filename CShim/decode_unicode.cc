// SPDX-License-Identifier: Apache-2.0
// UTF-8 and UTF-16.
#include <algorithm>

#include "text_decoder.h"

namespace ci {

namespace {

constexpr uint32_t kMalformed = UINT32_MAX;

// Reads a sequence that begins with no ASCII. Returns its length, or that of the part that cannot go on, with
// kMalformed; 0 where the bytes end too early.
size_t ReadUtf8(const uint8_t *from, size_t count, uint32_t *out_point) {
  uint8_t lead = from[0];
  *out_point = kMalformed;
  if (lead < 0xC2 || lead > 0xF4) return 1;
  size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  uint32_t point = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if (i == count) return 0;
    if (from[i] < low || from[i] > high) return i;
    point = point << 6 | (from[i] & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  *out_point = point;
  return length;
}

void PutUtf8(uint32_t point, TextOutput *out) {
  if (point == kMalformed)
    out->Error();
  else
    out->PutPoint(point);
}

size_t HeldBytes(const DecoderState &state) {
  return static_cast<size_t>(std::find(state.bytes, state.bytes + 3, 0) - state.bytes);
}

void Hold(DecoderState *state, const uint8_t *bytes, size_t count) {
  std::memset(state->bytes, 0, 3);
  if (count) std::memcpy(state->bytes, bytes, count);
}

}  // namespace

// The state has the bytes of a sequence that is not at its end.
void DecodeUtf8(DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out) {
  uint32_t point;
  if (size_t held = HeldBytes(*state)) {
    uint8_t joined[6];
    auto more = std::min<size_t>(3, static_cast<size_t>(end - from));
    std::memcpy(joined, state->bytes, held);
    if (more) std::memcpy(joined + held, from, more);
    size_t length = ReadUtf8(joined, held + more, &point);
    if (length == 0) return Hold(state, joined, held + more);
    Hold(state, nullptr, 0);
    PutUtf8(point, out);
    from += length - held;
  }
  while ((from = out->PutAscii(from, end)) < end) {
    do {
      auto left = static_cast<size_t>(end - from);
      // The usual lengths, well-formed.
      if (left >= 3 && from[0] >= 0xE1 && from[0] < 0xED && (from[1] & 0xC0) == 0x80 && (from[2] & 0xC0) == 0x80) {
        out->Put((from[0] & 0xFu) << 12 | (from[1] & 0x3Fu) << 6 | (from[2] & 0x3Fu));
        from += 3;
      } else if (left >= 2 && from[0] >= 0xC2 && from[0] < 0xE0 && (from[1] & 0xC0) == 0x80) {
        out->Put((from[0] & 0x1Fu) << 6 | (from[1] & 0x3Fu));
        from += 2;
      } else {
        size_t length = ReadUtf8(from, left, &point);
        if (length == 0) return Hold(state, from, left);
        PutUtf8(point, out);
        from += length;
      }
    } while (from < end && *from >= 0x80);
  }
}

size_t DecodeLatin1(const uint8_t *bytes, size_t count, uint8_t *out) {
  uint8_t *at = out;
  const uint8_t *end = bytes + count;
  while (bytes < end) {
    if (end - bytes >= 8) {
      uint64_t word;
      std::memcpy(&word, bytes, sizeof(word));
      if ((word & 0x8080808080808080) == 0) {
        std::memcpy(at, &word, sizeof(word));
        bytes += 8;
        at += 8;
        continue;
      }
    }
    if (*bytes < 0x80) {
      *at++ = *bytes++;
    } else {
      if (end - bytes < 2 || (bytes[0] & 0xFE) != 0xC2 || (bytes[1] & 0xC0) != 0x80) return SIZE_MAX;
      *at++ = static_cast<uint8_t>(bytes[0] << 6 | (bytes[1] & 0x3F));
      bytes += 2;
    }
  }
  return static_cast<size_t>(at - out);
}

namespace {

// Units without surrogates from the beginning, in blocks; returns where they end.
template <bool kIsBigEndian>
const uint8_t *PutPlainUtf16(const uint8_t *from, const uint8_t *end, TextOutput *out) {
  constexpr int kBlock = 16;
  for (; end - from >= 2 * kBlock; from += 2 * kBlock) {
    uint16_t units[kBlock];
    bool has_surrogate = false;
    for (int i = 0; i < kBlock; ++i) {
      units[i] = static_cast<uint16_t>(from[2 * i + kIsBigEndian] | from[2 * i + !kIsBigEndian] << 8);
      has_surrogate |= (units[i] & 0xF800) == 0xD800;
    }
    if (has_surrogate) break;
    out->PutUnits(units, kBlock);
  }
  return from;
}

}  // namespace

// The state has a byte, if its mode says so, and a high surrogate that waits for a low one.
void DecodeUtf16(bool is_big_endian, DecoderState *state, const uint8_t *from, const uint8_t *end, TextOutput *out) {
  bool has_byte = state->mode != 0;
  uint8_t first = state->bytes[0];
  uint32_t high = static_cast<uint32_t>(state->bytes[1] << 8 | state->bytes[2]);
  while (from < end) {
    if (!has_byte) {
      if (high == 0) from = is_big_endian ? PutPlainUtf16<true>(from, end, out) : PutPlainUtf16<false>(from, end, out);
      if (from == end) break;
      first = *from++;
      has_byte = true;
      continue;
    }
    uint8_t second = *from++;
    has_byte = false;
    uint32_t unit =
        is_big_endian ? static_cast<uint32_t>(first << 8 | second) : static_cast<uint32_t>(second << 8 | first);
    bool is_low = (unit & 0xFC00) == 0xDC00;
    if (high != 0 && is_low) {
      out->Put(high);
      out->Put(unit);
      high = 0;
      continue;
    }
    if (high != 0) out->Error();
    high = (unit & 0xFC00) == 0xD800 ? unit : 0;
    if (is_low)
      out->Error();
    else if (high == 0)
      out->Put(unit);
  }
  state->mode = has_byte;
  state->bytes[0] = has_byte ? first : 0;
  state->bytes[1] = static_cast<uint8_t>(high >> 8);
  state->bytes[2] = static_cast<uint8_t>(high);
}

}  // namespace ci
