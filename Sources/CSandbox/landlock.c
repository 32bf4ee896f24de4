// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

// The headers of older systems know a part of this, so all of it is said here.

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

enum { kVersionWanted = 1 };

struct ruleset {
  uint64_t files;
  uint64_t network;
  uint64_t scopes;
};

int sandbox_landlock_version(void) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, kVersionWanted);
  return version < 0 ? -errno : (int)version;
}

int sandbox_landlock_refuse_all(int version) {
  struct ruleset ruleset = {0, 0, 0};
  // Version 1 has 13 rights about files; REFER, TRUNCATE and IOCTL_DEV came later. A kernel refuses those that it does
  // not know, and rights that came after version 7 are left out.
  int rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
  ruleset.files = (UINT64_C(1) << rights) - 1;
  size_t size = sizeof ruleset.files;
  if (version >= 4) {
    ruleset.network = 3;
    size += sizeof ruleset.network;
  }
  if (version >= 6) {
    ruleset.scopes = 3;
    size += sizeof ruleset.scopes;
  }
  long descriptor = syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
  if (descriptor < 0) return errno;
  int error = syscall(SYS_landlock_restrict_self, descriptor, 0) == 0 ? 0 : errno;
  close((int)descriptor);
  return error;
}
