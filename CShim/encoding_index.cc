// SPDX-License-Identifier: Apache-2.0
// ICU has nearly the standard's indexes in its converters; what differs is written out here.
#include <unicode/ucnv.h>
#include <unicode/utf16.h>

#include <array>
#include <memory>
#include <mutex>

#include "encodings.h"
#include "thread_state.h"

namespace ci {

namespace {

// `count` pointers from `pointer` on have `point` and the ones after it.
struct Patch {
  uint16_t pointer;
  uint16_t count;
  uint16_t point;
};

// GB 18030-2022 has characters where earlier editions have private ones.
constexpr Patch kGb18030Patches[] = {
    {6555, 1, 0x3000},  {7182, 1, 0xFE10},  {7183, 1, 0xFE12},  {7184, 1, 0xFE11},  {7185, 4, 0xFE13},
    {7201, 2, 0xFE17},  {7208, 1, 0xFE19},  {23775, 1, 0x9FB4}, {23783, 1, 0x9FB5}, {23788, 2, 0x9FB6},
    {23795, 1, 0x9FB8}, {23812, 1, 0x9FB9}, {23829, 1, 0x9FBA}, {23845, 1, 0x9FBB},
};
// Characters of Hong Kong that came to Unicode late, and second codes of others.
constexpr Patch kBig5Patches[] = {
    {1008, 1, 0x9F97},  {1016, 1, 0x9F96},  {1099, 5, 0x31C0},  {1105, 1, 0x31C5},  {1108, 2, 0x31C6},
    {1112, 1, 0x31C8},  {1114, 4, 0x31C9},  {1119, 2, 0x31CD},  {1170, 2, 0x23DA},  {1730, 1, 0x9FA6},
    {1772, 1, 0x9FA7},  {1779, 1, 0x9FA8},  {1812, 1, 0x9FA9},  {1814, 1, 0x9FAA},  {1816, 1, 0x9FAB},
    {1821, 1, 0x9FAC},  {1844, 2, 0x9FAD},  {1847, 1, 0x9FAF},  {1866, 1, 0x9FB2},  {1892, 1, 0x9FB3},
    {2082, 1, 0x7BB8},  {2088, 1, 0x7C06},  {2103, 1, 0x7CCE},  {2114, 1, 0x7DD2},  {2123, 1, 0x7E1D},
    {2148, 1, 0x8005},  {2151, 1, 0x8028},  {2221, 1, 0x83C1},  {2239, 1, 0x84A8},  {2244, 1, 0x840F},
    {2303, 1, 0x89A6},  {2304, 1, 0x89A9},  {2354, 1, 0x8D77},  {2400, 1, 0x90FD},  {2413, 1, 0x92B9},
    {2477, 1, 0x975C},  {2498, 1, 0x97FF},  {2605, 1, 0x9F16},  {2673, 1, 0x8503},  {2746, 1, 0x5159},
    {2747, 1, 0x515B},  {2748, 2, 0x515D},  {2771, 1, 0x936E},  {2780, 1, 0x7479},  {2990, 1, 0x6D67},
    {3087, 1, 0x799B},  {3259, 1, 0x9097},  {3301, 1, 0x975D},  {3436, 1, 0x701E},  {3451, 1, 0x5B28},
    {4136, 1, 0x7201},  {4138, 1, 0x77D7},  {4141, 1, 0x7E87},  {4182, 1, 0x99D6},  {4206, 1, 0x91D4},
    {4220, 1, 0x60DE},  {4230, 1, 0x6FB6},  {4241, 1, 0x8F36},  {4258, 1, 0x4FBB},  {4273, 1, 0x71DF},
    {4279, 1, 0x9104},  {4282, 1, 0x9DF0},  {4294, 1, 0x83CF},  {4329, 1, 0x5C10},  {4330, 1, 0x79E3},
    {4349, 1, 0x5A67},  {4419, 1, 0x8F0B},  {4422, 1, 0x7B51},  {4494, 1, 0x62D0},  {4624, 1, 0x6062},
    {4694, 1, 0x75F9},  {4708, 1, 0x6C4A},  {4742, 1, 0x9B2E},  {4748, 1, 0x9F17},  {4815, 1, 0x50ED},
    {4828, 1, 0x5F0C},  {4902, 1, 0x880F},  {4922, 1, 0x62CE},  {4982, 1, 0x7468},  {4992, 1, 0x7162},
    {4997, 1, 0x7250},  {5432, 32, 0x2400}, {5464, 1, 0x2421},  {10942, 1, 0x5EF4}, {10946, 1, 0x65E0},
    {10948, 1, 0x7676}, {10950, 1, 0x96B6}, {10957, 1, 0x3003}, {10958, 1, 0x4EDD}, {11204, 1, 0x31CF},
    {11210, 1, 0x9FB0}, {11212, 1, 0x9FB1}, {19028, 1, 0x5029}, {19035, 1, 0x507D}, {19088, 1, 0x5305},
    {19096, 1, 0x5344}, {19112, 1, 0x537F}, {19162, 1, 0x5605}, {19240, 1, 0x5A77}, {19299, 1, 0x5E75},
    {19305, 1, 0x5ED0}, {19326, 1, 0x5F58}, {19355, 1, 0x60A4}, {19398, 1, 0x6490}, {19439, 1, 0x6674},
    {19454, 1, 0x675E}, {19553, 1, 0x6C9C}, {19554, 1, 0x6E1D}, {19557, 1, 0x6E2F}, {19611, 1, 0x716E},
    {19643, 1, 0x732A}, {19672, 1, 0x745C}, {19697, 1, 0x74E9}, {19748, 1, 0x7809},
};

struct Source {
  const char *converter;
  size_t size;
  // Writes the bytes of a pointer; returns how many.
  int (*encode)(uint32_t pointer, uint8_t *bytes);
  // Whether private characters are the standard's too.
  bool has_private;
  const Patch *patches;
  size_t patch_count;
};

int Pair(uint32_t lead, uint32_t trail, uint8_t *bytes) {
  bytes[0] = static_cast<uint8_t>(lead);
  bytes[1] = static_cast<uint8_t>(trail);
  return 2;
}

constexpr Source kSources[kIndexes] = {
    {"gb18030", 126 * 190,
     [](uint32_t pointer, uint8_t *bytes) {
       uint32_t trail = pointer % 190;
       return Pair(0x81 + pointer / 190, trail + (trail < 0x3F ? 0x40 : 0x41), bytes);
     },
     true, kGb18030Patches, std::size(kGb18030Patches)},
    {"gb18030", 39420,
     [](uint32_t pointer, uint8_t *bytes) {
       Pair(0x81 + pointer / 12600, 0x30 + pointer / 1260 % 10, bytes);
       Pair(0x81 + pointer / 10 % 126, 0x30 + pointer % 10, bytes + 2);
       return 4;
     },
     true, nullptr, 0},
    {"ibm-1375_P100-2008", 126 * 157,
     [](uint32_t pointer, uint8_t *bytes) {
       uint32_t trail = pointer % 157;
       return Pair(0x81 + pointer / 157, trail + (trail < 0x3F ? 0x40 : 0x62), bytes);
     },
     false, kBig5Patches, std::size(kBig5Patches)},
    {"windows-949-2000", 126 * 190,
     [](uint32_t pointer, uint8_t *bytes) { return Pair(0x81 + pointer / 190, 0x41 + pointer % 190, bytes); }, false,
     nullptr, 0},
    // As Shift_JIS has it, with the private characters that only Shift_JIS reaches.
    {"ibm-943_P15A-2003", 60 * 188,
     [](uint32_t pointer, uint8_t *bytes) {
       uint32_t lead = pointer / 188;
       uint32_t trail = pointer % 188;
       return Pair(lead + (lead < 0x1F ? 0x81 : 0xC1), trail + (trail < 0x3F ? 0x40 : 0x41), bytes);
     },
     true, nullptr, 0},
    // Rows past the 82nd are not the standard's.
    {"euc-jp-2007", 82 * 94,
     [](uint32_t pointer, uint8_t *bytes) {
       bytes[0] = 0x8F;
       return 1 + Pair(0xA1 + pointer / 94, 0xA1 + pointer % 94, bytes + 1);
     },
     false, nullptr, 0},
};

// A converter of ICU that stops at what it does not know.
class Converter {
 public:
  explicit Converter(const char *name) : converter_(ucnv_open(name, &status_)) {
    ucnv_setToUCallBack(converter_, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status_);
  }
  ~Converter() { ucnv_close(converter_); }
  Converter(const Converter &) = delete;

