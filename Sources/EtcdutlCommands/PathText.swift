import Glibc

/// Paths as users write them.
enum PathText {
    /// From the root on, without empty parts and "."; two texts for one place are equal then, unless links are involved.
    static func absolute(_ path: String) -> String {
        let parts = (path.hasPrefix("/") ? path : workingDirectory + "/" + path).split(separator: "/").filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }

    private static var workingDirectory: String {
        guard let text = unsafe getcwd(nil, 0) else { return "" }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
