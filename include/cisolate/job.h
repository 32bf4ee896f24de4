// SPDX-License-Identifier: Apache-2.0
/// Long computations that JavaScript asked for, apart from their isolate: any thread may do them.
#ifndef CISOLATE_JOB_H
#define CISOLATE_JOB_H

#include "isolate.h"

CI_BEGIN

/// One computation with what it needs. It holds no part of the isolate and may outlive it; its memory is charged to
/// the isolate.
typedef struct ci_job ci_job_t;

/// The job that JavaScript names in a host call.
/// Owns:   the caller owns *out_job until ci_job_dispose.
/// Thread: the isolate's.
/// Errors: CI_STALE, also where the job was taken before.
CI_API ci_status_t ci_job_take(ci_isolate_t *_Nonnull isolate, uint32_t number, ci_job_t *_Nullable *_Nonnull out_job);

/// Computes, to the end or until `goes_on` says no, which is asked every millisecond or so with the CPU time that this
/// took so far. Then JavaScript may fetch the result. The calling thread has the lowest priority from then on.
/// Thread: any, once. Returns the CPU time in nanoseconds.
CI_API uint64_t ci_job_run(ci_job_t *_Nonnull job, void *_Nullable context,
                           bool (*_Nonnull goes_on)(void *_Nullable context, uint64_t cpu_nanoseconds));

/// Gives the job back. JavaScript may still fetch the result.
/// Thread: any.
CI_API void ci_job_dispose(ci_job_t *_Nonnull job);

CI_END

#endif
