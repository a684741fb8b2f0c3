import CSystem

/// How many connections the process may hold.
package enum DescriptorLimit {
    /// Kept back for files and outgoing connections (limits.tsv, "file descriptors kept back").
    package static let keptBack = 150

    /// Raises the soft limit on open descriptors to the hard one and returns it.
    package static func raise() throws(SystemError) -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { throw .last("getrlimit") }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
                unsafe _ = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Connections that may be accepted: the limit less what is kept back; nil when nothing would be left.
    package static func connections(limit: Int) -> Int? { limit > keptBack ? limit - keptBack : nil }
}
