// SPDX-License-Identifier: Apache-2.0
#include "park.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>

#include "crash.h"
#include "priority.h"
#include "state.h"
#include "text_map.h"

namespace ci {

namespace {

// Of the real-time signals, which no library here uses.
int KickSignal() { return SIGRTMIN + 6; }

// ICU holds locks of its own at times; its code, and waiting, are left alone until this many kicks found nothing else.
constexpr uint32_t kKicksBeforeMore = 50;

uintptr_t InstructionOf(void *context) {
  const auto &registers = static_cast<ucontext_t *>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<uintptr_t>(registers.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<uintptr_t>(registers.pc);
#else
#error "the kick must know where the program counter is"
#endif
}

// Whether the thread was interrupted while it waits for another (futex(2)): V8 waits for what a lost isolate began, and
// would wait for ever. Such a thread holds no lock of the C library's.
bool IsWaiting(void *context) {
#if defined(__x86_64__)
  const auto *registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
  // A system call that is to be restarted has its number and its address back.
  const auto *code = reinterpret_cast<const unsigned char *>(registers[REG_RIP]);
  auto is_call = [](const unsigned char *at) { return at[0] == 0x0f && at[1] == 0x05; };
  return (registers[REG_RAX] == SYS_futex && is_call(code)) || (registers[REG_RAX] == -EINTR && is_call(code - 2));
#else
  (void)context;
  return false;
#endif
}

void OnKick(int, siginfo_t *, void *context) {
  int error = errno;
  ThreadState &thread = CurrentThread();
  if (thread.parkable && thread.isolate) {
    WatchdogSlot &slot = thread.isolate->slot;
    Code code = CodeAt(InstructionOf(context));
    bool is_stubborn = slot.kicks.load(std::memory_order_relaxed) > kKicksBeforeMore;
    bool is_inside = code == Code::kEngine || code == Code::kGenerated || (code == Code::kUnicode && is_stubborn) ||
                     (code == Code::kOther && is_stubborn && IsWaiting(context));
    // A kick that comes late finds another turn, which nobody wants to end.
    if (is_inside && slot.kick_wanted.load(std::memory_order_relaxed)) Park(CI_LOSS_UNRESPONSIVE);
  }
  errno = error;
}

void OnAbort(int signal, siginfo_t *info, void *context) {
  if (MayPark()) Park(CI_LOSS_ABORTED);
  Crash(signal, info, context);
}

}  // namespace

[[noreturn]] void Park(ci_loss_t loss) {
  ThreadState &thread = CurrentThread();
  thread.parkable = false;
  thread.uncharged = true;
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  thread.isolate->slot.loss.store(loss, std::memory_order_release);
  WakeWatchdog();
  for (;;) poll(nullptr, 0, -1);
}

void Kick(pthread_t thread) { pthread_kill(thread, KickSignal()); }

void InstallParking() {
  ReadTextMap();
  struct sigaction action = {};
  sigfillset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  action.sa_sigaction = OnKick;
  sigaction(KickSignal(), &action, nullptr);
  action.sa_sigaction = OnAbort;
  for (int signal : {SIGABRT, SIGTRAP, SIGILL}) ReplaceHandler(signal, action);
}

}  // namespace ci

void ci_thread_set_expendable(void *context, void (*on_lost)(void *)) {
  ci::ThreadState &thread = ci::CurrentThread();
  thread.lost_context = context;
  thread.on_lost = on_lost;
  thread.expendable = true;
  // A thread inherits the priority of the one that makes it, which may be the watchdog or a long turn's.
  thread.nice = getpriority(PRIO_PROCESS, static_cast<id_t>(getpid()));
  thread.lowered = !ci::SetPriority(0, thread.nice, 0);
  // A thread has the mask of the one that started it, and libdispatch's block nearly everything.
  sigset_t needed;
  sigemptyset(&needed);
  for (int signal : {ci::KickSignal(), SIGABRT, SIGTRAP, SIGILL, SIGSEGV, SIGBUS, SIGFPE}) sigaddset(&needed, signal);
  pthread_sigmask(SIG_UNBLOCK, &needed, nullptr);
  // A stack overflow in native code is reported from a stack of its own.
  constexpr size_t kSignalStack = 256 * 1024;
  stack_t old;
  if (sigaltstack(nullptr, &old) != 0 || !(old.ss_flags & SS_DISABLE)) return;
  void *memory =
      mmap(nullptr, kSignalStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t stack = {memory, 0, kSignalStack};
  sigaltstack(&stack, nullptr);
}

bool ci_thread_is_lowered(void) { return ci::CurrentThread().lowered; }

void ci_thread_set_indispensable(void) {
  ci::ThreadState &thread = ci::CurrentThread();
  thread.expendable = false;
  thread.on_lost = nullptr;
}
