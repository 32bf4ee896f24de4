// SPDX-License-Identifier: Apache-2.0
// The report that the process leaves on standard error when a signal ends it.
#ifndef CSHIM_CRASH_H
#define CSHIM_CRASH_H

#include <signal.h>

namespace ci {

// Installs a handler and keeps the one before, to which Crash hands the signal on.
void ReplaceHandler(int signal, const struct sigaction &action);

// Reports where that was asked for, and lets the signal take its course.
void Crash(int signal, siginfo_t *info, void *context);

// Has crashes reported, also those by SIGSEGV, SIGBUS and SIGFPE.
void InstallCrashReports();

}  // namespace ci

#endif
