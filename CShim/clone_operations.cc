// SPDX-License-Identifier: Apache-2.0
// What structuredClone, which the prelude does itself, asks of V8. No operation here runs a script's code.
#include <v8-internal.h>

#include "engine_state.h"
#include "values.h"

namespace ci {

using Info = v8::FunctionCallbackInfo<v8::Value>;

namespace {

// A JavaScript object without internal slots. The API has no question for it; its inline functions read the same field.
bool IsOrdinary(v8::Local<v8::Object> object) {
  using v8::internal::Internals;
  auto address = *reinterpret_cast<v8::internal::Address *>(*object);
  return Internals::GetInstanceType(address) == Internals::kJSObjectType;
}

struct Kind {
  bool (v8::Value::*is)() const;
  int number;
};

// The numbers are those of 60-clone.js, where zero is what cannot be cloned. The more frequent come first.
constexpr int kOrdinary = 1;
constexpr Kind kKinds[] = {
    {&v8::Value::IsArray, 2},         {&v8::Value::IsMap, 3},           {&v8::Value::IsSet, 4},
    {&v8::Value::IsDate, 5},          {&v8::Value::IsNativeError, 6},   {&v8::Value::IsArrayBufferView, 7},
    {&v8::Value::IsArrayBuffer, 8},   {&v8::Value::IsRegExp, 9},        {&v8::Value::IsBooleanObject, 10},
    {&v8::Value::IsNumberObject, 11}, {&v8::Value::IsStringObject, 12}, {&v8::Value::IsBigIntObject, 13},
};

}  // namespace

// (object): its kind.
void CloneKind(const Info &info) {
  int kind = 0;
  if (info[0]->IsObject() && IsOrdinary(info[0].As<v8::Object>())) {
    kind = kOrdinary;
  } else {
    for (const Kind &known : kKinds) {
      if (!((*info[0])->*known.is)()) continue;
      kind = known.number;
      break;
    }
  }
  info.GetReturnValue().Set(kind);
}

// (object): its prototype, or null; a proxy's trap does not run.
void PrototypeOf(const Info &info) {
  if (info[0]->IsObject()) info.GetReturnValue().Set(info[0].As<v8::Object>()->GetPrototype());
}

// (array): the keys of its enumerable own properties, indices as numbers.
void EnumerableKeys(const Info &info) {
  v8::Local<v8::Array> keys;
  if (info[0]->IsArray() &&
      info[0]
          .As<v8::Object>()
          ->GetPropertyNames(info.GetIsolate()->GetCurrentContext(), v8::KeyCollectionMode::kOwnOnly,
                             static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS),
                             v8::IndexFilter::kIncludeIndices, v8::KeyConversionMode::kKeepNumbers)
          .ToLocal(&keys)) {
    info.GetReturnValue().Set(keys);
  }
}

// (RegExp): another one.
void CopyRegExp(const Info &info) {
  if (!info[0]->IsRegExp()) return;
  auto source = info[0].As<v8::RegExp>();
  v8::Local<v8::RegExp> copy;
  if (v8::RegExp::New(info.GetIsolate()->GetCurrentContext(), source->GetSource(), source->GetFlags()).ToLocal(&copy)) {
    info.GetReturnValue().Set(copy);
  }
}

}  // namespace ci
