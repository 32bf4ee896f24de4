// SPDX-License-Identifier: Apache-2.0
// What a turn hears of its limits before they end it.
#include <cstring>

#include "engine_state.h"
#include "scopes.h"
#include "values.h"

namespace {

struct Amount {
  const char *name;
  double used;
  double total;
};

// In milliseconds, or bytes.
Amount AmountOf(const ci_isolate &self, ci_limit_t limit) {
  const ci::WatchdogSlot &slot = self.slot;
  const ci_budget_t &budget = slot.budget;
  constexpr double kMillisecond = 1e6;
  switch (limit) {
    case CI_LIMIT_CPU: {
      timespec time;
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      double now = static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
      double before = static_cast<double>(budget.cpu_before_nanoseconds);
      return {"cpu", (before + now - static_cast<double>(slot.cpu_start)) / kMillisecond,
              (before + static_cast<double>(budget.cpu_nanoseconds)) / kMillisecond};
    }
    case CI_LIMIT_WALL: {
      uint64_t started = budget.started_nanoseconds ? budget.started_nanoseconds : self.turn_wall_start;
      return {"wall", static_cast<double>(ci_now() - started) / kMillisecond,
              static_cast<double>(budget.deadline_nanoseconds - started) / kMillisecond};
    }
    case CI_LIMIT_MEMORY:
      break;
  }
  return {"memory", static_cast<double>(self.ledger->total()), static_cast<double>(self.ledger->limit())};
}

void Tell(ci_isolate *self, v8::Local<v8::Context> context, v8::Local<v8::Object> exports, ci_limit_t limit) {
  v8::Isolate *isolate = self->isolate;
  v8::Context::Scope scope(context);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> listener;
  v8::Local<v8::Value> ignored;
  if (!exports->Get(context, ci::Literal(isolate, "approachLimit")).ToLocal(&listener)) return;
  if (!listener->IsFunction()) return;
  Amount amount = AmountOf(*self, limit);
  v8::Local<v8::Value> arguments[] = {ci::Literal(isolate, amount.name), v8::Number::New(isolate, amount.used),
                                      v8::Number::New(isolate, amount.total)};
  // The prelude reports what listeners throw.
  (void)listener.As<v8::Function>()->Call(context, v8::Undefined(isolate), 3, arguments).ToLocal(&ignored);
}

// A microtask, so that it runs between the script's own steps, and in this turn.
void TellAll(void *data) {
  auto *self = static_cast<ci_isolate *>(data);
  uint32_t limits = self->unheard.exchange(0);
  for (ci_limit_t limit : {CI_LIMIT_CPU, CI_LIMIT_WALL, CI_LIMIT_MEMORY}) {
    if (!(limits & limit)) continue;
    self->contexts.ForEach([&](ci::ContextCell &cell) {
      if (cell.exports.IsEmpty()) return;
      v8::HandleScope handles(self->isolate);
      Tell(self, cell.context.Get(self->isolate), cell.exports.Get(self->isolate), limit);
    });
  }
}

}  // namespace

void ci_isolate::Approach(ci_limit_t limit) {
  if (approached.fetch_or(limit) & limit) return;
  ci::ShimScope shim;
  // Also where another limit is unheard: a termination drops microtasks.
  unheard.fetch_or(limit);
  isolate->RequestInterrupt([](v8::Isolate *isolate, void *data) { isolate->EnqueueMicrotask(TellAll, data); }, this);
}

void ci_isolate::AskForJudgement() {
  if (lost()) return;
  isolate->RequestInterrupt([](v8::Isolate *, void *data) { static_cast<ci_isolate *>(data)->Judge(); }, this);
}

void ci_isolate::Judge() {
  if (!ledger->awaits_judgement()) return;
  if (ledger->exceeds() || ledger->approaches()) {
    isolate->MemoryPressureNotification(v8::MemoryPressureLevel::kCritical);
    isolate->MemoryPressureNotification(v8::MemoryPressureLevel::kNone);
  }
  if (ledger->exceeds()) return Terminate(CI_TERMINATION_HEAP);
  if (ledger->approaches()) Approach(CI_LIMIT_MEMORY);
  ledger->Rearm();
}
