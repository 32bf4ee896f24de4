// SPDX-License-Identifier: Apache-2.0
#include "cisolate/microtasks.h"

#include "scopes.h"

namespace ci {

void SettleRejections(ci_isolate *self) {
  self->contexts.ForEach([self](ContextCell &cell) {
    if (cell.rejected.empty()) return;
    v8::HandleScope handles(self->isolate);
    auto context = cell.context.Get(self->isolate);
    auto rejected = std::move(cell.rejected);
    cell.rejected.clear();
    for (auto &[promise, value] : rejected) {
      if (!promise.Get(self->isolate)->HasHandler()) ReportUncaught(self, context, value.Get(self->isolate));
    }
  });
}

bool Checkpoint(ci_isolate *self) {
  self->isolate->PerformMicrotaskCheckpoint();
  SettleRejections(self);
  return !self->terminating();
}

}  // namespace ci

ci_status_t ci_microtasks_run(ci_isolate_t *self) {
  ci::Entered entered(self);
  v8::TryCatch caught(self->isolate);
  return ci::Checkpoint(self) ? CI_OK : CI_TERMINATED;
}
