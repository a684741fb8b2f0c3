import Base
import CommandLine
import Wire

/// How results are printed.
enum OutputFormat: String {
    case simple, table, fields, json, protobuf
}

/// Prints results in the chosen format. A command gives what it has for each; a format that it has nothing for ends the tool,
/// after the operation was done (pitfall 15).
struct Output {
    let format: OutputFormat
    /// Keys and values as \x66\x6f\x6f in the simple format, ids in hexadecimal in some of the others.
    let isHex: Bool

    func print<M: WireMessage>(
        _ message: M, simple: () -> [UInt8], fields: (() -> String)? = nil, table: (() -> TextTable)? = nil, json: (() -> [UInt8])? = nil,
        protobuf: (() -> [UInt8])? = nil
    ) throws(ExitError) {
        switch format {
        case .simple: Terminal.print(simple())
        case .fields:
            guard let fields else { throw unsupported }
            Terminal.print(fields())
        case .table:
            guard let table else { throw unsupported }
            Terminal.print(table().text)
        case .json: Terminal.print((json?() ?? Output.json(message)) + [UInt8(ascii: "\n")])
        case .protobuf: Terminal.print(protobuf?() ?? message.encoded().array)
        }
    }

    /// Prints what is no single message.
    func print(simple: () -> String, fields: () -> String, table: () -> TextTable, json: () -> [UInt8]) throws(ExitError) {
        switch format {
        case .simple: Terminal.print(simple())
        case .fields: Terminal.print(fields())
        case .table: Terminal.print(table().text)
        case .json: Terminal.print(json() + [UInt8(ascii: "\n")])
        case .protobuf: throw unsupported
        }
    }

    var unsupported: ExitError { .feature("\(format.rawValue) not supported as output format") }

    static func json<M: WireMessage>(_ message: M) -> [UInt8] { json { $0.value(message) } }

    static func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(.go)
        write(&writer)
        return writer.text
    }

    /// A list with an object for each row.
    static func jsonList<Row>(_ rows: [Row], _ write: (Row, inout JSONWriter) -> Void) -> [UInt8] {
        json { json in
            json.openList()
            for row in rows {
                json.open()
                write(row, &json)
                json.close()
            }
            json.closeList()
        }
    }

    static func table(_ titles: [String], _ rows: [[String]]) -> TextTable {
        var table = TextTable(titles)
        for row in rows { table.append(row) }
        return table
    }

    // MARK: Pieces that several commands print

    /// Lines for a key with its value; raw bytes, so not a text.
    func pair(_ pair: Mvccpb.KeyValue, keyOnly: Bool = false, valueOnly: Bool = false) -> [UInt8] {
        let feed = [UInt8(ascii: "\n")]
        let key = isHex ? Array(GoText.hexBytes(pair.key).utf8) : pair.key
        let value = isHex ? Array(GoText.hexBytes(pair.value).utf8) : pair.value
        if valueOnly { return value + feed }
        return key + feed + (keyOnly ? [] : value) + feed
    }

    static func fields(_ header: Etcdserverpb.ResponseHeader?) -> String {
        let header = header ?? .init()
        return """
            "ClusterID" : \(header.clusterID)
            "MemberID" : \(header.memberID)
            "Revision" : \(header.revision)
            "RaftTerm" : \(header.raftTerm)

            """
    }

    static func fields(_ prefix: String, _ pair: Mvccpb.KeyValue) -> String {
        """
        "\(prefix)Key" : \(GoText.quote(pair.key))
        "\(prefix)CreateRevision" : \(pair.createRevision)
        "\(prefix)ModRevision" : \(pair.modRevision)
        "\(prefix)Version" : \(pair.version)
        "\(prefix)Value" : \(GoText.quote(pair.value))
        "\(prefix)Lease" : \(pair.lease)

        """
    }

    /// A header's fields in the middle of an object, zero ones left out.
    static func members(_ header: Etcdserverpb.ResponseHeader?, _ json: inout JSONWriter) {
        let header = header ?? .init()
        json.field("cluster_id", uint64: header.clusterID)
        json.field("member_id", uint64: header.memberID)
        json.field("revision", int64: header.revision)
        json.field("raft_term", uint64: header.raftTerm)
    }
}
