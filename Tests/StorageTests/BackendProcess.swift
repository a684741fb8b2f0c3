import Glibc
import Testing

/// Official etcd programs, to compare with: in the directory that ETCD_REFERENCE_BIN names, or where `make` puts them.
struct ReferenceBinaries {
    let directory: String

    /// nil, with the reason printed, where there are none.
    static func find(file: String = #filePath) -> ReferenceBinaries? {
        let package = file.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let named = unsafe getenv("ETCD_REFERENCE_BIN").map { unsafe String(cString: $0) }
        let directory = named ?? package + "/.build/reference/bin"
        if unsafe access(directory + "/etcdutl", X_OK) == 0 { return ReferenceBinaries(directory: directory) }
        print("skipped: no etcdutl in \(directory); name a directory with etcd's programs in ETCD_REFERENCE_BIN")
        return nil
    }

    func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = try ChildProcess(directory + "/" + program, arguments)
        return (process.wait(), process.output)
    }
}

/// A process whose output goes to a file; ended with this object.
final class ChildProcess {
    private let scratch = TemporaryDirectory()
    private var pid: pid_t = 0
    private var status: Int32?

    init(_ path: String, _ arguments: [String]) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 1, scratch.path + "/output", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("ETCDCTL_API=3"), strdup("PATH=/usr/bin:/bin"), nil]
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
            for index in unsafe environment.indices { unsafe free(environment[index]) }
        }
        let code = unsafe posix_spawn(&pid, path, &actions, nil, &words, &environment)
        try #require(code == 0, "could not start \(path)")
    }

    deinit {
        if status == nil {
            kill(pid, SIGKILL)
            _ = wait()
        }
    }

    func terminate() -> Int32 {
        kill(pid, SIGTERM)
        return wait()
    }

    @discardableResult
    func wait() -> Int32 {
        if let status { return status }
        var code: Int32 = 0
        while unsafe waitpid(pid, &code, 0) < 0, errno == EINTR {}
        status = code
        return code
    }

    var output: String { String(decoding: readFile(scratch.path + "/output"), as: UTF8.self) }
}

func readFile(_ path: String) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe read(descriptor, &part, part.count)
        guard count > 0 else { return bytes }
        bytes += part[..<count]
    }
}

func writeFile(_ path: String, _ bytes: [UInt8]) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
        done += unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress! + done, $0.count - done) }
    }
}

/// A TCP port of the loopback that was free a moment ago, from below the range out of which outgoing connections get theirs.
func freePort() -> Int {
    while true {
        let port = Int.random(in: 10_000..<32_000)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if bound == 0 { return port }
    }
}

/// Changes bytes of a file in place.
final class FilePatcher {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = unsafe open(path, O_RDWR)
        try #require(descriptor >= 0)
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8], at offset: Int) {
        let count = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, offset) }
        #expect(count == bytes.count)
    }
}
