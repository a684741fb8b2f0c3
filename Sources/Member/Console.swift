import Base
import CSystem
import Cluster
import CommandLine
import Glibc
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Wire

/// The process's own streams and environment, without Foundation.
enum Console {
    static func print(_ text: String) { write(text, to: 1) }
    static func error(_ text: String) { write(text, to: 2) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array((text.hasSuffix("\n") ? text : text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

enum ProcessEnvironment {
    /// All variables, in the order of the environment.
    static var all: [(name: String, value: String)] {
        var variables: [(name: String, value: String)] = []
        var position = 0
        while let entry = unsafe environ[position] {
            let text = unsafe String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
            }
            position += 1
        }
        return variables
    }
}

extension Release {
    package static var platform: String {
        #if arch(x86_64)
            "linux/amd64"
        #else
            "linux/arm64"
        #endif
    }
}
