// SPDX-License-Identifier: Apache-2.0
#include "ledger.h"

#include <algorithm>
#include <cstdlib>
#include <unordered_set>

#include "cisolate/native_memory.h"
#include "park.h"
#include "spare_blocks.h"
#include "state.h"

namespace ci {

namespace {

constexpr size_t kLongestBlock = (size_t{1} << 48) - 1 - sizeof(BlockHeader);

// All ledgers of the process. Never destroyed: memory is freed until the process ends.
struct Registry {
  std::mutex mutex;
  std::unordered_set<Ledger *> ledgers;
};
Registry &TheRegistry() {
  static auto *registry = new Registry;
  return *registry;
}

template <typename Read>
size_t SumOfAll(Read read) {
  ShimScope shim;
  Registry &registry = TheRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  size_t sum = 0;
  for (const Ledger *ledger : registry.ledgers) sum += read(*ledger);
  return sum;
}

uint64_t NextSerial() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool IsNative(Holding holding) { return holding == Holding::kZones || holding == Holding::kNative; }
bool IsExternal(Holding holding) { return holding == Holding::kArrayBuffers || holding == Holding::kWasmMemory; }

}  // namespace

Ledger::Ledger(size_t limit, ci_isolate *owner) : limit_(limit), serial_(NextSerial()), owner_(owner) {}

std::shared_ptr<Ledger> Ledger::New(size_t limit, ci_isolate *owner) {
  ShimScope shim;
  std::shared_ptr<Ledger> ledger(new Ledger(limit, owner));
  ledger->self_ = ledger;
  ledger->Live(1);
  ledger->Rearm();
  Registry &registry = TheRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  registry.ledgers.insert(ledger.get());
  return ledger;
}

Ledger::~Ledger() {
  ShimScope shim;
  Registry &registry = TheRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  registry.ledgers.erase(this);
}

std::shared_ptr<Ledger> Ledger::shared() { return self_; }

size_t Ledger::HeldByAll() {
  return SumOfAll([](const Ledger &ledger) { return ledger.total(); });
}

size_t Ledger::MappingsOfAll() {
  // A region is up to three: what is usable, what is not, and a gap. A heap that grew has one for each chunk.
  constexpr size_t kChunk = 256 * 1024;
  constexpr size_t kChunksAtRest = 6;
  return MappedBlocks() + SumOfAll([](const Ledger &ledger) {
           size_t chunks = ledger.of(Holding::kHeapPages).value() / kChunk;
           return 3 * ledger.regions() + (chunks > kChunksAtRest ? chunks - kChunksAtRest : 0);
         });
}

void Ledger::Charge(Holding holding, size_t n) {
  meters_[static_cast<size_t>(holding)].Add(n);
  if (IsExternal(holding)) external_.Add(n);
  size_t now = total_.Add(n);
  if (limit_ == 0) return;
  if (now > judge_at_.load(std::memory_order_relaxed)) AskForJudgement();
  bool is_hard = now > limit_ + kOvershoot;
  if (!is_hard && IsNative(holding)) {
    is_hard = of(Holding::kZones).value() + of(Holding::kNative).value() > limit_ + kNativeOvershoot;
  }
  if (is_hard && MayPark()) Park(CI_LOSS_MEMORY);
}

void Ledger::Discharge(Holding holding, size_t n) {
  meters_[static_cast<size_t>(holding)].Remove(n);
  if (IsExternal(holding)) external_.Remove(n);
  total_.Remove(n);
}

bool Ledger::Admits(size_t n) {
  if (limit_ == 0 || (n <= limit_ && total() <= limit_ - n)) {
    refusals_ = 0;
    return true;
  }
  refusals_ = n == refused_length_ ? refusals_ + 1 : 1;
  refused_length_ = n;
  if (gave_up()) NoteRefusal();
  return false;
}

bool Ledger::AddRegion(size_t length) {
  size_t count = regions_.fetch_add(1, std::memory_order_relaxed) + 1;
  size_t reserved = reserved_.fetch_add(length, std::memory_order_relaxed) + length;
  if (limit_ == 0) return true;
  if (count > kMostRegions && !awaits_judgement()) AskForJudgement();
  if (count > 2 * kMostRegions && MayPark()) Park(CI_LOSS_MEMORY);
  // What V8 makes do with is no larger than what the isolate may hold.
  if (reserved <= kMostReserved || length <= limit_) return true;
  RemoveRegion(length);
  return false;
}

void Ledger::RemoveRegion(size_t length) {
  regions_.fetch_sub(1, std::memory_order_relaxed);
  reserved_.fetch_sub(length, std::memory_order_relaxed);
}

void Ledger::AskForJudgement() {
  if (judge_at_.exchange(kNever) == kNever) return;
  ShimScope shim;
  std::lock_guard<std::mutex> lock(mutex_);
  if (owner_) owner_->AskForJudgement();
}

void Ledger::Rearm() {
  if (limit_ == 0) return;
  // Near the limit the next question comes soon; V8 collects each time.
  size_t now = total();
  judge_at_.store(now <= soft_limit() ? soft_limit() : std::min(now + limit_ / 32, limit_));
}

void Ledger::Abandon() {
  {
    ShimScope shim;
    std::lock_guard<std::mutex> lock(mutex_);
    owner_ = nullptr;
  }
  Die(1);
}

void Ledger::Die(size_t n) {
  if (meters_[static_cast<size_t>(Holding::kNative)].Remove(n) > 0) return;
  // The last one: nobody else finds the ledger any more.
  ShimScope shim;
  auto self = std::move(self_);
}

void Ledger::DischargeNative(size_t n) {
  total_.Remove(n);
  Die(n);
}

void *Ledger::NewBlock(Holding holding, size_t size, bool zeroed) {
  Charge(holding, size);
  ShimScope shim;
  Memory memory = {};
  if (size <= kLongestBlock) memory = TakeMemory(size + sizeof(BlockHeader), serial_, zeroed);
  if (!memory.start) {
    Discharge(holding, size);
    return nullptr;
  }
  auto *block = static_cast<BlockHeader *>(memory.start);
  std::lock_guard<std::mutex> lock(mutex_);
  *block = {this, size, static_cast<size_t>(holding), false, 0, memory.is_mapped, nullptr, blocks_};
  if (blocks_) blocks_->previous = block;
  blocks_ = block;
  Live(1);
  return block + 1;
}

void Ledger::Unlink(BlockHeader *block) {
  (block->previous ? block->previous->next : blocks_) = block->next;
  if (block->next) block->next->previous = block->previous;
}

void Ledger::FreeBlock(void *memory) {
  ShimScope shim;
  BlockHeader *block = static_cast<BlockHeader *>(memory) - 1;
  Ledger *ledger = block->ledger;
  {
    std::lock_guard<std::mutex> lock(ledger->mutex_);
    if (block->shares > 0) {
      --block->shares;
      return;
    }
    if (!block->is_given) ledger->Unlink(block);
  }
  size_t size = block->size;
  ledger->Discharge(static_cast<Holding>(block->holding), size);
  GiveMemory({block, block->is_mapped != 0}, size + sizeof(BlockHeader), ledger->serial_);
  ledger->Die(1);
}

void Ledger::GiveAway(void *memory, size_t shares) {
  ShimScope shim;
  BlockHeader *block = static_cast<BlockHeader *>(memory) - 1;
  std::lock_guard<std::mutex> lock(block->ledger->mutex_);
  block->ledger->Unlink(block);
  block->is_given = true;
  block->shares = shares;
}

void Ledger::FreeBlocks() {
  ShimScope shim;
  std::lock_guard<std::mutex> lock(mutex_);
  while (BlockHeader *block = blocks_) {
    blocks_ = block->next;
    size_t size = block->size;
    Discharge(static_cast<Holding>(block->holding), size);
    GiveMemory({block, block->is_mapped != 0}, size + sizeof(BlockHeader), serial_);
    Die(1);  // not the last: who frees has a share
  }
}

}  // namespace ci

void *ci_native_charge(size_t bytes) {
  const ci::ThreadState &thread = ci::CurrentThread();
  ci::Ledger *ledger = thread.ledger;
  if (!ledger || thread.uncharged) return nullptr;
  ledger->ChargeNative(bytes);
  return ledger;
}

void ci_native_discharge(void *owner, size_t bytes) { static_cast<ci::Ledger *>(owner)->DischargeNative(bytes); }

void *ci_memory_allocate(size_t bytes) {
  static auto *unbounded = new std::shared_ptr<ci::Ledger>(ci::Ledger::New(0, nullptr));
  void *memory = (*unbounded)->NewBlock(ci::Holding::kArrayBuffers, bytes, false);
  if (memory) ci::Ledger::GiveAway(memory, 0);
  return memory;
}

void ci_memory_free(void *memory) { ci::Ledger::FreeBlock(memory); }
