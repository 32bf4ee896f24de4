// SPDX-License-Identifier: Apache-2.0
// Domain names in Unicode (UTS #46), by ICU.
#ifndef CSHIM_IDNA_H
#define CSHIM_IDNA_H

#include <string>
#include <string_view>

namespace ci {

// UTS #46 ToASCII as the URL Standard asks for it without beStrict. False where it refuses the domain.
bool DomainToASCII(std::string_view utf8, std::string *out);

}  // namespace ci

#endif
