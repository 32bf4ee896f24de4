// SPDX-License-Identifier: Apache-2.0
// Replaces the program's open, for one caller: libdispatch reads /proc/THREAD/stat of its threads while work waits, and
// ends the process where that cannot be opened, as when all descriptors are in use.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>

#include "sandbox.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

// The sanitizers have an open of their own.
#ifndef IS_SANITIZED

// No file ever has this number: reading from it fails, and libdispatch goes on.
enum { kNoFile = INT_MAX };

__attribute__((visibility("default"))) int open(const char *path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
    va_list rest;
    va_start(rest, flags);
    mode = va_arg(rest, mode_t);
    va_end(rest);
  }
  int descriptor = openat(AT_FDCWD, path, flags, mode);
  if (descriptor >= 0) return descriptor;
  int is_short = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
  return is_short && sandbox_is_state_of_thread(path) ? kNoFile : descriptor;
}

#endif
