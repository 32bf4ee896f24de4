// SPDX-License-Identifier: Apache-2.0
#include "cisolate/context.h"

#include "engine_state.h"
#include "scopes.h"
#include "values.h"

namespace ci {

namespace {
// The slot of a context's embedder data that holds its id, shifted to look like an aligned pointer.
constexpr int kIdSlot = 2;
}  // namespace

ci_context_id_t IdOf(v8::Local<v8::Context> context) {
  if (context->GetNumberOfEmbedderDataFields() <= kIdSlot) return 0;
  return reinterpret_cast<uint64_t>(context->GetAlignedPointerFromEmbedderData(kIdSlot)) >> 1;
}

void SetId(v8::Local<v8::Context> context, ci_context_id_t id) {
  context->SetAlignedPointerInEmbedderData(kIdSlot, reinterpret_cast<void *>(id << 1));
}

v8::MaybeLocal<v8::Function> NewOperation(v8::Local<v8::Context> context, v8::Local<v8::String> name,
                                          uint32_t operation) {
  v8::Local<v8::Function> function;
  if (!v8::Function::New(context, Trampoline, v8::Integer::NewFromUnsigned(context->GetIsolate(), operation), 0,
                         v8::ConstructorBehavior::kThrow)
           .ToLocal(&function)) {
    return {};
  }
  function->SetName(name);
  return function;
}

namespace {

// What a call answers: the value, or what its promise holds.
ci_status_t Settle(ci_isolate *self, InContext &in, ci_context_id_t context, v8::Local<v8::Value> value, ci_form_t form,
                   ci_value_t *out_value, ci_promise_id_t *out_promise, ci_error_t *error) {
  if (value->IsPromise()) {
    auto promise = value.As<v8::Promise>();
    if (promise->State() == v8::Promise::kPending) {
      *out_promise = self->promises.Add({v8::Global<v8::Promise>(self->isolate, promise), {}, context});
      return CI_PENDING;
    }
    if (promise->State() == v8::Promise::kRejected) {
      promise->MarkAsHandled();
      Describe(self, in.context(), promise->Result(), {}, error);
      return self->terminating() ? CI_TERMINATED : CI_SCRIPT_ERROR;
    }
    value = promise->Result();
  }
  if (CopyOut(in.context(), value, form, out_value)) return CI_OK;
  return Caught(self, in.context(), in.caught(), error);
}

ci_status_t AddFunction(ci_isolate *self, ci_context_id_t context, v8::Local<v8::Value> value,
                        v8::Local<v8::Value> receiver, ci_function_id_t *out_function) {
  if (!value->IsFunction()) return CI_INVALID;
  *out_function = self->functions.Add({v8::Global<v8::Function>(self->isolate, value.As<v8::Function>()),
                                       v8::Global<v8::Value>(self->isolate, receiver), context});
  return CI_OK;
}

}  // namespace
}  // namespace ci

using ci::InContext;

ci_status_t ci_context_new(ci_isolate_t *self, ci_context_options_t options, ci_context_id_t *out_context) {
  ci::Entered entered(self);
  v8::TryCatch caught(self->isolate);
  v8::Local<v8::Context> context;
  bool from_snapshot = !options.is_bare && ci::EngineSnapshot();
  auto made = from_snapshot ? v8::Context::FromSnapshot(self->isolate, 0)
                            : v8::MaybeLocal<v8::Context>(v8::Context::New(self->isolate));
  if (!made.ToLocal(&context)) return self->terminating() ? CI_TERMINATED : CI_OUT_OF_MEMORY;
  context->AllowCodeGenerationFromStrings(options.allows_code_generation);
  // V8 installs it anew when it reads a snapshot.
  if (!options.allows_wasm &&
      !context->Global()->Delete(context, ci::Literal(self->isolate, "WebAssembly")).FromMaybe(false)) {
    return self->terminating() ? CI_TERMINATED : CI_OUT_OF_MEMORY;
  }
  ci::ContextCell cell;
  cell.allows_wasm = options.allows_wasm;
  cell.context.Reset(self->isolate, context);
  if (from_snapshot) {
    v8::Local<v8::Object> exports;
    if (context->GetDataFromSnapshotOnce<v8::Object>(0).ToLocal(&exports)) cell.exports.Reset(self->isolate, exports);
  }
  if (self->options.rewrites_stacks) {
    v8::Context::Scope scope(context);
    v8::Local<v8::Value> to_string = context->Global();
    for (const char *name : {"Error", "prototype", "toString"}) {
      v8::Local<v8::String> key = ci::Literal(self->isolate, name);
      if (!to_string->IsObject() || !to_string.As<v8::Object>()->Get(context, key).ToLocal(&to_string)) break;
    }
    if (to_string->IsFunction()) cell.error_to_string.Reset(self->isolate, to_string.As<v8::Function>());
  }
  *out_context = self->contexts.Add(std::move(cell));
  ci::SetId(context, *out_context);
  return CI_OK;
}

