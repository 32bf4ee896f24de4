// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "sandbox.h"

// Once a second, and while work waits, libdispatch reads /proc/THREAD/stat of each of its threads, to start more where
// few run. It ends the process where it cannot open one: so it is told that each runs, and starts none.
bool sandbox_is_state_of_thread(const char *path) {
  if (strncmp(path, "/proc/", 6) != 0) return false;
  size_t digits = strspn(path + 6, "0123456789");
  return digits > 0 && strcmp(path + 6 + digits, "/stat") == 0;
}

static long state_of_running_thread(void) {
  static const char text[] = "1 (worker) R 0";
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
  if (write(ends[1], text, sizeof text - 1) < 0) {
    close(ends[0]);
    ends[0] = -errno;
  }
  close(ends[1]);
  return ends[0];
}

static void on_refused_call(int signal, siginfo_t *info, void *context) {
  enum { kOfFilter = 1 };
  if (info->si_code != kOfFilter) {
    // Somebody sent it.
    sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    raise(signal);
    return;
  }
  int error = errno;
  mcontext_t *registers = &((ucontext_t *)context)->uc_mcontext;
#if defined(__x86_64__)
  const char *path = (const char *)registers->gregs[info->si_syscall == SYS_openat ? REG_RSI : REG_RDI];
  greg_t *result = &registers->gregs[REG_RAX];
#elif defined(__aarch64__)
  const char *path = (const char *)registers->regs[1];
  unsigned long long *result = &registers->regs[0];
#else
#error "the handler must know where the arguments of a system call are"
#endif
  *result = sandbox_is_state_of_thread(path) ? state_of_running_thread() : -EACCES;
  errno = error;
}

int sandbox_filter_opens(void) {
  struct sigaction action = {.sa_sigaction = on_refused_call, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
  if (sigaction(SIGSYS, &action, NULL) != 0) return errno;
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (!filter) return ENOMEM;
  int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
  if (!error) error = seccomp_rule_add(filter, SCMP_ACT_TRAP, SCMP_SYS(openat), 0);
#if defined(__x86_64__)
  if (!error) error = seccomp_rule_add(filter, SCMP_ACT_TRAP, SCMP_SYS(open), 0);
#endif
  if (!error) error = seccomp_load(filter);
  seccomp_release(filter);
  return -error;
}
