// SPDX-License-Identifier: Apache-2.0
/// What a process asks of the kernel to be let do less. Every function returns 0, or the number of the error.
///
/// User namespaces, capabilities, no_new_privs and Landlock belong to a thread: they are asked for while the process
/// has one, and every later thread has them. The filter of system calls reaches all threads.
#ifndef CSANDBOX_SANDBOX_H
#define CSANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How many threads the process has; 0 where that cannot be told.
size_t sandbox_thread_count(void);

/// Closes all descriptors from 3 on but those given, which ascend.
int sandbox_close_descriptors(const int *_Nullable kept, size_t count);

/// Empties the environment, and overwrites what was in it. How many variables there were.
size_t sandbox_clear_environment(void);

/// Takes back the handlers of signals that end a process. Swift's own would look at files and start a program.
void sandbox_forget_crash_handlers(void);

/// Leaves a resource with at most these units, for good.
int sandbox_limit(int resource, uint64_t most);

/// Lets threads take the highest priority without a capability. EPERM without the privilege to allow it.
int sandbox_allow_priority(void);

/// Writing past RLIMIT_FSIZE is an error then, and no signal.
void sandbox_ignore_file_size_signal(void);

/// Moves the process into a user namespace of its own, where it is nobody.
int sandbox_leave_users(void);

/// Moves the process into namespaces of its own for the network, System V objects and the host's name.
int sandbox_leave_network(void);

/// Drops all capabilities, those of later programs too.
int sandbox_drop_capabilities(void);

/// No program that this process starts has more privileges than it.
int sandbox_refuse_privileges(void);

/// No process of the same user may look into this one, and it leaves no core.
int sandbox_refuse_inspection(void);

/// Landlock's version here; negative: the number of the error.
int sandbox_landlock_version(void);

/// Refuses every path, TCP's bind and connect from version 4 on, and signals and abstract sockets to processes outside
/// from version 6 on.
int sandbox_landlock_refuse_all(int version);

/// Answers attempts to open a file with EACCES, but libdispatch's look at the state of its threads, which ends the
/// process when it fails, with a state. Takes SIGSYS.
int sandbox_filter_opens(void);

/// Whether a path is that of the state of a thread, /proc/THREAD/stat, which libdispatch reads.
bool sandbox_is_state_of_thread(const char *_Nonnull path);

/// Ends the process at system calls that no isolate needs, refuses others; on all threads.
/// - Parameter jitless: memory cannot become executable.
int sandbox_filter_calls(bool jitless);

/// Whether opening a folder and making a socket fail, with an error.
bool sandbox_is_closed(void);

#endif
