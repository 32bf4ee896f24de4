// SPDX-License-Identifier: Apache-2.0
// What the shim keeps for one isolate.
#ifndef CSHIM_STATE_H
#define CSHIM_STATE_H

#include <v8.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cisolate/context.h"
#include "cisolate/isolate.h"
#include "cisolate/module.h"
#include "handles.h"
#include "ledger.h"
#include "platform.h"
#include "watchdog.h"

namespace ci {

// Counts bytes, and refuses those past the limit.
class ArrayBufferAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  explicit ArrayBufferAllocator(ci_isolate *owner) : owner_(owner) {}
  void *Allocate(size_t length) override { return Take(length, true); }
  void *AllocateUninitialized(size_t length) override { return Take(length, false); }
  void Free(void *data, size_t) override { Ledger::FreeBlock(data); }
  // V8's next allocation is this block, which is written already.
  void GiveNext(void *block) { next_ = block; }

 private:
  void *Take(size_t length, bool zeroed);
  ci_isolate *const owner_;
  void *next_ = nullptr;
};

class Job;

struct ContextCell {
  v8::Global<v8::Context> context;
  // The prelude's exports; empty in a bare context.
  v8::Global<v8::Object> exports;
  bool allows_wasm = false;
  // What the parts of the prelude that were loaded expose, by part.
  std::vector<v8::Global<v8::Object>> parts;
  // %Error.prototype.toString%, as it was before any script.
  v8::Global<v8::Function> error_to_string;
  std::deque<v8::Global<v8::Value>> uncaught;
  // Rejected promises without a handler, until the end of the microtask checkpoint.
  std::vector<std::pair<v8::Global<v8::Promise>, v8::Global<v8::Value>>> rejected;
  // Those that got a handler after they had been reported, until then too.
  std::vector<v8::Global<v8::Promise>> handled;
};

struct ModuleRequestCell {
  std::string specifier;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<ci_attribute_t> attribute_slices;
  int line = 0;
  int column = 0;
  ci_module_id_t target = 0;
};

struct ModuleCell {
  v8::Global<v8::Module> module;
  ci_context_id_t context = 0;
  std::string url;
  std::vector<ModuleRequestCell> requests;
  // From specifier and attributes to the index in `requests`.
  std::unordered_map<std::string, size_t> request_index;
  // For the code cache, which outlives the module's own states; empty in a synthetic module.
  v8::Global<v8::UnboundModuleScript> script;
  // The `default` export of a synthetic module.
  v8::Global<v8::Value> value;
};

struct FunctionCell {
  v8::Global<v8::Function> function;
  v8::Global<v8::Value> receiver;
  ci_context_id_t context = 0;
};

struct PromiseCell {
  v8::Global<v8::Promise> promise;
  // Empty for a promise of JavaScript's own.
  v8::Global<v8::Promise::Resolver> resolver;
  ci_context_id_t context = 0;
};

struct ImportCell {
  v8::Global<v8::Promise::Resolver> resolver;
  ci_context_id_t context = 0;
};

struct ExceptionCell {
  v8::Global<v8::Value> value;
};

// The locks and scopes of a turn.
struct TurnScope {
  explicit TurnScope(v8::Isolate *isolate) : locker(isolate), scope(isolate) {}
  v8::Locker locker;
  v8::Isolate::Scope scope;
};

}  // namespace ci

struct ci_isolate {
  ci_isolate_options_t options;
  // What the host calls it, for crash reports.
  char name[128] = {};
  std::shared_ptr<ci::Ledger> ledger;
  ci::ArrayBufferAllocator allocator{this};
  v8::Isolate *isolate = nullptr;
  std::shared_ptr<ci::TaskRunner> tasks;
  ci_terminator *terminator = nullptr;

  ci::WatchdogSlot slot;
  std::optional<ci::TurnScope> turn;
  ci::ThreadState outside_turn;
  uint64_t turn_wall_start = 0;
  bool is_initialized = false;
  std::atomic<uint64_t> cpu_spent{0};
  std::atomic<uint64_t> wall_spent{0};
  // ci_termination_t of the turn under way.
  std::atomic<int> termination{CI_TERMINATION_NONE};
  // ci_limit_t bits of the soft limits passed in this turn, and of those JavaScript has still to hear of.
  std::atomic<uint32_t> approached{0};
  std::atomic<uint32_t> unheard{0};
  size_t peak_used_heap = 0;
  // Since the last reading.
  size_t recent_used_heap = 0;
  void NoteUsedHeap(size_t n) {
    peak_used_heap = std::max(peak_used_heap, n);
    recent_used_heap = std::max(recent_used_heap, n);
  }
  uint64_t time_origin = 0;
  double time_origin_wall = 0;
  double frozen_milliseconds = 0;

  ci::HandleTable<ci::ContextCell> contexts;
  ci::HandleTable<ci::ModuleCell> modules;
  ci::HandleTable<ci::FunctionCell> functions;
  ci::HandleTable<ci::PromiseCell> promises;
  ci::HandleTable<ci::ExceptionCell> exceptions;
  ci::HandleTable<ci::ImportCell> imports;
  std::unordered_multimap<int, ci_module_id_t> modules_by_hash;
  // Computations that JavaScript asked for and has not fetched, by the numbers it knows them by.
  std::unordered_map<uint32_t, std::shared_ptr<ci::Job>> jobs;
  uint32_t last_job = 0;
  // Of the generator that a seed was given to (random.cc).
  uint64_t random_state = 0;

  static ci_isolate *Of(v8::Isolate *isolate) { return static_cast<ci_isolate *>(isolate->GetData(0)); }

  bool terminating() const { return termination.load(std::memory_order_relaxed) != CI_TERMINATION_NONE; }
  // Ends the turn under way for a reason; the first reason stays.
  void Terminate(ci_termination_t reason);
  // Has the isolate's thread judge its memory, at V8's next look at interrupts. Any thread.
  void AskForJudgement();
  // Collects garbage, and ends the turn where the limit is passed all the same. On the isolate's thread.
  void Judge();
  // A soft limit is passed: JavaScript hears of it in a microtask. Any thread.
  void Approach(ci_limit_t limit);
  bool lost() const { return slot.loss.load(std::memory_order_acquire) != CI_LOSS_NONE; }
  // Moves a frozen clock on.
  void Tick();
  double Now() const;
};

namespace ci {

// A context's id, found from V8's side.
ci_context_id_t IdOf(v8::Local<v8::Context> context);
void SetId(v8::Local<v8::Context> context, ci_context_id_t id);

// Notes an error that nothing caught.
void ReportUncaught(ci_isolate *self, v8::Local<v8::Context> context, v8::Local<v8::Value> value);
// Notes what happened to a promise: a rejection without a handler, or a handler after it.
void OnRejection(v8::PromiseRejectMessage message);
// Drains microtasks, then tells the prelude of rejections; those that are nobody's become uncaught errors. False when
// terminated.
bool Checkpoint(ci_isolate *self);

}  // namespace ci

#endif
