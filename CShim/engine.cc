// SPDX-License-Identifier: Apache-2.0
#include "cisolate/engine.h"

#include <v8-version.h>
#include <v8.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>

#include "crash.h"
#include "engine_state.h"
#include "park.h"

static_assert(V8_MAJOR_VERSION == 10 && V8_MINOR_VERSION == 2,
              "Rookery needs Debian's libnode-dev (V8 10.2). These headers are another V8's, "
              "usually those of another vendor's nodejs. Run scripts/bootstrap.");

#define CI_STRING_OF(x) #x
#define CI_STRING(x) CI_STRING_OF(x)

namespace {

constexpr char kHeaderVersion[] = CI_STRING(V8_MAJOR_VERSION) "." CI_STRING(V8_MINOR_VERSION) "." CI_STRING(
    V8_BUILD_NUMBER) "." CI_STRING(V8_PATCH_LEVEL);

// All of Rookery's V8 flags, and why.
constexpr char kFlags[] =
    // A collection runs on its isolate's thread, so that its CPU time and its failures are its owner's.
    "--single-threaded-gc "
    // FATAL raises SIGABRT, which can be told from a crash, and not an illegal instruction.
    "--no-hard-abort "
    // Shared memory between threads is a clock for Spectre, and nobody here has a second thread.
    "--no-harmony-sharedarraybuffer --no-harmony-atomics --no-experimental-wasm-threads "
    // `import x from './x.json' with { type: 'json' }`, and the older `assert`.
    "--harmony-import-assertions --harmony-import-attributes "
    // WebAssembly.compile works on the caller's thread and CPU budget.
    "--no-wasm-async-compilation "
    // Interpreted loops look at interrupts, termination among them, when this many bytes of bytecode have run. V8's
    // 132 KB are seconds where each iteration calls a slow built-in. Eight times as often, and eight times as many
    // looks before a function is optimised.
    "--interrupt-budget=16896 --ticks-before-optimization=24 --bytecode-size-allowance-per-tick=19";

std::mutex start_mutex;
std::atomic<bool> started{false};
std::atomic<size_t> live_isolates{0};
std::atomic<size_t> lost_isolates{0};
void (*on_fatal)(bool, const char *, const char *) = nullptr;
void (*on_escalation)() = nullptr;

size_t MostMappings() {
  size_t count = 65530;
  if (FILE *file = std::fopen("/proc/sys/vm/max_map_count", "r")) {
    if (std::fscanf(file, "%zu", &count) != 1) count = 65530;
    std::fclose(file);
  }
  return count;
}

}  // namespace

namespace ci {

bool EngineStarted() { return started.load(); }
size_t LiveIsolates() { return live_isolates.load(); }
void CountIsolate(int change) { live_isolates.fetch_add(static_cast<size_t>(change)); }

void CountLost() {
  live_isolates.fetch_sub(1);
  lost_isolates.fetch_add(1);
}

void NoteEscalation() {
  if (on_escalation) on_escalation();
}

void OnOutOfMemory(const char *location, bool) {
  if (MayPark()) Park(CI_LOSS_OUT_OF_MEMORY);
  if (on_fatal) on_fatal(true, location ? location : "", "out of memory");
}

void OnFatalError(const char *location, const char *message) {
  if (MayPark()) Park(CI_LOSS_ABORTED);
  if (on_fatal) on_fatal(false, location ? location : "", message ? message : "");
}

}  // namespace ci

const char *ci_engine_version(void) { return v8::V8::GetVersion(); }
const char *ci_engine_header_version(void) { return kHeaderVersion; }
const char *ci_engine_flags(void) { return kFlags; }
size_t ci_engine_live_isolates(void) { return ci::LiveIsolates(); }
int ci_abi_version(void) { return CI_ABI_VERSION; }

ci_status_t ci_engine_start(const ci_engine_options_t *options) {
  if (options->size != sizeof(*options) || options->worker_threads < 1) return CI_INVALID;
  if (std::strncmp(v8::V8::GetVersion(), kHeaderVersion, sizeof(kHeaderVersion) - 1) != 0) return CI_INVALID;
  std::lock_guard<std::mutex> lock(start_mutex);
  if (started) return CI_OK;
  v8::V8::SetFlagsFromString(kFlags);
  std::string flags(reinterpret_cast<const char *>(options->flags.bytes), options->flags.count);
  v8::V8::SetFlagsFromString(flags.c_str());
  on_fatal = options->on_fatal;
  on_escalation = options->on_escalation;
  if (options->parks_threads) ci::InstallParking();
  if (options->reports_crashes) ci::InstallCrashReports();
  // V8 opens /dev/urandom for each isolate, and where it cannot goes on with the time of day.
  v8::V8::SetEntropySource(ci::FillFromKernel);
  v8::V8::InitializePlatform(ci::NewPlatform(options->worker_threads));
  v8::V8::Initialize();
  started = true;
  return CI_OK;
}

void ci_engine_load(ci_engine_load_t *out) {
  static const size_t most = MostMappings();
  // An isolate at rest has 12 mappings; the process itself some hundreds.
  constexpr size_t kEach = 13;
  constexpr size_t kProcess = 4096;
  *out = {};
  out->live_isolates = live_isolates.load();
  out->lost_isolates = lost_isolates.load();
  out->held_bytes = ci::Ledger::HeldByAll();
  out->mappings = kProcess + kEach * (out->live_isolates + out->lost_isolates) + ci::Ledger::MappingsOfAll();
  out->most_mappings = most;
}
