// SPDX-License-Identifier: Apache-2.0
// Whose code an instruction pointer is in.
#ifndef CSHIM_TEXT_MAP_H
#define CSHIM_TEXT_MAP_H

#include <cstdint>

namespace ci {

enum class Code {
  // In libnode, V8's built-ins included.
  kEngine,
  // In no library: V8 generated it.
  kGenerated,
  // In ICU, which V8 calls.
  kUnicode,
  // In any other library or in the program.
  kOther,
};

// Reads which libraries are loaded. Before the first CodeAt, and again when libraries may have come.
void ReadTextMap();

// Thread: any, also in a signal handler.
Code CodeAt(uintptr_t instruction);

}  // namespace ci

#endif
