import Base
import Client
import CommandLine
import Wire

enum TxnCommand {
    static var command: Command {
        Command(
            "txn [options]", "Txn processes all the requests in one transaction",
            flags: [.bool("interactive", "i", "Input transaction in interactive mode")]
        ) { invocation throws(ExitError) in
            let session = Session(invocation)
            guard session.arguments.isEmpty else { throw .arguments("txn command does not accept argument") }
            var input = LineReader()
            let isInteractive = session.bool("interactive")
            func prompt(_ text: String) { if isInteractive { Terminal.print(text + "\n") } }
            prompt("compares:")
            let comparisons = try block(&input).map(TxnText.comparison)
            prompt("success requests (get, put, del):")
            let success = try block(&input).map(TxnText.operation)
            prompt("failure requests (get, put, del):")
            let failure = try block(&input).map(TxnText.operation)
            let client = try session.client()
            let response = try attempt { () throws(ClientError) in
                try client.transaction(if: comparisons, then: success, else: failure).message
            }
            try print(response, session.output)
        }
    }

    /// Lines up to an empty one.
    private static func block(_ input: inout LineReader) throws(ExitError) -> [String] {
        var lines: [String] = []
        while true {
            guard let line = input.next() else { throw .input("EOF") }
            let text = String(line.dropLast())
            if text.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }) { return lines }
            lines.append(text)
        }
    }

    private static func print(_ response: Etcdserverpb.TxnResponse, _ output: Output) throws(ExitError) {
        try output.print(
            response, simple: { simple(response, output) },
            fields: {
                Output.fields(response.header) + "\"Succeeded\" : \(response.succeeded)\n"
                    + response.responses.map(fields).joined()
            }, json: { Output.json { json(response, &$0) } })
    }

    private static func simple(_ response: Etcdserverpb.TxnResponse, _ output: Output) -> [UInt8] {
        var text = Array((response.succeeded ? "SUCCESS\n" : "FAILURE\n").utf8)
        for item in response.responses {
            text.append(UInt8(ascii: "\n"))
            switch item.response {
            case .responseRange(let range)?: text += GetCommand.simple(range, output)
            case .responsePut(let put)?: text += PutCommand.simple(put, output)
            case .responseDeleteRange(let delete)?: text += DelCommand.simple(delete, output)
            case .responseTxn(let inner)?: text += simple(inner, output)
            case nil: break
            }
        }
        return text
    }

    private static func fields(_ item: Etcdserverpb.ResponseOp) -> String {
        switch item.response {
        case .responseRange(let range)?: GetCommand.fields(range)
        case .responsePut(let put)?: PutCommand.fields(put)
        case .responseDeleteRange(let delete)?: DelCommand.fields(delete)
        case .responseTxn(let inner)?: Output.fields(inner.header) + "\"Succeeded\" : \(inner.succeeded)\n" + inner.responses.map(fields).joined()
        case nil: ""
        }
    }

    /// As Go's types have it: every result is wrapped in "Response".
    private static func json(_ response: Etcdserverpb.TxnResponse, _ json: inout JSONWriter) {
        json.open()
        json.field("header", message: response.header)
        json.field("succeeded", bool: response.succeeded)
        if !response.responses.isEmpty {
            json.name("responses")
            json.openList()
            for item in response.responses {
                json.open()
                json.name("Response")
                if case .responseTxn(let inner)? = item.response {
                    json.open()
                    json.name("response_txn")
                    self.json(inner, &json)
                    json.close()
                } else {
                    json.value(item)
                }
                json.close()
            }
            json.closeList()
        }
        json.close()
    }
}
