import Base
import Client
import CommandLine
import Wire

enum EndpointHashKV {
    static var command: Command {
        Command(
            "hashkv", "Prints the KV history hash for each endpoint in --endpoints",
            persistentFlags: [.int("rev", "maximum revision to hash (default: all revisions)")]
        ) { invocation throws(ExitError) in
            let session = Session(invocation, inherited: ["cluster"])
            let client = try session.client()
            var rows: [Row] = []
            var failure: ClientError?
            for endpoint in try session.endpointsOrCluster() {
                do throws(ClientError) {
                    rows.append(Row(endpoint: endpoint.text, response: try client.hashResponse(endpoint, session.int("rev"))))
                } catch {
                    failure = error
                    Terminal.error("Failed to get the hash of endpoint \(endpoint) (\(error))\n")
                }
            }
            try print(rows, session.output)
            if let failure { throw failure.exit }
        }
    }

    private struct Row {
        let endpoint: String
        let response: Etcdserverpb.HashKVResponse
    }

    private static func print(_ rows: [Row], _ output: Output) throws(ExitError) {
        try output.print(
            simple: { rows.map { "\($0.endpoint), \($0.response.hash)\n" }.joined() },
            fields: {
                rows.map {
                    Output.fields($0.response.header) + "\"Endpoint\" : \(GoText.quote($0.endpoint))\n\"Hash\" : \($0.response.hash)\n\n"
                }.joined()
            },
            table: { Output.table(["endpoint", "hash"], rows.map { [$0.endpoint, "\($0.response.hash)"] }) },
            json: {
                Output.jsonList(rows) { row, json in
                    json.field("Endpoint", always: row.endpoint)
                    json.field("HashKV", always: row.response)
                }
            })
    }
}
