// SPDX-License-Identifier: Apache-2.0
/// What code that broke out of V8 would try.
#ifndef CSANDBOXATTACKS_ATTACKS_H
#define CSANDBOXATTACKS_ATTACKS_H

/// The names of the attacks, in order; NULL past the last.
const char *attack_name(int index);

/// Makes what attacks find open: a socket, of TCP or of UDP; a regular file without a name. Their descriptors.
int attack_make_socket(int is_stream);
int attack_make_file(void);

/// Tries it: 0 where it worked, else the number of the error; -1 for an unknown name.
int attack_run(const char *name);

/// Becomes a program for which the machine has no `landlock` or no `seccomp`, as `layer` says. The number of the error.
int attack_run_without(const char *layer, char *const *arguments);

/// Writes to address zero.
void attack_crash(void);

#endif
