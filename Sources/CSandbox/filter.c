// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox.h"

// Two filters. The first ends the process at system calls that are not in any list here: nothing in a shard makes them,
// so somebody else does. The second refuses those of the lists that are not allowed with an error, as glibc, V8 and
// Swift try some of them and go on without.

// Of what a shard does: strace of compilation, collection, WebAssembly, Intl, threads that start and end, timers, jobs
// of crypto, crash reports; and what libraries do instead on other processors and versions.
static const char *const allowed[] = {
    // Memory. New mappings are below.
    "brk", "madvise", "munmap", "mremap", "membarrier",
    // Threads. New ones are below.
    "exit", "exit_group", "futex", "futex_time64", "gettid", "getpid", "getppid", "rseq", "set_robust_list",
    "restart_syscall", "sched_yield", "sched_getaffinity", "getcpu",
    // The priority of threads, which the watchdog changes.
    "sched_setattr", "sched_getattr", "sched_getparam", "sched_getscheduler", "sched_get_priority_max",
    "sched_get_priority_min", "getpriority",
    // Signals to itself.
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "rt_sigsuspend", "sigaltstack", "signalfd4",
    // Descriptors that it has.
    "read", "write", "readv", "writev", "close", "fstat", "poll", "ppoll", "select", "pselect6", "epoll_create",
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "eventfd2", "pipe2", "timerfd_create", "timerfd_settime",
    "timerfd_gettime",
    // Sockets that it has.
    "recvfrom", "recvmsg", "sendmsg", "shutdown", "getsockname", "getsockopt", "getpeername",
    // Time and chance, and what the machine and the process are.
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "getrandom",
    "getrusage", "sysinfo", "uname", "getuid", "geteuid", "getgid", "getegid"};

struct refusal {
  const char *name;
  int error;
};

static const struct refusal refused[] = {
    // There are older ones, which callers try next.
    {"clone3", ENOSYS},
    {"epoll_pwait2", ENOSYS},
    {"faccessat2", ENOSYS},
    {"openat2", ENOSYS},
    {"pkey_alloc", ENOSYS},
    {"statx", ENOSYS},
    // Paths.
    {"open", EACCES},
    {"openat", EACCES},
    {"access", EACCES},
    {"faccessat", EACCES},
    {"stat", EACCES},
    {"lstat", EACCES},
    {"newfstatat", EACCES},
    {"statfs", EACCES},
    {"readlink", EACCES},
    {"readlinkat", EACCES},
    {"getcwd", EACCES},
    // What a crash reporter, a log, or the standard library at its end may try.
    {"socket", EACCES},
    {"socketpair", EACCES},
    {"fork", EPERM},
    {"vfork", EPERM},
    {"wait4", ECHILD},
    {"waitid", ECHILD},
    {"pipe", EPERM},
    {"tkill", EPERM},
    {"dup", EPERM},
    {"dup2", EPERM},
    {"dup3", EPERM},
    {"lseek", ESPIPE},
    {"fsync", EPERM},
    {"fdatasync", EPERM},
    {"arch_prctl", EPERM},
    {"mincore", EPERM},
    {"mlock", EPERM},
    {"munlock", EPERM},
    {"msync", EPERM},
    {"set_mempolicy", EPERM},
    {"mbind", EPERM},
    {"sched_setaffinity", EPERM},
    {"sched_setparam", EPERM},
    {"sched_setscheduler", EPERM},
    {"setpriority", EPERM},
    {"setrlimit", EPERM},
    {"getrlimit", EPERM},
    // The second filter is put in with it.
    {"seccomp", EPERM},
};

// One way in which a system call is allowed; several for one system call are alternatives.
struct way {
  const char *name;
  bool is_wanted;
  unsigned count;
  struct scmp_arg_cmp conditions[2];
};

#define IS(argument, value) SCMP_CMP64(argument, SCMP_CMP_EQ, (scmp_datum_t)(value))
#define HAS(argument, mask, value) SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, (scmp_datum_t)(mask), (scmp_datum_t)(value))
#define NAMES(list) (sizeof(list) / sizeof((list)[0]))

// What glibc's pthread_create asks for.
enum {
  kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
            CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID
};
// PR_SET_VMA, which names mappings.
enum { kNameMapping = 0x53564d41 };

typedef int (*adder)(scmp_filter_ctx filter, const char *name, uint32_t action, const struct way *way);

static const uint32_t kOtherwise = SCMP_ACT_ERRNO(EPERM);

