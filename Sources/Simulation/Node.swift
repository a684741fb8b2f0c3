import Base
import Cluster
import Raft
import Replica
import Storage

/// One machine: its disks and its clock, which stay, and the process of a member on it, which comes and goes.
///
/// It does for a `Replica` what the member's threads do: a replica thread that takes an inbox and carries out effects
/// (`Node+Turn`), a log thread (`Node+Log`), a background thread (`Node+Background`), and the start (`Node+Start`). Between
/// any two effects lies a `FaultSite`.
final class Node {
    enum Condition: Equatable {
        /// No process; it will be started.
        case down
        case up
        /// It has said that it cannot start, or is not to be started any more.
        case out(String)
        /// Removed from the cluster, and stopped.
        case removed
    }

    let slot: Int
    let name: String
    unowned let world: World
    let disk = VirtualDisk()
    let database = VirtualDatabase()
    var clock: VirtualClock
    var jumped = Interval.zero
    var dice: Dice
    var configuration: ReplicaConfiguration
    let limits: WALLimits
    /// Founders, or for a joiner nil.
    var founders: [ClusterMember]?
    /// Of the cluster it joins.
    var remotes: [ClusterMember] = []
    var memberID: MemberID
    var clusterID: ClusterID
    var peerURL: String { "http://\(name):2380" }
    var clientURL: String { "http://\(name):2379" }

    /// The cluster has agreed to its removal.
    var isLeaving = false

    // The process.
    var condition = Condition.down
    /// Counts processes; what belongs to an earlier one is void.
    var epoch: UInt32 = 0
    var replica: Replica?
    var effects = Effects(loops: 2)
    var isPaused = false
    var inbox: [Replica.Input] = []
    var arrived: [Message] = []
    var requests: [[PendingRequest]] = [[], []]
    var deliveredBytes = [0, 0]
    var isTurnDue = false
    var wakeAt: Instant?
    var status = ReplicaStatus()
    var peers = PeerList()
    var knownPeers: Set<MemberID> = []
    var removedPeers: Set<MemberID> = []
    /// By slot: the process of that member to which a link is up; 0 without.
    var linked: [UInt32] = []
    /// The last entry that the observer was told of.
    var toldApplied = LogIndex.zero
    var peerCalls: [UInt64: IncomingCall] = [:]
    /// Questions of this member that wait for an answer.
    var openCalls: Set<UInt64> = []

    var log: VirtualLog?
    var logThread = LogThreadState()
    var background = BackgroundState()
    /// In which term it led after its last turn, and up to where it knew the log to be committed.
    var commitment = (leads: Term?.none, index: LogIndex.zero)
    /// What is durable in the log: the term of each entry after `base`.
    var durable = DurableLog()
    /// What the last process was writing when it ended: the next finds as many of these entries as reached the disk, in order.
    var unsynced: [(LogIndex, Term)] = []
    /// Term and vote that are durable.
    var durableState = HardState()
    /// Index of a database that has been installed and that the replica has yet to take over.
    var installing: LogIndex?
    /// Watch streams that clients have open, oldest first.
    var streams: [UInt64] = []

    struct PendingRequest {
        var ticket: UInt64
        var method: Method
        var bytes: Bytes
        /// Only for `watchDrained`.
        var count: Int
    }

    /// A question of another member that the replica is to answer.
    struct IncomingCall {
        var from: Int
        var id: UInt64
        var epoch: UInt32
    }

    init(_ world: World, slot: Int, name: String, configuration: ReplicaConfiguration, limits: WALLimits, seed: UInt64) {
        self.world = world
        self.slot = slot
        self.name = name
        self.configuration = configuration
        self.limits = limits
        self.configuration.name = name
        memberID = .zero
        clusterID = .zero
        dice = Dice(seed: seed)
        clock = VirtualClock(showing: Instant(nanoseconds: 0))
        // Each machine was switched on at another time.
        clock.jump(by: .milliseconds(dice.below(1 << 40).asInt64), at: Instant(nanoseconds: 0))
        self.configuration.clientURLs = [clientURL]
    }

    var isRunning: Bool { condition == .up && !isPaused }
    var localTime: Instant { clock.reading(at: world.now) }

    /// Counts the site and throws when the member ends there.
    func passes(_ site: FaultSite) throws(Stop) { if world.endsAt(site, self) { throw .crash } }

    /// For the history that people read; costs nothing unless it is recorded.
    func note(_ text: @autoclosure () -> String) { if world.trace.isRecording { world.trace.record(slot, world.now, text()) } }

    // MARK: The end of a process

    /// The process ends here. `power`: the machine goes down with it.
    func end(power: Bool) {
        guard condition == .up else { return }
        condition = .down
        epoch += 1
        replica = nil
        effects = Effects(loops: 2)
        isPaused = false
        inbox = []
        arrived = []
        requests = [[], []]
        deliveredBytes = [0, 0]
        isTurnDue = false
        wakeAt = nil
        status = ReplicaStatus()
        peerCalls = [:]
        openCalls = []
        streams = []
        linked = [UInt32](repeating: 0, count: linked.count)
        installing = nil
        log = nil
        unsynced += logThread.group.appended
        logThread = LogThreadState()
        background = BackgroundState()
        if power {
            disk.losePower(&dice)
            database.losePower(&dice)
        }
        world.ended(self)
    }

    /// What a stop means.
    func handle(_ stop: Stop) {
        switch stop {
        case .crash:
            let power = dice.happens(1, in: 2)
            note(power ? "loses power" : "is killed")
            end(power: power)
        case .diskFull:
            note("stops: no space left on the device")
            end(power: false)
        case .failure(let text):
            note("stops: \(text)")
            end(power: false)
            world.refused(self, text)
        }
    }
}
