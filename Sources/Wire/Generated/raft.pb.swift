// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Raftpb {
    @frozen @usableFromInline
    package struct ConfChangeTransition: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var confChangeTransitionAuto: ConfChangeTransition { ConfChangeTransition(rawValue: 0) }
        @inlinable package static var confChangeTransitionJointImplicit: ConfChangeTransition { ConfChangeTransition(rawValue: 1) }
        @inlinable package static var confChangeTransitionJointExplicit: ConfChangeTransition { ConfChangeTransition(rawValue: 2) }
        @usableFromInline package static var names: StaticString { "ConfChangeTransitionAuto=0,ConfChangeTransitionJointImplicit=1,ConfChangeTransitionJointExplicit=2" }
    }
}

extension Raftpb {
    @frozen @usableFromInline
    package struct ConfChangeType: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var confChangeAddNode: ConfChangeType { ConfChangeType(rawValue: 0) }
        @inlinable package static var confChangeRemoveNode: ConfChangeType { ConfChangeType(rawValue: 1) }
        @inlinable package static var confChangeUpdateNode: ConfChangeType { ConfChangeType(rawValue: 2) }
        @inlinable package static var confChangeAddLearnerNode: ConfChangeType { ConfChangeType(rawValue: 3) }
        @usableFromInline package static var names: StaticString { "ConfChangeAddNode=0,ConfChangeRemoveNode=1,ConfChangeUpdateNode=2,ConfChangeAddLearnerNode=3" }
    }
}

extension Raftpb {
    @frozen @usableFromInline
    package struct EntryType: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var entryNormal: EntryType { EntryType(rawValue: 0) }
        @inlinable package static var entryConfChange: EntryType { EntryType(rawValue: 1) }
        @inlinable package static var entryConfChangeV2: EntryType { EntryType(rawValue: 2) }
        @usableFromInline package static var names: StaticString { "EntryNormal=0,EntryConfChange=1,EntryConfChangeV2=2" }
    }
}

extension Raftpb {
    @frozen @usableFromInline
    package struct MessageType: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var msgHup: MessageType { MessageType(rawValue: 0) }
        @inlinable package static var msgBeat: MessageType { MessageType(rawValue: 1) }
        @inlinable package static var msgProp: MessageType { MessageType(rawValue: 2) }
        @inlinable package static var msgApp: MessageType { MessageType(rawValue: 3) }
        @inlinable package static var msgAppResp: MessageType { MessageType(rawValue: 4) }
        @inlinable package static var msgVote: MessageType { MessageType(rawValue: 5) }
        @inlinable package static var msgVoteResp: MessageType { MessageType(rawValue: 6) }
        @inlinable package static var msgSnap: MessageType { MessageType(rawValue: 7) }
        @inlinable package static var msgHeartbeat: MessageType { MessageType(rawValue: 8) }
        @inlinable package static var msgHeartbeatResp: MessageType { MessageType(rawValue: 9) }
        @inlinable package static var msgUnreachable: MessageType { MessageType(rawValue: 10) }
        @inlinable package static var msgSnapStatus: MessageType { MessageType(rawValue: 11) }
        @inlinable package static var msgCheckQuorum: MessageType { MessageType(rawValue: 12) }
        @inlinable package static var msgTransferLeader: MessageType { MessageType(rawValue: 13) }
        @inlinable package static var msgTimeoutNow: MessageType { MessageType(rawValue: 14) }
        @inlinable package static var msgReadIndex: MessageType { MessageType(rawValue: 15) }
        @inlinable package static var msgReadIndexResp: MessageType { MessageType(rawValue: 16) }
        @inlinable package static var msgPreVote: MessageType { MessageType(rawValue: 17) }
        @inlinable package static var msgPreVoteResp: MessageType { MessageType(rawValue: 18) }
        @inlinable package static var msgStorageAppend: MessageType { MessageType(rawValue: 19) }
        @inlinable package static var msgStorageAppendResp: MessageType { MessageType(rawValue: 20) }
        @inlinable package static var msgStorageApply: MessageType { MessageType(rawValue: 21) }
        @inlinable package static var msgStorageApplyResp: MessageType { MessageType(rawValue: 22) }
        @inlinable package static var msgForgetLeader: MessageType { MessageType(rawValue: 23) }
        @usableFromInline package static var names: StaticString { "MsgHup=0,MsgBeat=1,MsgProp=2,MsgApp=3,MsgAppResp=4,MsgVote=5,MsgVoteResp=6,MsgSnap=7,MsgHeartbeat=8,MsgHeartbeatResp=9,MsgUnreachable=10,MsgSnapStatus=11,MsgCheckQuorum=12,MsgTransferLeader=13,MsgTimeoutNow=14,MsgReadIndex=15,MsgReadIndexResp=16,MsgPreVote=17,MsgPreVoteResp=18,MsgStorageAppend=19,MsgStorageAppendResp=20,MsgStorageApply=21,MsgStorageApplyResp=22,MsgForgetLeader=23" }
    }
}

