// SPDX-License-Identifier: Apache-2.0
#include "pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <vector>

#include "state.h"

namespace ci {

namespace {

// What V8 10.2 aligns heap chunks and wasm memories to; wasm code comes in smaller alignments.
Holding HoldingOf(size_t alignment) {
  if (alignment >= 256 * 1024) return Holding::kHeapPages;
  return alignment >= 64 * 1024 ? Holding::kWasmMemory : Holding::kWasmCode;
}

// Code, of wasm modules and of the heap's own code range, is bounded by what of it is used: V8 would end the process
// where it is refused.
size_t ReservedBy(Holding holding, size_t length) { return holding == Holding::kWasmMemory ? length : 0; }

}  // namespace

void *PageAllocator::AllocatePages(void *hint, size_t length, size_t alignment, Permission permissions) {
  const ThreadState &thread = CurrentThread();
  if (!thread.ledger) return inner_->AllocatePages(hint, length, alignment, permissions);
  Holding holding = HoldingOf(alignment);
  bool is_initial = thread.isolate && !thread.isolate->is_initialized;
  // First, because it may not return: what is not mapped need not be given back.
  if (holding == Holding::kHeapPages) {
    thread.ledger->Charge(holding, length);
  } else if (!thread.ledger->AddRegion(ReservedBy(holding, length))) {
    return nullptr;
  }
  ShimScope shim;
  void *address = inner_->AllocatePages(hint, length, alignment, permissions);
  Region region{length, holding == Holding::kHeapPages ? length : 0, holding, is_initial, thread.ledger->shared()};
  if (!address) {
    Forget(region);
    return nullptr;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  regions_[reinterpret_cast<uintptr_t>(address)] = std::move(region);
  return address;
}

void PageAllocator::Forget(Region &region) {
  region.ledger->Discharge(region.holding, region.charged);
  if (region.holding != Holding::kHeapPages) region.ledger->RemoveRegion(ReservedBy(region.holding, region.length));
}

bool PageAllocator::FreePages(void *address, size_t length) {
  ShimScope shim;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = regions_.find(reinterpret_cast<uintptr_t>(address));
    if (found != regions_.end()) {
      Forget(found->second);
      regions_.erase(found);
    }
  }
  return inner_->FreePages(address, length);
}

bool PageAllocator::ReleasePages(void *address, size_t length, size_t new_length) {
  ShimScope shim;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = regions_.find(reinterpret_cast<uintptr_t>(address));
    if (found != regions_.end() && found->second.charged > new_length) {
      found->second.ledger->Discharge(found->second.holding, found->second.charged - new_length);
      found->second.charged = new_length;
    }
  }
  return inner_->ReleasePages(address, length, new_length);
}

// Charges what of a wasm region becomes usable; heap regions were charged whole.
bool PageAllocator::Commit(uintptr_t address, size_t length) {
  ShimScope shim;
  std::lock_guard<std::mutex> lock(mutex_);
  auto next = regions_.upper_bound(address);
  if (next == regions_.begin()) return true;
  auto &[base, region] = *std::prev(next);
  if (region.holding == Holding::kHeapPages || address >= base + region.length) return true;
  size_t end = address + length - base;
  if (end <= region.charged) return true;
  size_t more = end - region.charged;
  // Code cannot be refused: V8 would end the process.
  if (region.holding == Holding::kWasmMemory && !region.ledger->Admits(more)) {
    region.ledger->NoteRefusal();
    return false;
  }
  region.ledger->Charge(region.holding, more);
  region.charged = end;
  return true;
}

bool PageAllocator::SetPermissions(void *address, size_t length, Permission permissions) {
  bool makes_usable = permissions == kReadWrite || permissions == kReadWriteExecute;
  if (makes_usable && !Commit(reinterpret_cast<uintptr_t>(address), length)) return false;
  return inner_->SetPermissions(address, length, permissions);
}

void PageAllocator::Reclaim(const Ledger &ledger) {
  ShimScope shim;
  std::vector<std::pair<uintptr_t, Region>> lost;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto it = regions_.begin(); it != regions_.end();) {
      const Region &region = it->second;
      bool is_private = !region.is_initial && region.holding != Holding::kWasmCode;
      if (region.ledger.get() != &ledger || !is_private) {
        ++it;
        continue;
      }
      lost.emplace_back(it->first, region);
      it = regions_.erase(it);
    }
  }
  // In pieces: the kernel's lock of the address space is everybody's.
  constexpr size_t kPiece = size_t{4} << 20;
  for (auto &[base, region] : lost) {
    for (size_t offset = 0; offset < region.length; offset += kPiece) {
      void *piece = reinterpret_cast<void *>(base + offset);
      madvise(piece, std::min(kPiece, region.length - offset), MADV_DONTNEED);
    }
    mprotect(reinterpret_cast<void *>(base), region.length, PROT_NONE);
    Forget(region);
  }
}

}  // namespace ci
