import Base
import Client
import CommandLine
import Wire

enum EndpointStatus {
    static var command: Command {
        Command(
            "status", "Prints out the status of endpoints specified in `--endpoints` flag",
            long: """
                When --write-out is set to simple, this command prints out comma-separated status lists for each endpoint.
                The items in the lists are endpoint, ID, version, db size, is leader, is learner, raft term, raft index, raft applied index, errors.
                """
        ) { invocation throws(ExitError) in
            let session = Session(invocation, inherited: ["cluster"])
            let client = try session.client()
            var rows: [Row] = []
            var failed = false
            for endpoint in try session.endpointsOrCluster() {
                do throws(ClientError) {
                    rows.append(Row(endpoint: endpoint.text, status: try client.status(of: endpoint).message))
                } catch {
                    failed = true
                    Terminal.error("Failed to get the status of endpoint \(endpoint) (\(error))\n")
                }
            }
            try print(rows, session.output)
            if failed { throw .status(ExitError.Status.error) }
        }
    }

    private struct Row {
        let endpoint: String
        let status: Etcdserverpb.StatusResponse

        var cells: [String] {
            [
                endpoint, GoText.hex(status.header?.memberID ?? 0), status.version, GoText.size(UInt64(max(0, status.dbSize))),
                "\(status.leader == status.header?.memberID ?? 0)", "\(status.isLearner)", "\(status.raftTerm)", "\(status.raftIndex)",
                "\(status.raftAppliedIndex)", status.errors.joined(separator: ", "),
            ]
        }

        var fields: String {
            Output.fields(status.header)
                + """
                "Version" : \(GoText.quote(status.version))
                "DBSize" : \(status.dbSize)
                "Leader" : \(status.leader)
                "IsLearner" : \(status.isLearner)
                "RaftIndex" : \(status.raftIndex)
                "RaftTerm" : \(status.raftTerm)
                "RaftAppliedIndex" : \(status.raftAppliedIndex)
                "Errors" : [\(status.errors.joined(separator: " "))]
                "Endpoint" : \(GoText.quote(endpoint))


                """
        }
    }

    private static func print(_ rows: [Row], _ output: Output) throws(ExitError) {
        try output.print(
            simple: { rows.map { $0.cells.joined(separator: ", ") + "\n" }.joined() }, fields: { rows.map(\.fields).joined() },
            table: {
                let titles = [
                    "endpoint", "ID", "version", "db size", "is leader", "is learner", "raft term", "raft index", "raft applied index", "errors",
                ]
                return Output.table(titles, rows.map(\.cells))
            },
            json: {
                Output.jsonList(rows) { row, json in
                    json.field("Endpoint", always: row.endpoint)
                    json.field("Status", always: row.status)
                }
            })
    }
}
