// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

size_t sandbox_thread_count(void) {
  DIR *folder = opendir("/proc/self/task");
  if (!folder) return 0;
  size_t count = 0;
  for (struct dirent *entry; (entry = readdir(folder));) count += entry->d_name[0] != '.';
  closedir(folder);
  return count;
}

// close_range(2) came with Linux 5.9.
static int close_between(unsigned first, unsigned last) {
  if (first > last || syscall(SYS_close_range, first, last, 0) == 0) return 0;
  if (errno != ENOSYS) return errno;
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return errno;
  if (last >= limit.rlim_cur) last = (unsigned)limit.rlim_cur - 1;
  for (unsigned descriptor = first; descriptor <= last; ++descriptor) close((int)descriptor);
  return 0;
}

int sandbox_close_descriptors(const int *kept, size_t count) {
  unsigned first = 3;
  for (size_t i = 0; i < count; ++i) {
    if (kept[i] < (int)first) continue;
    int error = close_between(first, (unsigned)kept[i] - 1);
    if (error) return error;
    first = (unsigned)kept[i] + 1;
  }
  return close_between(first, ~0U);
}

size_t sandbox_clear_environment(void) {
  size_t count = 0;
  if (!environ) return 0;
  for (char **variable = environ; *variable; ++variable, ++count) explicit_bzero(*variable, strlen(*variable));
  *environ = NULL;
  return count;
}

void sandbox_forget_crash_handlers(void) {
  static const int signals[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) signal(signals[i], SIG_DFL);
}

int sandbox_limit(int resource, uint64_t most) {
  struct rlimit limit;
  if (getrlimit((__rlimit_resource_t)resource, &limit) != 0) return errno;
  if (limit.rlim_max > most) limit.rlim_max = most;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit((__rlimit_resource_t)resource, &limit) == 0 ? 0 : errno;
}

int sandbox_allow_priority(void) {
  // 40 stands for a nice value of -20.
  struct rlimit limit = {40, 40};
  return setrlimit(RLIMIT_NICE, &limit) == 0 ? 0 : errno;
}

void sandbox_ignore_file_size_signal(void) { signal(SIGXFSZ, SIG_IGN); }

int sandbox_leave_users(void) { return unshare(CLONE_NEWUSER) == 0 ? 0 : errno; }

int sandbox_leave_network(void) { return unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0 ? 0 : errno; }

int sandbox_drop_capabilities(void) {
  // Of programs to come; needs CAP_SETPCAP, and matters only where there are capabilities.
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
  return syscall(SYS_capset, &header, none) == 0 ? 0 : errno;
}

int sandbox_refuse_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno; }

int sandbox_refuse_inspection(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : errno; }

bool sandbox_is_closed(void) {
  int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (folder >= 0) close(folder);
  if (link >= 0) close(link);
  return folder < 0 && link < 0;
}
