// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Etcdserverpb {
    @frozen @usableFromInline
    package struct AlarmType: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var none: AlarmType { AlarmType(rawValue: 0) }
        @inlinable package static var nospace: AlarmType { AlarmType(rawValue: 1) }
        @inlinable package static var corrupt: AlarmType { AlarmType(rawValue: 2) }
        @usableFromInline package static var names: StaticString { "NONE=0,NOSPACE=1,CORRUPT=2" }
    }
}

extension Etcdserverpb {
    package struct AlarmMember: WireMessage {
        package var memberID: UInt64 = 0
        package var alarm: Etcdserverpb.AlarmType = Etcdserverpb.AlarmType()
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.memberID = try cursor.uint64(span, tag)
                case 2: self.alarm = try cursor.enumeration(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.memberID)
            size &+= FieldSize.of(0x10, enumeration: self.alarm)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.memberID)
            buffer.field(0x10, enumeration: self.alarm)
        }
        package static var jsonNames: StaticString { "memberID,alarm" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("memberID", uint64: self.memberID)
            json.field("alarm", enumeration: self.alarm)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.memberID = value }
                case 1: if let value: Etcdserverpb.AlarmType = try json.enumeration() { self.alarm = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    @usableFromInline
    package struct AlarmRequest: WireMessage {
        package var action: Etcdserverpb.AlarmRequest.AlarmAction = Etcdserverpb.AlarmRequest.AlarmAction()
        package var memberID: UInt64 = 0
        package var alarm: Etcdserverpb.AlarmType = Etcdserverpb.AlarmType()
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.action = try cursor.enumeration(span, tag)
                case 2: self.memberID = try cursor.uint64(span, tag)
                case 3: self.alarm = try cursor.enumeration(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, enumeration: self.action)
            size &+= FieldSize.of(0x10, uint64: self.memberID)
            size &+= FieldSize.of(0x18, enumeration: self.alarm)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, enumeration: self.action)
            buffer.field(0x10, uint64: self.memberID)
            buffer.field(0x18, enumeration: self.alarm)
        }
        package static var jsonNames: StaticString { "action,memberID,alarm" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("action", enumeration: self.action)
            json.field("memberID", uint64: self.memberID)
            json.field("alarm", enumeration: self.alarm)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.AlarmRequest.AlarmAction = try json.enumeration() { self.action = value }
                case 1: if let value = try json.uint64() { self.memberID = value }
                case 2: if let value: Etcdserverpb.AlarmType = try json.enumeration() { self.alarm = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.AlarmRequest {
    @frozen @usableFromInline
    package struct AlarmAction: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var get: AlarmAction { AlarmAction(rawValue: 0) }
        @inlinable package static var activate: AlarmAction { AlarmAction(rawValue: 1) }
        @inlinable package static var deactivate: AlarmAction { AlarmAction(rawValue: 2) }
        @usableFromInline package static var names: StaticString { "GET=0,ACTIVATE=1,DEACTIVATE=2" }
    }
}

extension Etcdserverpb {
    package struct AlarmResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var alarms: [Etcdserverpb.AlarmMember] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: try cursor.message(span, tag, appendingTo: &self.alarms)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            for value in self.alarms { size &+= FieldSize.of(0x12, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            for value in self.alarms { buffer.field(0x12, always: value) }
        }
        package static var jsonNames: StaticString { "header,alarms" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("alarms", list: self.alarms)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: try json.read(list: &self.alarms)
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct StatusRequest: WireMessage {
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                try cursor.skip(span, tag)
            }
        }
        package var encodedSize: Int {
            0
        }
        package func encode(into buffer: inout ByteBuffer) {}
        package static var jsonNames: StaticString { "" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while try json.next(Self.jsonNames, &seen) != nil {}
        }
    }
}

extension Etcdserverpb {
    package struct StatusResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var version: String = ""
        package var dbSize: Int64 = 0
        package var leader: UInt64 = 0
        package var raftIndex: UInt64 = 0
        package var raftTerm: UInt64 = 0
        package var raftAppliedIndex: UInt64 = 0
        package var errors: [String] = []
        package var dbSizeInUse: Int64 = 0
        package var isLearner: Bool = false
        package var storageVersion: String = ""
        package var dbSizeQuota: Int64 = 0
        package var downgradeInfo: Etcdserverpb.DowngradeInfo?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.version = try cursor.string(span, tag)
                case 3: self.dbSize = try cursor.int64(span, tag)
                case 4: self.leader = try cursor.uint64(span, tag)
                case 5: self.raftIndex = try cursor.uint64(span, tag)
                case 6: self.raftTerm = try cursor.uint64(span, tag)
                case 7: self.raftAppliedIndex = try cursor.uint64(span, tag)
                case 8: self.errors.append(try cursor.string(span, tag))
                case 9: self.dbSizeInUse = try cursor.int64(span, tag)
                case 10: self.isLearner = try cursor.bool(span, tag)
                case 11: self.storageVersion = try cursor.string(span, tag)
                case 12: self.dbSizeQuota = try cursor.int64(span, tag)
                case 13: try cursor.message(span, tag, into: &self.downgradeInfo)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x12, string: self.version)
            size &+= FieldSize.of(0x18, int64: self.dbSize)
            size &+= FieldSize.of(0x20, uint64: self.leader)
            size &+= FieldSize.of(0x28, uint64: self.raftIndex)
            size &+= FieldSize.of(0x30, uint64: self.raftTerm)
            size &+= FieldSize.of(0x38, uint64: self.raftAppliedIndex)
            for value in self.errors { size &+= FieldSize.of(0x42, always: value) }
            size &+= FieldSize.of(0x48, int64: self.dbSizeInUse)
            size &+= FieldSize.of(0x50, bool: self.isLearner)
            size &+= FieldSize.of(0x5a, string: self.storageVersion)
            size &+= FieldSize.of(0x60, int64: self.dbSizeQuota)
            size &+= FieldSize.of(0x6a, message: self.downgradeInfo)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x12, string: self.version)
            buffer.field(0x18, int64: self.dbSize)
            buffer.field(0x20, uint64: self.leader)
            buffer.field(0x28, uint64: self.raftIndex)
            buffer.field(0x30, uint64: self.raftTerm)
            buffer.field(0x38, uint64: self.raftAppliedIndex)
            for value in self.errors { buffer.field(0x42, always: value) }
            buffer.field(0x48, int64: self.dbSizeInUse)
            buffer.field(0x50, bool: self.isLearner)
            buffer.field(0x5a, string: self.storageVersion)
            buffer.field(0x60, int64: self.dbSizeQuota)
            buffer.field(0x6a, message: self.downgradeInfo)
        }
        package static var jsonNames: StaticString { "header,version,dbSize,leader,raftIndex,raftTerm,raftAppliedIndex,errors,dbSizeInUse,isLearner,storageVersion,dbSizeQuota,downgradeInfo" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("version", string: self.version)
            json.field("dbSize", int64: self.dbSize)
            json.field("leader", uint64: self.leader)
            json.field("raftIndex", uint64: self.raftIndex)
            json.field("raftTerm", uint64: self.raftTerm)
            json.field("raftAppliedIndex", uint64: self.raftAppliedIndex)
            json.field("errors", list: self.errors)
            json.field("dbSizeInUse", int64: self.dbSizeInUse)
            json.field("isLearner", bool: self.isLearner)
            json.field("storageVersion", string: self.storageVersion)
            json.field("dbSizeQuota", int64: self.dbSizeQuota)
            json.field("downgradeInfo", message: self.downgradeInfo)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.string() { self.version = value }
                case 2: if let value = try json.int64() { self.dbSize = value }
                case 3: if let value = try json.uint64() { self.leader = value }
                case 4: if let value = try json.uint64() { self.raftIndex = value }
                case 5: if let value = try json.uint64() { self.raftTerm = value }
                case 6: if let value = try json.uint64() { self.raftAppliedIndex = value }
                case 7: try json.read(list: &self.errors)
                case 8: if let value = try json.int64() { self.dbSizeInUse = value }
                case 9: if let value = try json.bool() { self.isLearner = value }
                case 10: if let value = try json.string() { self.storageVersion = value }
                case 11: if let value = try json.int64() { self.dbSizeQuota = value }
                case 12: if let value: Etcdserverpb.DowngradeInfo = try json.message() { self.downgradeInfo = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct DefragmentRequest: WireMessage {
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                try cursor.skip(span, tag)
            }
        }
        package var encodedSize: Int {
            0
        }
        package func encode(into buffer: inout ByteBuffer) {}
        package static var jsonNames: StaticString { "" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while try json.next(Self.jsonNames, &seen) != nil {}
        }
    }
}

