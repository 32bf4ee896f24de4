// SPDX-License-Identifier: Apache-2.0
/// ES modules: compile, link, evaluate, and the answers to import().
#ifndef CISOLATE_MODULE_H
#define CISOLATE_MODULE_H

#include "base.h"
#include "context.h"
#include "isolate.h"

CI_BEGIN

/// Compiles a source text module.
/// Owns:   the caller disposes *error.
/// Errors: CI_STALE, CI_SCRIPT_ERROR (SyntaxError), CI_INVALID (source longer than V8 takes), CI_TERMINATED.
CI_API ci_status_t ci_module_compile(ci_isolate_t *_Nonnull isolate, ci_context_id_t context, ci_slice_t source,
                                     ci_slice_t url, ci_slice_t code_cache, ci_module_id_t *_Nonnull out_module,
                                     bool *_Nonnull out_cache_accepted, ci_error_t *_Nonnull error);

/// Makes a module whose only export is `default`.
/// Errors: CI_STALE, CI_SCRIPT_ERROR (JSON that does not parse), CI_INVALID, CI_TERMINATED.
CI_API ci_status_t ci_module_of_value(ci_isolate_t *_Nonnull isolate, ci_context_id_t context, ci_slice_t url,
                                      const ci_value_t *_Nonnull value, ci_module_id_t *_Nonnull out_module,
                                      ci_error_t *_Nonnull error);

/// One import of a module's source.
typedef struct ci_module_request {
  ci_slice_t specifier;
  const ci_attribute_t *_Nullable attributes;
  size_t attribute_count;
  /// 1-based.
  int32_t line;
  int32_t column;
} ci_module_request_t;

/// How many distinct imports the module has; 0 for a stale id.
CI_API size_t ci_module_request_count(ci_isolate_t *_Nonnull isolate, ci_module_id_t module);

/// Reads an import. Its slices stay until the context is released.
/// Errors: CI_STALE, CI_INVALID (no such index).
CI_API ci_status_t ci_module_request(ci_isolate_t *_Nonnull isolate, ci_module_id_t module, size_t index,
                                     ci_module_request_t *_Nonnull out_request);

/// Says which module answers an import.
/// Errors: CI_STALE, CI_INVALID (no such index).
CI_API ci_status_t ci_module_link(ci_isolate_t *_Nonnull isolate, ci_module_id_t module, size_t index,
                                  ci_module_id_t target);

/// Links the graph below the module and evaluates it, then runs microtasks.
/// Errors: CI_PENDING (*out_promise: top-level await), CI_SCRIPT_ERROR, CI_TERMINATED, CI_STALE.
CI_API ci_status_t ci_module_evaluate(ci_isolate_t *_Nonnull isolate, ci_module_id_t module,
                                      ci_promise_id_t *_Nonnull out_promise, ci_error_t *_Nonnull error);

/// Copies an export of an evaluated module out.
/// Owns:   the caller disposes *out_value and *error.
/// Errors: CI_STALE, CI_SCRIPT_ERROR, CI_TERMINATED.
CI_API ci_status_t ci_module_export(ci_isolate_t *_Nonnull isolate, ci_module_id_t module, ci_slice_t name,
                                    ci_form_t form, ci_value_t *_Nonnull out_value, ci_error_t *_Nonnull error);

/// Answers import() with a module whose graph is loaded: links, evaluates, settles. Run microtasks afterwards.
/// Errors: CI_STALE, CI_TERMINATED.
CI_API ci_status_t ci_import_finish(ci_isolate_t *_Nonnull isolate, ci_import_id_t import, ci_module_id_t module);

/// Answers import() with a held exception. Run microtasks afterwards.
/// Errors: CI_STALE, CI_TERMINATED.
CI_API ci_status_t ci_import_fail(ci_isolate_t *_Nonnull isolate, ci_import_id_t import, ci_exception_id_t exception);

CI_END

#endif
