// SPDX-License-Identifier: Apache-2.0
#include "cisolate/module.h"

#include <pthread.h>

#include "engine_state.h"
#include "scopes.h"
#include "values.h"

namespace ci {

namespace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// V8 gives (key, value, source offset) for static imports and (key, value) for import().
Attributes ReadAttributes(v8::Local<v8::Context> context, v8::Local<v8::FixedArray> array, int stride) {
  v8::Isolate *isolate = context->GetIsolate();
  Attributes attributes;
  for (int i = 0; i + 1 < array->Length(); i += stride) {
    attributes.emplace_back(ToStdString(isolate, array->Get(context, i).As<v8::String>()),
                            ToStdString(isolate, array->Get(context, i + 1).As<v8::String>()));
  }
  return attributes;
}

std::vector<ci_attribute_t> SlicesOf(const Attributes &attributes) {
  std::vector<ci_attribute_t> slices;
  for (auto &[key, value] : attributes) slices.push_back({SliceOf(key), SliceOf(value)});
  return slices;
}

// What V8 holds one import of a module apart by.
std::string KeyOf(const std::string &specifier, const Attributes &attributes) {
  std::string key = specifier;
  for (auto &[name, value] : attributes) key += '\0' + name + '\0' + value;
  return key;
}

ModuleCell *Find(ci_isolate *self, v8::Local<v8::Module> module) {
  auto range = self->modules_by_hash.equal_range(module->GetIdentityHash());
  for (auto it = range.first; it != range.second; ++it) {
    ModuleCell *cell = self->modules.Find(it->second);
    if (cell && cell->module.Get(self->isolate) == module) return cell;
  }
  return nullptr;
}

v8::MaybeLocal<v8::Module> Resolve(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                   v8::Local<v8::FixedArray> attributes, v8::Local<v8::Module> referrer) {
  v8::Isolate *isolate = context->GetIsolate();
  ci_isolate *self = ci_isolate::Of(isolate);
  std::string text = ToStdString(isolate, specifier);
  if (ModuleCell *cell = Find(self, referrer)) {
    auto found = cell->request_index.find(KeyOf(text, ReadAttributes(context, attributes, 3)));
    if (found != cell->request_index.end()) {
      if (ModuleCell *target = self->modules.Find(cell->requests[found->second].target)) {
        return target->module.Get(isolate);
      }
    }
  }
  v8::Local<v8::String> message;
  if (ToString(isolate, SliceOf("Module '" + text + "' was not linked")).ToLocal(&message)) {
    isolate->ThrowException(v8::Exception::Error(message));
  }
  return {};
}

// Linking recurses in C++ once for each module of a chain, so it may use most of the thread's stack.
class DeepStack {
 public:
  explicit DeepStack(v8::Isolate *isolate) : isolate_(isolate) {
    // Below this V8's own checks do not reach: what ICU and the like need.
    constexpr uintptr_t kReserve = 1 << 20;
    // V8's default stack size, 984 KB, from here.
    constexpr uintptr_t kUsual = 984 * 1024;
    auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    usual_ = here - kUsual;
    uintptr_t lowest = LowestAddress() + kReserve;
    if (lowest < usual_)
      isolate_->SetStackLimit(lowest);
    else
      usual_ = 0;
  }
  ~DeepStack() {
    if (usual_) isolate_->SetStackLimit(usual_);
  }