extension Etcdserverpb {
    package struct DefragmentResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
        }
        package static var jsonNames: StaticString { "header" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct HashKVRequest: WireMessage {
        package var revision: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.revision = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.revision)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.revision)
        }
        package static var jsonNames: StaticString { "revision" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("revision", int64: self.revision)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.revision = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct HashKVResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var hash: UInt32 = 0
        package var compactRevision: Int64 = 0
        package var hashRevision: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.hash = try cursor.uint32(span, tag)
                case 3: self.compactRevision = try cursor.int64(span, tag)
                case 4: self.hashRevision = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, uint32: self.hash)
            size &+= FieldSize.of(0x18, int64: self.compactRevision)
            size &+= FieldSize.of(0x20, int64: self.hashRevision)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, uint32: self.hash)
            buffer.field(0x18, int64: self.compactRevision)
            buffer.field(0x20, int64: self.hashRevision)
        }
        package static var jsonNames: StaticString { "header,hash,compact_revision|compactRevision,hash_revision|hashRevision" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("hash", uint32: self.hash)
            json.field("compact_revision", int64: self.compactRevision)
            json.field("hash_revision", int64: self.hashRevision)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.uint32() { self.hash = value }
                case 2: if let value = try json.int64() { self.compactRevision = value }
                case 3: if let value = try json.int64() { self.hashRevision = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct HashRequest: WireMessage {
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                try cursor.skip(span, tag)
            }
        }
        package var encodedSize: Int {
            0
        }
        package func encode(into buffer: inout ByteBuffer) {}
        package static var jsonNames: StaticString { "" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while try json.next(Self.jsonNames, &seen) != nil {}
        }
    }
}

