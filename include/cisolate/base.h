// SPDX-License-Identifier: Apache-2.0
/// What every header here uses: status, slices, values, errors.
#ifndef CISOLATE_BASE_H
#define CISOLATE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CI_BEGIN extern "C" {
#define CI_END }
#else
#define CI_BEGIN
#define CI_END
#endif

#define CI_API __attribute__((visibility("default")))

#ifdef __clang__
#define CI_CLOSED_ENUM __attribute__((enum_extensibility(closed)))
#define CI_SWIFT_NAME(x) __attribute__((swift_name(#x)))
#else
#define CI_CLOSED_ENUM
#define CI_SWIFT_NAME(x)
#define _Nonnull
#define _Nullable
#endif

/// Raised whenever a struct or a function of this header set changes.
#define CI_ABI_VERSION 7

CI_BEGIN

/// How a call ended. Outputs are untouched unless it is CI_OK (or CI_PENDING where a function says so).
typedef enum CI_CLOSED_ENUM ci_status {
  CI_OK CI_SWIFT_NAME(ok) = 0,
  /// JavaScript threw; the error says what.
  CI_SCRIPT_ERROR CI_SWIFT_NAME(scriptError) = 1,
  /// Execution was terminated; ci_isolate_end_turn says why.
  CI_TERMINATED CI_SWIFT_NAME(terminated) = 2,
  /// The caller broke the function's contract: a struct of another size, text that is too long.
  CI_INVALID CI_SWIFT_NAME(invalid) = 3,
  /// The id names nothing: never made, or released.
  CI_STALE CI_SWIFT_NAME(stale) = 4,
  CI_OUT_OF_MEMORY CI_SWIFT_NAME(outOfMemory) = 5,
  /// The result is a promise that has not settled.
  CI_PENDING CI_SWIFT_NAME(pending) = 6,
} ci_status_t;

/// Bytes that belong to somebody else, borrowed for the call.
typedef struct ci_slice {
  const uint8_t *_Nullable bytes;
  size_t count;
} ci_slice_t;

/// Ids of things in an isolate's tables. 0 names nothing; an id is never used twice.
typedef uint64_t ci_context_id_t;
typedef uint64_t ci_module_id_t;
typedef uint64_t ci_function_id_t;
typedef uint64_t ci_promise_id_t;
typedef uint64_t ci_exception_id_t;
typedef uint64_t ci_import_id_t;

typedef enum CI_CLOSED_ENUM ci_value_kind {
  CI_VALUE_UNDEFINED CI_SWIFT_NAME(undefined) = 0,
  CI_VALUE_NULL CI_SWIFT_NAME(null) = 1,
  CI_VALUE_BOOLEAN CI_SWIFT_NAME(boolean) = 2,
  CI_VALUE_NUMBER CI_SWIFT_NAME(number) = 3,
  /// UTF-8 in `data`.
  CI_VALUE_STRING CI_SWIFT_NAME(string) = 4,
  /// An ArrayBuffer's or view's bytes in `data`; becomes a Uint8Array.
  CI_VALUE_BYTES CI_SWIFT_NAME(bytes) = 5,
  /// JSON text in `data`.
  CI_VALUE_JSON CI_SWIFT_NAME(json) = 6,
  /// A structured-clone blob of this V8 (ValueSerializer) in `data`.
  CI_VALUE_CLONE CI_SWIFT_NAME(clone) = 7,
  /// The held exception `id`; only into JavaScript.
  CI_VALUE_EXCEPTION CI_SWIFT_NAME(exception) = 8,
  /// `id` values, to which `data.bytes` points; becomes an Array; only into JavaScript.
  CI_VALUE_LIST CI_SWIFT_NAME(list) = 9,
  /// An object without a prototype, whose one property `data` names and `number` is; only into JavaScript.
  CI_VALUE_HANDLE CI_SWIFT_NAME(handle) = 10,
  /// The namespace of the linked module `id`; only into JavaScript.
  CI_VALUE_NAMESPACE CI_SWIFT_NAME(namespace) = 11,
  /// What the prelude's export that `data` names returns, called without arguments; only into JavaScript.
  CI_VALUE_PRELUDE CI_SWIFT_NAME(prelude) = 12,
  /// Characters in `data`, a byte each; becomes a string; only into JavaScript.
  CI_VALUE_LATIN1 CI_SWIFT_NAME(latin1) = 13,
} ci_value_kind_t;

/// A value that crosses the boundary: always a copy.
typedef struct ci_value {
  ci_value_kind_t kind;
  /// The number, or 0 and 1 for a boolean.
  double number;
  ci_slice_t data;
  uint64_t id;
} ci_value_t;

/// In which form a JavaScript value is copied out.
typedef enum CI_CLOSED_ENUM ci_form {
  /// Primitives and bytes as they are, anything else as JSON; what JSON leaves out is undefined.
  CI_FORM_DATA CI_SWIFT_NAME(data) = 0,
  /// A structured-clone blob, whatever the value is.
  CI_FORM_CLONE CI_SWIFT_NAME(clone) = 1,
  /// Nothing is copied; the result is undefined.
  CI_FORM_NOTHING CI_SWIFT_NAME(nothing) = 2,
} ci_form_t;

/// Frees what a function put into *value. A zeroed value is fine.
CI_API void ci_value_dispose(ci_value_t *_Nonnull value);

/// What went wrong. The caller owns it, zeroes it before the call and disposes it after.
typedef struct ci_error {
  /// Set by the caller before the call: hold the thrown value, under `exception`.
  bool holds;
  /// The constructor's name ("TypeError"), empty where no Error object was thrown.
  ci_slice_t name;
  ci_slice_t message;
  /// V8's stack text, name and message included; may be empty.
  ci_slice_t stack;
  /// The `code` property where it is a string.
  ci_slice_t code;
  ci_slice_t url;
  ci_slice_t source_line;
  /// 1-based; 0 where unknown.
  int32_t line;
  int32_t column;
  /// The thrown value itself, held until ci_exception_release; 0 where it is not.
  ci_exception_id_t exception;
} ci_error_t;

/// Frees the strings of *error; the held exception stays.
CI_API void ci_error_dispose(ci_error_t *_Nonnull error);

/// Owned bytes handed out by a function; free with ci_bytes_dispose.
CI_API void ci_bytes_dispose(const uint8_t *_Nullable bytes);

/// The CI_ABI_VERSION that the library was compiled with.
CI_API int ci_abi_version(void);

CI_END

#endif
