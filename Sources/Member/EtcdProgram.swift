import Base
import CSystem
import Cluster
import CommandLine
import HTTP
import Lease
import MVCC
import Platform
import Raft
import Replica
import Storage
import Wire

/// The program `etcd`: reads its command line, starts a member, and ends with the member's status.
package enum EtcdProgram {
    /// `arguments` without the program's name.
    package static func run(_ arguments: [String]) -> Never {
        if arguments.first == "healthcheck" { exit(HealthCheck.run(Array(arguments.dropFirst()))) }
        let invocation: EtcdInvocation
        do throws(UsageError) {
            invocation = try EtcdInvocation(arguments: arguments, environment: ProcessEnvironment.all)
        } catch {
            StandardStreams.errorLine(error.message)
            exit(error.status)
        }
        switch invocation {
        case .help(let text):
            StandardStreams.outputLine(text)
            exit(0)
        case .version:
            StandardStreams.outputLine(
                "etcd Version: \(Release.etcdVersion)\nServer: \(Release.name) \(Release.version)\nOS/Arch: \(Release.platform)")
            exit(0)
        case .serve(let flags, let warnings):
            exit(serve(flags, warnings))
        }
    }

    private static func serve(_ flags: EtcdConfiguration, _ warnings: [String]) -> Int32 {
        let logger: Logger
        do throws(LogOutputError) {
            var outputs: [LogOutput] = []
            for name in flags.log.outputs { outputs.append(try LogOutput(named: name)) }
            logger = Logger(level: flags.log.level, format: flags.log.format, outputs: outputs)
        } catch {
            StandardStreams.errorLine("\(error)")
            return 1
        }
        Logger.bootstrap(logger)
        for warning in warnings { logger.warn(warning) }
        logger.info(
            "starting etcd",
            [
                "etcd-version": .string(Release.etcdVersion.description), "server": .string("\(Release.name) \(Release.version)"),
                "name": .string(flags.name), "data-dir": .string(flags.dataDirectory),
                "listen-client-urls": .strings(flags.listenClientURLs.map(\.text)),
                "advertise-client-urls": .strings(flags.advertiseClientURLs.map(\.text)),
                "initial-cluster": .string(flags.initialClusterText),
            ])
        do throws(StartError) {
            return try Member(flags, logger: logger).run()
        } catch {
            logger.error("the member cannot start", ["error": .string(error.description)])
            return 1
        }
    }
}
