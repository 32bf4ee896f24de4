// SPDX-License-Identifier: Apache-2.0
/// A global scope, its functions, promises and held exceptions.
#ifndef CISOLATE_CONTEXT_H
#define CISOLATE_CONTEXT_H

#include "base.h"
#include "host_call.h"
#include "isolate.h"

CI_BEGIN

/// What a context has.
typedef struct ci_context_options {
  /// V8's built-ins only, and not what the snapshot's scripts made.
  bool is_bare;
  /// eval, `new Function` and the other ways from a string to code.
  bool allows_code_generation;
  /// WebAssembly.
  bool allows_wasm;
} ci_context_options_t;

/// Creates a context.
/// Errors: CI_SCRIPT_ERROR, CI_TERMINATED, CI_OUT_OF_MEMORY.
CI_API ci_status_t ci_context_new(ci_isolate_t *_Nonnull isolate, ci_context_options_t options,
                                  ci_context_id_t *_Nonnull out_context);

/// Drops a context with its modules and functions. Its promises never settle.
CI_API void ci_context_release(ci_isolate_t *_Nonnull isolate, ci_context_id_t context);

/// Defines a global function that calls the host with `operation` (CI_OPERATION_HOST or above).
/// Errors: CI_STALE, CI_INVALID, CI_SCRIPT_ERROR.
CI_API ci_status_t ci_context_define(ci_isolate_t *_Nonnull isolate, ci_context_id_t context, ci_slice_t name,
                                     uint32_t operation);

/// Runs a classic script. A promise as the script's value is a value like any other here.
/// Owns:   the caller disposes *out_value and *error.
/// Errors: CI_STALE, CI_SCRIPT_ERROR, CI_TERMINATED.
CI_API ci_status_t ci_context_evaluate(ci_isolate_t *_Nonnull isolate, ci_context_id_t context, ci_slice_t source,
                                       ci_slice_t url, ci_form_t form, ci_value_t *_Nonnull out_value,
                                       ci_error_t *_Nonnull error);

/// Finds a function of the snapshot's `internals.exports`.
/// Errors: CI_STALE (no such context), CI_INVALID (no function of that name).
CI_API ci_status_t ci_function_of_prelude(ci_isolate_t *_Nonnull isolate, ci_context_id_t context, ci_slice_t name,
                                          ci_function_id_t *_Nonnull out_function);

/// Finds a function among the properties of the global object.
/// Errors: CI_STALE, CI_INVALID (no function of that name), CI_SCRIPT_ERROR (a getter threw).
CI_API ci_status_t ci_function_of_global(ci_isolate_t *_Nonnull isolate, ci_context_id_t context, ci_slice_t name,
                                         ci_function_id_t *_Nonnull out_function, ci_error_t *_Nonnull error);

/// Finds a function that an evaluated module exports, or, where `member` is not empty, a method of the
/// object that it exports. Called with that object as `this`.
/// Errors: CI_STALE, CI_INVALID (no such function), CI_SCRIPT_ERROR.
CI_API ci_status_t ci_function_of_module(ci_isolate_t *_Nonnull isolate, ci_module_id_t module, ci_slice_t name,
                                         ci_slice_t member, ci_function_id_t *_Nonnull out_function,
                                         ci_error_t *_Nonnull error);

/// Forgets a function.
CI_API void ci_function_release(ci_isolate_t *_Nonnull isolate, ci_function_id_t function);

/// Calls a function, then runs microtasks. Where it returns a promise, the result is that promise's
/// value, and CI_PENDING with *out_promise where it has not settled.
/// Owns:   the caller disposes *out_value and *error.
/// Errors: CI_STALE, CI_SCRIPT_ERROR, CI_TERMINATED, CI_INVALID (an argument that cannot be read).
CI_API ci_status_t ci_function_call(ci_isolate_t *_Nonnull isolate, ci_function_id_t function,
                                    const ci_value_t *_Nullable arguments, size_t argument_count, ci_form_t form,
                                    ci_value_t *_Nonnull out_value, ci_promise_id_t *_Nonnull out_promise,
                                    ci_error_t *_Nonnull error);

/// Looks at a promise that a call left pending. Released by any answer but CI_PENDING.
/// Errors: CI_PENDING, CI_SCRIPT_ERROR (rejected), CI_STALE.
CI_API ci_status_t ci_promise_take(ci_isolate_t *_Nonnull isolate, ci_promise_id_t promise, ci_form_t form,
                                   ci_value_t *_Nonnull out_value, ci_error_t *_Nonnull error);

/// Fulfils the promise of a deferred host call. Run microtasks afterwards.
/// Errors: CI_STALE, CI_INVALID (a value that cannot be read), CI_TERMINATED.
CI_API ci_status_t ci_promise_resolve(ci_isolate_t *_Nonnull isolate, ci_promise_id_t promise,
                                      const ci_value_t *_Nonnull value);

/// Rejects the promise of a deferred host call. Run microtasks afterwards.
/// Errors: CI_STALE, CI_TERMINATED.
CI_API ci_status_t ci_promise_reject(ci_isolate_t *_Nonnull isolate, ci_promise_id_t promise,
                                     const ci_throw_t *_Nonnull exception);

/// Makes an exception that can be thrown more than once.
/// Errors: CI_STALE, CI_TERMINATED.
CI_API ci_status_t ci_exception_new(ci_isolate_t *_Nonnull isolate, ci_context_id_t context,
                                    const ci_throw_t *_Nonnull exception, ci_exception_id_t *_Nonnull out_exception);

/// Forgets a held exception.
CI_API void ci_exception_release(ci_isolate_t *_Nonnull isolate, ci_exception_id_t exception);

/// Takes the oldest uncaught error of timers, microtasks and unhandled rejections.
/// Owns:   the caller disposes *error.
/// Errors: CI_OK (*error is one), CI_PENDING (there is none).
CI_API ci_status_t ci_context_take_uncaught(ci_isolate_t *_Nonnull isolate, ci_context_id_t context,
                                            ci_error_t *_Nonnull error);

CI_END

#endif
