// SPDX-License-Identifier: Apache-2.0
// Which threads the kernel runs first.
#ifndef CSHIM_PRIORITY_H
#define CSHIM_PRIORITY_H

#include <sys/types.h>

#include <cstdint>

namespace ci {

// Gives a thread a nice value, and a time slice in nanoseconds (0: the kernel's own). A thread that wakes takes the
// core from one with a longer slice at once, and else when that one's slice is over (Linux 6.12 and later; before, the
// slice is ignored). False without the privilege to lower the nice value.
bool SetPriority(pid_t thread, int nice, uint64_t slice);

// Gives a thread the lowest priority, for a turn that takes long: it has what nobody else wants (SCHED_IDLE). A thread
// of this kind gives its core to any other that wakes; one that is merely nice kept it for 2 ms at times.
bool Lower(pid_t thread);

// Of V8's background work: compilation may take milliseconds, and scripts that wait for nothing need the core more. Not
// the lowest: a busy host must come to fast code in the end.
constexpr int kBackgroundNice = 10;
constexpr uint64_t kBackgroundSlice = 20'000'000;

}  // namespace ci

#endif
