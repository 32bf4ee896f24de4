// SPDX-License-Identifier: Apache-2.0
// What one isolate holds, charged where it is allocated.
#ifndef CSHIM_LEDGER_H
#define CSHIM_LEDGER_H

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ci {

// A sum with its maximum. Any thread.
class Meter {
 public:
  void Add(size_t n) {
    size_t now = value_.fetch_add(n, std::memory_order_relaxed) + n;
    size_t peak = peak_.load(std::memory_order_relaxed);
    while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
    }
  }
  void Remove(size_t n) { value_.fetch_sub(n, std::memory_order_relaxed); }
  size_t value() const { return value_.load(std::memory_order_relaxed); }
  size_t peak() const { return peak_.load(std::memory_order_relaxed); }

 private:
  std::atomic<size_t> value_{0};
  std::atomic<size_t> peak_{0};
};

struct Ledger {
  // 0: nothing is refused.
  size_t limit = 0;
  // Ends the script's turn. Called by the thread that is inside the isolate, maybe in a collection.
  void (*on_excess)(void *isolate) = nullptr;
  void *isolate = nullptr;
  Meter heap_pages;
  Meter array_buffers;
  Meter wasm_memory;
  Meter external;  // array_buffers + wasm_memory, for its peak
  std::atomic<bool> refused{false};

  // The V8 heap took `n` bytes of pages. V8 cannot be refused them, so that too much ends the turn. Its own
  // limit counts objects: pages are half empty at times, for which there is a sixteenth of room.
  void AddHeapPages(size_t n) {
    heap_pages.Add(n);
    size_t held = external.value();
    if (limit && on_excess && held && heap_pages.value() + held > limit + limit / 16) on_excess(isolate);
  }

  // Whether `n` more bytes outside the V8 heap stay within the limit; notes a refusal.
  bool Admits(size_t n) {
    if (limit == 0 || (n <= limit && heap_pages.value() + external.value() <= limit - n)) return true;
    refused.store(true, std::memory_order_relaxed);
    return false;
  }
};

}  // namespace ci

#endif
