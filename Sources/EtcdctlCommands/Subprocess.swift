import CommandLine
import Glibc

/// Runs a program with this one's streams and waits for it.
enum Subprocess {
    /// `environment` ("NAME=value") is added to this process's own. Nil when the program ends well, otherwise what went wrong.
    static func run(_ words: [String], environment: [String]) -> String? {
        let all = ProcessEnvironment.all.map { "\($0.name)=\($0.value)" } + environment
        var process: pid_t = 0
        let code = unsafe withStrings(words) { arguments in
            unsafe withStrings(all) { variables in
                unsafe posix_spawnp(&process, arguments[0]!, nil, nil, arguments, variables)
            }
        }
        guard code == 0 else {
            if code == ENOENT { return "exec: \(GoText.quote(words[0])): executable file not found in $PATH" }
            let reason = unsafe String(cString: strerror(code))
            return "fork/exec \(words[0]): \(reason.lowercased())"
        }
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
        if status == 0 { return nil }
        let signal = status & 0x7F
        return signal == 0 ? "exit status \(status >> 8 & 0xFF)" : unsafe "signal: \(String(cString: strsignal(signal)).lowercased())"
    }

    private static func withStrings<R>(_ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer { for index in 0..<(texts.count) { unsafe free(pointers[index]) } }
        return unsafe pointers.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
    }
}
