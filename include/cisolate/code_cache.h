// SPDX-License-Identifier: Apache-2.0
/// V8's code cache of a module: bytecode that a later compilation of the same source takes over.
///
/// V8 checks its version, its flags and the source's length, never its content, and bakes the URL in: key
/// caches by URL and a hash of the source, and take none from strangers.
#ifndef CISOLATE_CODE_CACHE_H
#define CISOLATE_CODE_CACHE_H

#include "base.h"
#include "isolate.h"

CI_BEGIN

/// Serialises the code that V8 has compiled for the module so far.
/// Owns:   the caller owns *out_bytes until ci_bytes_dispose.
/// Errors: CI_STALE, CI_INVALID (not a source text module), CI_OUT_OF_MEMORY.
CI_API ci_status_t ci_code_cache_new(ci_isolate_t *_Nonnull isolate, ci_module_id_t module,
                                     ci_slice_t *_Nonnull out_bytes);

/// A tag of V8's version and flags; caches of another tag are rejected.
CI_API uint32_t ci_code_cache_tag(void);

CI_END

#endif
