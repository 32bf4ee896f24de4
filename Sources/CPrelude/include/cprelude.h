// SPDX-License-Identifier: Apache-2.0
/// The prelude's JavaScript files, as bytes of the program.
#ifndef CPRELUDE_H
#define CPRELUDE_H

#include <stddef.h>
#include <stdint.h>

typedef struct cprelude_script {
  const char *_Nonnull name;
  const uint8_t *_Nonnull bytes;
  size_t count;
  /// The part that it loads with; null: it is in the snapshot.
  const char *_Nullable part;
} cprelude_script_t;

/// The files in load order, `cprelude_script_count` of them.
extern const cprelude_script_t *_Nonnull const cprelude_scripts;
extern const size_t cprelude_script_count;
/// Runs while the snapshot is made, in a context that is thrown away. None of `cprelude_scripts`.
extern const cprelude_script_t cprelude_warm_up;

#endif
