// SPDX-License-Identifier: Apache-2.0
#include "encodings.h"

#include <string>

namespace ci {

// 'replacement' is left out: no TextDecoder may have it.
const Encoding kEncodingTable[kEncodings] = {
    {EncodingKind::kUtf8, "utf-8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf8 x-unicode20utf8", nullptr, nullptr},
    {EncodingKind::kSingleByte, "ibm866 866 cp866 csibm866", "ibm-866_P100-1995", nullptr},
    {EncodingKind::kSingleByte,
     "iso-8859-2 csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2", "ibm-912_P100-1995",
     nullptr},
    {EncodingKind::kSingleByte,
     "iso-8859-3 csisolatin3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3", "ibm-913_P100-2000",
     nullptr},
    {EncodingKind::kSingleByte,
     "iso-8859-4 csisolatin4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4", "ibm-914_P100-1995",
     nullptr},
    {EncodingKind::kSingleByte,
     "iso-8859-5 csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
     "ibm-915_P100-1995", nullptr},
    {EncodingKind::kSingleByte,
     "iso-8859-6 arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e "
     "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
     "ibm-1089_P100-1995", nullptr},
    {EncodingKind::kSingleByte,
     "iso-8859-7 csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso8859-7 iso88597 iso_8859-7 "
     "iso_8859-7:1987 sun_eu_greek",
     "ibm-9005_X110-2007", nullptr},
    {EncodingKind::kSingleByte,
     "iso-8859-8 csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso8859-8 iso88598 "
     "iso_8859-8 iso_8859-8:1988 visual",
     "ibm-5012_P100-1999", nullptr},
    {EncodingKind::kSingleByte, "iso-8859-8-i csiso88598i logical", "ibm-5012_P100-1999", nullptr},
    {EncodingKind::kSingleByte, "iso-8859-10 csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6", "iso-8859_10-1998",
     nullptr},
    {EncodingKind::kSingleByte, "iso-8859-13 iso8859-13 iso885913", "ibm-921_P100-1995", nullptr},
    {EncodingKind::kSingleByte, "iso-8859-14 iso8859-14 iso885914", "iso-8859_14-1998", nullptr},
    {EncodingKind::kSingleByte, "iso-8859-15 csisolatin9 iso8859-15 iso885915 iso_8859-15 l9", "ibm-923_P100-1998",
     nullptr},
    {EncodingKind::kSingleByte, "iso-8859-16", "ibm-923_P100-1998",
     u"\xA1\x0104\xA2\x0105\xA3\x0141\xA5\x201E\xAA\x0218\xAC\x0179\xAE\x017A\xAF\x017B\xB2\x010C\xB3\x0142\xB5\x201D"
     u"\xB9\x010D\xBA\x0219\xBF\x017C\xC3\x0102\xC5\x0106\xD0\x0110\xD1\x0143\xD5\x0150\xD7\x015A\xD8\x0170\xDD\x0118"
     u"\xDE\x021A\xE3\x0103\xE5\x0107\xF0\x0111\xF1\x0144\xF5\x0151\xF7\x015B\xF8\x0171\xFD\x0119\xFE\x021B"},
    {EncodingKind::kSingleByte, "koi8-r cskoi8r koi koi8 koi8_r", "ibm-878_P100-1996", nullptr},
    {EncodingKind::kSingleByte, "koi8-u koi8-ru", "ibm-1168_P100-2002", u"\xAE\x045E\xBE\x040E"},
    {EncodingKind::kSingleByte, "macintosh csmacintosh mac x-mac-roman", "macos-0_2-10.2", nullptr},
    {EncodingKind::kSingleByte, "windows-874 dos-874 iso-8859-11 iso8859-11 iso885911 tis-620", "ibm-1162_P100-1999",
     nullptr},
    {EncodingKind::kSingleByte, "windows-1250 cp1250 x-cp1250", "ibm-5346_P100-1998", nullptr},
    {EncodingKind::kSingleByte, "windows-1251 cp1251 x-cp1251", "ibm-5347_P100-1998", nullptr},
    {EncodingKind::kSingleByte,
     "windows-1252 ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 "
     "iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii x-cp1252",
     "ibm-5348_P100-1997", nullptr},
    {EncodingKind::kSingleByte, "windows-1253 cp1253 x-cp1253", "ibm-5349_P100-1998", u"\xAA\xFFFD"},
    {EncodingKind::kSingleByte,
     "windows-1254 cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 "
     "l5 latin5 x-cp1254",
     "ibm-5350_P100-1998", nullptr},
    {EncodingKind::kSingleByte, "windows-1255 cp1255 x-cp1255", "ibm-9447_P100-2002", u"\xCA\x05BA"},
    {EncodingKind::kSingleByte, "windows-1256 cp1256 x-cp1256", "ibm-9448_X100-2005", nullptr},
    {EncodingKind::kSingleByte, "windows-1257 cp1257 x-cp1257", "ibm-9449_P100-2002", nullptr},
    {EncodingKind::kSingleByte, "windows-1258 cp1258 x-cp1258", "ibm-5354_P100-1998", nullptr},
    {EncodingKind::kSingleByte, "x-mac-cyrillic x-mac-ukrainian", "macos-7_3-10.2", nullptr},
    {EncodingKind::kGb18030, "gbk chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk", nullptr,
     nullptr},
    {EncodingKind::kGb18030, "gb18030", nullptr, nullptr},
    {EncodingKind::kBig5, "big5 big5-hkscs cn-big5 csbig5 x-x-big5", nullptr, nullptr},
    {EncodingKind::kEucJp, "euc-jp cseucpkdfmtjapanese x-euc-jp", nullptr, nullptr},
    {EncodingKind::kIso2022Jp, "iso-2022-jp csiso2022jp", nullptr, nullptr},
    {EncodingKind::kShiftJis, "shift_jis csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis", nullptr,
     nullptr},
    {EncodingKind::kEucKr,
     "euc-kr cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 "
     "windows-949",
     nullptr, nullptr},
    {EncodingKind::kUtf16Be, "utf-16be unicodefffe", nullptr, nullptr},
    {EncodingKind::kUtf16Le, "utf-16le csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16", nullptr, nullptr},
    {EncodingKind::kUserDefined, "x-user-defined", nullptr, nullptr},
};

int EncodingOf(std::string_view label) {
  constexpr std::string_view kSpace = "\t\n\f\r ";
  size_t first = label.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return -1;
  std::string wanted(label.substr(first, label.find_last_not_of(kSpace) + 1 - first));
  if (wanted.find(' ') != std::string::npos) return -1;
  for (char &c : wanted) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  for (size_t i = 0; i < kEncodings; ++i) {
    std::string_view labels = kEncodingTable[i].labels;
    for (size_t at = labels.find(wanted); at != std::string_view::npos; at = labels.find(wanted, at + 1)) {
      size_t end = at + wanted.size();
      if ((at == 0 || labels[at - 1] == ' ') && (end == labels.size() || labels[end] == ' ')) {
        return static_cast<int>(i);
      }
    }
  }
  return -1;
}

}  // namespace ci
