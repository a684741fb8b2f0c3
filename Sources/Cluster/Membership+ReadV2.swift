import Base
import Wire

/// The membership as of a `.snap` file, from its v2 store's JSON (formats.md §8): Go's holds the whole v2 store, ours the
/// membership alone. It is what changes in the log after that are validated against while they are replayed.
extension Membership {
    package init(clusterID: ClusterID, v2Store text: RawSpan) throws(JSONError) {
        self.init(clusterID: clusterID)
        guard text.byteCount > 0 else { return }
        var reader = try JSONReader(text)
        try reader.open()
        var seen: UInt64 = 0
        while try reader.next("Root", &seen) != nil { try readNode(&reader, path: []) }
    }

    /// Reads one node: its value if it is one of ours, and its children as deep as the membership lies.
    private mutating func readNode(_ reader: inout JSONReader, path: [String]) throws(JSONError) {
        try reader.open()
        var seen: UInt64 = 0
        while let field = try reader.next("Value,Children", &seen) {
            if field == 0 {
                if let value = try reader.string() { take(value, at: path) }
            } else {
                try readChildren(&reader, path: path)
            }
        }
        if path.count == 3, path[0] == "0", path[1] == "removed_members", let id = UInt64(path[2], radix: 16) { remove(MemberID(id)) }
    }

    private mutating func readChildren(_ reader: inout JSONReader, path: [String]) throws(JSONError) {
        guard try reader.beginObject() else { return }
        while let name = try reader.nextMember() {
            // Users' keys lie under /1, the v2 store's users under /2.
            guard name == "0" || path.first == "0", path.count < 4 else {
                try reader.skip()
                continue
            }
            try readNode(&reader, path: path + [name])
        }
    }

    private mutating func take(_ value: String, at path: [String]) {
        guard path.count == 4, path[0] == "0", path[1] == "members", let number = UInt64(path[2], radix: 16),
            let description = try? MemberDescription(json: Bytes(value).span)
        else {
            if path == ["0", "version"] { version = Version(value) }
            return
        }
        let id = MemberID(number)
        var member = self[id] ?? ClusterMember(id: id, name: "", peerURLs: [])
        if path[3] == "raftAttributes" {
            member.peerURLs = description.peerURLs
            member.isLearner = description.isLearner
        } else if path[3] == "attributes" {
            member.name = description.name
            member.clientURLs = description.clientURLs
        }
        if !removed.contains(id) { add(member) }
    }
}