extension Raftpb {
    package struct ConfChange: WireMessage {
        package var id: UInt64 = 0
        package var type: Raftpb.ConfChangeType = Raftpb.ConfChangeType()
        package var nodeID: UInt64 = 0
        package var context: [UInt8]?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.uint64(span, tag)
                case 2: self.type = try cursor.enumeration(span, tag)
                case 3: self.nodeID = try cursor.uint64(span, tag)
                case 4: self.context = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: self.id)
            size &+= FieldSize.of(0x10, always: UInt64(bitPattern: Int64(self.type.rawValue)))
            size &+= FieldSize.of(0x18, always: self.nodeID)
            if let value = self.context { size &+= FieldSize.of(0x22, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: self.id)
            buffer.field(0x10, always: UInt64(bitPattern: Int64(self.type.rawValue)))
            buffer.field(0x18, always: self.nodeID)
            if let value = self.context { buffer.field(0x22, always: value) }
        }
        package static var jsonNames: StaticString { "id,type,node_id|nodeId,context" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("id", always: self.id)
            json.field("type", always: self.type)
            json.field("node_id", always: self.nodeID)
            if let value = self.context { json.field("context", always: value) }
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.id = value }
                case 1: if let value: Raftpb.ConfChangeType = try json.enumeration() { self.type = value }
                case 2: if let value = try json.uint64() { self.nodeID = value }
                case 3: if let value = try json.bytes() { self.context = value }
                default: break
                }
            }
        }
    }
}

extension Raftpb {
    package struct ConfChangeSingle: WireMessage {
        package var type: Raftpb.ConfChangeType = Raftpb.ConfChangeType()
        package var nodeID: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.type = try cursor.enumeration(span, tag)
                case 2: self.nodeID = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: UInt64(bitPattern: Int64(self.type.rawValue)))
            size &+= FieldSize.of(0x10, always: self.nodeID)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: UInt64(bitPattern: Int64(self.type.rawValue)))
            buffer.field(0x10, always: self.nodeID)
        }
        package static var jsonNames: StaticString { "type,node_id|nodeId" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("type", always: self.type)
            json.field("node_id", always: self.nodeID)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Raftpb.ConfChangeType = try json.enumeration() { self.type = value }
                case 1: if let value = try json.uint64() { self.nodeID = value }
                default: break
                }
            }
        }
    }
}

extension Raftpb {
    package struct ConfChangeV2: WireMessage {
        package var transition: Raftpb.ConfChangeTransition = Raftpb.ConfChangeTransition()
        package var changes: [Raftpb.ConfChangeSingle] = []
        package var context: [UInt8]?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.transition = try cursor.enumeration(span, tag)
                case 2: try cursor.message(span, tag, appendingTo: &self.changes)
                case 3: self.context = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: UInt64(bitPattern: Int64(self.transition.rawValue)))
            for value in self.changes { size &+= FieldSize.of(0x12, always: value) }
            if let value = self.context { size &+= FieldSize.of(0x1a, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: UInt64(bitPattern: Int64(self.transition.rawValue)))
            for value in self.changes { buffer.field(0x12, always: value) }
            if let value = self.context { buffer.field(0x1a, always: value) }
        }
        package static var jsonNames: StaticString { "transition,changes,context" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("transition", always: self.transition)
            json.field("changes", list: self.changes)
            if let value = self.context { json.field("context", always: value) }
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Raftpb.ConfChangeTransition = try json.enumeration() { self.transition = value }
                case 1: try json.read(list: &self.changes)
                case 2: if let value = try json.bytes() { self.context = value }
                default: break
                }
            }
        }
    }
}

