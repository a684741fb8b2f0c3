import CSystem

/// The metrics that Prometheus' clients give for every process, from /proc.
package enum ProcessMetrics {
    package static func register(in registry: MetricsRegistry) {
        let started = Double(Clock.wallNanoseconds) / 1e9
        registry.sampled(
            "process_cpu_seconds_total", help: "Total user and system CPU time spent in seconds.", isCounter: true, cpuSeconds)
        registry.sampled("process_open_fds", help: "Number of open file descriptors.", openDescriptors)
        registry.sampled("process_max_fds", help: "Maximum number of open file descriptors.", maxDescriptors)
        registry.sampled("process_resident_memory_bytes", help: "Resident memory size in bytes.") { memoryPages(1) * 4096 }
        registry.sampled("process_virtual_memory_bytes", help: "Virtual memory size in bytes.") { memoryPages(0) * 4096 }
        registry.sampled("process_start_time_seconds", help: "Start time of the process since unix epoch in seconds.") { started }
    }

    @Sendable private static func cpuSeconds() -> Double {
        var time = timespec()
        unsafe _ = clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Sendable private static func maxDescriptors() -> Double {
        var limit = rlimit()
        unsafe _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Double(limit.rlim_cur)
    }

    @Sendable private static func openDescriptors() -> Double { Double(max(0, csystem_open_descriptors())) }

    /// A field of /proc/self/statm: 0 all, 1 resident.
    private static func memoryPages(_ field: Int) -> Double {
        let descriptor = unsafe csystem_open_for_reading("/proc/self/statm")
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        let fields = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        return fields.count > field ? Double(fields[field]) ?? 0 : 0
    }
}
