// SPDX-License-Identifier: Apache-2.0
// Replaces the program's malloc: memory that is allocated on behalf of an isolate is charged to it, whoever allocates
// (V8, ICU, the C++ library, Swift), and until it is freed, whoever frees.
//
// A charged block has a header of 16 bytes. Its last 8 hold the owner with a mark in the upper 16 bits. In a block of
// glibc's own the same place is the size of its chunk, whose upper bits are zero, so that both kinds can be told apart
// when they are freed.
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "cisolate/native_memory.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

// The sanitizers have a malloc of their own.
#ifndef IS_SANITIZED

#if !defined(__GLIBC__) || UINTPTR_MAX != UINT64_MAX
#error "this malloc knows the chunks of a 64-bit glibc, and no others"
#endif

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void __libc_free(void *block);

typedef struct header {
  size_t size;
  uint64_t owner;
} header_t;

#define MARK (UINT64_C(0x524b) << 48)
#define ADDRESS_BITS ((UINT64_C(1) << 48) - 1)
#define EXPORTED __attribute__((visibility("default")))

static header_t *header_of(void *block) { return (header_t *)block - 1; }
static int is_charged(void *block) { return (header_of(block)->owner & ~ADDRESS_BITS) == MARK; }

static void *charged(void *owner, header_t *header, size_t size) {
  if (!header) {
    ci_native_discharge(owner, size + sizeof(header_t));
    errno = ENOMEM;
    return NULL;
  }
  header->size = size;
  header->owner = MARK | (uint64_t)(uintptr_t)owner;
  return header + 1;
}

EXPORTED void *malloc(size_t size) {
  if (size > PTRDIFF_MAX) {
    errno = ENOMEM;
    return NULL;
  }
  void *owner = ci_native_charge(size + sizeof(header_t));
  if (!owner) return __libc_malloc(size);
  return charged(owner, __libc_malloc(size + sizeof(header_t)), size);
}

EXPORTED void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX) {
    errno = ENOMEM;
    return NULL;
  }
  void *owner = ci_native_charge(bytes + sizeof(header_t));
  if (!owner) return __libc_calloc(count, size);
  return charged(owner, __libc_calloc(1, bytes + sizeof(header_t)), bytes);
}

EXPORTED void free(void *block) {
  if (!block) return;
  if (!is_charged(block)) {
    __libc_free(block);
    return;
  }
  header_t *header = header_of(block);
  ci_native_discharge((void *)(uintptr_t)(header->owner & ADDRESS_BITS), header->size + sizeof(header_t));
  __libc_free(header);
}

EXPORTED size_t malloc_usable_size(void *block) {
  if (!block) return 0;
  if (is_charged(block)) return header_of(block)->size;
  // The chunk's size with three flags; a chunk of its own mapping has two words before the block, others one.
  uint64_t chunk = header_of(block)->owner;
  return (size_t)(chunk & ~UINT64_C(7)) - (chunk & 2 ? 16 : 8);
}

EXPORTED void *realloc(void *block, size_t size) {
  if (!block) return malloc(size);
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (!is_charged(block)) return __libc_realloc(block, size);
  // Charged anew: it may be somebody else who needs more.
  size_t old = header_of(block)->size;
  void *moved = malloc(size);
  if (!moved) return NULL;
  memcpy(moved, block, old < size ? old : size);
  free(block);
  return moved;
}

#endif
