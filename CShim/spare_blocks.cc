// SPDX-License-Identifier: Apache-2.0
#include "spare_blocks.h"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace ci {

namespace {

// Sizes are rounded up to a multiple of this, and kept by how many it is.
constexpr size_t kUnit = 64 * 1024;
constexpr size_t kLeast = kUnit / 2;
constexpr size_t kMost = 4 * 1024 * 1024;
// V8 lets the young ArrayBuffers of an isolate be garbage up to this, and then frees all of them.
constexpr size_t kMostKept = 32 * 1024 * 1024;
// The kernel has 65530 mappings for the process, which V8 needs. Past so many blocks are malloc's.
constexpr size_t kMostMapped = 4096;

struct Spare {
  Spare *next;
  uint64_t owner;
};

struct Stock {
  std::mutex mutex;
  std::array<Spare *, kMost / kUnit> spares{};
  size_t kept = 0;
  std::atomic<size_t> mapped{0};
};

// Never destroyed: memory is freed until the process ends.
Stock &TheStock() {
  static auto *stock = new Stock;
  return *stock;
}

bool IsKept(size_t size) { return size >= kLeast && size <= kMost; }
size_t UnitsOf(size_t size) { return (size + kUnit - 1) / kUnit; }

Spare *TakeSpare(Stock &stock, size_t units) {
  std::lock_guard<std::mutex> lock(stock.mutex);
  Spare *spare = stock.spares[units - 1];
  if (!spare) return nullptr;
  stock.spares[units - 1] = spare->next;
  stock.kept -= units * kUnit;
  return spare;
}

bool KeepSpare(Stock &stock, void *memory, size_t units, uint64_t owner) {
  std::lock_guard<std::mutex> lock(stock.mutex);
  if (stock.kept + units * kUnit > kMostKept) return false;
  auto *spare = static_cast<Spare *>(memory);
  *spare = {stock.spares[units - 1], owner};
  stock.spares[units - 1] = spare;
  stock.kept += units * kUnit;
  return true;
}

void *Map(Stock &stock, size_t size) {
  if (stock.mapped.fetch_add(1, std::memory_order_relaxed) < kMostMapped) {
    void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) return memory;
  }
  stock.mapped.fetch_sub(1, std::memory_order_relaxed);
  return nullptr;
}

}  // namespace

Memory TakeMemory(size_t size, uint64_t owner, bool zeroed) {
  if (IsKept(size)) {
    Stock &stock = TheStock();
    size_t units = UnitsOf(size);
    if (Spare *spare = TakeSpare(stock, units)) {
      // All of it: the next one may need more.
      bool is_strange = spare->owner != owner;
      if (is_strange || zeroed) std::memset(static_cast<void *>(spare), 0, is_strange ? units * kUnit : size);
      return {spare, true};
    }
    if (void *memory = Map(stock, units * kUnit)) return {memory, true};
  }
  return {zeroed ? std::calloc(1, size) : std::malloc(size), false};
}

void GiveMemory(Memory memory, size_t size, uint64_t owner) {
  if (!memory.is_mapped) {
    std::free(memory.start);
    return;
  }
  Stock &stock = TheStock();
  size_t units = UnitsOf(size);
  if (KeepSpare(stock, memory.start, units, owner)) return;
  munmap(memory.start, units * kUnit);
  stock.mapped.fetch_sub(1, std::memory_order_relaxed);
}

size_t MappedBlocks() { return TheStock().mapped.load(std::memory_order_relaxed); }

}  // namespace ci
