import Base
import Raft
import Replica
import Storage

/// The replica's thread: an inbox, one step after the other, one flush, and then the effects.
extension Node {
    func post(_ input: Replica.Input) {
        guard condition == .up else { return }
        inbox.append(input)
        scheduleTurn()
    }

    func post(_ message: Message) {
        guard condition == .up else { return }
        arrived.append(message)
        scheduleTurn()
    }

    func post(_ request: PendingRequest, loop: Int) {
        guard condition == .up else { return }
        requests[loop].append(request)
        scheduleTurn()
    }

    private func scheduleTurn() {
        guard !isTurnDue, !isPaused else { return }
        isTurnDue = true
        // What arrives within a turn is taken together by the next.
        world.queue.push(.turn, at: world.now + .microseconds(Int64(dice.below(100))), node: slot, epoch: epoch)
    }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        note("goes on")
        wakeAt = nil
        // A turn that came due meanwhile was passed over.
        isTurnDue = false
        scheduleTurn()
        logThread.isScheduled = false
        scheduleLog(after: .zero)
        background.isScheduled = false
        scheduleBackground(after: .zero)
    }

    /// To be called when a `wake` event comes out.
    func wake(at time: Instant) {
        guard wakeAt == time, isRunning else { return }
        turn()
    }

    func turn() {
        guard isRunning, replica != nil else { return }
        isTurnDue = false
        wakeAt = nil
        let now = localTime
        takeInbox(now)
        replica?.flush(now: now, into: &effects)
        world.applied(self)
        world.checkCommitment(self)
        do throws(Stop) { try carryOut() } catch { return handle(error) }
        scheduleWake(now)
    }

    private func scheduleWake(_ now: Instant) {
        guard condition == .up, let deadline = replica?.nextDeadline ?? nil, deadline != .distantFuture else { return }
        // A replica that wants to be called at once is called again after other events.
        let time = deadline <= now ? world.now + .microseconds(20) : clock.time(showing: deadline, now: world.now)
        guard wakeAt.map({ time < $0 }) ?? true else { return }
        wakeAt = time
        world.queue.push(.wake, at: time, node: slot, epoch: epoch)
    }

    private func takeInbox(_ now: Instant) {
        if !arrived.isEmpty {
            replica?.step(.peer(arrived), now: now, into: &effects)
            arrived.removeAll(keepingCapacity: true)
        }
        for input in inbox { replica?.step(input, now: now, into: &effects) }
        inbox.removeAll(keepingCapacity: true)
        for loop in requests.indices where !requests[loop].isEmpty {
            var block = ByteBuffer()
            var batch: [Request] = []
            for request in requests[loop] {
                let range =
                    request.method == .watchDrained
                    ? ByteRange(offset: 0, count: request.count) : ByteRange(offset: block.count, count: request.bytes.count)
                block.append(request.bytes.span)
                batch.append(Request(ticket: request.ticket, method: request.method, range: range))
            }
            requests[loop].removeAll(keepingCapacity: true)
            let requests = RequestBatch(
                loop: UInt8(loop), block: block.freeze(), requests: batch, deliveredBytes: deliveredBytes[loop])
            replica?.step(.requests(requests), now: now, into: &effects)
        }
    }

    // MARK: Effects

    private func carryOut() throws(Stop) {
        guard !effects.isEmpty else { return }
        if let status = effects.status { statusChanged(status) }
        effects.status = nil
        if let peers = effects.peers {
            self.peers = peers
            knownPeers = Set(peers.members.map(\.id))
            removedPeers = peers.removed
            world.refreshLinks()
        }
        effects.peers = nil
        if let fatal = effects.fatal {
            effects.fatal = nil
            throw .failure(fatal)
        }
        try passes(.turnBeforeEffects)
        try handOverMessages()
        handOverLog()
        try passes(.turnAfterLog)
        handOverBackground()
        try passes(.turnAfterBackground)
        handOverAnswers()
        handOverCalls()
        if effects.stopped {
            effects.stopped = false
            world.removed(self)
        }
    }

    private func statusChanged(_ status: ReplicaStatus) {
        if status.isLeader != self.status.isLeader || status.term != self.status.term || status.leader != self.status.leader {
            note("term \(status.term), leader \(world.name(of: status.leader))")
            world.observer?.status(slot, isLeader: status.isLeader, term: status.term, at: world.now)
        }
        self.status = status
        if let applied = world.inspect(slot, { $0.appliedIndex }) { world.membersChanged(status.members, at: applied) }
    }

    /// Those that wait for no write leave now; the others take the way of the log.
    private func handOverMessages() throws(Stop) {
        guard !effects.messages.isEmpty else { return }
        var hasSent = false
        for outgoing in effects.messages where outgoing.after == nil {
            world.send(outgoing.message, from: self)
            hasSent = true
        }
        if hasSent { try passes(.turnAfterMessages) }
    }

    private func handOverLog() {
        guard !effects.log.isEmpty || !effects.messages.isEmpty else { return }
        for work in effects.log { logThread.queue.append(.work(work)) }
        effects.log.removeAll(keepingCapacity: true)
        for outgoing in effects.messages where outgoing.after != nil { logThread.queue.append(.message(outgoing.message)) }
        effects.messages.removeAll(keepingCapacity: true)
        if !logThread.queue.isEmpty { scheduleLog(after: .microseconds(Int64(dice.below(50)))) }
    }

    private func handOverBackground() {
        guard !effects.background.isEmpty else { return }
        for work in effects.background { take(work) }
        effects.background.removeAll(keepingCapacity: true)
    }

    private func handOverAnswers() {
        for loop in effects.responses.indices where !effects.responses[loop].isEmpty {
            for batch in effects.responses[loop].take() {
                deliveredBytes[loop] += batch.block.count
                for response in batch.responses { answer(response, batch, loop) }
            }
        }
    }

    private func answer(_ response: Response, _ batch: ResponseBatch, _ loop: Int) {
        var bytes = Bytes(batch.block, offset: Int(response.range.offset), count: response.range.count).array
        if response.kind == .streamMessage, response.shared >= 0 { bytes += batch.shared[Int(response.shared)].array }
        let answer = Answer(slot: slot, ticket: response.ticket, kind: response.kind, code: Int(response.code), bytes: bytes)
        if loop == 0 {
            world.deliver(answer, from: self)
        } else if let call = peerCalls.removeValue(forKey: response.ticket) {
            let result: PeerAnswer = response.kind == .failure ? .status(answer.code, answer.text) : .body(Bytes(bytes))
            world.answer(call, with: result, from: self)
        }
    }

    private func handOverCalls() {
        for snapshot in effects.snapshots { world.send(snapshot, from: self) }
        effects.snapshots.removeAll(keepingCapacity: true)
        for call in effects.calls { world.call(call, from: self) }
        effects.calls.removeAll(keepingCapacity: true)
    }
}
