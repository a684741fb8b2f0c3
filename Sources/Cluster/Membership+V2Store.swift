import Base

/// The JSON of the v2 store that a `.snap` file carries (formats.md §8), made of the membership alone as 3.6 does.
extension Membership {
    /// `index` stands for the store's index in every node: the v2 store itself is not kept.
    package func v2StoreJSON(index: LogIndex) -> [UInt8] {
        let root = V2Node(path: "/", index: index.rawValue)
        let zero = root.directory("0")
        let list = zero.directory("members")
        for member in sorted {
            let node = list.directory(member.id.hex)
            if member.isStarted { node.value("attributes", member.attributesJSON) }
            node.value("raftAttributes", member.raftAttributesJSON)
        }
        let gone = zero.directory("removed_members")
        for id in removed.sorted() { gone.value(id.hex, "") }
        if let version { zero.value("version", version.description) }
        _ = root.directory("1")

        var json = JSONText()
        json.raw("{\"Root\":")
        root.write(into: &json)
        json.raw(",\"WatcherHub\":{\"EventHistory\":{\"Queue\":{\"Events\":[")
        json.raw(Array(repeating: "null", count: 1000).joined(separator: ","))
        json.raw("],\"Size\":0,\"Front\":0,\"Back\":0,\"Capacity\":1000},\"StartIndex\":0,\"LastIndex\":0}},\"CurrentIndex\":\(index)")
        json.raw(",\"Stats\":{")
        let counters = [
            "getsSuccess", "getsFail", "setsSuccess", "setsFail", "deleteSuccess", "deleteFail", "updateSuccess", "updateFail",
            "createSuccess", "createFail", "compareAndSwapSuccess", "compareAndSwapFail", "compareAndDeleteSuccess",
            "compareAndDeleteFail", "expireCount", "watchers",
        ]
        json.raw(counters.map { "\"\($0)\":0" }.joined(separator: ","))
        json.raw("},\"CurrentVersion\":2}")
        return json.bytes
    }
}

/// A node of the v2 tree, for writing only.
private final class V2Node {
    let path: String
    let index: UInt64
    let text: String?
    var children: [(name: String, node: V2Node)] = []

    init(path: String, index: UInt64, text: String? = nil) {
        self.path = path
        self.index = index
        self.text = text
    }

    private func childPath(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

    func directory(_ name: String) -> V2Node {
        let node = V2Node(path: childPath(name), index: index)
        children.append((name, node))
        return node
    }

    func value(_ name: String, _ text: String) {
        children.append((name, V2Node(path: childPath(name), index: index, text: text)))
    }

    func write(into json: inout JSONText) {
        json.raw("{\"Path\":")
        json.string(path)
        json.raw(",\"CreatedIndex\":\(index),\"ModifiedIndex\":\(index),\"ExpireTime\":\"0001-01-01T00:00:00Z\",\"Value\":")
        json.string(text ?? "")
        json.raw(",\"Children\":")
        if text != nil {
            json.raw("null}")
            return
        }
        json.raw("{")
        for (position, child) in children.enumerated() {
            if position > 0 { json.raw(",") }
            json.string(child.name)
            json.raw(":")
            child.node.write(into: &json)
        }
        json.raw("}}")
    }
}

/// Writes JSON as Go's encoder does: `<`, `>`, `&` and the line separators escaped, so that equal members are equal bytes.
struct JSONText {
    private(set) var bytes: [UInt8] = []

    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func string(_ text: String) {
        raw("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": raw("\\\"")
            case "\\": raw("\\\\")
            case "\n": raw("\\n")
            case "\r": raw("\\r")
            case "\t": raw("\\t")
            case "<", ">", "&", "\u{2028}", "\u{2029}": escape(scalar)
            case _ where scalar.value < 0x20: escape(scalar)
            default: raw(String(scalar))
            }
        }
        raw("\"")
    }

    mutating func strings(_ list: [String]) {
        raw("[")
        for (position, text) in list.enumerated() {
            if position > 0 { raw(",") }
            string(text)
        }
        raw("]")
    }

    private mutating func escape(_ scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        raw("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}