extension Raftpb {
    package struct ConfState: WireMessage {
        package var voters: [UInt64] = []
        package var learners: [UInt64] = []
        package var votersOutgoing: [UInt64] = []
        package var learnersNext: [UInt64] = []
        package var autoLeave: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.uint64s(span, tag, into: &self.voters)
                case 2: try cursor.uint64s(span, tag, into: &self.learners)
                case 3: try cursor.uint64s(span, tag, into: &self.votersOutgoing)
                case 4: try cursor.uint64s(span, tag, into: &self.learnersNext)
                case 5: self.autoLeave = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            for value in self.voters { size &+= FieldSize.of(0x8, always: value) }
            for value in self.learners { size &+= FieldSize.of(0x10, always: value) }
            for value in self.votersOutgoing { size &+= FieldSize.of(0x18, always: value) }
            for value in self.learnersNext { size &+= FieldSize.of(0x20, always: value) }
            size &+= FieldSize.of(0x28, always: self.autoLeave ? 1 : 0)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            for value in self.voters { buffer.field(0x8, always: value) }
            for value in self.learners { buffer.field(0x10, always: value) }
            for value in self.votersOutgoing { buffer.field(0x18, always: value) }
            for value in self.learnersNext { buffer.field(0x20, always: value) }
            buffer.field(0x28, always: self.autoLeave ? 1 : 0)
        }
        package static var jsonNames: StaticString { "voters,learners,voters_outgoing|votersOutgoing,learners_next|learnersNext,auto_leave|autoLeave" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("voters", list: self.voters)
            json.field("learners", list: self.learners)
            json.field("voters_outgoing", list: self.votersOutgoing)
            json.field("learners_next", list: self.learnersNext)
            json.field("auto_leave", always: self.autoLeave)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: try json.read(list: &self.voters)
                case 1: try json.read(list: &self.learners)
                case 2: try json.read(list: &self.votersOutgoing)
                case 3: try json.read(list: &self.learnersNext)
                case 4: if let value = try json.bool() { self.autoLeave = value }
                default: break
                }
            }
        }
    }
}

extension Raftpb {
    @usableFromInline
    package struct Entry: WireMessage {
        package var type: Raftpb.EntryType = Raftpb.EntryType()
        package var term: UInt64 = 0
        package var index: UInt64 = 0
        package var data: [UInt8]?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.type = try cursor.enumeration(span, tag)
                case 2: self.term = try cursor.uint64(span, tag)
                case 3: self.index = try cursor.uint64(span, tag)
                case 4: self.data = try cursor.bytes(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: UInt64(bitPattern: Int64(self.type.rawValue)))
            size &+= FieldSize.of(0x10, always: self.term)
            size &+= FieldSize.of(0x18, always: self.index)
            if let value = self.data { size &+= FieldSize.of(0x22, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: UInt64(bitPattern: Int64(self.type.rawValue)))
            buffer.field(0x10, always: self.term)
            buffer.field(0x18, always: self.index)
            if let value = self.data { buffer.field(0x22, always: value) }
        }
        package static var jsonNames: StaticString { "Type,Term,Index,Data" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("Type", always: self.type)
            json.field("Term", always: self.term)
            json.field("Index", always: self.index)
            if let value = self.data { json.field("Data", always: value) }
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Raftpb.EntryType = try json.enumeration() { self.type = value }
                case 1: if let value = try json.uint64() { self.term = value }
                case 2: if let value = try json.uint64() { self.index = value }
                case 3: if let value = try json.bytes() { self.data = value }
                default: break
                }
            }
        }
    }
}

