import Base
import Cluster
import Lease
import MVCC
import Raft
import Storage
import Wire

/// Why a call fails, as its client is told.
package enum CallError: Error, Equatable, Sendable {
    case grpc(GRPCError)
    /// The request's bytes are not the message they should be; the text is the Go library's.
    case malformed(WireError)
    /// The answer is larger than a gRPC message can be; its size.
    case tooLargeToSend(Int)
    /// A method that this build does not serve yet.
    case unimplemented(String)
    /// Its time ran out before there was a leader to take it: Go's own error, which etcd passes on.
    case deadlineExceeded
    /// Nothing that etcd has a text for.
    case other(String)

    static let timeout = CallError.grpc(.timeout)
    static let requestTooLarge = CallError.grpc(.requestTooLarge)
    static let noSpace = CallError.grpc(.noSpace)
    static let corrupt = CallError.grpc(.corrupt)
    static let noLeader = CallError.grpc(.noLeader)
    static let notLeader = CallError.grpc(.notLeader)
    static let badLeaderTransferee = CallError.grpc(.badLeaderTransferee)

    init(_ error: StoreError) {
        if let status = error.status {
            self = .grpc(status)
        } else if case .malformed(let error) = error {
            self = .malformed(error)
        } else {
            self = .other(error.description)
        }
    }

    init(_ error: LeaseError) {
        switch error {
        case .notFound: self = .grpc(.leaseNotFound)
        case .alreadyExists: self = .grpc(.leaseExist)
        case .ttlTooLarge: self = .grpc(.leaseTTLTooLarge)
        case .notPrimary: self = .noLeader
        case .damagedRow: self = .other(error.message)
        }
    }

    /// The gRPC status code.
    var code: Int {
        switch self {
        case .grpc(let error): error.code
        case .malformed: 13
        case .tooLargeToSend: 8
        case .unimplemented: 12
        case .deadlineExceeded: 4
        case .other: 2
        }
    }

    var text: String {
        switch self {
        case .grpc(let error): error.text
        case .malformed(.truncated), .malformed(.lengthPastEnd): "grpc: error unmarshalling request: unexpected EOF"
        case .malformed(let error): "grpc: error unmarshalling request: \(error)"
        case .tooLargeToSend(let size): "grpc: trying to send message larger than max (\(size) vs. \(Int32.max))"
        case .unimplemented(let name): "method \(name) is not implemented"
        case .deadlineExceeded: "context deadline exceeded"
        case .other(let text): text
        }
    }
}
