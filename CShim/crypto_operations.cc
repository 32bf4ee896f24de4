// SPDX-License-Identifier: Apache-2.0
// What the prelude's `crypto.subtle` calls: short computations at once, long ones as jobs.
#include <cstring>

#include "crypto.h"
#include "engine_state.h"
#include "job.h"
#include "values.h"

namespace ci {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

// Microseconds of CPU from which on a computation is a job. A turn of as many gives way too.
constexpr uint64_t kLong = 2000;

bool AddPart(v8::Local<v8::Value> value, CryptoRequest *request) {
  Bytes *part = request->part_count < request->parts.size() ? &request->parts[request->part_count] : nullptr;
  if (!part || !BytesOf(value, &part->data, &part->count)) return false;
  ++request->part_count;
  return true;
}

// From the arguments: the operation, its numbers, its parts, and a list of more parts maybe.
bool ReadRequest(const Info &info, CryptoRequest *request) {
  auto context = info.GetIsolate()->GetCurrentContext();
  size_t numbers = 0;
  if (!info[0]->IsUint32()) return false;
  request->operation = static_cast<CryptoOperation>(info[0].As<v8::Uint32>()->Value());
  for (int i = 1; i < info.Length(); ++i) {
    v8::Local<v8::Value> value = info[i];
    if (value->IsUint32()) {
      if (numbers == request->numbers.size()) return false;
      request->numbers[numbers++] = value.As<v8::Uint32>()->Value();
    } else if (value->IsArray()) {
      auto list = value.As<v8::Array>();
      for (uint32_t j = 0; j < list->Length(); ++j) {
        v8::Local<v8::Value> item;
        if (!list->Get(context, j).ToLocal(&item) || !AddPart(item, request)) return false;
      }
    } else if (!AddPart(value, request)) {
      return false;
    }
  }
  return IsCryptoRequest(*request);
}

// Takes memory as ArrayBuffers are given it: where it does not fit, garbage is collected first.
template <typename Take>
auto Allocate(ci_isolate *self, size_t count, Take take) {
  auto memory = self->ledger->Admits(count) ? take() : nullptr;
  if (!memory) {
    self->isolate->LowMemoryNotification();
    if (self->ledger->Admits(count)) memory = take();
  }
  if (!memory) {
    self->ledger->NoteRefusal();
    self->isolate->ThrowException(
        v8::Exception::RangeError(Literal(self->isolate, "There is no memory for the result; use smaller pieces")));
  }
  return memory;
}

void Return(const Info &info, const CryptoResult &result) {
  v8::Isolate *isolate = info.GetIsolate();
  auto context = isolate->GetCurrentContext();
  if (result.kind == CryptoResult::Kind::kBoolean) info.GetReturnValue().Set(result.truth);
  if (result.kind != CryptoResult::Kind::kParts) return;
  auto array = v8::Array::New(isolate, static_cast<int>(result.parts.size()));
  for (uint32_t i = 0; i < result.parts.size(); ++i) {
    v8::Local<v8::Uint8Array> part;
    if (!NewBytes(isolate, SliceOf(result.parts[i])).ToLocal(&part) ||
        !array->CreateDataProperty(context, i, part).FromMaybe(false)) {
      return;
    }
  }
  info.GetReturnValue().Set(array);
}

// An ArrayBuffer of the first bytes of a block.
v8::Local<v8::ArrayBuffer> NewBuffer(v8::Isolate *isolate, uint8_t *block, size_t count) {
  auto free = [](void *data, size_t, void *) { Ledger::FreeBlock(data); };
  return v8::ArrayBuffer::New(isolate, v8::ArrayBuffer::NewBackingStore(block, count, free, nullptr));
}

uint8_t *NewBlock(ci_isolate *self, size_t count) {
  return static_cast<uint8_t *>(
      Allocate(self, count, [&] { return self->ledger->NewBlock(Holding::kArrayBuffers, count, false); }));
}

void RunNow(const Info &info, ci_isolate *self, const CryptoRequest &request) {
  CryptoResult result;
  size_t room = CryptoOutputSize(request);
  if (room > 0 && !(result.output = NewBlock(self, room))) return;
  {
    ShimScope shim;
    RunCrypto(request, &result, {});
  }
  if (result.kind == CryptoResult::Kind::kBytes) {
    info.GetReturnValue().Set(NewBuffer(self->isolate, result.output, result.count));
  } else {
    if (result.output) Ledger::FreeBlock(result.output);
    Return(info, result);
  }
}

void MakeJob(const Info &info, ci_isolate *self, CryptoRequest request) {
  size_t room = CryptoOutputSize(request);
  size_t total = room;
  for (size_t i = 0; i < request.part_count; ++i) total += request.parts[i].count;
  auto memory = Allocate(self, total, [&] { return ChargedMemory::New(self->ledger.get(), total); });
  if (!memory) return;
  ShimScope shim;
  uint8_t *end = memory->data();
  for (size_t i = 0; i < request.part_count; ++i) {
    Bytes &part = request.parts[i];
    if (part.count) std::memcpy(end, part.data, part.count);
    part.data = end;
    end += part.count;
  }
  uint32_t number = ++self->last_job;
  self->jobs[number] = std::make_shared<Job>(request, end, std::move(memory));
  info.GetReturnValue().Set(number);
}

}  // namespace

// (operation, numbers …, parts …, list of parts): the result; undefined where it failed; the number of a job where it
// takes long; null where there are too many of them.
void Crypto(const Info &info) {
  ci_isolate *self = ci_isolate::Of(info.GetIsolate());
  CryptoRequest request;
  if (!self || !ReadRequest(info, &request)) return;
  if (CryptoEffort(request) < kLong)
    RunNow(info, self, request);
  else if (self->jobs.size() < kMostJobs)
    MakeJob(info, self, request);
  else
    info.GetReturnValue().SetNull();
}

// (number of a job): forgets it, and returns the result; undefined where it failed or never ran.
void FinishJob(const Info &info) {
  v8::Isolate *isolate = info.GetIsolate();
  ci_isolate *self = ci_isolate::Of(isolate);
  if (!self || !info[0]->IsUint32()) return;
  auto found = self->jobs.find(info[0].As<v8::Uint32>()->Value());
  if (found == self->jobs.end()) return;
  std::shared_ptr<Job> job = std::move(found->second);
  {
    ShimScope shim;
    self->jobs.erase(found);
  }
  const CryptoResult *result = job->result();
  if (!result) return;
  if (result->kind != CryptoResult::Kind::kBytes) {
    Return(info, *result);
    return;
  }
  // A copy: the memory of a job is none of a block.
  uint8_t *block = NewBlock(self, result->count);
  if (!block) return;
  std::memcpy(block, result->output, result->count);
  info.GetReturnValue().Set(NewBuffer(isolate, block, result->count));
}

}  // namespace ci