extension Raftpb.Entry {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var type: Raftpb.EntryType = Raftpb.EntryType()
        @usableFromInline package var term: UInt64 = 0
        @usableFromInline package var index: UInt64 = 0
        @usableFromInline package var data: ByteRange = ByteRange()
        @inlinable package init() {}
        @inlinable package init(decoding span: RawSpan) throws(WireError) {
            var cursor = try FieldCursor(span)
            try merge(&cursor, span)
        }
        /// Decodes the part `range` of `span`; positions are in `span`.
        @inlinable package init(decoding span: RawSpan, _ range: ByteRange) throws(WireError) {
            var cursor = try FieldCursor(span).nested(range)
            try merge(&cursor, span)
        }
        @inlinable mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.type = Raftpb.EntryType(rawValue: Int32(truncatingIfNeeded: try cursor.number(span, tag)))
                case 2: self.term = try cursor.number(span, tag)
                case 3: self.index = try cursor.number(span, tag)
                case 4: self.data = try cursor.range(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
}

extension Raftpb {
    package struct HardState: WireMessage {
        package var term: UInt64 = 0
        package var vote: UInt64 = 0
        package var commit: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.term = try cursor.uint64(span, tag)
                case 2: self.vote = try cursor.uint64(span, tag)
                case 3: self.commit = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: self.term)
            size &+= FieldSize.of(0x10, always: self.vote)
            size &+= FieldSize.of(0x18, always: self.commit)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: self.term)
            buffer.field(0x10, always: self.vote)
            buffer.field(0x18, always: self.commit)
        }
        package static var jsonNames: StaticString { "term,vote,commit" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("term", always: self.term)
            json.field("vote", always: self.vote)
            json.field("commit", always: self.commit)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.term = value }
                case 1: if let value = try json.uint64() { self.vote = value }
                case 2: if let value = try json.uint64() { self.commit = value }
                default: break
                }
            }
        }
    }
}

extension Raftpb {
    package struct Message: WireMessage {
        package var type: Raftpb.MessageType = Raftpb.MessageType()
        package var to: UInt64 = 0
        package var from: UInt64 = 0
        package var term: UInt64 = 0
        package var logTerm: UInt64 = 0
        package var index: UInt64 = 0
        package var entries: [Raftpb.Entry] = []
        package var commit: UInt64 = 0
        package var snapshot: Raftpb.Snapshot?
        package var reject: Bool = false
        package var rejectHint: UInt64 = 0
        package var context: [UInt8]?
        package var vote: UInt64 = 0
        package var responses: [Raftpb.Message] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.type = try cursor.enumeration(span, tag)
                case 2: self.to = try cursor.uint64(span, tag)
                case 3: self.from = try cursor.uint64(span, tag)
                case 4: self.term = try cursor.uint64(span, tag)
                case 5: self.logTerm = try cursor.uint64(span, tag)
                case 6: self.index = try cursor.uint64(span, tag)
                case 7: try cursor.message(span, tag, appendingTo: &self.entries)
                case 8: self.commit = try cursor.uint64(span, tag)
                case 9: try cursor.message(span, tag, into: &self.snapshot)
                case 10: self.reject = try cursor.bool(span, tag)
                case 11: self.rejectHint = try cursor.uint64(span, tag)
                case 12: self.context = try cursor.bytes(span, tag)
                case 13: self.vote = try cursor.uint64(span, tag)
                case 14: try cursor.message(span, tag, appendingTo: &self.responses)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, always: UInt64(bitPattern: Int64(self.type.rawValue)))
            size &+= FieldSize.of(0x10, always: self.to)
            size &+= FieldSize.of(0x18, always: self.from)
            size &+= FieldSize.of(0x20, always: self.term)
            size &+= FieldSize.of(0x28, always: self.logTerm)
            size &+= FieldSize.of(0x30, always: self.index)
            for value in self.entries { size &+= FieldSize.of(0x3a, always: value) }
            size &+= FieldSize.of(0x40, always: self.commit)
            size &+= FieldSize.of(0x4a, message: self.snapshot)
            size &+= FieldSize.of(0x50, always: self.reject ? 1 : 0)
            size &+= FieldSize.of(0x58, always: self.rejectHint)
            if let value = self.context { size &+= FieldSize.of(0x62, always: value) }
            size &+= FieldSize.of(0x68, always: self.vote)
            for value in self.responses { size &+= FieldSize.of(0x72, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, always: UInt64(bitPattern: Int64(self.type.rawValue)))
            buffer.field(0x10, always: self.to)
            buffer.field(0x18, always: self.from)
            buffer.field(0x20, always: self.term)
            buffer.field(0x28, always: self.logTerm)
            buffer.field(0x30, always: self.index)
            for value in self.entries { buffer.field(0x3a, always: value) }
            buffer.field(0x40, always: self.commit)
            buffer.field(0x4a, message: self.snapshot)
            buffer.field(0x50, always: self.reject ? 1 : 0)
            buffer.field(0x58, always: self.rejectHint)
            if let value = self.context { buffer.field(0x62, always: value) }
            buffer.field(0x68, always: self.vote)
            for value in self.responses { buffer.field(0x72, always: value) }
        }
        package static var jsonNames: StaticString { "type,to,from,term,logTerm,index,entries,commit,snapshot,reject,rejectHint,context,vote,responses" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("type", always: self.type)
            json.field("to", always: self.to)
            json.field("from", always: self.from)
            json.field("term", always: self.term)
            json.field("logTerm", always: self.logTerm)
            json.field("index", always: self.index)
            json.field("entries", list: self.entries)
            json.field("commit", always: self.commit)
            json.field("snapshot", message: self.snapshot)
            json.field("reject", always: self.reject)
            json.field("rejectHint", always: self.rejectHint)
            if let value = self.context { json.field("context", always: value) }
            json.field("vote", always: self.vote)
            json.field("responses", list: self.responses)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Raftpb.MessageType = try json.enumeration() { self.type = value }
                case 1: if let value = try json.uint64() { self.to = value }
                case 2: if let value = try json.uint64() { self.from = value }
                case 3: if let value = try json.uint64() { self.term = value }
                case 4: if let value = try json.uint64() { self.logTerm = value }
                case 5: if let value = try json.uint64() { self.index = value }
                case 6: try json.read(list: &self.entries)
                case 7: if let value = try json.uint64() { self.commit = value }
                case 8: if let value: Raftpb.Snapshot = try json.message() { self.snapshot = value }
                case 9: if let value = try json.bool() { self.reject = value }
                case 10: if let value = try json.uint64() { self.rejectHint = value }
                case 11: if let value = try json.bytes() { self.context = value }
                case 12: if let value = try json.uint64() { self.vote = value }
                case 13: try json.read(list: &self.responses)
                default: break
                }
            }
        }
    }
}

