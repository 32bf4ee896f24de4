// SPDX-License-Identifier: Apache-2.0
/// For a program that replaces malloc: native memory is charged to the isolate on whose behalf it is allocated. And
/// memory that isolates have given away.
#ifndef CISOLATE_NATIVE_MEMORY_H
#define CISOLATE_NATIVE_MEMORY_H

#include "base.h"

CI_BEGIN

/// Charges bytes that are about to be allocated to the isolate that this thread is inside, if it is inside one.
/// Where the isolate is past its hard bound, this thread is parked and the call does not return.
/// Returns the owner to pass to ci_native_discharge; null: nobody is charged.
/// Thread: any, also before main and while a thread ends.
CI_API void *_Nullable ci_native_charge(size_t bytes);

/// Undoes a charge, also long after the isolate is gone.
/// Thread: any.
CI_API void ci_native_discharge(void *_Nonnull owner, size_t bytes);

/// Memory that ci_memory_free frees and that no isolate is charged for; null where there is none.
/// Thread: any.
CI_API void *_Nullable ci_memory_allocate(size_t bytes);

/// Frees what ci_host_call_take or ci_memory_allocate gave.
/// Thread: any.
CI_API void ci_memory_free(void *_Nonnull memory);

CI_END

#endif