 private:
  static uintptr_t LowestAddress() {
    static thread_local uintptr_t lowest = [] {
      pthread_attr_t attributes;
      void *address = nullptr;
      size_t size = 0;
      if (pthread_getattr_np(pthread_self(), &attributes) != 0) return UINTPTR_MAX / 2;
      pthread_attr_getstack(&attributes, &address, &size);
      pthread_attr_destroy(&attributes);
      return reinterpret_cast<uintptr_t>(address);
    }();
    return lowest;
  }
  v8::Isolate *isolate_;
  uintptr_t usual_;
};

ci_module_id_t Add(ci_isolate *self, ModuleCell cell) {
  int hash = cell.module.Get(self->isolate)->GetIdentityHash();
  ci_module_id_t id = self->modules.Add(std::move(cell));
  self->modules_by_hash.emplace(hash, id);
  return id;
}

v8::MaybeLocal<v8::Value> EvaluateSynthetic(v8::Local<v8::Context> context, v8::Local<v8::Module> module) {
  v8::Isolate *isolate = context->GetIsolate();
  ModuleCell *cell = Find(ci_isolate::Of(isolate), module);
  v8::Local<v8::Promise::Resolver> resolver;
  if (!cell || !module->SetSyntheticModuleExport(isolate, Literal(isolate, "default"), cell->value.Get(isolate))
                    .FromMaybe(false)) {
    return {};
  }
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
  (void)resolver->Resolve(context, v8::Undefined(isolate));
  return resolver->GetPromise().As<v8::Value>();
}

// Links where that is still to do, and evaluates. Empty with an exception or termination under way.
v8::MaybeLocal<v8::Promise> LinkAndEvaluate(ci_isolate *self, v8::Local<v8::Context> context,
                                            v8::Local<v8::Module> module) {
  v8::Local<v8::Value> promise;
  DeepStack deep(self->isolate);
  if (module->GetStatus() == v8::Module::kUninstantiated &&
      !module->InstantiateModule(context, Resolve).FromMaybe(false)) {
    return {};
  }
  if (!module->Evaluate(context).ToLocal(&promise) || !promise->IsPromise()) return {};
  return promise.As<v8::Promise>();
}

}  // namespace

void OnImportMeta(v8::Local<v8::Context> context, v8::Local<v8::Module> module, v8::Local<v8::Object> meta) {
  v8::Isolate *isolate = context->GetIsolate();
  ci_isolate *self = ci_isolate::Of(isolate);
  ModuleCell *cell = Find(self, module);
  if (!cell) return;
  ci_import_meta_t details = {};
  if (self->options.on_import_meta) {
    HostScope host;
    self->options.on_import_meta(self->options.context, SliceOf(cell->url), &details);
  }
  auto set = [&](const char *name, v8::Local<v8::Value> value) {
    (void)meta->CreateDataProperty(context, Literal(isolate, name), value);
  };
  auto set_text = [&](const char *name, ci_slice_t text) {
    v8::Local<v8::String> string;
    if (text.count && ToString(isolate, text).ToLocal(&string)) set(name, string);
  };
  set_text("dirname", details.dirname);
  set_text("filename", details.filename);
  set("main", v8::Boolean::New(isolate, details.is_main));
  v8::Local<v8::String> url;
  v8::Local<v8::Function> resolve;
  if (!ToString(isolate, SliceOf(cell->url)).ToLocal(&url)) return;
  if (self->options.on_resolve &&
      v8::Function::New(context, CallResolve, url, 1, v8::ConstructorBehavior::kThrow).ToLocal(&resolve)) {
    resolve->SetName(Literal(isolate, "resolve"));
    set("resolve", resolve);
  }
  set("url", url);
}