  bool ok() const { return U_SUCCESS(status_); }

  // The code point that all the bytes are, or 0.
  uint32_t Decode(const uint8_t *bytes, int count) {
    UErrorCode status = U_ZERO_ERROR;
    UChar units[4];
    int32_t length = ucnv_toUChars(converter_, units, 4, reinterpret_cast<const char *>(bytes), count, &status);
    if (U_FAILURE(status)) return 0;
    if (length == 1) return units[0];
    return length == 2 && U16_IS_LEAD(units[0]) ? static_cast<uint32_t>(U16_GET_SUPPLEMENTARY(units[0], units[1])) : 0;
  }

 private:
  UErrorCode status_ = U_ZERO_ERROR;
  UConverter *converter_;
};

std::unique_ptr<const uint32_t[]> MakeIndex(const Source &source) {
  Converter converter(source.converter);
  if (!converter.ok()) return nullptr;
  auto table = std::make_unique<uint32_t[]>(source.size);
  for (uint32_t pointer = 0; pointer < source.size; ++pointer) {
    uint8_t bytes[4];
    uint32_t point = converter.Decode(bytes, source.encode(pointer, bytes));
    bool is_private = point >= 0xE000 && point < 0xF900;
    // Substitution is one of EBCDIC's ways to say that there is nothing.
    if (point >= 0x80 && (source.has_private || !is_private)) table[pointer] = point;
  }
  for (size_t i = 0; i < source.patch_count; ++i) {
    const Patch &patch = source.patches[i];
    for (uint32_t k = 0; k < patch.count; ++k) table[patch.pointer + k] = patch.point + k;
  }
  return table;
}

std::unique_ptr<const char16_t[]> MakeUpperHalf(const Encoding &encoding) {
  Converter converter(encoding.converter);
  if (!converter.ok()) return nullptr;
  auto table = std::make_unique<char16_t[]>(128);
  for (int i = 0; i < 128; ++i) {
    auto byte = static_cast<uint8_t>(0x80 + i);
    uint32_t point = converter.Decode(&byte, 1);
    table[static_cast<size_t>(i)] = point >= 0x80 ? static_cast<char16_t>(point) : u'\xFFFD';
  }
  for (const char16_t *patch = encoding.patches; patch && *patch; patch += 2) table[patch[0] - 0x80u] = patch[1];
  return table;
}

template <typename T>
struct Once {
  std::once_flag flag;
  std::unique_ptr<const T[]> table;

  template <typename Make>
  const T *Get(Make make) {
    std::call_once(flag, [&] { table = make(); });
    return table.get();
  }
};

}  // namespace

// The shim's scope: nobody is lost while others wait for a table, and nobody pays for it.

const uint32_t *IndexTable(Index index) {
  ShimScope shim;
  static auto &tables = *new std::array<Once<uint32_t>, kIndexes>;
  auto i = static_cast<size_t>(index);
  return tables[i].Get([&] { return MakeIndex(kSources[i]); });
}

const char16_t *UpperHalf(size_t encoding) {
  ShimScope shim;
  static auto &tables = *new std::array<Once<char16_t>, kEncodings>;
  return tables[encoding].Get([&] { return MakeUpperHalf(kEncodingTable[encoding]); });
}

}  // namespace ci
