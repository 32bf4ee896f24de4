// SPDX-License-Identifier: Apache-2.0
// What the shim knows of the calling thread: which isolate it is inside, and whether it may be lost.
#ifndef CSHIM_THREAD_STATE_H
#define CSHIM_THREAD_STATE_H

#include <csignal>
#include <utility>

struct ci_isolate;

namespace ci {

class Ledger;

// Plain data: malloc and signal handlers read it, before and after a thread's C++ life.
struct ThreadState {
  // The isolate whose memory is charged for what this thread allocates; null on V8's own threads.
  ci_isolate *isolate;
  // That isolate's; on V8's own threads, that of the isolate they work for.
  Ledger *ledger;
  // Milliseconds since 1970 that Date shows; 0: the live clock.
  double frozen_milliseconds;
  // Nothing is charged: the shim counts by other means, or allocates for itself.
  bool uncharged;
  // The thread declared that it may be lost.
  bool expendable;
  // V8 is the innermost on the stack, in a turn of an expendable thread, and neither the shim nor the host
  // holds a lock: parking here costs the isolate and the thread, and nobody else.
  volatile sig_atomic_t parkable;
  // The priority of the thread as it was declared expendable, and whether it is below that for good.
  int nice;
  bool lowered;
  // Whom to tell that the thread is lost.
  void *lost_context;
  void (*on_lost)(void *context);
};

inline ThreadState &CurrentThread() {
  static thread_local ThreadState state = {};
  return state;
}

// The shim's own work, under a lock maybe: not to be parked, not charged.
class ShimScope {
 public:
  ShimScope() : thread_(CurrentThread()), parkable_(thread_.parkable), uncharged_(thread_.uncharged) {
    thread_.parkable = false;
    thread_.uncharged = true;
  }
  ~ShimScope() {
    thread_.uncharged = uncharged_;
    thread_.parkable = parkable_;
  }
  ShimScope(const ShimScope &) = delete;

 private:
  ThreadState &thread_;
  const sig_atomic_t parkable_;
  const bool uncharged_;
};

// V8 called and the host answers: not to be parked, and charged to the isolate.
class HostScope {
 public:
  HostScope() : thread_(CurrentThread()), parkable_(std::exchange(thread_.parkable, false)) {}
  ~HostScope() { thread_.parkable = parkable_; }
  HostScope(const HostScope &) = delete;

 private:
  ThreadState &thread_;
  const sig_atomic_t parkable_;
};

// The host, or the shim, calls V8 in a turn.
class EngineScope {
 public:
  EngineScope() : thread_(CurrentThread()), parkable_(std::exchange(thread_.parkable, thread_.expendable)) {}
  ~EngineScope() { thread_.parkable = parkable_; }
  EngineScope(const EngineScope &) = delete;

 private:
  ThreadState &thread_;
  const sig_atomic_t parkable_;
};

}  // namespace ci

#endif