void ci_context_release(ci_isolate_t *self, ci_context_id_t context) {
  ci::Entered entered(self);
  auto of_context = [context](const auto &cell) { return cell.context == context; };
  self->imports.RemoveIf(of_context);
  self->promises.RemoveIf(of_context);
  self->functions.RemoveIf(of_context);
  self->modules.RemoveIf(of_context);
  auto &hashes = self->modules_by_hash;
  for (auto it = hashes.begin(); it != hashes.end();)
    it = self->modules.Find(it->second) ? std::next(it) : hashes.erase(it);
  self->contexts.Remove(context);
}

ci_status_t ci_context_define(ci_isolate_t *self, ci_context_id_t context, ci_slice_t name, uint32_t operation) {
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  v8::Local<v8::String> key;
  v8::Local<v8::Function> function;
  if (operation < CI_OPERATION_HOST || !ci::ToString(self->isolate, name).ToLocal(&key)) return CI_INVALID;
  if (!ci::NewOperation(in.context(), key, operation).ToLocal(&function)) return CI_SCRIPT_ERROR;
  if (!in.context()->Global()->DefineOwnProperty(in.context(), key, function, v8::DontEnum).FromMaybe(false)) {
    return CI_SCRIPT_ERROR;
  }
  return CI_OK;
}

ci_status_t ci_context_evaluate(ci_isolate_t *self, ci_context_id_t context, ci_slice_t source, ci_slice_t url,
                                ci_form_t form, ci_value_t *out_value, ci_error_t *error) {
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  if (self->terminating()) return CI_TERMINATED;
  v8::Local<v8::String> text;
  v8::Local<v8::String> name;
  if (!ci::ToString(self->isolate, source).ToLocal(&text) || !ci::ToString(self->isolate, url).ToLocal(&name)) {
    return CI_INVALID;
  }
  v8::ScriptOrigin origin(self->isolate, name);
  v8::ScriptCompiler::Source unit(text, origin);
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> value;
  bool ran =
      v8::ScriptCompiler::Compile(in.context(), &unit).ToLocal(&script) && script->Run(in.context()).ToLocal(&value);
  ci_status_t status = ran ? CI_OK : ci::Caught(self, in.context(), in.caught(), error);
  if (status != CI_TERMINATED && !ci::Checkpoint(self)) {
    if (status == CI_SCRIPT_ERROR) ci_error_dispose(error);
    return CI_TERMINATED;
  }
  if (!ran) return status;
  if (ci::CopyOut(in.context(), value, form, out_value)) return CI_OK;
  return ci::Caught(self, in.context(), in.caught(), error);
}

ci_status_t ci_function_of_prelude(ci_isolate_t *self, ci_context_id_t context, ci_slice_t name,
                                   ci_function_id_t *out_function) {
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  v8::Local<v8::String> key;
  v8::Local<v8::Value> value;
  if (in.cell().exports.IsEmpty() || !ci::ToString(self->isolate, name).ToLocal(&key)) return CI_INVALID;
  if (!in.cell().exports.Get(self->isolate)->Get(in.context(), key).ToLocal(&value)) return CI_INVALID;
  return ci::AddFunction(self, context, value, v8::Undefined(self->isolate), out_function);
}

ci_status_t ci_function_of_global(ci_isolate_t *self, ci_context_id_t context, ci_slice_t name,
                                  ci_function_id_t *out_function, ci_error_t *error) {
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  v8::Local<v8::String> key;
  v8::Local<v8::Value> value;
  if (!ci::ToString(self->isolate, name).ToLocal(&key)) return CI_INVALID;
  if (!in.context()->Global()->Get(in.context(), key).ToLocal(&value)) {
    return ci::Caught(self, in.context(), in.caught(), error);
  }
  return ci::AddFunction(self, context, value, v8::Undefined(self->isolate), out_function);
}

ci_status_t ci_function_of_module(ci_isolate_t *self, ci_module_id_t module, ci_slice_t name, ci_slice_t member,
                                  ci_function_id_t *out_function, ci_error_t *error) {
  ci::ModuleCell *cell = self->modules.Find(module);
  if (!cell) return CI_STALE;
  InContext in(self, cell->context);
  if (!in.ok()) return CI_STALE;
  auto handle = cell->module.Get(self->isolate);
  if (handle->GetStatus() != v8::Module::kEvaluated) return CI_INVALID;
  v8::Local<v8::String> key;
  v8::Local<v8::Value> value;
  if (!ci::ToString(self->isolate, name).ToLocal(&key)) return CI_INVALID;
  bool found = handle->GetModuleNamespace().As<v8::Object>()->Get(in.context(), key).ToLocal(&value);
  v8::Local<v8::Value> receiver = v8::Undefined(self->isolate);
  if (found && member.count) {
    if (!value->IsObject() || !ci::ToString(self->isolate, member).ToLocal(&key)) return CI_INVALID;
    receiver = value;
    found = value.As<v8::Object>()->Get(in.context(), key).ToLocal(&value);
  }
  if (!found) return ci::Caught(self, in.context(), in.caught(), error);
  return ci::AddFunction(self, cell->context, value, receiver, out_function);
}

