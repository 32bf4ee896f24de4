// SPDX-License-Identifier: Apache-2.0
// How a function of the shim enters V8.
#ifndef CSHIM_SCOPES_H
#define CSHIM_SCOPES_H

#include <optional>

#include "state.h"

namespace ci {

// Puts the isolate, its ledger and its clock on this thread, and back what was there.
class ThreadScope {
 public:
  explicit ThreadScope(ci_isolate *self) : outer_(CurrentThread()) { Enter(self); }
  ~ThreadScope() { Leave(outer_); }
  ThreadScope(const ThreadScope &) = delete;

  static void Enter(ci_isolate *self) {
    ThreadState &thread = CurrentThread();
    self->Tick();
    thread.isolate = self;
    thread.ledger = self->ledger.get();
    thread.frozen_milliseconds = self->frozen_milliseconds;
  }
  static void Leave(const ThreadState &outer) {
    ThreadState &thread = CurrentThread();
    thread.isolate = outer.isolate;
    thread.ledger = outer.ledger;
    thread.frozen_milliseconds = outer.frozen_milliseconds;
  }

 private:
  const ThreadState outer_;
};

// What `setContinuation` of the shim's operations was given for what runs now; 0: nothing.
inline uint32_t ContinuationOf(v8::Local<v8::Context> context) {
  v8::Local<v8::Value> data = context->GetContinuationPreservedEmbedderData();
  return data->IsUint32() ? data.As<v8::Uint32>()->Value() : 0;
}

// Inside the isolate with a handle scope; enters for itself where no turn is open.
class Entered {
 public:
  explicit Entered(ci_isolate *self) {
    if (self->turn) {
      // Only in a turn does the watchdog see the thread, and only then can it be lost in order.
      engine_.emplace();
    } else {
      thread_.emplace(self);
      turn_.emplace(self->isolate);
    }
    handles_.emplace(self->isolate);
  }
  Entered(const Entered &) = delete;

 private:
  std::optional<EngineScope> engine_;
  std::optional<ThreadScope> thread_;
  std::optional<TurnScope> turn_;

  struct Handles {
    explicit Handles(v8::Isolate *isolate) : scope(isolate) {}
    v8::HandleScope scope;
  };
  std::optional<Handles> handles_;
};

// Inside a context, with a place to catch. `ok()` is false when the id is stale.
class InContext {
 public:
  InContext(ci_isolate *self, ci_context_id_t id) : entered_(self), cell_(self->contexts.Find(id)) {
    if (cell_) inner_.emplace(self->isolate, cell_->context.Get(self->isolate));
  }

  bool ok() const { return cell_ != nullptr; }
  ContextCell &cell() const { return *cell_; }
  v8::Local<v8::Context> context() const { return inner_->context; }
  v8::TryCatch &caught() { return inner_->caught; }

 private:
  struct Inner {
    Inner(v8::Isolate *isolate, v8::Local<v8::Context> context) : context(context), scope(context), caught(isolate) {}
    v8::Local<v8::Context> context;
    v8::Context::Scope scope;
    v8::TryCatch caught;
  };
  Entered entered_;
  ContextCell *cell_;
  std::optional<Inner> inner_;
};

}  // namespace ci

#endif
