// System interfaces that Swift's Glibc overlay does not show (macros, variadic functions, compiler intrinsics).
#pragma once
#include <arpa/inet.h>
#include <crypt.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <linux/futex.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

/// Continues a running CRC-32C over `count` bytes with the processor's CRC instruction.
#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static inline uint32_t
csystem_crc32c_hardware(uint32_t crc, const uint8_t *bytes, size_t count) {
    uint64_t sum = ~crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        sum = __builtin_ia32_crc32di(sum, word);
        bytes += 8;
        count -= 8;
    }
    while (count > 0) {
        sum = __builtin_ia32_crc32qi((uint32_t)sum, *bytes);
        bytes += 1;
        count -= 1;
    }
    return ~(uint32_t)sum;
}

/// 1 when the processor has the CRC instruction.
static inline int csystem_has_crc32c(void) {
    unsigned eax = 1, ebx, ecx = 0, edx;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return (ecx >> 20) & 1;
}
#else
static inline uint32_t
csystem_crc32c_hardware(uint32_t crc, const uint8_t *bytes, size_t count) { return crc; }
static inline int csystem_has_crc32c(void) { return 0; }
#endif

/// Sleeps while `*word` is `expected`, until woken or until the monotonic time `deadline` (none: for ever).
/// Returns 0, or the error number.
static inline int csystem_futex_wait(uint32_t *word, uint32_t expected, const struct timespec *deadline) {
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected, deadline, NULL, FUTEX_BITSET_MATCH_ANY);
    return result == 0 ? 0 : errno;
}

static inline void csystem_futex_wake(uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

/// Sequentially consistent operations on a word that is also a futex; Swift's `Atomic` has no address to give to the kernel.
static inline uint32_t csystem_exchange(uint32_t *word, uint32_t value) {
    return __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST);
}

/// 1 when `*word` was `expected` and now is `value`.
static inline int csystem_compare_exchange(uint32_t *word, uint32_t expected, uint32_t value) {
    return __atomic_compare_exchange_n(word, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static inline uint32_t csystem_load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

/// accept4 with close-on-exec and non-blocking set.
static inline int csystem_accept(int listener) {
    return (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static inline void csystem_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

static inline void csystem_name_thread(const char *name) { syscall(SYS_prctl, 15 /* PR_SET_NAME */, name, 0, 0, 0); }

/// How many descriptors the process has open; -1 when /proc is not there.
static inline int csystem_open_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL) return -1;
    int count = 0;
    while (readdir(directory) != NULL) count += 1;
    closedir(directory);
    return count - 3; // ".", ".." and the directory itself
}

static inline int csystem_open_for_reading(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }

/// The error number of the last failed call of this thread.
static inline int csystem_errno(void) { return errno; }

/// Opens a file for reading and writing, made with mode 0600 when it is not there.
static inline int csystem_open_or_create(const char *path) { return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600); }
