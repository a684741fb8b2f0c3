/// Ends a tool: what is printed on standard error, and its exit status.
package struct ExitError: Error, Equatable, Sendable {
    /// Those of etcd's tools (ctl-output).
    package enum Status {
        package static let error: Int32 = 1
        package static let badConnection: Int32 = 2
        package static let invalidInput: Int32 = 3
        package static let badFeature: Int32 = 4
        package static let interrupted: Int32 = 5
        package static let badArguments: Int32 = 128
    }

    package let status: Int32
    /// Empty: nothing is printed.
    package let message: String

    package init(_ status: Int32, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The arguments are not what the command takes.
    package static func arguments(_ message: String) -> ExitError { ExitError(Status.badArguments, message) }
    package static func feature(_ message: String) -> ExitError { ExitError(Status.badFeature, message) }
    package static func input(_ message: String) -> ExitError { ExitError(Status.invalidInput, message) }
    /// With nothing to say.
    package static func status(_ status: Int32) -> ExitError { ExitError(status, "") }
}
