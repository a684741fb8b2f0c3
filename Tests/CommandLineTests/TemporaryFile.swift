import Glibc

/// A file made by a test, read once and removed.
enum TemporaryFile {
    static func take(_ path: String) -> String {
        guard let file = unsafe fopen(path, "rb") else { return "" }
        defer {
            unsafe fclose(file)
            unsafe unlink(path)
        }
        var bytes: [UInt8] = []
        while case let byte = unsafe fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