v8::MaybeLocal<v8::Promise> OnImport(v8::Local<v8::Context> context, v8::Local<v8::Data>,
                                     v8::Local<v8::Value> resource_name, v8::Local<v8::String> specifier,
                                     v8::Local<v8::FixedArray> attributes) {
  v8::Isolate *isolate = context->GetIsolate();
  ci_isolate *self = ci_isolate::Of(isolate);
  v8::Local<v8::Promise::Resolver> resolver;
  if (!self || !v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
  if (!self->options.on_import) {
    (void)resolver->Reject(context, v8::Exception::TypeError(Literal(isolate, "import() is not available here")));
    return resolver->GetPromise();
  }
  std::string referrer;
  if (!resource_name.IsEmpty() && resource_name->IsString()) {
    referrer = ToStdString(isolate, resource_name.As<v8::String>());
  }
  std::string text = ToStdString(isolate, specifier);
  Attributes read = ReadAttributes(context, attributes, 2);
  auto slices = SlicesOf(read);
  ci_import_request_t request = {};
  request.context = IdOf(context);
  request.import = self->imports.Add({v8::Global<v8::Promise::Resolver>(isolate, resolver), request.context});
  request.referrer = SliceOf(referrer);
  request.specifier = SliceOf(text);
  request.attributes = slices.data();
  request.attribute_count = slices.size();
  HostScope host;
  self->options.on_import(self->options.context, &request);
  return resolver->GetPromise();
}

namespace {

// The data of both is [resolver's import id as a BigInt, namespace].
ImportCell *TakeImport(ci_isolate *self, v8::Local<v8::Context> context, v8::Local<v8::Value> data,
                       v8::Local<v8::Value> *out_namespace, ImportCell *out_cell) {
  v8::Local<v8::Value> id;
  auto pair = data.As<v8::Array>();
  if (!pair->Get(context, 0).ToLocal(&id) || !pair->Get(context, 1).ToLocal(out_namespace)) return nullptr;
  uint64_t number = id.As<v8::BigInt>()->Uint64Value();
  ImportCell *cell = self->imports.Find(number);
  if (!cell) return nullptr;
  *out_cell = std::move(*cell);
  self->imports.Remove(number);
  return out_cell;
}

void ImportFulfilled(const v8::FunctionCallbackInfo<v8::Value> &info) {
  v8::Isolate *isolate = info.GetIsolate();
  auto context = isolate->GetCurrentContext();
  v8::Local<v8::Value> name_space;
  ImportCell cell;
  if (!TakeImport(ci_isolate::Of(isolate), context, info.Data(), &name_space, &cell)) return;
  (void)cell.resolver.Get(isolate)->Resolve(context, name_space);
}

void ImportRejected(const v8::FunctionCallbackInfo<v8::Value> &info) {
  v8::Isolate *isolate = info.GetIsolate();
  auto context = isolate->GetCurrentContext();
  v8::Local<v8::Value> name_space;
  ImportCell cell;
  if (!TakeImport(ci_isolate::Of(isolate), context, info.Data(), &name_space, &cell)) return;
  (void)cell.resolver.Get(isolate)->Reject(context, info[0]);
}

}  // namespace
}  // namespace ci

using ci::InContext;

ci_status_t ci_module_compile(ci_isolate_t *self, ci_context_id_t context, ci_slice_t source, ci_slice_t url,
                              ci_slice_t code_cache, ci_module_id_t *out_module, bool *out_cache_accepted,
                              ci_error_t *error) {
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  if (self->terminating()) return CI_TERMINATED;
  v8::Isolate *isolate = self->isolate;
  v8::Local<v8::String> text;
  v8::Local<v8::String> name;
  if (!ci::ToString(isolate, source).ToLocal(&text) || !ci::ToString(isolate, url).ToLocal(&name)) return CI_INVALID;
  v8::ScriptOrigin origin(isolate, name, 0, 0, false, -1, v8::Local<v8::Value>(), false, false, true);
  // The Source owns the cached data, not its bytes.
  auto *cached = code_cache.count && ci::HasRoomFor(self, code_cache.count)
                     ? new v8::ScriptCompiler::CachedData(code_cache.bytes, static_cast<int>(code_cache.count))
                     : nullptr;
  v8::ScriptCompiler::Source unit(text, origin, cached);
  v8::Local<v8::Module> module;
  auto options = cached ? v8::ScriptCompiler::kConsumeCodeCache : v8::ScriptCompiler::kNoCompileOptions;
  if (!v8::ScriptCompiler::CompileModule(isolate, &unit, options).ToLocal(&module)) {
    return ci::Caught(self, in.context(), in.caught(), error);
  }
  *out_cache_accepted = cached && !unit.GetCachedData()->rejected;

  ci::ModuleCell cell;
  cell.module.Reset(isolate, module);
  cell.script.Reset(isolate, module->GetUnboundModuleScript());
  cell.context = context;
  cell.url.assign(reinterpret_cast<const char *>(url.bytes), url.count);
  auto requests = module->GetModuleRequests();
  for (int i = 0; i < requests->Length(); ++i) {
    v8::HandleScope handles(isolate);
    auto request = requests->Get(in.context(), i).As<v8::ModuleRequest>();
    auto where = module->SourceOffsetToLocation(request->GetSourceOffset());
    ci::ModuleRequestCell made;
    made.specifier = ci::ToStdString(isolate, request->GetSpecifier());
    made.attributes = ci::ReadAttributes(in.context(), request->GetImportAssertions(), 3);
    made.line = where.GetLineNumber() + 1;
    made.column = where.GetColumnNumber() + 1;
    cell.request_index.emplace(ci::KeyOf(made.specifier, made.attributes), cell.requests.size());
    cell.requests.push_back(std::move(made));
  }
  // Only now: the slices point into strings that have come to rest.
  for (auto &request : cell.requests) request.attribute_slices = ci::SlicesOf(request.attributes);
  *out_module = ci::Add(self, std::move(cell));
  return CI_OK;
}