void ci_function_release(ci_isolate_t *self, ci_function_id_t function) {
  ci::Entered entered(self);
  self->functions.Remove(function);
}

ci_status_t ci_function_call(ci_isolate_t *self, ci_function_id_t function, const ci_value_t *arguments,
                             size_t argument_count, ci_form_t form, ci_value_t *out_value, ci_promise_id_t *out_promise,
                             ci_error_t *error) {
  ci::FunctionCell *cell = self->functions.Find(function);
  if (!cell) return CI_STALE;
  ci_context_id_t context = cell->context;
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  if (self->terminating()) return CI_TERMINATED;
  constexpr size_t kMostArguments = 64;
  if (argument_count > kMostArguments) return CI_INVALID;
  v8::Local<v8::Value> values[kMostArguments];
  for (size_t i = 0; i < argument_count; ++i) {
    if (!ci::CopyIn(self, in.context(), arguments[i]).ToLocal(&values[i])) {
      return ci::Caught(self, in.context(), in.caught(), error);
    }
  }
  v8::Local<v8::Value> value;
  bool returned = cell->function.Get(self->isolate)
                      ->Call(in.context(), cell->receiver.Get(self->isolate), static_cast<int>(argument_count), values)
                      .ToLocal(&value);
  ci_status_t status = returned ? CI_OK : ci::Caught(self, in.context(), in.caught(), error);
  if (status != CI_TERMINATED && !ci::Checkpoint(self)) {
    if (status == CI_SCRIPT_ERROR) ci_error_dispose(error);
    return CI_TERMINATED;
  }
  if (!returned) return status;
  return ci::Settle(self, in, context, value, form, out_value, out_promise, error);
}

ci_status_t ci_promise_take(ci_isolate_t *self, ci_promise_id_t promise, ci_form_t form, ci_value_t *out_value,
                            ci_error_t *error) {
  ci::PromiseCell *cell = self->promises.Find(promise);
  if (!cell) return CI_STALE;
  ci_context_id_t context = cell->context;
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  auto handle = cell->promise.Get(self->isolate);
  if (handle->State() == v8::Promise::kPending) return CI_PENDING;
  self->promises.Remove(promise);
  ci_promise_id_t unused = 0;
  return ci::Settle(self, in, context, handle, form, out_value, &unused, error);
}

ci_status_t ci_promise_resolve(ci_isolate_t *self, ci_promise_id_t promise, const ci_value_t *value) {
  ci::PromiseCell *cell = self->promises.Find(promise);
  if (!cell || cell->resolver.IsEmpty()) return CI_STALE;
  InContext in(self, cell->context);
  if (!in.ok()) return CI_STALE;
  auto resolver = cell->resolver.Get(self->isolate);
  v8::Local<v8::Value> result;
  if (!ci::CopyIn(self, in.context(), *value).ToLocal(&result)) {
    return in.caught().HasTerminated() ? CI_TERMINATED : CI_INVALID;
  }
  self->promises.Remove(promise);
  return resolver->Resolve(in.context(), result).FromMaybe(false) ? CI_OK : CI_TERMINATED;
}

ci_status_t ci_promise_reject(ci_isolate_t *self, ci_promise_id_t promise, const ci_throw_t *exception) {
  ci::PromiseCell *cell = self->promises.Find(promise);
  if (!cell || cell->resolver.IsEmpty()) return CI_STALE;
  InContext in(self, cell->context);
  if (!in.ok()) return CI_STALE;
  auto resolver = cell->resolver.Get(self->isolate);
  self->promises.Remove(promise);
  auto made = ci::NewException(in.context(), *exception);
  return resolver->Reject(in.context(), made).FromMaybe(false) ? CI_OK : CI_TERMINATED;
}

ci_status_t ci_exception_new(ci_isolate_t *self, ci_context_id_t context, const ci_throw_t *exception,
                             ci_exception_id_t *out_exception) {
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  auto made = ci::NewException(in.context(), *exception);
  if (self->terminating()) return CI_TERMINATED;
  *out_exception = self->exceptions.Add({v8::Global<v8::Value>(self->isolate, made)});
  return CI_OK;
}

void ci_exception_release(ci_isolate_t *self, ci_exception_id_t exception) {
  ci::Entered entered(self);
  self->exceptions.Remove(exception);
}

ci_status_t ci_context_take_uncaught(ci_isolate_t *self, ci_context_id_t context, ci_error_t *error) {
  InContext in(self, context);
  if (!in.ok() || in.cell().uncaught.empty()) return CI_PENDING;
  auto value = in.cell().uncaught.front().Get(self->isolate);
  in.cell().uncaught.pop_front();
  ci::Describe(self, in.context(), value, {}, error);
  return CI_OK;
}
