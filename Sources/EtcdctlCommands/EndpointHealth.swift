import Base
import Client
import CommandLine
import HTTP
import Platform
import Wire

enum EndpointHealth {
    static var command: Command {
        Command("health", "Checks the healthiness of endpoints specified in `--endpoints` flag") {
            invocation throws(ExitError) in
            let session = Session(invocation, inherited: ["cluster"])
            let client = try session.client(logName: "client")
            let rows = check(try session.endpointsOrCluster(), client)
            try print(rows, session.output)
            if rows.contains(where: { !$0.isHealthy }) { throw ExitError(ExitError.Status.error, "unhealthy cluster") }
        }
    }

    private struct Row {
        let endpoint: String
        let took: String
        let error: String
        var isHealthy: Bool { error.isEmpty }
    }

    /// All at once, in the order in which they answer.
    private static func check(_ endpoints: [Endpoint], _ client: EtcdClient) -> [Row] {
        var rows: [Row] = []
        let deadline = client.deadline
        for endpoint in endpoints {
            let begun = Clock.now
            let channel = client.channel(to: endpoint)
            // A linearizable read of any key goes through a quorum.
            let request = Etcdserverpb.RangeRequest.with { $0.key = Array("health".utf8) }
            channel.unary(.range, request.encoded(), deadline: deadline) { outcome in
                let took = (Clock.now - begun).text
                if case .failure(let status) = outcome, status.code != GRPCCode.permissionDenied {
                    rows.append(Row(endpoint: endpoint.text, took: took, error: ClientError(status: status).description))
                    return
                }
                let list = Etcdserverpb.AlarmRequest.with { $0.action = .get }
                channel.unary(.alarmList, list.encoded(), deadline: deadline) { outcome in
                    rows.append(Row(endpoint: endpoint.text, took: took, error: alarms(outcome)))
                }
            }
        }
        while rows.count < endpoints.count { client.loop.turn() }
        return rows
    }

    /// What is wrong by the member's alarms; empty when nothing is.
    private static func alarms(_ outcome: Result<Bytes, GRPCStatus>) -> String {
        guard case .success(let bytes) = outcome, let response = try? Etcdserverpb.AlarmResponse(decoding: bytes) else {
            return "Unable to fetch the alarm list"
        }
        if response.alarms.isEmpty { return "" }
        return "Active Alarm(s): " + response.alarms.map { "\($0.alarm.description) " }.joined()
    }

    private static func print(_ rows: [Row], _ output: Output) throws(ExitError) {
        if output.format == .simple {
            for row in rows {
                if row.isHealthy {
                    Terminal.print("\(row.endpoint) is healthy: successfully committed proposal: took = \(row.took)\n")
                } else {
                    Terminal.error("\(row.endpoint) is unhealthy: failed to commit proposal: \(row.error)\n")
                }
            }
            return
        }
        try output.print(
            simple: { "" },
            fields: {
                rows.map {
                    "\"Endpoint\" : \(GoText.quote($0.endpoint))\n\"Health\" : \($0.isHealthy)\n\"Took\" : \($0.took)\n\"Error\" : \($0.error)\n\n"
                }.joined()
            },
            table: { Output.table(["endpoint", "health", "took", "error"], rows.map { [$0.endpoint, "\($0.isHealthy)", $0.took, $0.error] }) },
            json: {
                Output.jsonList(rows) { row, json in
                    json.field("endpoint", always: row.endpoint)
                    json.field("health", always: row.isHealthy)
                    json.field("took", always: row.took)
                    json.field("error", string: row.error)
                }
            })
    }
}
