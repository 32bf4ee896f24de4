// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "attacks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int attack_socket = -1;
static int attack_file = -1;

int attack_make_socket(int is_stream) {
  return attack_socket = socket(AF_INET, (is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
}

int attack_make_file(void) {
  char path[] = "/tmp/rookery-attack-XXXXXX";
  attack_file = mkstemp(path);
  if (attack_file >= 0 && (unlink(path) != 0 || ftruncate(attack_file, 4096) != 0)) return -1;
  return attack_file;
}

static long worked(long result) { return result < 0 ? errno : 0; }

static long open_file(void) { return worked(open("/etc/passwd", O_RDONLY)); }
static long open_folder(void) { return worked(open("/proc/self/fd", O_RDONLY | O_DIRECTORY)); }
static long create_file(void) { return worked(open("/tmp/rookery-attack", O_WRONLY | O_CREAT, 0600)); }
static long stat_file(void) {
  struct stat status;
  return worked(stat("/etc/passwd", &status));
}
static long read_link(void) {
  char text[64];
  return worked(readlink("/proc/self/exe", text, sizeof text));
}
static long remove_file(void) { return worked(unlink("/tmp/rookery-attack")); }
static long make_folder(void) {
  long error = worked(mkdir("/tmp/rookery-attack-folder", 0700));
  rmdir("/tmp/rookery-attack-folder");
  return error;
}
static long open_by_handle(void) {
  char handle[64] = {8};
  return worked(syscall(SYS_open_by_handle_at, attack_file, handle, O_RDONLY));
}
static long write_memory_file(void) {
  int file = open("/proc/self/mem", O_RDWR);
  return file < 0 ? errno : worked(pwrite(file, "x", 1, (off_t)&attack_file));
}
static long write_file(void) { return worked(write(attack_file, "x", 1)); }

static long socket_inet(void) { return worked(socket(AF_INET, SOCK_STREAM, 0)); }
static long socket_unix(void) { return worked(socket(AF_UNIX, SOCK_STREAM, 0)); }
static long socket_netlink(void) { return worked(socket(AF_NETLINK, SOCK_RAW, 0)); }
static struct sockaddr_in nowhere(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}
static long connect_socket(void) {
  struct sockaddr_in address = nowhere();
  long error = worked(connect(attack_socket, (struct sockaddr *)&address, sizeof address));
  // Nobody listens there, but it got that far.
  return error == ECONNREFUSED ? 0 : error;
}
static long bind_socket(void) {
  struct sockaddr_in address = nowhere();
  address.sin_port = 0;
  return worked(bind(attack_socket, (struct sockaddr *)&address, sizeof address));
}
static long send_to(void) {
  struct sockaddr_in address = nowhere();
  long error = worked(sendto(attack_socket, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address));
  return error;
}
static long filter_socket(void) {
  // SO_ATTACH_BPF.
  int program = 0;
  return worked(setsockopt(attack_socket, SOL_SOCKET, 50, &program, sizeof program));
}

static long execute(void) {
  char *arguments[] = {"true", NULL};
  return worked(execve("/bin/true", arguments, NULL));
}
static long execute_memory(void) {
  int file = (int)syscall(SYS_memfd_create, "x", 0);
  if (file < 0) return errno;
  char *arguments[] = {"x", NULL};
  return worked(syscall(SYS_execveat, file, "", arguments, NULL, AT_EMPTY_PATH));
}
static long memory_file(void) { return worked(syscall(SYS_memfd_create, "x", 0)); }
static long child(long process) {
  if (process == 0) _exit(0);
  if (process > 0) waitpid((pid_t)process, NULL, 0);
  return worked(process);
}
static long fork_process(void) { return child(fork()); }
static long clone_process(void) { return child(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }
static long clone_users(void) { return child(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }
static long spawn_shell(void) { return system("exit 0") == 0 ? 0 : (errno ? errno : EPERM); }
static long leave_namespace(void) { return worked(unshare(CLONE_NEWUSER)); }

static long trace_parent(void) { return worked(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)); }
static long kill_parent(void) { return worked(kill(getppid(), 0)); }
static long kill_thread_of_parent(void) { return worked(syscall(SYS_tgkill, getppid(), getppid(), 0)); }
static long kill_everybody(void) { return worked(kill(-1, 0)); }
static long queue_signal(void) {
  union sigval value = {0};
  return worked(sigqueue(getppid(), 0, value));
}
static long write_process(void) {
  char byte = 'x';
  struct iovec here = {&byte, 1};
  return worked(process_vm_writev(getppid(), &here, 1, &here, 1, 0));
}
static long open_process(void) { return worked(syscall(434, getppid(), 0)); }
static long limit_parent(void) {
  struct rlimit limit;
  return worked(prlimit(getppid(), RLIMIT_CORE, NULL, &limit));
}
static long raise_limit(void) {
  struct rlimit limit = {1, 1};
  return worked(setrlimit(RLIMIT_CORE, &limit));
}
static long be_dumpable(void) { return worked(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }
static long own_descriptor(void) { return worked(fcntl(attack_socket, F_SETOWN, getppid())); }
static long push_terminal(void) { return worked(ioctl(0, TIOCSTI, "x")); }

static long mount_folder(void) { return worked(mount("none", "/tmp", "tmpfs", 0, NULL)); }
static long change_root(void) { return worked(chroot("/tmp")); }
static long ring(void) {
  char parameters[120] = {0};
  return worked(syscall(SYS_io_uring_setup, 4, parameters));
}
static long program_kernel(void) {
  char attributes[128] = {0};
  return worked(syscall(SYS_bpf, 0, attributes, sizeof attributes));
}
static long fault_handler(void) { return worked(syscall(SYS_userfaultfd, 1)); }
static long keys(void) { return worked(syscall(SYS_keyctl, 0, -3, 1)); }
static long perf(void) {
  char attributes[128] = {0};
  return worked(syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0));
}
static long load_module(void) { return worked(syscall(SYS_init_module, "", 0, "")); }
static long shared_memory(void) { return worked(syscall(SYS_shmget, 0, 4096, 01600)); }
static long watch_files(void) { return worked(syscall(SYS_inotify_init1, 0)); }
static long other_personality(void) { return worked(syscall(SYS_personality, 0x0040000)); }
static long map_file(void) {
  void *memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, attack_file, 0);
  return memory == MAP_FAILED ? errno : 0;
}
static long map_code(void) {
  void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? errno : 0;
}
static long protect_code(void) {
  void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno;
  return worked(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
}
// The same calls by the numbers of other architectures.
static long old_numbers(void) {
#if defined(__x86_64__)
  long result;
  // getpid of i386.
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
  return result < 0 ? -result : 0;
#else
  return ENOSYS;
#endif
}
static long x32_numbers(void) {
#if defined(__x86_64__)
  return worked(syscall(0x40000000 + SYS_getpid));
#else
  return ENOSYS;
#endif
}

static const struct {
  const char *name;
  long (*run)(void);
} attacks[] = {
    {"open", open_file},
    {"open-folder", open_folder},
    {"create", create_file},
    {"stat", stat_file},
    {"readlink", read_link},
    {"unlink", remove_file},
    {"mkdir", make_folder},
    {"open-by-handle", open_by_handle},
    {"self-mem", write_memory_file},
    {"write-file", write_file},
    {"socket", socket_inet},
    {"socket-unix", socket_unix},
    {"socket-netlink", socket_netlink},
    {"connect", connect_socket},
    {"bind", bind_socket},
    {"sendto", send_to},
    {"attach-bpf", filter_socket},
    {"execve", execute},
    {"memfd-exec", execute_memory},
    {"memfd", memory_file},
    {"fork", fork_process},
    {"clone", clone_process},
    {"clone-newuser", clone_users},
    {"system", spawn_shell},
    {"unshare", leave_namespace},
    {"ptrace", trace_parent},
    {"kill", kill_parent},
    {"tgkill", kill_thread_of_parent},
    {"kill-all", kill_everybody},
    {"sigqueue", queue_signal},
    {"process-vm-writev", write_process},
    {"pidfd-open", open_process},
    {"prlimit", limit_parent},
    {"setrlimit", raise_limit},
    {"set-dumpable", be_dumpable},
    {"setown", own_descriptor},
    {"tiocsti", push_terminal},
    {"mount", mount_folder},
    {"chroot", change_root},
    {"io-uring", ring},
    {"bpf", program_kernel},
    {"userfaultfd", fault_handler},
    {"keyctl", keys},
    {"perf-event-open", perf},
    {"init-module", load_module},
    {"shmget", shared_memory},
    {"inotify", watch_files},
    {"personality", other_personality},
    {"map-file", map_file},
    {"int80", old_numbers},
    {"x32", x32_numbers},
    // Refused to processes without machine code only.
    {"map-code", map_code},
    {"protect-code", protect_code},
};

const char *attack_name(int index) {
  return index >= 0 && (size_t)index < sizeof attacks / sizeof attacks[0] ? attacks[index].name : NULL;
}

int attack_run(const char *name) {
  for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; ++i) {
    errno = 0;
    if (strcmp(attacks[i].name, name) == 0) return (int)attacks[i].run();
  }
  return -1;
}

void attack_crash(void) { *(volatile int *)8 = 1; }

int attack_run_without(const char *layer, char *const *arguments) {
  // landlock_create_ruleset has the same number everywhere.
  unsigned number = strcmp(layer, "landlock") == 0 ? 444 : strcmp(layer, "seccomp") == 0 ? SYS_seccomp : 0;
  if (number == 0) return EINVAL;
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof code[0], code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return errno;
  execv(arguments[0], arguments);
  return errno;
}
