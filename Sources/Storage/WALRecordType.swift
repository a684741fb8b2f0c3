/// The types of log records (formats.md §2.1). The raw value is the one on disk.
package enum WALRecordType: UInt8, Sendable, CaseIterable {
    case metadata = 1
    case entry = 2
    case state = 3
    case checksum = 4
    case snapshot = 5
}
