import Base
import Wire

/// One member's hash over its key-value rows, as GET /members/hashkv tells it (http.tsv).
package struct HashReport: Sendable, Equatable {
    package var hash: UInt32 = 0
    package var compactRevision: Int64 = 0
    /// The member's revision when it answered.
    package var revision: Int64 = 0
    /// What was hashed; 0 where a release before 3.6 answers.
    package var hashRevision: Int64 = 0

    package init(hash: UInt32, compactRevision: Int64, revision: Int64, hashRevision: Int64) {
        self.hash = hash
        self.compactRevision = compactRevision
        self.revision = revision
        self.hashRevision = hashRevision
    }

    /// Go leaves out what is zero.
    package var json: String {
        var fields = ["\"header\":{" + (revision == 0 ? "" : "\"revision\":\(revision)") + "}"]
        if hash != 0 { fields.append("\"hash\":\(hash)") }
        if compactRevision != 0 { fields.append("\"compact_revision\":\(compactRevision)") }
        if hashRevision != 0 { fields.append("\"hash_revision\":\(hashRevision)") }
        return "{" + fields.joined(separator: ",") + "}"
    }

    package init(json text: RawSpan) throws(JSONError) {
        var reader = try JSONReader(text)
        try reader.open()
        var seen: UInt64 = 0
        while let field = try reader.next("header,hash,compact_revision,hash_revision", &seen) {
            switch field {
            case 0:
                try reader.open()
                var inner: UInt64 = 0
                while try reader.next("revision", &inner) != nil {
                    if let value = try reader.int64() { revision = value }
                }
            case 1: if let value = try reader.uint32() { hash = value }
            case 2: if let value = try reader.int64() { compactRevision = value }
            default: if let value = try reader.int64() { hashRevision = value }
            }
        }
    }

    /// The revision in the body of a request.
    package static func requestedRevision(json text: RawSpan) throws(JSONError) -> Int64 {
        var reader = try JSONReader(text)
        try reader.open()
        var seen: UInt64 = 0
        var revision: Int64 = 0
        while try reader.next("revision", &seen) != nil {
            if let value = try reader.int64() { revision = value }
        }
        return revision
    }
}
