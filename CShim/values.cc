// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include <cstdlib>
#include <cstring>
#include <vector>

namespace ci {

v8::MaybeLocal<v8::String> ToString(v8::Isolate *isolate, ci_slice_t utf8) {
  if (utf8.count > static_cast<size_t>(v8::String::kMaxLength)) return {};
  return v8::String::NewFromUtf8(isolate, utf8.bytes ? reinterpret_cast<const char *>(utf8.bytes) : "",
                                 v8::NewStringType::kNormal, static_cast<int>(utf8.count));
}

ci_slice_t CopyString(v8::Isolate *isolate, v8::Local<v8::String> string) {
  size_t count = static_cast<size_t>(string->Utf8Length(isolate));
  auto *bytes = static_cast<uint8_t *>(std::malloc(count + 1));
  if (!bytes) return {};
  string->WriteUtf8(isolate, reinterpret_cast<char *>(bytes), static_cast<int>(count), nullptr,
                    v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
  return {bytes, count};
}

std::string ToStdString(v8::Isolate *isolate, v8::Local<v8::String> string) {
  std::string text(static_cast<size_t>(string->Utf8Length(isolate)), '\0');
  string->WriteUtf8(isolate, text.data(), static_cast<int>(text.size()), nullptr,
                    v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
  return text;
}

ci_slice_t CopyBytes(const void *bytes, size_t count) {
  auto *copy = static_cast<uint8_t *>(std::malloc(count + 1));
  if (!copy) return {};
  if (count) std::memcpy(copy, bytes, count);
  return {copy, count};
}

bool BytesOf(v8::Local<v8::Value> value, const uint8_t **out_bytes, size_t *out_count) {
  if (value->IsArrayBufferView()) {
    auto view = value.As<v8::ArrayBufferView>();
    auto *data = static_cast<const uint8_t *>(view->Buffer()->Data());
    *out_count = view->ByteLength();
    *out_bytes = data ? data + view->ByteOffset() : nullptr;
    return true;
  }
  if (value->IsArrayBuffer()) {
    *out_bytes = static_cast<const uint8_t *>(value.As<v8::ArrayBuffer>()->Data());
    *out_count = value.As<v8::ArrayBuffer>()->ByteLength();
    return true;
  }
  return false;
}

void *AllocateBytes(v8::Isolate *isolate, size_t count) {
  auto *allocator = isolate->GetArrayBufferAllocator();
  // As V8 does it.
  for (int tries = 0; tries < 3; ++tries) {
    if (tries > 0) isolate->LowMemoryNotification();
    if (void *data = allocator->AllocateUninitialized(count)) return data;
  }
  isolate->ThrowException(v8::Exception::RangeError(Literal(isolate, "Array buffer allocation failed")));
  return nullptr;
}

v8::Local<v8::ArrayBuffer> AdoptBytes(v8::Isolate *isolate, void *data, size_t count) {
  ci_isolate *self = ci_isolate::Of(isolate);
  if (!self || count == 0) {
    auto free = [](void *data, size_t length, void *allocator) {
      static_cast<v8::ArrayBuffer::Allocator *>(allocator)->Free(data, length);
    };
    auto store = v8::ArrayBuffer::NewBackingStore(data, count, free, isolate->GetArrayBufferAllocator());
    return v8::ArrayBuffer::New(isolate, std::move(store));
  }
  // V8 collects young ArrayBuffers only where it allocates one: memory that came by another way would be garbage up to
  // the isolate's limit.
  self->allocator.GiveNext(data);
  return v8::ArrayBuffer::New(isolate, v8::ArrayBuffer::NewBackingStore(isolate, count));
}

v8::MaybeLocal<v8::Uint8Array> NewBytes(v8::Isolate *isolate, ci_slice_t bytes) {
  void *data = AllocateBytes(isolate, bytes.count);
  if (!data) return {};
  if (bytes.count) std::memcpy(data, bytes.bytes, bytes.count);
  return v8::Uint8Array::New(AdoptBytes(isolate, data, bytes.count), 0, bytes.count);
}

bool CopyOut(v8::Local<v8::Context> context, v8::Local<v8::Value> value, ci_form_t form, ci_value_t *out) {
  v8::Isolate *isolate = context->GetIsolate();
  ci_value_t copy = {};
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  if (form == CI_FORM_NOTHING) {
    copy.kind = CI_VALUE_UNDEFINED;
  } else if (form == CI_FORM_CLONE) {
    copy.kind = CI_VALUE_CLONE;
    if (!Serialize(context, value, &copy.data)) return false;
  } else if (value->IsUndefined() || value->IsFunction() || value->IsSymbol()) {
    copy.kind = CI_VALUE_UNDEFINED;
  } else if (value->IsNull()) {
    copy.kind = CI_VALUE_NULL;
  } else if (value->IsBoolean()) {
    copy.kind = CI_VALUE_BOOLEAN;
    copy.number = value->IsTrue() ? 1 : 0;
  } else if (value->IsNumber()) {
    copy.kind = CI_VALUE_NUMBER;
    copy.number = value.As<v8::Number>()->Value();
  } else if (value->IsString()) {
    copy.kind = CI_VALUE_STRING;
    copy.data = CopyString(isolate, value.As<v8::String>());
  } else if (BytesOf(value, &bytes, &count)) {
    copy.kind = CI_VALUE_BYTES;
    copy.data = CopyBytes(bytes, count);
  } else {
    v8::Local<v8::String> json;
    if (!v8::JSON::Stringify(context, value).ToLocal(&json)) return false;
    // A toJSON that returns undefined comes back as that word, which is no JSON.
    if (json->StringEquals(Literal(isolate, "undefined"))) {
      copy.kind = CI_VALUE_UNDEFINED;
    } else {
      copy.kind = CI_VALUE_JSON;
      copy.data = CopyString(isolate, json);
    }
  }
  *out = copy;
  return true;
}

v8::MaybeLocal<v8::Value> CopyIn(ci_isolate *self, v8::Local<v8::Context> context, const ci_value_t &value) {
  v8::Isolate *isolate = context->GetIsolate();
  switch (value.kind) {
    case CI_VALUE_UNDEFINED:
      return v8::Undefined(isolate).As<v8::Value>();
    case CI_VALUE_NULL:
      return v8::Null(isolate).As<v8::Value>();
    case CI_VALUE_BOOLEAN:
      return v8::Boolean::New(isolate, value.number != 0).As<v8::Value>();
    case CI_VALUE_NUMBER:
      return v8::Number::New(isolate, value.number).As<v8::Value>();
    case CI_VALUE_STRING: {
      v8::Local<v8::String> string;
      if (!ToString(isolate, value.data).ToLocal(&string)) return {};
      return string.As<v8::Value>();
    }
    case CI_VALUE_LATIN1: {
      v8::Local<v8::String> string;
      if (value.data.count > static_cast<size_t>(v8::String::kMaxLength) ||
          !v8::String::NewFromOneByte(isolate, value.data.bytes, v8::NewStringType::kNormal,
                                      static_cast<int>(value.data.count))
               .ToLocal(&string)) {
        return {};
      }
      return string.As<v8::Value>();
    }
    case CI_VALUE_BYTES: {
      v8::Local<v8::Uint8Array> bytes;
      if (!NewBytes(isolate, value.data).ToLocal(&bytes)) return {};
      return bytes.As<v8::Value>();
    }
    case CI_VALUE_JSON: {
      v8::Local<v8::String> text;
      if (!ToString(isolate, value.data).ToLocal(&text)) return {};
      return v8::JSON::Parse(context, text);
    }
    case CI_VALUE_CLONE:
      return Deserialize(context, value.data);
    case CI_VALUE_EXCEPTION: {
      ExceptionCell *cell = self->exceptions.Find(value.id);
      if (!cell) return {};
      return cell->value.Get(isolate);
    }
    case CI_VALUE_LIST: {
      auto *items = reinterpret_cast<const ci_value_t *>(value.data.bytes);
      std::vector<v8::Local<v8::Value>> copies(value.id);
      for (size_t i = 0; i < copies.size(); ++i) {
        if (!CopyIn(self, context, items[i]).ToLocal(&copies[i])) return {};
      }
      return v8::Array::New(isolate, copies.data(), copies.size()).As<v8::Value>();
    }
    case CI_VALUE_HANDLE: {
      v8::Local<v8::String> text;
      if (!ToString(isolate, value.data).ToLocal(&text)) return {};
      v8::Local<v8::Name> name = text;
      v8::Local<v8::Value> number = v8::Number::New(isolate, value.number);
      return v8::Object::New(isolate, v8::Null(isolate), &name, &number, 1).As<v8::Value>();
    }
    case CI_VALUE_PRELUDE: {
      ContextCell *cell = self->contexts.Find(IdOf(context));
      v8::Local<v8::String> name;
      v8::Local<v8::Value> function;
      if (!cell || cell->exports.IsEmpty() || !ToString(isolate, value.data).ToLocal(&name) ||
          !cell->exports.Get(isolate)->Get(context, name).ToLocal(&function) || !function->IsFunction()) {
        return {};
      }
      return function.As<v8::Function>()->Call(context, v8::Undefined(isolate), 0, nullptr);
    }
    case CI_VALUE_NAMESPACE: {
      ModuleCell *cell = self->modules.Find(value.id);
      if (!cell) return {};
      auto module = cell->module.Get(isolate);
      if (module->GetStatus() < v8::Module::kInstantiated) return {};
      return module->GetModuleNamespace();
    }
  }
  return {};
}

namespace {

class CloneDelegate final : public v8::ValueSerializer::Delegate {
 public:
  explicit CloneDelegate(v8::Isolate *isolate) : isolate_(isolate) {}

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    isolate_->ThrowException(v8::Exception::TypeError(message));
  }

  // V8 writes nothing at all for a module that gets no id, and whatever is written next would be read in its place.
  v8::Maybe<uint32_t> GetWasmModuleTransferId(v8::Isolate *isolate, v8::Local<v8::WasmModuleObject>) override {
    ThrowDataCloneError(Literal(isolate, "A WebAssembly.Module could not be cloned"));
    return v8::Nothing<uint32_t>();
  }

 private:
  v8::Isolate *isolate_;
};

}  // namespace

bool Serialize(v8::Local<v8::Context> context, v8::Local<v8::Value> value, ci_slice_t *out_blob) {
  v8::Isolate *isolate = context->GetIsolate();
  CloneDelegate delegate(isolate);
  v8::ValueSerializer serializer(isolate, &delegate);
  serializer.WriteHeader();
  if (!serializer.WriteValue(context, value).FromMaybe(false)) return false;
  auto [bytes, length] = serializer.Release();
  *out_blob = {bytes, length};
  return true;
}

v8::MaybeLocal<v8::Value> Deserialize(v8::Local<v8::Context> context, ci_slice_t blob) {
  v8::ValueDeserializer deserializer(context->GetIsolate(), blob.bytes, blob.count);
  if (!deserializer.ReadHeader(context).FromMaybe(false)) return {};
  return deserializer.ReadValue(context);
}

v8::Local<v8::Value> NewException(v8::Local<v8::Context> context, const ci_throw_t &described) {
  v8::Isolate *isolate = context->GetIsolate();
  v8::Local<v8::String> message = v8::String::Empty(isolate);
  (void)ToString(isolate, described.message).ToLocal(&message);
  v8::Local<v8::Value> made;
  switch (described.error_class) {
    case CI_CLASS_ERROR:
      made = v8::Exception::Error(message);
      break;
    case CI_CLASS_TYPE_ERROR:
      made = v8::Exception::TypeError(message);
      break;
    case CI_CLASS_RANGE_ERROR:
      made = v8::Exception::RangeError(message);
      break;
    case CI_CLASS_SYNTAX_ERROR:
      made = v8::Exception::SyntaxError(message);
      break;
  }
  auto set = [&](const char *key, ci_slice_t text) {
    v8::Local<v8::String> string;
    if (text.count == 0 || !ToString(isolate, text).ToLocal(&string)) return;
    (void)made.As<v8::Object>()->DefineOwnProperty(context, Literal(isolate, key), string, v8::DontEnum);
  };
  set("name", described.name);
  set("code", described.code);
  return made;
}

}  // namespace ci

void ci_value_dispose(ci_value_t *value) {
  std::free(const_cast<uint8_t *>(value->data.bytes));
  *value = {};
}

void ci_bytes_dispose(const uint8_t *bytes) { std::free(const_cast<uint8_t *>(bytes)); }
