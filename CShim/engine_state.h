// SPDX-License-Identifier: Apache-2.0
// What the files of the shim share about the process's V8, and V8's callbacks that have a file of their own.
#ifndef CSHIM_ENGINE_STATE_H
#define CSHIM_ENGINE_STATE_H

#include <v8.h>

#include "cisolate/snapshot.h"
#include "state.h"

namespace ci {

bool EngineStarted();
size_t LiveIsolates();
void CountIsolate(int change);
// An isolate is no longer live, but lost.
void CountLost();

// V8's last words, on their way to the host.
void OnOutOfMemory(const char *location, bool is_heap_oom);
void OnFatalError(const char *location, const char *message);

// Tells the host that an escalation moved on.
void NoteEscalation();

// The process's snapshot, or null.
v8::StartupData *EngineSnapshot();
// The addresses that a snapshot refers to: C++ functions, and the texts of its scripts.
const intptr_t *ExternalReferences();

// The one C++ function behind every JavaScript function of the host's; its data is the operation.
void Trampoline(const v8::FunctionCallbackInfo<v8::Value> &info);

// The shim's own operations.
using Intrinsic = void (*)(const v8::FunctionCallbackInfo<v8::Value> &info);
struct IntrinsicEntry {
  const char *name;
  Intrinsic run;
};
const IntrinsicEntry *Intrinsics(size_t *out_count);

// Intrinsics that look into values (reflection.cc).
void PromiseDetails(const v8::FunctionCallbackInfo<v8::Value> &info);
void ProxyDetails(const v8::FunctionCallbackInfo<v8::Value> &info);
void PreviewEntries(const v8::FunctionCallbackInfo<v8::Value> &info);
void ClassOf(const v8::FunctionCallbackInfo<v8::Value> &info);
void ConstructorName(const v8::FunctionCallbackInfo<v8::Value> &info);
void OwnNonIndexKeys(const v8::FunctionCallbackInfo<v8::Value> &info);

// Intrinsics of text (text_operations.cc).
void EncodingNumber(const v8::FunctionCallbackInfo<v8::Value> &info);
void EncodingName(const v8::FunctionCallbackInfo<v8::Value> &info);
void TextDecode(const v8::FunctionCallbackInfo<v8::Value> &info);
void Utf8Decode(const v8::FunctionCallbackInfo<v8::Value> &info);
void Utf8Encode(const v8::FunctionCallbackInfo<v8::Value> &info);
void Utf8EncodeInto(const v8::FunctionCallbackInfo<v8::Value> &info);
void Base64EncodeString(const v8::FunctionCallbackInfo<v8::Value> &info);
void Base64DecodeString(const v8::FunctionCallbackInfo<v8::Value> &info);

// Intrinsics of compression (codec_operations.cc).
void CodecOpen(const v8::FunctionCallbackInfo<v8::Value> &info);
void CodecRun(const v8::FunctionCallbackInfo<v8::Value> &info);
void CodecClose(const v8::FunctionCallbackInfo<v8::Value> &info);
// Intrinsics of structuredClone (clone_operations.cc).
void CloneKind(const v8::FunctionCallbackInfo<v8::Value> &info);
void PrototypeOf(const v8::FunctionCallbackInfo<v8::Value> &info);
void EnumerableKeys(const v8::FunctionCallbackInfo<v8::Value> &info);
void CopyRegExp(const v8::FunctionCallbackInfo<v8::Value> &info);

// Intrinsics of URLs (url_operations.cc).
void UrlParse(const v8::FunctionCallbackInfo<v8::Value> &info);
void UrlCanParse(const v8::FunctionCallbackInfo<v8::Value> &info);
void UrlSet(const v8::FunctionCallbackInfo<v8::Value> &info);
void FormEncode(const v8::FunctionCallbackInfo<v8::Value> &info);
void FormDecode(const v8::FunctionCallbackInfo<v8::Value> &info);

// Intrinsics of base64 and hexadecimal digits (byte_text.cc).
void EncodeBytes(const v8::FunctionCallbackInfo<v8::Value> &info);
void DecodeBytes(const v8::FunctionCallbackInfo<v8::Value> &info);

// Random bytes of the kernel; false where it gives none (random.cc).
bool FillFromKernel(uint8_t *bytes, size_t count);

// Random bytes (random.cc).
void RandomBytes(const v8::FunctionCallbackInfo<v8::Value> &info);

// Where V8 gets the bytes that WebAssembly.compileStreaming compiles (wasm_streaming.cc).
void OnWasmStreaming(const v8::FunctionCallbackInfo<v8::Value> &info);
// Intrinsics of random numbers (random.cc).
void RandomBytes(const v8::FunctionCallbackInfo<v8::Value> &info);
void RandomFill(const v8::FunctionCallbackInfo<v8::Value> &info);

// Intrinsics of computations (crypto_operations.cc).
void Crypto(const v8::FunctionCallbackInfo<v8::Value> &info);
void FinishJob(const v8::FunctionCallbackInfo<v8::Value> &info);

// Parts of the prelude that load when they are named (parts.cc).
v8::AccessorNameGetterCallback PartGetter();
bool DefineParts(v8::Local<v8::Context> context, v8::Local<v8::Object> primordials, v8::Local<v8::Object> internals,
                 const ci_snapshot_part_t *parts, size_t count);
void UseParts(const ci_snapshot_part_t *parts, size_t count);
// Whether the heap has room to read a code cache of this size (code_cache.cc).
bool HasRoomFor(ci_isolate *self, size_t size);

// A JavaScript function that calls the host with `operation`.
v8::MaybeLocal<v8::Function> NewOperation(v8::Local<v8::Context> context, v8::Local<v8::String> name,
                                          uint32_t operation);

// The C++ function behind import.meta.resolve; its data is the module's URL.
void CallResolve(const v8::FunctionCallbackInfo<v8::Value> &info);
v8::MaybeLocal<v8::Promise> OnImport(v8::Local<v8::Context> context, v8::Local<v8::Data> host_defined,
                                     v8::Local<v8::Value> resource_name, v8::Local<v8::String> specifier,
                                     v8::Local<v8::FixedArray> attributes);
void OnImportMeta(v8::Local<v8::Context> context, v8::Local<v8::Module> module, v8::Local<v8::Object> meta);

ci_terminator *NewTerminator(ci_isolate *isolate);
void DetachTerminator(ci_terminator *terminator);

}  // namespace ci

#endif
