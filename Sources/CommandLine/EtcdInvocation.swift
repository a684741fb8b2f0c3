import Base

/// What a command line of `etcd` asks for.
package enum EtcdInvocation: Sendable {
    /// Warnings are to be logged once there is a logger.
    case serve(EtcdConfiguration, warnings: [String])
    case help(String)
    case version

    /// `arguments` without the program's name. Throws what is to be printed, with the exit status.
    package init(arguments: [String], environment: [(name: String, value: String)]) throws(UsageError) {
        let settings = try EtcdFlags.set.parse(arguments, environment: environment)
        if settings.wantsHelp {
            self = .help(EtcdInvocation.helpText)
        } else if settings.wantsVersion {
            self = .version
        } else {
            let configuration = try EtcdConfiguration(settings)
            self = .serve(configuration, warnings: settings.warnings + configuration.warnings + EtcdInvocation.raisedTimeouts(settings))
        }
    }

    private static func raisedTimeouts(_ settings: FlagSettings) -> [String] {
        ["raft-read-timeout", "raft-write-timeout"].filter { settings.duration($0) < .seconds(5) }
            .map { "\($0) increased to minimum value: 5s" }
    }

    private static var helpText: String {
        """
        Usage:
          etcd [flags]      run a member
          etcd --config-file FILE
                            the same with the settings of a YAML file
          etcd healthcheck  ask a running member whether it is alive
          etcd --version    print the version
          etcd --help       print this text

        Every flag can be given as an environment variable: --snapshot-count is ETCD_SNAPSHOT_COUNT. Set one or the other.

        """ + EtcdFlags.set.help
    }
}

extension EtcdConfiguration {
    /// Settings that are allowed and probably not meant.
    var warnings: [String] {
        var warnings: [String] = []
        if let quota = backendQuota, quota > 8 << 30 { warnings.append("quota-backend-bytes exceeds 8 GiB, the largest size etcd recommends") }
        if maxRequestBytes > 10 << 20 { warnings.append("max-request-bytes exceeds 10 MiB, the largest size etcd recommends") }
        if unsafeNoFsync { warnings.append("unsafe-no-fsync: data will be lost if the machine crashes") }
        return warnings
    }
}
