// SPDX-License-Identifier: Apache-2.0
/// The startup snapshot: heap and contexts as they are after the host's own scripts ran.
///
/// V8 shares its read-only heap between isolates, so one process uses one snapshot.
#ifndef CISOLATE_SNAPSHOT_H
#define CISOLATE_SNAPSHOT_H

#include "base.h"

CI_BEGIN

/// A script of the snapshot: the body of a function (primordials, internals, host).
typedef struct ci_snapshot_script {
  ci_slice_t name;
  ci_slice_t source;
} ci_snapshot_script_t;

/// Scripts that a context runs when one of their globals is first named, or `internals.parts[name]`, whose value is
/// `internals.exposed`: the object in which they set the globals instead of defining them. A global is a name, or
/// `HOLDER.name`, a property of what `primordials.HOLDER` is (`@@name` for a well-known symbol); its key in
/// `internals.exposed` is the same text. What V8 itself defines stays as it is.
typedef struct ci_snapshot_part {
  ci_slice_t name;
  const ci_slice_t *_Nullable globals;
  size_t global_count;
  const ci_snapshot_script_t *_Nullable scripts;
  size_t script_count;
} ci_snapshot_part_t;

typedef struct ci_snapshot_options {
  size_t size;  ///< sizeof this struct, as the caller compiled it.
  const ci_snapshot_script_t *_Nullable scripts;
  size_t script_count;
  /// Names of the host's operations: operations[i] is host[name], operation CI_OPERATION_HOST + i.
  const ci_slice_t *_Nullable operations;
  size_t operation_count;
  const ci_snapshot_part_t *_Nullable parts;
  size_t part_count;
  /// Runs in a context that is thrown away, after the scripts: functions that it calls are in the blob with their
  /// code. No bytes of source: no function is. The host's operations answer undefined there, and parts cannot load.
  /// It returns a function that is called when microtasks have run, and throws where the warm-up went wrong.
  ci_snapshot_script_t warm_up;
} ci_snapshot_options_t;

/// Runs the scripts in a new heap and serialises it, without the text of scripts that are ASCII.
/// Owns:   the caller owns *out_blob until ci_bytes_dispose.
/// Thread: any; no isolate may exist.
/// Errors: CI_SCRIPT_ERROR, CI_INVALID (isolates exist).
CI_API ci_status_t ci_snapshot_new(const ci_snapshot_options_t *_Nonnull options, ci_slice_t *_Nonnull out_blob,
                                   ci_error_t *_Nonnull error);

/// What of the shim is baked into a blob: its V8 flags and the order of its own operations. Part of the key
/// under which a blob is kept.
CI_API const char *_Nonnull ci_snapshot_recipe(void);

/// Makes every later isolate start from the blob. The scripts are those that it was made with, to the byte; so are
/// the parts, though their scripts may be others.
/// Owns:   the blob, the scripts and the parts must stay where they are for the rest of the process.
/// Thread: any; no isolate may exist.
/// Errors: CI_INVALID (not a snapshot of this V8, or isolates exist).
CI_API ci_status_t ci_snapshot_use(ci_slice_t blob, const ci_snapshot_script_t *_Nullable scripts, size_t script_count,
                                   const ci_snapshot_part_t *_Nullable parts, size_t part_count);

CI_END

#endif
