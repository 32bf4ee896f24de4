// SPDX-License-Identifier: Apache-2.0
// V8's page allocator with the bookkeeping of who holds which pages.
#ifndef CSHIM_PAGES_H
#define CSHIM_PAGES_H

#include <v8-platform.h>

#include <map>
#include <memory>
#include <mutex>

#include "ledger.h"

namespace ci {

// Charges pages to the isolate that the allocating thread is inside.
class PageAllocator final : public v8::PageAllocator {
 public:
  explicit PageAllocator(v8::PageAllocator *inner) : inner_(inner) {}

  size_t AllocatePageSize() override { return inner_->AllocatePageSize(); }
  size_t CommitPageSize() override { return inner_->CommitPageSize(); }
  void SetRandomMmapSeed(int64_t seed) override { inner_->SetRandomMmapSeed(seed); }
  void *GetRandomMmapAddr() override { return inner_->GetRandomMmapAddr(); }
  void *AllocatePages(void *hint, size_t length, size_t alignment, Permission permissions) override;
  bool FreePages(void *address, size_t length) override;
  bool ReleasePages(void *address, size_t length, size_t new_length) override;
  bool SetPermissions(void *address, size_t length, Permission permissions) override;
  bool DiscardSystemPages(void *address, size_t size) override { return inner_->DiscardSystemPages(address, size); }
  bool DecommitPages(void *address, size_t size) override { return inner_->DecommitPages(address, size); }

  // Gives the heap and the wasm memories of a lost isolate back to the system; nobody uses them any more.
  // What it took when it was made stays: the read-only heap may be among it, which all isolates share. So does wasm
  // code, which isolates with the same module share.
  void Reclaim(const Ledger &ledger);

 private:
  struct Region {
    size_t length;
    size_t charged;
    Holding holding;
    bool is_initial;
    std::shared_ptr<Ledger> ledger;
  };
  bool Commit(uintptr_t address, size_t length);
  void Forget(Region &region);

  v8::PageAllocator *const inner_;
  std::mutex mutex_;
  std::map<uintptr_t, Region> regions_;
};

}  // namespace ci

#endif