extension Etcdserverpb {
    package struct HashResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var hash: UInt32 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.hash = try cursor.uint32(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, uint32: self.hash)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, uint32: self.hash)
        }
        package static var jsonNames: StaticString { "header,hash" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("hash", uint32: self.hash)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.uint32() { self.hash = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct SnapshotRequest: WireMessage {
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                try cursor.skip(span, tag)
            }
        }
        package var encodedSize: Int {
            0
        }
        package func encode(into buffer: inout ByteBuffer) {}
        package static var jsonNames: StaticString { "" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while try json.next(Self.jsonNames, &seen) != nil {}
        }
    }
}

extension Etcdserverpb {
    package struct SnapshotResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var remainingBytes: UInt64 = 0
        package var blob: [UInt8] = []
        package var version: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.remainingBytes = try cursor.uint64(span, tag)
                case 3: self.blob = try cursor.bytes(span, tag)
                case 4: self.version = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, uint64: self.remainingBytes)
            size &+= FieldSize.of(0x1a, bytes: self.blob)
            size &+= FieldSize.of(0x22, string: self.version)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, uint64: self.remainingBytes)
            buffer.field(0x1a, bytes: self.blob)
            buffer.field(0x22, string: self.version)
        }
        package static var jsonNames: StaticString { "header,remaining_bytes|remainingBytes,blob,version" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("remaining_bytes", uint64: self.remainingBytes)
            json.field("blob", bytes: self.blob)
            json.field("version", string: self.version)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.uint64() { self.remainingBytes = value }
                case 2: if let value = try json.bytes() { self.blob = value }
                case 3: if let value = try json.string() { self.version = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MoveLeaderRequest: WireMessage {
        package var targetID: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.targetID = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.targetID)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.targetID)
        }
        package static var jsonNames: StaticString { "targetID" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("targetID", uint64: self.targetID)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.targetID = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct MoveLeaderResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
        }
        package static var jsonNames: StaticString { "header" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct DowngradeInfo: WireMessage {
        package var enabled: Bool = false
        package var targetVersion: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.enabled = try cursor.bool(span, tag)
                case 2: self.targetVersion = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, bool: self.enabled)
            size &+= FieldSize.of(0x12, string: self.targetVersion)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, bool: self.enabled)
            buffer.field(0x12, string: self.targetVersion)
        }
        package static var jsonNames: StaticString { "enabled,targetVersion" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("enabled", bool: self.enabled)
            json.field("targetVersion", string: self.targetVersion)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bool() { self.enabled = value }
                case 1: if let value = try json.string() { self.targetVersion = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    @usableFromInline
    package struct DowngradeRequest: WireMessage {
        package var action: Etcdserverpb.DowngradeRequest.DowngradeAction = Etcdserverpb.DowngradeRequest.DowngradeAction()
        package var version: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.action = try cursor.enumeration(span, tag)
                case 2: self.version = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, enumeration: self.action)
            size &+= FieldSize.of(0x12, string: self.version)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, enumeration: self.action)
            buffer.field(0x12, string: self.version)
        }
        package static var jsonNames: StaticString { "action,version" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("action", enumeration: self.action)
            json.field("version", string: self.version)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.DowngradeRequest.DowngradeAction = try json.enumeration() { self.action = value }
                case 1: if let value = try json.string() { self.version = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.DowngradeRequest {
    @frozen @usableFromInline
    package struct DowngradeAction: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var validate: DowngradeAction { DowngradeAction(rawValue: 0) }
        @inlinable package static var enable: DowngradeAction { DowngradeAction(rawValue: 1) }
        @inlinable package static var cancel: DowngradeAction { DowngradeAction(rawValue: 2) }
        @usableFromInline package static var names: StaticString { "VALIDATE=0,ENABLE=1,CANCEL=2" }
    }
}

extension Etcdserverpb {
    package struct DowngradeResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var version: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.version = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x12, string: self.version)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x12, string: self.version)
        }
        package static var jsonNames: StaticString { "header,version" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("version", string: self.version)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.string() { self.version = value }
                default: break
                }
            }
        }
    }
}