ci_status_t ci_module_of_value(ci_isolate_t *self, ci_context_id_t context, ci_slice_t url, const ci_value_t *value,
                               ci_module_id_t *out_module, ci_error_t *error) {
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  if (self->terminating()) return CI_TERMINATED;
  v8::Local<v8::String> name;
  v8::Local<v8::Value> exported;
  if (!ci::ToString(self->isolate, url).ToLocal(&name)) return CI_INVALID;
  if (!ci::CopyIn(self, in.context(), *value).ToLocal(&exported)) {
    return ci::Caught(self, in.context(), in.caught(), error);
  }
  auto module = v8::Module::CreateSyntheticModule(self->isolate, name, {ci::Literal(self->isolate, "default")},
                                                  ci::EvaluateSynthetic);
  ci::ModuleCell cell;
  cell.module.Reset(self->isolate, module);
  cell.context = context;
  cell.url.assign(reinterpret_cast<const char *>(url.bytes), url.count);
  cell.value.Reset(self->isolate, exported);
  *out_module = ci::Add(self, std::move(cell));
  return CI_OK;
}

size_t ci_module_request_count(ci_isolate_t *self, ci_module_id_t module) {
  ci::ModuleCell *cell = self->modules.Find(module);
  return cell ? cell->requests.size() : 0;
}

ci_status_t ci_module_request(ci_isolate_t *self, ci_module_id_t module, size_t index,
                              ci_module_request_t *out_request) {
  ci::ModuleCell *cell = self->modules.Find(module);
  if (!cell) return CI_STALE;
  if (index >= cell->requests.size()) return CI_INVALID;
  const ci::ModuleRequestCell &request = cell->requests[index];
  *out_request = {ci::SliceOf(request.specifier), request.attribute_slices.data(), request.attribute_slices.size(),
                  request.line, request.column};
  return CI_OK;
}

ci_status_t ci_module_link(ci_isolate_t *self, ci_module_id_t module, size_t index, ci_module_id_t target) {
  ci::ModuleCell *cell = self->modules.Find(module);
  if (!cell || !self->modules.Find(target)) return CI_STALE;
  if (index >= cell->requests.size()) return CI_INVALID;
  cell->requests[index].target = target;
  return CI_OK;
}

ci_status_t ci_module_evaluate(ci_isolate_t *self, ci_module_id_t module, ci_promise_id_t *out_promise,
                               ci_error_t *error) {
  ci::ModuleCell *cell = self->modules.Find(module);
  if (!cell) return CI_STALE;
  ci_context_id_t context = cell->context;
  InContext in(self, context);
  if (!in.ok()) return CI_STALE;
  if (self->terminating()) return CI_TERMINATED;
  v8::Local<v8::Promise> promise;
  if (!ci::LinkAndEvaluate(self, in.context(), cell->module.Get(self->isolate)).ToLocal(&promise)) {
    return ci::Caught(self, in.context(), in.caught(), error);
  }
  promise->MarkAsHandled();
  if (!ci::Checkpoint(self)) return CI_TERMINATED;
  switch (promise->State()) {
    case v8::Promise::kPending:
      *out_promise = self->promises.Add({v8::Global<v8::Promise>(self->isolate, promise), {}, context});
      return CI_PENDING;
    case v8::Promise::kRejected:
      ci::Describe(self, in.context(), promise->Result(), {}, error);
      return CI_SCRIPT_ERROR;
    case v8::Promise::kFulfilled:
      return CI_OK;
  }
  return CI_INVALID;
}

