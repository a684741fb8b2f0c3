import Base

/// How a call that this side made has ended.
package struct GRPCStatus: Error, Equatable, Sendable {
    package var code: Int
    package var message: String
    /// False only when the server surely never acted on the call, so that sending it again can't do anything twice.
    package var mayHaveRun: Bool

    package init(code: Int, message: String, mayHaveRun: Bool = true) {
        self.code = code
        self.message = message
        self.mayHaveRun = mayHaveRun
    }

    package var isOK: Bool { code == GRPCCode.ok }
}

extension GRPCCode {
    private static let names = [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
        "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss",
        "Unauthenticated",
    ]

    /// The code's name as Go's clients print it.
    package static func name(_ code: Int) -> String { names.indices.contains(code) ? names[code] : "Code(\(code))" }
}
