// SPDX-License-Identifier: Apache-2.0
/// The C surface of V8 that Rookery's Swift stands on. See ARCHITECTURE.md, "The C surface".
#ifndef CISOLATE_H
#define CISOLATE_H

#include "cisolate/base.h"
#include "cisolate/code_cache.h"
#include "cisolate/context.h"
#include "cisolate/engine.h"
#include "cisolate/escalation.h"
#include "cisolate/heap_limit.h"
#include "cisolate/host_call.h"
#include "cisolate/isolate.h"
#include "cisolate/job.h"
#include "cisolate/loop.h"
#include "cisolate/microtasks.h"
#include "cisolate/module.h"
#include "cisolate/native_memory.h"
#include "cisolate/snapshot.h"
#include "cisolate/terminator.h"

#endif