ci_status_t ci_module_export(ci_isolate_t *self, ci_module_id_t module, ci_slice_t name, ci_form_t form,
                             ci_value_t *out_value, ci_error_t *error) {
  ci::ModuleCell *cell = self->modules.Find(module);
  if (!cell) return CI_STALE;
  InContext in(self, cell->context);
  if (!in.ok()) return CI_STALE;
  if (self->terminating()) return CI_TERMINATED;
  auto handle = cell->module.Get(self->isolate);
  v8::Local<v8::String> key;
  v8::Local<v8::Value> value;
  if (handle->GetStatus() < v8::Module::kInstantiated || !ci::ToString(self->isolate, name).ToLocal(&key)) {
    return CI_INVALID;
  }
  if (!handle->GetModuleNamespace().As<v8::Object>()->Get(in.context(), key).ToLocal(&value) ||
      !ci::CopyOut(in.context(), value, form, out_value)) {
    return ci::Caught(self, in.context(), in.caught(), error);
  }
  return CI_OK;
}

ci_status_t ci_import_finish(ci_isolate_t *self, ci_import_id_t import, ci_module_id_t module) {
  ci::ImportCell *cell = self->imports.Find(import);
  ci::ModuleCell *target = self->modules.Find(module);
  if (!cell || !target) return CI_STALE;
  InContext in(self, cell->context);
  if (!in.ok()) return CI_STALE;
  v8::Isolate *isolate = self->isolate;
  auto handle = target->module.Get(isolate);
  v8::Local<v8::Promise> evaluation;
  if (!ci::LinkAndEvaluate(self, in.context(), handle).ToLocal(&evaluation)) {
    if (in.caught().HasTerminated() || !in.caught().HasCaught()) return CI_TERMINATED;
    auto thrown = in.caught().Exception();
    in.caught().Reset();
    cell = self->imports.Find(import);
    auto resolver = cell->resolver.Get(isolate);
    self->imports.Remove(import);
    return resolver->Reject(in.context(), thrown).FromMaybe(false) ? CI_OK : CI_TERMINATED;
  }
  v8::Local<v8::Value> pair[] = {v8::BigInt::NewFromUnsigned(isolate, import), handle->GetModuleNamespace()};
  auto data = v8::Array::New(isolate, pair, 2);
  // `then` looks up the species of a promise, and would hand this one to a script's Promise.prototype.constructor.
  if (!evaluation->SetPrototype(in.context(), v8::Null(isolate)).FromMaybe(false)) return CI_TERMINATED;
  v8::Local<v8::Function> fulfilled;
  v8::Local<v8::Function> rejected;
  v8::Local<v8::Promise> chained;
  if (!v8::Function::New(in.context(), ci::ImportFulfilled, data).ToLocal(&fulfilled) ||
      !v8::Function::New(in.context(), ci::ImportRejected, data).ToLocal(&rejected) ||
      !evaluation->Then(in.context(), fulfilled, rejected).ToLocal(&chained)) {
    return CI_TERMINATED;
  }
  return CI_OK;
}

ci_status_t ci_import_fail(ci_isolate_t *self, ci_import_id_t import, ci_exception_id_t exception) {
  ci::ImportCell *cell = self->imports.Find(import);
  ci::ExceptionCell *held = self->exceptions.Find(exception);
  if (!cell || !held) return CI_STALE;
  InContext in(self, cell->context);
  if (!in.ok()) return CI_STALE;
  auto resolver = cell->resolver.Get(self->isolate);
  self->imports.Remove(import);
  auto rejected = resolver->Reject(in.context(), held->value.Get(self->isolate));
  return rejected.FromMaybe(false) ? CI_OK : CI_TERMINATED;
}
