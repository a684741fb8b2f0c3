import Base
import Wire

/// The JSON forms of a member: configuration-change contexts, rows of the bucket `members`, v2 attributes (formats.md §2.7,
/// §4.2, §8). Founding members write these bytes independently, so the order of the fields is part of the format.
extension ClusterMember {
    /// `{"id":N,"peerURLs":[…],"isLearner":true?,"name":"…"?,"clientURLs":[…]?}`
    package var json: String {
        var json = JSONText()
        json.raw("{\"id\":\(id),\"peerURLs\":")
        json.strings(peerURLs)
        if isLearner { json.raw(",\"isLearner\":true") }
        if !name.isEmpty {
            json.raw(",\"name\":")
            json.string(name)
        }
        if !clientURLs.isEmpty {
            json.raw(",\"clientURLs\":")
            json.strings(clientURLs)
        }
        json.raw("}")
        return json.text
    }

    package var attributesJSON: String {
        var json = JSONText()
        json.raw("{\"name\":")
        json.string(name)
        json.raw(",\"clientURLs\":")
        json.strings(clientURLs)
        json.raw("}")
        return json.text
    }

    var raftAttributesJSON: String {
        var json = JSONText()
        json.raw("{\"peerURLs\":")
        json.strings(peerURLs)
        if isLearner { json.raw(",\"isLearner\":true") }
        json.raw("}")
        return json.text
    }
}

/// What the JSON of a member says.
package struct MemberDescription: Sendable, Equatable {
    package var id: UInt64 = 0
    package var name = ""
    package var peerURLs: [String] = []
    package var clientURLs: [String] = []
    package var isLearner = false
    /// In a configuration change: a learner becomes a voter.
    package var isPromotion = false

    package init() {}

    /// Unknown fields are skipped; a field that is missing has its zero value.
    package init(json text: RawSpan) throws(JSONError) {
        var reader = try JSONReader(text)
        try self.init(reading: &reader)
    }

    /// The object that comes next.
    package init(reading reader: inout JSONReader) throws(JSONError) {
        try reader.open()
        var seen: UInt64 = 0
        while let field = try reader.next("id,peerURLs,name,clientURLs,isLearner,isPromote", &seen) {
            switch field {
            case 0: if let value = try reader.uint64() { id = value }
            case 1: try reader.read(list: &peerURLs)
            case 2: if let value = try reader.string() { name = value }
            case 3: try reader.read(list: &clientURLs)
            case 4: if let value = try reader.bool() { isLearner = value }
            default: if let value = try reader.bool() { isPromotion = value }
            }
        }
    }
}

extension ClusterMember {
    package init(_ description: MemberDescription) {
        self.init(
            id: MemberID(description.id), name: description.name, peerURLs: description.peerURLs,
            clientURLs: description.clientURLs, isLearner: description.isLearner)
    }

    /// The member whose v2 attributes lie under `path` (`/0/members/hex(id)/attributes`); nil for any other path.
    package static func id(attributesPath path: String) -> MemberID? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "0", parts[2] == "members", parts[4] == "attributes" else { return nil }
        return UInt64(parts[3], radix: 16).map { MemberID($0) }
    }
}

extension [ClusterMember] {
    /// The body of GET /members and POST /members/promote (http.tsv), ascending by id.
    package init(membersJSON text: RawSpan) throws(JSONError) {
        self.init()
        var reader = try JSONReader(text)
        guard try reader.beginList() else { return }
        while try reader.nextElement() { append(ClusterMember(try MemberDescription(reading: &reader))) }
        sort { $0.id < $1.id }
    }
}
