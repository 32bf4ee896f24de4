// SPDX-License-Identifier: Apache-2.0
#include "crash.h"

#include <execinfo.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "state.h"

namespace ci {

namespace {

constexpr int kSignals = 65;
struct sigaction former[kSignals];
std::atomic<bool> reports{false};
// The first crash is the one that counts; others come from what it broke.
std::atomic<bool> is_reported{false};

const char *NameOf(int termination) {
  switch (termination) {
    case CI_TERMINATION_CPU:
      return "ended by its CPU limit";
    case CI_TERMINATION_WALL:
      return "ended by its wall limit";
    case CI_TERMINATION_HEAP:
      return "ended by its memory limit";
    case CI_TERMINATION_REQUESTED:
      return "ended on request";
    default:
      return "running";
  }
}

void Write(const char *text, int length) {
  if (length > 0) (void)!write(STDERR_FILENO, text, static_cast<size_t>(length));
}

// snprintf into the stack: with these formats it takes no lock and allocates nothing.
void Report(int signal, const siginfo_t *info) {
  char line[512];
  const char *description = sigdescr_np(signal);
  Write(line, std::snprintf(line, sizeof line, "\nrookery: fatal signal %d (%s) at address %p, thread %ld\n", signal,
                            description ? description : "?", info->si_addr, syscall(SYS_gettid)));
  if (const ci_isolate *isolate = CurrentThread().isolate) {
    const char *state = NameOf(isolate->termination.load());
    uint64_t wall = isolate->turn_wall_start ? (ci_now() - isolate->turn_wall_start) / 1'000'000 : 0;
    Write(line, std::snprintf(line, sizeof line,
                              "rookery: inside isolate \"%s\": %s, %llu ms into its turn, %zu of %zu bytes held\n",
                              isolate->name, state, static_cast<unsigned long long>(wall), isolate->ledger->total(),
                              isolate->ledger->limit()));
  } else {
    Write(line, std::snprintf(line, sizeof line, "rookery: inside no isolate\n"));
  }
  void *frames[64];
  int count = backtrace(frames, 64);
  backtrace_symbols_fd(frames, count, STDERR_FILENO);
}

void OnCrash(int signal, siginfo_t *info, void *context) { Crash(signal, info, context); }

}  // namespace

void ReplaceHandler(int signal, const struct sigaction &action) { sigaction(signal, &action, &former[signal]); }

void Crash(int signal, siginfo_t *info, void *) {
  if (reports.load() && !is_reported.exchange(true)) Report(signal, info);
  sigaction(signal, &former[signal], nullptr);
  // A fault comes again by itself when this returns; a signal that was sent does not.
  if (info->si_code <= 0) raise(signal);
}

void InstallCrashReports() {
  // The first call loads a library: not in a signal handler.
  void *frame;
  backtrace(&frame, 1);
  struct sigaction action = {};
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  action.sa_sigaction = OnCrash;
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE}) ReplaceHandler(signal, action);
  reports.store(true);
}

}  // namespace ci
