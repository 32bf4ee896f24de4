// SPDX-License-Identifier: Apache-2.0
#include "cisolate/microtasks.h"

#include "scopes.h"
#include "values.h"

namespace ci {

namespace {

// What a rejected promise has on it once it was reported.
v8::Local<v8::Private> ReportedMark(v8::Isolate *isolate) {
  return v8::Private::ForApi(isolate, Literal(isolate, "rookery:reported"));
}

bool IsReported(v8::Local<v8::Context> context, v8::Local<v8::Promise> promise) {
  return promise->HasPrivate(context, ReportedMark(context->GetIsolate())).FromMaybe(false);
}

// Calls `name` of the prelude with a promise and why it was rejected. Whether the call returned true; also where the
// context has no prelude, or the call fails.
bool Tell(v8::Local<v8::Context> context, ContextCell *cell, const char *name, v8::Local<v8::Promise> promise,
          v8::Local<v8::Value> reason) {
  if (cell->exports.IsEmpty()) return true;
  v8::Isolate *isolate = context->GetIsolate();
  v8::TryCatch dropped(isolate);
  v8::Local<v8::Value> function;
  v8::Local<v8::Value> answer;
  v8::Local<v8::Value> arguments[] = {promise, reason};
  if (!cell->exports.Get(isolate)->Get(context, Literal(isolate, name)).ToLocal(&function) || !function->IsFunction() ||
      !function.As<v8::Function>()->Call(context, v8::Undefined(isolate), 2, arguments).ToLocal(&answer)) {
    return true;
  }
  return answer->IsTrue();
}

void SettleRejected(ci_isolate *self, ci_context_id_t id, v8::Local<v8::Promise> promise, v8::Local<v8::Value> reason) {
  ContextCell *cell = self->contexts.Find(id);
  if (!cell || promise->HasHandler()) return;
  auto context = cell->context.Get(self->isolate);
  v8::Context::Scope scope(context);
  if (Tell(context, cell, "promiseRejected", promise, reason)) ReportUncaught(self, context, reason);
  // A listener may have handled it.
  if (!promise->HasHandler()) {
    (void)promise->SetPrivate(context, ReportedMark(self->isolate), v8::True(self->isolate));
  }
}

void SettleHandled(ci_isolate *self, ci_context_id_t id, v8::Local<v8::Promise> promise) {
  ContextCell *cell = self->contexts.Find(id);
  if (!cell) return;
  auto context = cell->context.Get(self->isolate);
  v8::Context::Scope scope(context);
  (void)Tell(context, cell, "rejectionHandled", promise, promise->Result());
}

// Whether there was something to settle. Scripts run, and may reject more.
bool SettleRejections(ci_isolate *self) {
  std::vector<ci_context_id_t> contexts;
  self->contexts.ForEach([&](ContextCell &cell) {
    if (cell.rejected.empty() && cell.handled.empty()) return;
    v8::HandleScope handles(self->isolate);
    contexts.push_back(IdOf(cell.context.Get(self->isolate)));
  });
  for (ci_context_id_t id : contexts) {
    ContextCell *cell = self->contexts.Find(id);
    if (!cell) continue;
    auto rejected = std::move(cell->rejected);
    auto handled = std::move(cell->handled);
    cell->rejected.clear();
    cell->handled.clear();
    for (auto &[promise, reason] : rejected) {
      if (self->terminating()) return false;
      v8::HandleScope handles(self->isolate);
      SettleRejected(self, id, promise.Get(self->isolate), reason.Get(self->isolate));
    }
    for (auto &promise : handled) {
      if (self->terminating()) return false;
      v8::HandleScope handles(self->isolate);
      SettleHandled(self, id, promise.Get(self->isolate));
    }
  }
  return !contexts.empty();
}

}  // namespace

void OnRejection(v8::PromiseRejectMessage message) {
  bool is_handled = message.GetEvent() == v8::kPromiseHandlerAddedAfterReject;
  if (!is_handled && message.GetEvent() != v8::kPromiseRejectWithNoHandler) return;
  v8::Local<v8::Promise> promise = message.GetPromise();
  v8::Isolate *isolate = promise->GetIsolate();
  auto *self = ci_isolate::Of(isolate);
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context;
  if (!self || !promise->GetCreationContext().ToLocal(&context)) return;
  ContextCell *cell = self->contexts.Find(IdOf(context));
  if (!cell) return;
  if (!is_handled) {
    cell->rejected.emplace_back(v8::Global<v8::Promise>(isolate, promise),
                                v8::Global<v8::Value>(isolate, message.GetValue()));
  } else if (IsReported(context, promise)) {
    cell->handled.emplace_back(isolate, promise);
  }
}

bool Checkpoint(ci_isolate *self) {
  bool goes_on = true;
  while (goes_on) {
    self->isolate->PerformMicrotaskCheckpoint();
    if (self->terminating() || !SettleRejections(self)) break;
    // A listener that itself rejects something would be called for ever: what comes after an error that ends the run
    // waits for the next checkpoint.
    self->contexts.ForEach([&](ContextCell &cell) { goes_on = goes_on && cell.uncaught.empty(); });
  }
  return !self->terminating();
}

}  // namespace ci

ci_status_t ci_microtasks_run(ci_isolate_t *self) {
  ci::Entered entered(self);
  v8::TryCatch caught(self->isolate);
  return ci::Checkpoint(self) ? CI_OK : CI_TERMINATED;
}
