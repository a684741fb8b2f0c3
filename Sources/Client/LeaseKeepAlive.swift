import Base
import HTTP
import Platform
import Wire

/// A lease that is kept alive: renewed when a third of its time has passed, over whichever member answers, until it is cancelled or
/// gone.
///
/// The client has no thread of its own: a lease is renewed while a call, a watch or this waits. A program that does nothing of
/// the kind for longer than two thirds of the lease's time calls `next(within: 0)` now and then.
public final class LeaseKeepAlive {
    private let client: EtcdClient
    private var keeper: LeaseKeeper?
    private var renewals: [Int64] = []
    private var failure: ClientError?

    init(_ client: EtcdClient, _ id: Int64) {
        self.client = client
        keeper = client.keepAlive(id) { [weak self] outcome in self?.take(outcome) }
    }

    deinit { keeper?.cancel() }

    /// The seconds that the lease lives from its next renewal on, waiting for that at most `seconds` (nil: for ever). Nil when there
    /// was none in that time. Throws when the lease is gone, revoked or run out because no server answered (`isLeaseNotFound`), or
    /// when it may not be renewed; then it stays so.
    public func next(within seconds: Double? = nil) throws(ClientError) -> Int64? {
        let limit = seconds.map { Clock.now + Interval(seconds: $0) } ?? .distantFuture
        var isLastLook = false
        while true {
            if !renewals.isEmpty { return renewals.removeFirst() }
            if let failure { throw failure }
            if isLastLook { return nil }
            // What is there already costs no time.
            isLastLook = Clock.now >= limit
            client.loop.turn(until: isLastLook ? Clock.now : limit)
        }
    }

    /// Renews it no longer. Harmless when it is over.
    public func cancel() {
        keeper?.cancel()
        keeper = nil
    }

    private func take(_ outcome: LeaseKeeper.Outcome) {
        switch outcome {
        // Nobody may ever ask: the last one tells all.
        case .alive(let response): renewals = [response.ttl]
        case .expired: failure = ClientError(GRPCError.leaseNotFound)
        case .failed(let error): failure = error
        }
    }
}
