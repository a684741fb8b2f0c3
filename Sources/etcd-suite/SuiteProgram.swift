import CommandLine
import EtcdctlCommands
import EtcdutlCommands
import Glibc
import Member
import Platform

/// One executable that is each program of the suite, chosen by the name it is called by: the image holds it once, under all
/// names. It decides which program; everything else is the program's own, as in the separate executables.
enum SuiteProgram: String, CaseIterable {
    case etcd, etcdctl, etcdutl

    static let ownName = "etcd-suite"

    /// `words` begins with the name the process was called by. Under its own name, the first argument is the program's name.
    static func run(_ words: [String]) -> Never {
        let called = words.first.map(baseName) ?? ownName
        if let program = SuiteProgram(rawValue: called) { program.run(Array(words.dropFirst())) }
        guard called == ownName else {
            refuse("\"\(called)\" is the name of none of its programs")
        }
        guard words.count > 1 else {
            refuse("which program? Call it by a program's name, or give that as the first argument")
        }
        guard let program = SuiteProgram(rawValue: words[1]) else {
            refuse("\"\(words[1])\" is none of its programs")
        }
        program.run(Array(words.dropFirst(2)))
    }

    private func run(_ arguments: [String]) -> Never {
        switch self {
        case .etcd:
            Signals.block()
            EtcdProgram.run(arguments)
        case .etcdctl: EtcdctlProgram.run(arguments)
        case .etcdutl: EtcdutlProgram.run(arguments)
        }
    }

    private static func refuse(_ reason: String) -> Never {
        let names = allCases.map(\.rawValue).joined(separator: ", ")
        StandardStreams.errorLine("\(ownName): \(reason); it knows \(names)")
        exit(2)
    }

    private static func baseName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
