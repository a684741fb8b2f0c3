// System interfaces that Swift's Glibc overlay does not show (macros, variadic functions, compiler intrinsics).
#pragma once
#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
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
