// SPDX-License-Identifier: Apache-2.0
/// JavaScript calls the host: one trampoline, an operation index, values by copy.
#ifndef CISOLATE_HOST_CALL_H
#define CISOLATE_HOST_CALL_H

#include "base.h"

CI_BEGIN

/// Operations below this are the shim's own (text coding, cloning, reflection for inspection).
#define CI_OPERATION_HOST 1024

typedef struct ci_host_call ci_host_call_t;

/// Which JavaScript constructor makes an exception.
typedef enum CI_CLOSED_ENUM ci_error_class {
  CI_CLASS_ERROR CI_SWIFT_NAME(error) = 0,
  CI_CLASS_TYPE_ERROR CI_SWIFT_NAME(typeError) = 1,
  CI_CLASS_RANGE_ERROR CI_SWIFT_NAME(rangeError) = 2,
  CI_CLASS_SYNTAX_ERROR CI_SWIFT_NAME(syntaxError) = 3,
} ci_error_class_t;

/// An exception for JavaScript.
typedef struct ci_throw {
  ci_error_class_t error_class;
  /// Overrides the `name` property where not empty.
  ci_slice_t name;
  ci_slice_t message;
  /// The `code` property where not empty.
  ci_slice_t code;
} ci_throw_t;

/// The operation, CI_OPERATION_HOST or above.
CI_API uint32_t ci_host_call_operation(const ci_host_call_t *_Nonnull call);

/// The context that called.
CI_API ci_context_id_t ci_host_call_context(const ci_host_call_t *_Nonnull call);

/// The number that the prelude gave to what led to this call, through awaits and timers; 0: none.
CI_API uint32_t ci_host_call_continuation(const ci_host_call_t *_Nonnull call);

/// How many arguments were passed.
CI_API size_t ci_host_call_argument_count(const ci_host_call_t *_Nonnull call);

/// What copying an argument out takes, in bytes: 8 for a scalar, and for a string beyond 32 Mi characters their number.
/// Errors: CI_INVALID: the argument is neither a primitive nor bytes.
CI_API ci_status_t ci_host_call_argument_size(const ci_host_call_t *_Nonnull call, size_t index,
                                              size_t *_Nonnull out_size);

/// Copies an argument out; past the last it is undefined. May run the script's own code, and may never return (the
/// thread is parked): hold no lock.
/// Owns:   the caller disposes *out_value.
/// Errors: CI_SCRIPT_ERROR: the argument cannot be copied. A JavaScript exception is under way: return.
CI_API ci_status_t ci_host_call_argument(ci_host_call_t *_Nonnull call, size_t index, ci_form_t form,
                                         ci_value_t *_Nonnull out_value);

/// How a string is written as bytes.
typedef enum CI_CLOSED_ENUM ci_text_encoding {
  /// Lone surrogates become U+FFFD.
  CI_TEXT_UTF8 CI_SWIFT_NAME(utf8) = 0,
  /// A byte for each character.
  CI_TEXT_LATIN1 CI_SWIFT_NAME(latin1) = 1,
} ci_text_encoding_t;

/// How many bytes a string argument has.
/// Errors: CI_INVALID: the argument is no string, or has characters that are no byte.
CI_API ci_status_t ci_host_call_text_size(const ci_host_call_t *_Nonnull call, size_t index,
                                          ci_text_encoding_t encoding, size_t *_Nonnull out_size);

/// Writes a string argument of which ci_host_call_text_size told the size.
CI_API void ci_host_call_text_write(const ci_host_call_t *_Nonnull call, size_t index, ci_text_encoding_t encoding,
                                    uint8_t *_Nonnull buffer, size_t size);

/// Lends the bytes of an argument that is an ArrayBuffer or a view, until JavaScript runs again.
/// Errors: CI_INVALID: the argument is none.
CI_API ci_status_t ci_host_call_bytes(const ci_host_call_t *_Nonnull call, size_t index,
                                      ci_slice_t *_Nonnull out_bytes);

/// Takes a large argument over as it is, without a copy where that can be: a Uint8Array of a whole ArrayBuffer, which
/// is detached, or a string, as UTF-8. Stays charged to the isolate until it is freed, also when the isolate is gone.
/// Owns:   the caller frees the bytes by ci_memory_free.
/// Errors: CI_INVALID: the argument is neither, or has fewer than `least` bytes or characters, or there is no memory.
CI_API ci_status_t ci_host_call_take(ci_host_call_t *_Nonnull call, size_t index, size_t least,
                                     ci_slice_t *_Nonnull out_bytes);

/// Sets the result; the last of return, throw and defer counts.
/// Errors: CI_INVALID (JSON or a clone that cannot be read; an exception is under way).
CI_API ci_status_t ci_host_call_return(ci_host_call_t *_Nonnull call, const ci_value_t *_Nonnull value);

/// Throws into the caller.
CI_API void ci_host_call_throw(ci_host_call_t *_Nonnull call, const ci_throw_t *_Nonnull exception);

/// Makes the result a promise, to be settled by ci_promise_resolve or ci_promise_reject.
/// Errors: CI_TERMINATED.
CI_API ci_status_t ci_host_call_defer(ci_host_call_t *_Nonnull call, ci_promise_id_t *_Nonnull out_promise);

CI_END

#endif