extension Raftpb {
    package struct Snapshot: WireMessage {
        package var data: [UInt8]?
        package var metadata: Raftpb.SnapshotMetadata = Raftpb.SnapshotMetadata()
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.data = try cursor.bytes(span, tag)
                case 2: try cursor.message(span, tag, into: &self.metadata)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            if let value = self.data { size &+= FieldSize.of(0xa, always: value) }
            size &+= FieldSize.of(0x12, always: self.metadata)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            if let value = self.data { buffer.field(0xa, always: value) }
            buffer.field(0x12, always: self.metadata)
        }
        package static var jsonNames: StaticString { "data,metadata" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            if let value = self.data { json.field("data", always: value) }
            json.field("metadata", always: self.metadata)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.data = value }
                case 1: if let value: Raftpb.SnapshotMetadata = try json.message() { self.metadata = value }
                default: break
                }
            }
        }
    }
}

extension Raftpb {
    package struct SnapshotMetadata: WireMessage {
        package var confState: Raftpb.ConfState = Raftpb.ConfState()
        package var index: UInt64 = 0
        package var term: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.confState)
                case 2: self.index = try cursor.uint64(span, tag)
                case 3: self.term = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, always: self.confState)
            size &+= FieldSize.of(0x10, always: self.index)
            size &+= FieldSize.of(0x18, always: self.term)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, always: self.confState)
            buffer.field(0x10, always: self.index)
            buffer.field(0x18, always: self.term)
        }
        package static var jsonNames: StaticString { "conf_state|confState,index,term" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("conf_state", always: self.confState)
            json.field("index", always: self.index)
            json.field("term", always: self.term)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Raftpb.ConfState = try json.message() { self.confState = value }
                case 1: if let value = try json.uint64() { self.index = value }
                case 2: if let value = try json.uint64() { self.term = value }
                default: break
                }
            }
        }
    }
}
