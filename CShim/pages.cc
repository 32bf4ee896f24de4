// SPDX-License-Identifier: Apache-2.0
#include "pages.h"

#include <algorithm>

#include "platform.h"

namespace ci {

namespace {
// What V8 10.2 aligns heap chunks and wasm memories to. Its smaller things are its own.
constexpr size_t kHeapAlignment = 256 * 1024;
constexpr size_t kWasmAlignment = 64 * 1024;
}  // namespace

void *PageAllocator::AllocatePages(void *hint, size_t length, size_t alignment, Permission permissions) {
  void *address = inner_->AllocatePages(hint, length, alignment, permissions);
  const auto &ledger = CurrentThread().ledger;
  // A code range is a reservation that never costs what it spans.
  if (!address || !ledger || permissions == kNoAccessWillJitLater || alignment < kWasmAlignment) return address;
  Region region{length, 0, alignment >= kHeapAlignment ? Kind::kHeap : Kind::kWasm, ledger};
  if (region.kind == Kind::kHeap) {
    region.committed = length;
    ledger->AddHeapPages(length);
  }
  std::lock_guard<std::mutex> lock(mutex_);
  regions_[reinterpret_cast<uintptr_t>(address)] = std::move(region);
  return address;
}

void PageAllocator::Discharge(const Region &region, size_t bytes) {
  if (region.kind == Kind::kHeap) {
    region.ledger->heap_pages.Remove(bytes);
  } else {
    region.ledger->wasm_memory.Remove(bytes);
    region.ledger->external.Remove(bytes);
  }
}

bool PageAllocator::FreePages(void *address, size_t length) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = regions_.find(reinterpret_cast<uintptr_t>(address));
    if (found != regions_.end()) {
      Discharge(found->second, found->second.committed);
      regions_.erase(found);
    }
  }
  return inner_->FreePages(address, length);
}

bool PageAllocator::ReleasePages(void *address, size_t length, size_t new_length) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = regions_.find(reinterpret_cast<uintptr_t>(address));
    if (found != regions_.end() && found->second.committed > new_length) {
      Discharge(found->second, found->second.committed - new_length);
      found->second.committed = new_length;
    }
  }
  return inner_->ReleasePages(address, length, new_length);
}

// Charges what of a wasm memory becomes usable; heap regions were charged whole.
bool PageAllocator::Commit(uintptr_t address, size_t length) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto next = regions_.upper_bound(address);
  if (next == regions_.begin()) return true;
  auto &[base, region] = *std::prev(next);
  if (region.kind != Kind::kWasm || address >= base + region.length) return true;
  size_t end = address + length - base;
  if (end <= region.committed) return true;
  size_t more = end - region.committed;
  if (!region.ledger->Admits(more)) return false;
  region.ledger->wasm_memory.Add(more);
  region.ledger->external.Add(more);
  region.committed = end;
  return true;
}

bool PageAllocator::SetPermissions(void *address, size_t length, Permission permissions) {
  if (permissions == kReadWrite && !Commit(reinterpret_cast<uintptr_t>(address), length)) return false;
  return inner_->SetPermissions(address, length, permissions);
}

}  // namespace ci
