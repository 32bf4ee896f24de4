// SPDX-License-Identifier: Apache-2.0
#include "cisolate/isolate.h"

#include <time.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "cisolate/engine.h"
#include "engine_state.h"
#include "scopes.h"
#include "values.h"

namespace ci {

void *ArrayBufferAllocator::Take(size_t length, bool zeroed) {
  if (next_) return std::exchange(next_, nullptr);
  Ledger &ledger = *owner_->ledger;
  if (!ledger.Admits(length)) {
    // One that can never fit is the script's to handle; the sum of many is the limit's.
    if (ledger.gave_up() && length <= ledger.limit()) owner_->Terminate(CI_TERMINATION_HEAP);
    return nullptr;
  }
  return ledger.NewBlock(Holding::kArrayBuffers, length, zeroed);
}

namespace {

// V8 retries the allocation that failed, and dies where it still does not fit: the raise must exceed the
// largest single allocation. It is undone by AutomaticallyRestoreInitialHeapLimit.
constexpr size_t kHeapRaise = size_t{2} << 30;

size_t OnNearHeapLimit(void *data, size_t current_limit, size_t) {
  static_cast<ci_isolate *>(data)->Terminate(CI_TERMINATION_HEAP);
  return current_limit + kHeapRaise;
}

void OnCollection(v8::Isolate *isolate, v8::GCType, v8::GCCallbackFlags, void *data) {
  auto *self = static_cast<ci_isolate *>(data);
  v8::HeapStatistics statistics;
  isolate->GetHeapStatistics(&statistics);
  self->NoteUsedHeap(statistics.used_heap_size());
}

bool AllowsWasm(v8::Local<v8::Context> context, v8::Local<v8::String>) {
  auto *self = ci_isolate::Of(context->GetIsolate());
  ContextCell *cell = self ? self->contexts.Find(IdOf(context)) : nullptr;
  return cell && cell->allows_wasm;
}

v8::MaybeLocal<v8::Value> OnPrepareStack(v8::Local<v8::Context> context, v8::Local<v8::Value> error,
                                         v8::Local<v8::Array> sites) {
  v8::Isolate *isolate = context->GetIsolate();
  auto *self = ci_isolate::Of(isolate);
  std::string text;
  {
    v8::TryCatch dropped(isolate);
    v8::Local<v8::Value> part;
    ContextCell *cell = self->contexts.Find(IdOf(context));
    if (cell && !cell->error_to_string.IsEmpty() &&
        cell->error_to_string.Get(isolate)->Call(context, error, 0, nullptr).ToLocal(&part) && part->IsString()) {
      text = ToStdString(isolate, part.As<v8::String>());
    }
    for (uint32_t i = 0; i < sites->Length(); ++i) {
      // Not by way of ToString: that would hand the call site to a script's Object.prototype.
      v8::Local<v8::Value> site;
      if (!sites->Get(context, i).ToLocal(&site) || !site->IsObject() ||
          !site.As<v8::Object>()->Get(context, Literal(isolate, "toString")).ToLocal(&part) || !part->IsFunction() ||
          !part.As<v8::Function>()->Call(context, site, 0, nullptr).ToLocal(&part) || !part->IsString()) {
        continue;
      }
      text += "\n    at " + ToStdString(isolate, part.As<v8::String>());
    }
    if (dropped.HasTerminated()) return {};
  }
  std::string shown = text;
  {
    HostScope host;
    self->options.on_stack(self->options.context, SliceOf(text), &shown);
  }
  v8::Local<v8::String> result;
  if (!ToString(isolate, SliceOf(shown)).ToLocal(&result)) return v8::Undefined(isolate).As<v8::Value>();
  return result.As<v8::Value>();
}

// V8 ends the process where the kernel gives it no more mappings.
bool HasMappingsLeft() {
  constexpr size_t kEach = 13;
  ci_engine_load_t load;
  ci_engine_load(&load);
  return load.mappings + kEach < load.most_mappings;
}

}  // namespace
}  // namespace ci

void ci_stack_set(void *out, ci_slice_t text) {
  static_cast<std::string *>(out)->assign(reinterpret_cast<const char *>(text.bytes), text.count);
}

