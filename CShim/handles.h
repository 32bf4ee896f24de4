// SPDX-License-Identifier: Apache-2.0
// Tables of things that the host names by id.
#ifndef CSHIM_HANDLES_H
#define CSHIM_HANDLES_H

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace ci {

// Ids carry the slot and its generation: a stale id finds nothing. 0 is never an id.
template <typename T>
class HandleTable {
 public:
  uint64_t Add(T value) {
    uint32_t index;
    if (free_.empty()) {
      index = static_cast<uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      index = free_.back();
      free_.pop_back();
    }
    Slot &slot = slots_[index];
    slot.value = std::make_unique<T>(std::move(value));
    return Id(index, slot.generation);
  }

  T *Find(uint64_t id) {
    uint32_t index = static_cast<uint32_t>(id);
    if (index >= slots_.size() || slots_[index].generation != id >> 32) return nullptr;
    return slots_[index].value.get();
  }

  void Remove(uint64_t id) {
    if (!Find(id)) return;
    Slot &slot = slots_[static_cast<uint32_t>(id)];
    slot.value.reset();
    ++slot.generation;
    free_.push_back(static_cast<uint32_t>(id));
  }

  template <typename Predicate>
  void RemoveIf(Predicate predicate) {
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].value && predicate(*slots_[i].value)) Remove(Id(static_cast<uint32_t>(i), slots_[i].generation));
    }
  }

  template <typename Visit>
  void ForEach(Visit visit) {
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].value) visit(*slots_[i].value);
    }
  }

  void Clear() {
    slots_.clear();
    free_.clear();
  }

 private:
  struct Slot {
    std::unique_ptr<T> value;
    uint64_t generation = 1;
  };
  static uint64_t Id(uint32_t index, uint64_t generation) { return generation << 32 | index; }

  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};

}  // namespace ci

#endif
