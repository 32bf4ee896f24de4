// SPDX-License-Identifier: Apache-2.0
#include "priority.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ci {

namespace {

// sched_setattr(2); glibc has no wrapper before 2.41.
struct Attributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};

bool Set(pid_t thread, const Attributes &attributes) { return syscall(SYS_sched_setattr, thread, &attributes, 0) == 0; }

}  // namespace

bool SetPriority(pid_t thread, int nice, uint64_t slice) {
  return Set(thread, {sizeof(Attributes), SCHED_OTHER, 0, nice, 0, slice, 0, 0});
}

bool Lower(pid_t thread) { return Set(thread, {sizeof(Attributes), SCHED_IDLE, 0, 0, 0, 0, 0, 0}); }

}  // namespace ci
