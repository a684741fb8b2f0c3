import Base
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

/// What a plain HTTP call waits for.
struct Probe {
    enum Kind { case health, readyz(verbose: Bool, only: String?, excluded: [String]), livez(verbose: Bool, only: String?, excluded: [String]) }
    var kind: Kind
    var excludesAlarms: [String]
    var isHead: Bool
}

/// Plain HTTP on the client listener (http.tsv).
extension ClientLoop {
    func request(_ stream: StreamHandle, _ request: HTTPRequest) {
        switch request.path {
        case "/version" where audience == .clients: version(stream, request)
        case "/health": health(stream, request)
        case "/livez", "/livez/serializable_read": live(stream, request)
        case "/readyz", "/readyz/data_corruption", "/readyz/serializable_read", "/readyz/linearizable_read", "/readyz/non_learner":
            ready(stream, request)
        case "/metrics": exposition(stream, request)
        default: notFound(stream)
        }
    }

    private func respond(_ stream: StreamHandle, _ status: Int, _ type: String, _ body: String, _ headers: [(String, String)] = []) {
        server.respond(stream, status: status, headers: [("Content-Type", type)] + headers, body: Bytes(body))
    }

    private func notFound(_ stream: StreamHandle) {
        respond(stream, 404, "text/plain; charset=utf-8", "404 page not found\n", [("X-Content-Type-Options", "nosniff")])
    }

    private func onlyGET(_ stream: StreamHandle, _ request: HTTPRequest) -> Bool {
        if request.method == "GET" || request.method == "HEAD" { return true }
        respond(
            stream, 405, "text/plain; charset=utf-8", "Method Not Allowed\n",
            [("Allow", "GET"), ("X-Content-Type-Options", "nosniff")])
        return false
    }

    private func exposition(_ stream: StreamHandle, _ request: HTTPRequest) {
        guard onlyGET(stream, request) else { return }
        respond(stream, 200, MetricsRegistry.contentType, metrics.registry.exposition())
    }

    private func version(_ stream: StreamHandle, _ request: HTTPRequest) {
        guard onlyGET(stream, request) else { return }
        respond(stream, 200, "application/json", status.versionJSON)
    }

    private func health(_ stream: StreamHandle, _ request: HTTPRequest) {
        guard onlyGET(stream, request) else { return }
        let serializable = request.queryValues("serializable").first == "true"
        probes[stream] = Probe(kind: .health, excludesAlarms: request.queryValues("exclude"), isHead: request.method == "HEAD")
        let status = status
        let alarms = status.alarms.filter { !request.queryValues("exclude").contains($0.name) }
        if let alarm = alarms.first {
            answer(probes.removeValue(forKey: stream)!, stream, failure: "ALARM \(alarm.name)", raw: true)
        } else if !serializable, status.leader == .zero {
            answer(probes.removeValue(forKey: stream)!, stream, failure: "RAFT NO LEADER", raw: true)
        } else {
            add(stream, serializable ? .probeSerializable : .probeLinearizable)
        }
    }

    private func live(_ stream: StreamHandle, _ request: HTTPRequest) {
        guard onlyGET(stream, request) else { return }
        let only = request.path == "/livez" ? nil : String(request.path.dropFirst("/livez/".count))
        let verbose = !request.queryValues("verbose").isEmpty
        let kind = Probe.Kind.livez(verbose: verbose, only: only, excluded: request.queryValues("exclude"))
        probes[stream] = Probe(kind: kind, excludesAlarms: [], isHead: request.method == "HEAD")
        add(stream, .probeSerializable)
    }

    private func ready(_ stream: StreamHandle, _ request: HTTPRequest) {
        guard onlyGET(stream, request) else { return }
        let only = request.path == "/readyz" ? nil : String(request.path.dropFirst("/readyz/".count))
        let verbose = !request.queryValues("verbose").isEmpty
        let kind = Probe.Kind.readyz(verbose: verbose, only: only, excluded: request.queryValues("exclude"))
        probes[stream] = Probe(kind: kind, excludesAlarms: [], isHead: request.method == "HEAD")
        add(stream, .probeLinearizable)
    }

    /// Answers a probe when the replica's read has come back; `failure` is its error's text.
    func answer(_ probe: Probe, _ stream: StreamHandle, failure: String?, raw: Bool = false) {
        switch probe.kind {
        case .health:
            (failure == nil ? metrics.healthSuccesses : metrics.healthFailures).add()
            guard let failure else { return respond(stream, 200, "text/plain; charset=utf-8", "{\"health\":\"true\",\"reason\":\"\"}") }
            let reason = raw ? failure : "RANGE ERROR:\(failure)"
            let body = "{\"health\":\"false\",\"reason\":\"\(reason)\"}\n"
            respond(stream, 503, "text/plain; charset=utf-8", body, [("X-Content-Type-Options", "nosniff")])
        case .livez(let verbose, let only, let excluded):
            report(stream, [("serializable_read", failure)], verbose, only, excluded)
        case .readyz(let verbose, let only, let excluded):
            let corrupt = status.alarms.contains { $0.kind == Alarms.corrupt } ? "alarm activated: CORRUPT" : nil
            let checks = [
                ("data_corruption", corrupt), ("serializable_read", nil), ("linearizable_read", failure),
                ("non_learner", shared.isLearner ? "not supported for learner" : nil),
            ]
            report(stream, checks, verbose, only, excluded)
        }
    }

    private func report(
        _ stream: StreamHandle, _ checks: [(name: String, failure: String?)], _ verbose: Bool, _ only: String?, _ excluded: [String]
    ) {
        let wanted = checks.filter { (only == nil || $0.name == only) && !excluded.contains($0.name) }
        let lines = wanted.map { check in
            if let failure = check.failure { "[-]\(check.name) failed: \(failure)\n" } else { "[+]\(check.name) ok\n" }
        }.joined()
        let healthy = wanted.allSatisfy { $0.failure == nil }
        let body = healthy ? (verbose ? lines + "ok\n" : "ok\n") : lines
        respond(
            stream, healthy ? 200 : 503, "text/plain; charset=utf-8", body, [("X-Content-Type-Options", "nosniff")])
    }
}

extension ReplicaStatus {
    /// The body of GET /version.
    var versionJSON: String {
        let cluster = clusterVersion?.description
        return "{\"etcdserver\":\"\(Release.etcdVersion)\",\"etcdcluster\":\"\(cluster ?? "not_decided")\","
            + "\"storage\":\"\(storageVersion?.description ?? "unknown")\",\"server\":\"\(Release.name)\","
            + "\"serverVersion\":\"\(Release.version)\"" + (maxClusterVersion.map { ",\"maxClusterVersion\":\"\($0)\"" } ?? "") + "}"
    }
}

extension Alarms.Alarm {
    var name: String { kind == Alarms.noSpace ? "NOSPACE" : kind == Alarms.corrupt ? "CORRUPT" : "UNKNOWN" }
}