uint64_t ci_now(void) {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

void ci_isolate::Terminate(ci_termination_t reason) {
  ci::ShimScope shim;
  int none = CI_TERMINATION_NONE;
  if (termination.compare_exchange_strong(none, reason)) isolate->TerminateExecution();
}

void ci_isolate::Tick() {
  if (options.freezes_clock) frozen_milliseconds = ci::WallClockMilliseconds();
}

double ci_isolate::Now() const {
  if (frozen_milliseconds > 0) return frozen_milliseconds - time_origin_wall;
  return static_cast<double>(ci_now() - time_origin) / 1e6;
}

ci_status_t ci_isolate_new(const ci_isolate_options_t *options, ci_isolate_t **out_isolate) {
  if (options->size != sizeof(*options) || !ci::EngineStarted()) return CI_INVALID;
  if (!ci::HasMappingsLeft()) return CI_OUT_OF_MEMORY;
  auto self = std::make_unique<ci_isolate>();
  self->options = *options;
  self->ledger = ci::Ledger::New(options->heap_limit_bytes, self.get());
  std::memcpy(self->name, options->name.bytes, std::min(options->name.count, sizeof self->name - 1));
  self->terminator = ci::NewTerminator(self.get());
  self->slot.isolate = self.get();
  self->tasks = std::make_shared<ci::TaskRunner>(options->on_task, options->context);
  self->time_origin = ci_now();
  self->random_state = options->seed;
  self->time_origin_wall = ci::WallClockMilliseconds();

  v8::Isolate::CreateParams params;
  params.array_buffer_allocator = &self->allocator;
  params.allow_atomics_wait = false;
  params.external_references = ci::ExternalReferences();
  params.snapshot_blob = ci::EngineSnapshot();
  if (options->heap_limit_bytes) params.constraints.ConfigureDefaultsFromHeapSize(0, options->heap_limit_bytes);

  // Allocated first: V8 asks for the task runner while it initialises.
  self->isolate = v8::Isolate::Allocate();
  self->isolate->SetData(0, self.get());
  ci::RegisterTaskRunner(self->isolate, self->tasks);
  {
    ci::ThreadScope thread(self.get());
    v8::Isolate::Initialize(self->isolate, params);
    self->is_initialized = true;
  }
  ci::CountIsolate(+1);

  v8::Isolate *isolate = self->isolate;
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate->SetCaptureStackTraceForUncaughtExceptions(true, 10, v8::StackTrace::kDetailed);
  isolate->SetAllowWasmCodeGenerationCallback(ci::AllowsWasm);
  isolate->SetWasmStreamingCallback(ci::OnWasmStreaming);
  isolate->SetOOMErrorHandler(ci::OnOutOfMemory);
  isolate->SetFatalErrorHandler(ci::OnFatalError);
  isolate->SetPromiseRejectCallback(ci::OnRejection);
  isolate->SetHostImportModuleDynamicallyCallback(ci::OnImport);
  isolate->SetHostInitializeImportMetaObjectCallback(ci::OnImportMeta);
  isolate->AddGCPrologueCallback(ci::OnCollection, self.get());
  if (options->heap_limit_bytes) {
    isolate->AddNearHeapLimitCallback(ci::OnNearHeapLimit, self.get());
    isolate->AutomaticallyRestoreInitialHeapLimit(0.5);
  }
  if (options->rewrites_stacks && options->on_stack) isolate->SetPrepareStackTraceCallback(ci::OnPrepareStack);
  *out_isolate = self.release();
  return CI_OK;
}

void ci_isolate_dispose(ci_isolate_t *self) {
  ci::DetachTerminator(self->terminator);
  if (self->lost()) {
    // A thread is inside for ever.
    ci_terminator_release(self->terminator);
    return;
  }
  {
    ci::Entered entered(self);
    self->imports.Clear();
    self->exceptions.Clear();
    self->promises.Clear();
    self->functions.Clear();
    self->modules.Clear();
    self->contexts.Clear();
  }
  self->tasks->Close();
  {
    ci::ThreadScope thread(self);
    self->isolate->Dispose();
  }
  ci::ForgetTaskRunner(self->isolate);
  ci_terminator_release(self->terminator);
  self->ledger->Abandon();
  delete self;
  ci::CountIsolate(-1);
}

void ci_isolate_set_name(ci_isolate_t *self, ci_slice_t name) {
  size_t count = std::min(name.count, sizeof self->name - 1);
  // The last byte stays zero: a crash report may be written meanwhile.
  if (count > 0) std::memcpy(self->name, name.bytes, count);
  std::memset(self->name + count, 0, sizeof self->name - count);
}

bool ci_isolate_is_lost(const ci_isolate_t *self) { return self->lost(); }

void ci_isolate_begin_turn(ci_isolate_t *self, ci_budget_t budget) {
  self->outside_turn = ci::CurrentThread();
  ci::ThreadScope::Enter(self);
  self->turn.emplace(self->isolate);
  self->turn_wall_start = ci_now();
  self->approached.store(budget.approached, std::memory_order_relaxed);
  // What a turn with other limits had still to hear.
  self->unheard.fetch_and(budget.approached);
  ci::Arm(&self->slot, budget);
}

void ci_isolate_end_turn(ci_isolate_t *self, ci_turn_t *out_turn) {
  if (self->ledger->awaits_judgement() && !self->terminating()) {
    ci::EngineScope engine;
    self->Judge();
  }
  uint64_t cpu = ci::Disarm(&self->slot);
  // From here on nobody terminates: what came before is cleared, so that it never meets the next turn.
  auto termination = static_cast<ci_termination_t>(self->termination.exchange(CI_TERMINATION_NONE));
  if (termination != CI_TERMINATION_NONE) {
    self->isolate->CancelTerminateExecution();
    self->unheard.store(0);
  }
  if (self->ledger->awaits_judgement()) self->ledger->Rearm();
  self->turn.reset();
  ci::ThreadScope::Leave(self->outside_turn);
  uint64_t wall = ci_now() - self->turn_wall_start;
  self->turn_wall_start = 0;
  self->cpu_spent.fetch_add(cpu, std::memory_order_relaxed);
  self->wall_spent.fetch_add(wall, std::memory_order_relaxed);
  *out_turn = {cpu, wall, termination, self->approached.load(std::memory_order_relaxed)};
}

void ci_isolate_time_spent(const ci_isolate_t *self, uint64_t *out_cpu, uint64_t *out_wall) {
  *out_cpu = self->cpu_spent.load(std::memory_order_relaxed);
  *out_wall = self->wall_spent.load(std::memory_order_relaxed);
}

ci_status_t ci_isolate_run_tasks(ci_isolate_t *self) {
  // Tasks may post tasks; those past this many wait for the next turn.
  constexpr int kMost = 1000;
  for (int i = 0; i < kMost; ++i) {
    auto task = self->tasks->Take();
    if (!task) break;
    ci::Entered entered(self);
    task->Run();
    if (self->terminating()) return CI_TERMINATED;
  }
  return CI_OK;
}

void ci_isolate_low_memory(ci_isolate_t *self) {
  ci::Entered entered(self);
  self->isolate->LowMemoryNotification();
}