static int add(scmp_filter_ctx filter, const char *name, uint32_t action, const struct way *way) {
  int number = seccomp_syscall_resolve_name(name);
  // Not on this processor, or newer than the library; or what happens without a rule, which the library refuses.
  if (number < 0 || action == kOtherwise) return 0;
  return seccomp_rule_add_array(filter, action, number, way ? way->count : 0, way ? way->conditions : NULL);
}

// Only the name: for the first filter.
static int add_name(scmp_filter_ctx filter, const char *name, uint32_t action, const struct way *way) {
  (void)way;
  (void)action;
  int number = seccomp_syscall_resolve_name(name);
  if (number < 0) return 0;
  int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
  // Of a system call with several ways.
  return error == -EEXIST ? 0 : error;
}

static int add_all(scmp_filter_ctx filter, bool jitless, adder add) {
  const struct way ways[] = {
      // Threads only, neither processes nor namespaces.
      {"clone", true, 1, {IS(0, kThread)}},
      // Executable memory is V8's own, never a file's.
      {"mmap", true, 1, {HAS(2, PROT_EXEC, 0)}},
      {"mmap", !jitless, 2, {HAS(2, PROT_EXEC, PROT_EXEC), HAS(3, MAP_ANONYMOUS | MAP_SHARED, MAP_ANONYMOUS)}},
      // Without conditions the kernel need not run the filter.
      {"mprotect", !jitless, 0, {IS(0, 0)}},
      {"mprotect", jitless, 1, {HAS(2, PROT_EXEC, 0)}},
      {"pkey_mprotect", !jitless, 0, {IS(0, 0)}},
      {"pkey_mprotect", jitless, 1, {HAS(2, PROT_EXEC, 0)}},
      // To itself: abort, raise, and the watchdog's kick.
      {"kill", true, 1, {IS(0, getpid())}},
      {"tgkill", true, 1, {IS(0, getpid())}},
      {"prctl", true, 1, {IS(0, PR_SET_NAME)}},
      {"prctl", true, 1, {IS(0, PR_GET_NAME)}},
      {"prctl", true, 1, {IS(0, PR_GET_DUMPABLE)}},
      {"prctl", true, 1, {IS(0, kNameMapping)}},
      // Reads a limit, changes none.
      {"prlimit64", true, 2, {IS(0, 0), IS(2, 0)}},
      {"fcntl", true, 1, {IS(1, F_GETFD)}},
      {"fcntl", true, 1, {IS(1, F_SETFD)}},
      {"fcntl", true, 1, {IS(1, F_GETFL)}},
      {"fcntl", true, 1, {IS(1, F_SETFL)}},
      {"fcntl", true, 1, {IS(1, F_DUPFD_CLOEXEC)}},
      {"ioctl", true, 1, {IS(1, FIONBIO)}},
      {"ioctl", true, 1, {IS(1, FIONREAD)}},
      {"ioctl", true, 1, {IS(1, FIOCLEX)}},
      {"ioctl", true, 1, {IS(1, TCGETS)}},
      // To whom the socket is connected.
      {"sendto", true, 1, {IS(4, 0)}},
      {"setsockopt", true, 2, {IS(1, SOL_SOCKET), IS(2, SO_SNDBUF)}},
      {"setsockopt", true, 2, {IS(1, SOL_SOCKET), IS(2, SO_RCVBUF)}},
  };
  int error = 0;
  for (size_t i = 0; !error && i < NAMES(allowed); ++i) error = add(filter, allowed[i], SCMP_ACT_ALLOW, NULL);
  for (size_t i = 0; !error && i < NAMES(refused); ++i) {
    error = add(filter, refused[i].name, SCMP_ACT_ERRNO((uint32_t)refused[i].error), NULL);
  }
  for (size_t i = 0; !error && i < NAMES(ways); ++i) {
    if (ways[i].is_wanted) error = add(filter, ways[i].name, SCMP_ACT_ALLOW, &ways[i]);
  }
  return error;
}

static int load(uint32_t otherwise, bool jitless, adder add) {
  scmp_filter_ctx filter = seccomp_init(otherwise);
  // Level 3 has the end of a process, without which there is no filter here.
  if (!filter) return seccomp_api_get() < 3 ? ENOSYS : ENOMEM;
  int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
  // Of another processor's numbers.
  if (!error) error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  // A binary tree: what is asked most costs no more than the rest. Older libraries have none.
  if (!error) (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  if (!error) error = add_all(filter, jitless, add);
  if (!error) error = seccomp_load(filter);
  seccomp_release(filter);
  return -error;
}

int sandbox_filter_calls(bool jitless) {
  int error = load(SCMP_ACT_KILL_PROCESS, jitless, add_name);
  return error ? error : load(kOtherwise, jitless, add);
}
