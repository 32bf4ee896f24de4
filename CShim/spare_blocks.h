// SPDX-License-Identifier: Apache-2.0
// Memory for large blocks. What is freed is kept for the next one, up to a bound: the kernel takes longer to bring up
// pages that are new to the process than it takes to clear these. And malloc's arenas would keep far more of it.
#ifndef CSHIM_SPARE_BLOCKS_H
#define CSHIM_SPARE_BLOCKS_H

#include <cstddef>
#include <cstdint>

namespace ci {

struct Memory {
  // Null without memory.
  void *start;
  // It is a mapping of its own.
  bool is_mapped;
};

// So many bytes. What was kept has no bytes of another owner. Any thread; not charged.
Memory TakeMemory(size_t size, uint64_t owner, bool zeroed);

// Takes back what TakeMemory gave for this size.
void GiveMemory(Memory memory, size_t size, uint64_t owner);

// Mappings there are, at the most.
size_t MappedBlocks();

}  // namespace ci

#endif
