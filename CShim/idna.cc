// SPDX-License-Identifier: Apache-2.0
#include "idna.h"

#include <unicode/uidna.h>

#include "thread_state.h"

namespace ci {

namespace {

// ICU takes time that grows with the square of the length, for many labels or combining marks: some milliseconds for
// so many bytes. A name that DNS can resolve has a few hundred.
constexpr size_t kLongestDomain = 8192;

// CheckHyphens and VerifyDnsLength are off.
constexpr uint32_t kAccepted = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG |
                               UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;

// Null where ICU's data cannot be read. Made once and never changed: any thread may use it.
const UIDNA *Mapping() {
  static const UIDNA *const mapping = [] {
    ShimScope shim;  // ICU holds locks while it reads its data
    UErrorCode status = U_ZERO_ERROR;
    UIDNA *opened = uidna_openUTS46(
        UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
        &status);
    return U_SUCCESS(status) ? opened : nullptr;
  }();
  return mapping;
}

}  // namespace

bool DomainToASCII(std::string_view utf8, std::string *out) {
  const UIDNA *mapping = Mapping();
  if (!mapping || utf8.size() > kLongestDomain) return false;
  out->resize(utf8.size() * 2 + 64);
  for (;;) {
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = uidna_nameToASCII_UTF8(mapping, utf8.data(), static_cast<int32_t>(utf8.size()), out->data(),
                                            static_cast<int32_t>(out->size()), &info, &status);
    if (status == U_BUFFER_OVERFLOW_ERROR && static_cast<size_t>(length) > out->size()) {
      out->resize(static_cast<size_t>(length));
      continue;
    }
    if (U_FAILURE(status) || (info.errors & ~kAccepted)) return false;
    out->resize(static_cast<size_t>(length));
    return true;
  }
}

}  // namespace ci
