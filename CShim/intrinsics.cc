// SPDX-License-Identifier: Apache-2.0
// The shim's own operations: what the prelude needs of V8 or needs fast.
#include <cmath>
#include <cstring>

#include "engine_state.h"
#include "scopes.h"
#include "values.h"

namespace ci {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

// (ArrayBuffer): another of the same memory; the first is detached.
void TransferArrayBuffer(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  if (!info[0]->IsArrayBuffer()) return;
  auto buffer = info[0].As<v8::ArrayBuffer>();
  if (!buffer->IsDetachable() || buffer->WasDetached()) {
    isolate->ThrowException(v8::Exception::TypeError(Literal(isolate, "The ArrayBuffer cannot be detached")));
    return;
  }
  auto store = buffer->GetBackingStore();
  buffer->Detach();
  info.GetReturnValue().Set(v8::ArrayBuffer::New(isolate, std::move(store)));
}

// (bytes): a Uint8Array of the same bytes.
void CloneBytes(const Info &info) {
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  if (!BytesOf(info[0], &bytes, &count)) return;
  v8::Local<v8::Uint8Array> copy;
  if (NewBytes(info.GetIsolate(), {bytes, count}).ToLocal(&copy)) info.GetReturnValue().Set(copy);
}

// (ArrayBuffer): 0, or 1 where it is detached, or 2 where it cannot be.
void BufferState(const Info &info) {
  if (!info[0]->IsArrayBuffer()) return;
  auto buffer = info[0].As<v8::ArrayBuffer>();
  info.GetReturnValue().Set(buffer->WasDetached() ? 1 : buffer->IsDetachable() ? 0 : 2);
}

void Now(const Info &info) {
  if (ci_isolate *self = ci_isolate::Of(info.GetIsolate())) info.GetReturnValue().Set(self->Now());
}

void TimeOrigin(const Info &info) {
  if (ci_isolate *self = ci_isolate::Of(info.GetIsolate())) info.GetReturnValue().Set(self->time_origin_wall);
}

void EnqueueMicrotask(const Info &info) {
  if (info[0]->IsFunction()) info.GetIsolate()->EnqueueMicrotask(info[0].As<v8::Function>());
}

void RunMicrotasks(const Info &info) {
  if (ci_isolate *self = ci_isolate::Of(info.GetIsolate())) Checkpoint(self);
}

void ReportException(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  if (ci_isolate *self = ci_isolate::Of(isolate)) ReportUncaught(self, isolate->GetCurrentContext(), info[0]);
}

// The number under which what runs now was begun, through awaits and other reactions of promises; 0: none.
void Continuation(const Info &info) {
  info.GetReturnValue().Set(ContinuationOf(info.GetIsolate()->GetCurrentContext()));
}

// (number): what runs from now on, until the stack is empty, and all reactions that it makes, go under it.
void SetContinuation(const Info &info) {
  if (info[0]->IsUint32()) info.GetIsolate()->GetCurrentContext()->SetContinuationPreservedEmbedderData(info[0]);
}

// (exception): an array of its message, and the file, line and column that it comes from. For a value without a stack
// these are of the innermost function of the script's own.
void DescribeException(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  auto context = isolate->GetCurrentContext();
  auto message = v8::Exception::CreateMessage(isolate, info[0]);
  v8::Local<v8::Value> url = message->GetScriptResourceName();
  int line = message->GetLineNumber(context).FromMaybe(0);
  int column = message->GetStartColumn(context).FromMaybe(-1) + 1;
  auto is_own = [&](v8::Local<v8::Value> name) {
    return name.IsEmpty() || !name->IsString() || name.As<v8::String>()->Length() == 0 ||
           ToStdString(isolate, name.As<v8::String>()).rfind("rookery:", 0) == 0;
  };
  if (is_own(url)) {
    url = v8::String::Empty(isolate);
    line = column = 0;
    auto stack = v8::StackTrace::CurrentStackTrace(isolate, 10, v8::StackTrace::kDetailed);
    for (int i = 0; i < stack->GetFrameCount(); ++i) {
      auto frame = stack->GetFrame(isolate, static_cast<uint32_t>(i));
      v8::Local<v8::String> name = frame->GetScriptName();
      if (is_own(name)) continue;
      url = name;
      line = frame->GetLineNumber();
      column = frame->GetColumn();
      break;
    }
  }
  v8::Local<v8::Value> parts[] = {message->Get(), url, v8::Integer::New(isolate, line),
                                  v8::Integer::New(isolate, column)};
  info.GetReturnValue().Set(v8::Array::New(isolate, parts, 4));
}

const IntrinsicEntry kIntrinsics[] = {
    {"encodingNumber", EncodingNumber},
    {"encodingName", EncodingName},
    {"textDecode", TextDecode},
    {"utf8Encode", Utf8Encode},
    {"utf8EncodeInto", Utf8EncodeInto},
    {"utf8Decode", Utf8Decode},
    {"base64Encode", Base64EncodeString},
    {"base64Decode", Base64DecodeString},
    {"cloneKind", CloneKind},
    {"prototypeOf", PrototypeOf},
    {"enumerableKeys", EnumerableKeys},
    {"copyRegExp", CopyRegExp},
    {"transferArrayBuffer", TransferArrayBuffer},
    {"bufferState", BufferState},
    {"copyBytes", CloneBytes},
    {"encodeBytes", EncodeBytes},
    {"decodeBytes", DecodeBytes},
    {"now", Now},
    {"timeOrigin", TimeOrigin},
    {"enqueueMicrotask", EnqueueMicrotask},
    {"runMicrotasks", RunMicrotasks},
    {"continuation", Continuation},
    {"setContinuation", SetContinuation},
    {"reportException", ReportException},
    {"describeException", DescribeException},
    {"promiseDetails", PromiseDetails},
    {"proxyDetails", ProxyDetails},
    {"previewEntries", PreviewEntries},
    {"classOf", ClassOf},
    {"constructorName", ConstructorName},
    {"ownNonIndexKeys", OwnNonIndexKeys},
    {"codecOpen", CodecOpen},
    {"codecRun", CodecRun},
    {"codecClose", CodecClose},
    {"urlParse", UrlParse},
    {"urlCanParse", UrlCanParse},
    {"urlSet", UrlSet},
    {"formEncode", FormEncode},
    {"formDecode", FormDecode},
    {"randomBytes", RandomBytes},
    {"randomFill", RandomFill},
    {"crypto", Crypto},
    {"finishJob", FinishJob},
};

}  // namespace

const IntrinsicEntry *Intrinsics(size_t *out_count) {
  *out_count = sizeof(kIntrinsics) / sizeof(kIntrinsics[0]);
  return kIntrinsics;
}

}  // namespace ci
