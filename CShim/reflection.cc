// SPDX-License-Identifier: Apache-2.0
// Operations that look into values without running their code, for console's inspection.
#include "engine_state.h"
#include "scopes.h"
#include "values.h"

namespace ci {

using Info = v8::FunctionCallbackInfo<v8::Value>;

void PromiseDetails(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  if (!info[0]->IsPromise()) return;
  auto promise = info[0].As<v8::Promise>();
  int state = promise->State() == v8::Promise::kPending ? 0 : promise->State() == v8::Promise::kFulfilled ? 1 : 2;
  v8::Local<v8::Value> result = v8::Undefined(isolate);
  if (state != 0) result = promise->Result();
  v8::Local<v8::Value> pair[] = {v8::Integer::New(isolate, state), result};
  info.GetReturnValue().Set(v8::Array::New(isolate, pair, 2));
}

void ProxyDetails(const Info &info) {
  if (!info[0]->IsProxy()) return;
  auto proxy = info[0].As<v8::Proxy>();
  v8::Local<v8::Value> pair[] = {proxy->GetTarget(), proxy->GetHandler()};
  info.GetReturnValue().Set(v8::Array::New(info.GetIsolate(), pair, 2));
}

void PreviewEntries(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  bool is_key_value = false;
  v8::Local<v8::Array> entries;
  if (!info[0]->IsObject() || !info[0].As<v8::Object>()->PreviewEntries(&is_key_value).ToLocal(&entries)) return;
  v8::Local<v8::Value> pair[] = {entries, v8::Boolean::New(isolate, is_key_value)};
  info.GetReturnValue().Set(v8::Array::New(isolate, pair, 2));
}

namespace {

const char *BrandOf(v8::Local<v8::Value> value) {
  struct Brand {
    bool (v8::Value::*is)() const;
    const char *name;
  };
  // The more special before the more general.
  static const Brand brands[] = {
      {&v8::Value::IsProxy, "Proxy"},
      {&v8::Value::IsArray, "Array"},
      {&v8::Value::IsMap, "Map"},
      {&v8::Value::IsSet, "Set"},
      {&v8::Value::IsMapIterator, "MapIterator"},
      {&v8::Value::IsSetIterator, "SetIterator"},
      {&v8::Value::IsWeakMap, "WeakMap"},
      {&v8::Value::IsWeakSet, "WeakSet"},
      {&v8::Value::IsDate, "Date"},
      {&v8::Value::IsRegExp, "RegExp"},
      {&v8::Value::IsPromise, "Promise"},
      {&v8::Value::IsNativeError, "Error"},
      {&v8::Value::IsArrayBuffer, "ArrayBuffer"},
      {&v8::Value::IsSharedArrayBuffer, "SharedArrayBuffer"},
      {&v8::Value::IsDataView, "DataView"},
      {&v8::Value::IsUint8Array, "Uint8Array"},
      {&v8::Value::IsUint8ClampedArray, "Uint8ClampedArray"},
      {&v8::Value::IsInt8Array, "Int8Array"},
      {&v8::Value::IsUint16Array, "Uint16Array"},
      {&v8::Value::IsInt16Array, "Int16Array"},
      {&v8::Value::IsUint32Array, "Uint32Array"},
      {&v8::Value::IsInt32Array, "Int32Array"},
      {&v8::Value::IsFloat32Array, "Float32Array"},
      {&v8::Value::IsFloat64Array, "Float64Array"},
      {&v8::Value::IsBigInt64Array, "BigInt64Array"},
      {&v8::Value::IsBigUint64Array, "BigUint64Array"},
      {&v8::Value::IsNumberObject, "Number"},
      {&v8::Value::IsStringObject, "String"},
      {&v8::Value::IsBooleanObject, "Boolean"},
      {&v8::Value::IsBigIntObject, "BigInt"},
      {&v8::Value::IsSymbolObject, "Symbol"},
      {&v8::Value::IsArgumentsObject, "Arguments"},
      {&v8::Value::IsGeneratorObject, "Generator"},
      {&v8::Value::IsModuleNamespaceObject, "Module"},
      {&v8::Value::IsWasmModuleObject, "WasmModule"},
      {&v8::Value::IsWasmMemoryObject, "WasmMemory"},
  };
  if (value->IsFunction() && !value->IsProxy()) {
    bool async = value->IsAsyncFunction();
    if (value->IsGeneratorFunction()) return async ? "AsyncGeneratorFunction" : "GeneratorFunction";
    return async ? "AsyncFunction" : "Function";
  }
  for (const Brand &brand : brands) {
    if (((*value)->*brand.is)()) return brand.name;
  }
  return "";
}

}  // namespace

void ClassOf(const Info &info) { info.GetReturnValue().Set(Literal(info.GetIsolate(), BrandOf(info[0]))); }

void ConstructorName(const Info &info) {
  if (info[0]->IsObject()) info.GetReturnValue().Set(info[0].As<v8::Object>()->GetConstructorName());
}

// (object, enumerable only): own string and symbol keys without array indices.
void OwnNonIndexKeys(const Info &info) {
  auto context = info.GetIsolate()->GetCurrentContext();
  auto filter = info[1]->IsTrue() ? v8::ONLY_ENUMERABLE : v8::ALL_PROPERTIES;
  v8::Local<v8::Array> keys;
  if (info[0]->IsObject() &&
      info[0]
          .As<v8::Object>()
          ->GetPropertyNames(context, v8::KeyCollectionMode::kOwnOnly, filter, v8::IndexFilter::kSkipIndices)
          .ToLocal(&keys)) {
    info.GetReturnValue().Set(keys);
  }
}

}  // namespace ci
