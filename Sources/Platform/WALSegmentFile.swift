import Storage

/// An open segment under its exclusive lock, which ends with the last reference.
final class WALSegmentFile: Sendable {
    let name: WALSegmentName
    let file: FileDescriptor

    init(name: WALSegmentName, file: consuming FileDescriptor) {
        self.name = name
        self.file = file
    }
}
