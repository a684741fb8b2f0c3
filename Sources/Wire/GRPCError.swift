/// The errors that etcd's gRPC services answer with: the raw value is the text on the wire, character by character.
///
/// Codes are those that arrive at a client. Two differ from the declared ones, because the server of the reference returns
/// the client's value for them, which is no gRPC status: `memberNotEnoughStarted` and `requestTooManyRequests` are Unknown.
package enum GRPCError: String, Error, CaseIterable, Sendable {
    case emptyKey = "etcdserver: key is not provided"
    case keyNotFound = "etcdserver: key not found"
    case valueProvided = "etcdserver: value is provided"
    case leaseProvided = "etcdserver: lease is provided"
    case tooManyOps = "etcdserver: too many operations in txn request"
    case duplicateKey = "etcdserver: duplicate key given in txn request"
    case invalidClientAPIVersion = "etcdserver: invalid client api version"
    case invalidSortOption = "etcdserver: invalid sort option"
    case compacted = "etcdserver: mvcc: required revision has been compacted"
    case futureRev = "etcdserver: mvcc: required revision is a future revision"
    case noSpace = "etcdserver: mvcc: database space exceeded"
    case leaseNotFound = "etcdserver: requested lease not found"
    case leaseExist = "etcdserver: lease already exists"
    case leaseTTLTooLarge = "etcdserver: too large lease TTL"
    case watchCanceled = "etcdserver: watch canceled"
    case memberExist = "etcdserver: member ID already exist"
    case peerURLExist = "etcdserver: Peer URLs already exists"
    case memberNotEnoughStarted = "etcdserver: re-configuration failed due to not enough started members"
    case memberBadURLs = "etcdserver: given member URLs are invalid"
    case memberNotFound = "etcdserver: member not found"
    case memberNotLearner = "etcdserver: can only promote a learner member"
    case learnerNotReady = "etcdserver: can only promote a learner member which is in sync with leader"
    case tooManyLearners = "etcdserver: too many learner members in cluster"
    case clusterIDMismatch = "etcdserver: cluster ID mismatch"
    case requestTooLarge = "etcdserver: request is too large"
    case requestTooManyRequests = "etcdserver: too many requests"
    case rootUserNotExist = "etcdserver: root user does not exist"
    case rootRoleNotExist = "etcdserver: root user does not have root role"
    case userAlreadyExist = "etcdserver: user name already exists"
    case userEmpty = "etcdserver: user name is empty"
    case userNotFound = "etcdserver: user name not found"
    case roleAlreadyExist = "etcdserver: role name already exists"
    case roleNotFound = "etcdserver: role name not found"
    case roleEmpty = "etcdserver: role name is empty"
    case authFailed = "etcdserver: authentication failed, invalid user ID or password"
    case permissionNotGiven = "etcdserver: permission not given"
    case permissionDenied = "etcdserver: permission denied"
    case roleNotGranted = "etcdserver: role is not granted to the user"
    case permissionNotGranted = "etcdserver: permission is not granted to the role"
    case authNotEnabled = "etcdserver: authentication is not enabled"
    case invalidAuthToken = "etcdserver: invalid auth token"
    case invalidAuthMgmt = "etcdserver: invalid auth management"
    case authOldRevision = "etcdserver: revision of auth store is old"
    case noLeader = "etcdserver: no leader"
    case notLeader = "etcdserver: not leader"
    case leaderChanged = "etcdserver: leader changed"
    case notCapable = "etcdserver: not capable"
    case stopped = "etcdserver: server stopped"
    case timeout = "etcdserver: request timed out"
    case timeoutDueToLeaderFail = "etcdserver: request timed out, possibly due to previous leader failure"
    case timeoutDueToConnectionLost = "etcdserver: request timed out, possibly due to connection lost"
    case timeoutWaitAppliedIndex = "etcdserver: request timed out, waiting for the applied index took too long"
    case unhealthy = "etcdserver: unhealthy cluster"
    case corrupt = "etcdserver: corrupt cluster"
    case notSupportedForLearner = "etcdserver: rpc not supported for learner"
    case badLeaderTransferee = "etcdserver: bad leader transferee"
    case wrongDowngradeVersionFormat = "etcdserver: wrong downgrade target version format"
    case invalidDowngradeTargetVersion = "etcdserver: invalid downgrade target version"
    case clusterVersionUnavailable = "etcdserver: cluster version not found during downgrade"
    case downgradeInProcess = "etcdserver: cluster has a downgrade job in progress"
    case noInflightDowngrade = "etcdserver: no inflight downgrade job"
    case canceled = "etcdserver: request canceled"
    case deadlineExceeded = "etcdserver: context deadline exceeded"

    package var text: String { rawValue }

    /// The gRPC status code.
    package var code: Int {
        switch self {
        case .watchCanceled, .canceled: 1
        case .memberNotEnoughStarted, .requestTooManyRequests: 2
        case .emptyKey, .keyNotFound, .valueProvided, .leaseProvided, .tooManyOps, .duplicateKey, .invalidClientAPIVersion,
            .invalidSortOption, .memberBadURLs, .requestTooLarge, .userEmpty, .roleEmpty, .authFailed, .permissionNotGiven,
            .invalidAuthMgmt, .authOldRevision, .wrongDowngradeVersionFormat,
            .invalidDowngradeTargetVersion:
            3
        case .deadlineExceeded: 4
        case .leaseNotFound, .memberNotFound: 5
        case .permissionDenied: 7
        case .noSpace: 8
        case .leaseExist, .memberExist, .peerURLExist, .memberNotLearner, .learnerNotReady, .tooManyLearners,
            .clusterIDMismatch, .rootUserNotExist, .rootRoleNotExist, .userAlreadyExist, .userNotFound, .roleAlreadyExist,
            .roleNotFound, .roleNotGranted, .permissionNotGranted, .authNotEnabled, .notLeader, .notCapable,
            .notSupportedForLearner, .badLeaderTransferee, .clusterVersionUnavailable, .downgradeInProcess,
            .noInflightDowngrade:
            9
        case .compacted, .futureRev, .leaseTTLTooLarge: 11
        case .noLeader, .leaderChanged, .stopped, .timeout, .timeoutDueToLeaderFail, .timeoutDueToConnectionLost,
            .timeoutWaitAppliedIndex, .unhealthy:
            14
        case .corrupt: 15
        case .invalidAuthToken: 16
        }
    }
}
