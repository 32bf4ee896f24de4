// SPDX-License-Identifier: Apache-2.0
#include "cisolate/terminator.h"

#include <atomic>
#include <mutex>

#include "engine_state.h"

struct ci_terminator {
  std::mutex mutex;
  // Null once the isolate is disposed.
  ci_isolate *isolate;
  std::atomic<int> references{1};
};

namespace ci {

ci_terminator *NewTerminator(ci_isolate *isolate) {
  auto *terminator = new ci_terminator;
  terminator->isolate = isolate;
  return terminator;
}

void DetachTerminator(ci_terminator *terminator) {
  ShimScope shim;
  std::lock_guard<std::mutex> lock(terminator->mutex);
  terminator->isolate = nullptr;
}

}  // namespace ci

ci_terminator_t *ci_isolate_terminator(ci_isolate_t *self) {
  self->terminator->references.fetch_add(1);
  return self->terminator;
}

bool ci_terminator_terminate(ci_terminator_t *terminator) {
  ci::ShimScope shim;
  std::lock_guard<std::mutex> lock(terminator->mutex);
  return terminator->isolate && ci::TerminateArmed(&terminator->isolate->slot, CI_TERMINATION_REQUESTED);
}

void ci_terminator_release(ci_terminator_t *terminator) {
  if (terminator->references.fetch_sub(1) == 1) delete terminator;
}

ci_termination_t ci_isolate_termination(const ci_isolate_t *self) {
  return static_cast<ci_termination_t>(self->termination.load());
}
