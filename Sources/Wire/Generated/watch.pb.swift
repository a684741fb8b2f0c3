// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Etcdserverpb {
    package struct WatchCancelRequest: WireMessage {
        package var watchID: Int64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.watchID = try cursor.int64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, int64: self.watchID)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, int64: self.watchID)
        }
        package static var jsonNames: StaticString { "watch_id|watchId" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("watch_id", int64: self.watchID)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.int64() { self.watchID = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    @usableFromInline
    package struct WatchCreateRequest: WireMessage {
        package var key: [UInt8] = []
        package var rangeEnd: [UInt8] = []
        package var startRevision: Int64 = 0
        package var progressNotify: Bool = false
        package var filters: [Etcdserverpb.WatchCreateRequest.FilterType] = []
        package var prevKv: Bool = false
        package var watchID: Int64 = 0
        package var fragment: Bool = false
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.key = try cursor.bytes(span, tag)
                case 2: self.rangeEnd = try cursor.bytes(span, tag)
                case 3: self.startRevision = try cursor.int64(span, tag)
                case 4: self.progressNotify = try cursor.bool(span, tag)
                case 5: try cursor.enumerations(span, tag, into: &self.filters)
                case 6: self.prevKv = try cursor.bool(span, tag)
                case 7: self.watchID = try cursor.int64(span, tag)
                case 8: self.fragment = try cursor.bool(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, bytes: self.key)
            size &+= FieldSize.of(0x12, bytes: self.rangeEnd)
            size &+= FieldSize.of(0x18, int64: self.startRevision)
            size &+= FieldSize.of(0x20, bool: self.progressNotify)
            size &+= FieldSize.of(0x2a, packed: self.filters.map { UInt64(bitPattern: Int64($0.rawValue)) })
            size &+= FieldSize.of(0x30, bool: self.prevKv)
            size &+= FieldSize.of(0x38, int64: self.watchID)
            size &+= FieldSize.of(0x40, bool: self.fragment)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, bytes: self.key)
            buffer.field(0x12, bytes: self.rangeEnd)
            buffer.field(0x18, int64: self.startRevision)
            buffer.field(0x20, bool: self.progressNotify)
            buffer.field(0x2a, packed: self.filters.map { UInt64(bitPattern: Int64($0.rawValue)) })
            buffer.field(0x30, bool: self.prevKv)
            buffer.field(0x38, int64: self.watchID)
            buffer.field(0x40, bool: self.fragment)
        }
        package static var jsonNames: StaticString { "key,range_end|rangeEnd,start_revision|startRevision,progress_notify|progressNotify,filters,prev_kv|prevKv,watch_id|watchId,fragment" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("key", bytes: self.key)
            json.field("range_end", bytes: self.rangeEnd)
            json.field("start_revision", int64: self.startRevision)
            json.field("progress_notify", bool: self.progressNotify)
            json.field("filters", list: self.filters)
            json.field("prev_kv", bool: self.prevKv)
            json.field("watch_id", int64: self.watchID)
            json.field("fragment", bool: self.fragment)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.bytes() { self.key = value }
                case 1: if let value = try json.bytes() { self.rangeEnd = value }
                case 2: if let value = try json.int64() { self.startRevision = value }
                case 3: if let value = try json.bool() { self.progressNotify = value }
                case 4: try json.read(list: &self.filters)
                case 5: if let value = try json.bool() { self.prevKv = value }
                case 6: if let value = try json.int64() { self.watchID = value }
                case 7: if let value = try json.bool() { self.fragment = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.WatchCreateRequest {
    @frozen @usableFromInline
    package struct FilterType: OpenEnum {
        @usableFromInline package var rawValue: Int32
        @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
        @inlinable package init() { self.init(rawValue: 0) }
        @inlinable package static var noput: FilterType { FilterType(rawValue: 0) }
        @inlinable package static var nodelete: FilterType { FilterType(rawValue: 1) }
        @usableFromInline package static var names: StaticString { "NOPUT=0,NODELETE=1" }
    }
}

extension Etcdserverpb {
    package struct WatchProgressRequest: WireMessage {
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
    package struct WatchRequest: WireMessage {
        package var requestUnion: RequestUnion?
        package enum RequestUnion: Sendable, Equatable {
            case createRequest(Etcdserverpb.WatchCreateRequest)
            case cancelRequest(Etcdserverpb.WatchCancelRequest)
            case progressRequest(Etcdserverpb.WatchProgressRequest)
        }
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1:
                    var value = Etcdserverpb.WatchCreateRequest()
                    if case .createRequest(let present)? = self.requestUnion { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.requestUnion = .createRequest(value)
                case 2:
                    var value = Etcdserverpb.WatchCancelRequest()
                    if case .cancelRequest(let present)? = self.requestUnion { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.requestUnion = .cancelRequest(value)
                case 3:
                    var value = Etcdserverpb.WatchProgressRequest()
                    if case .progressRequest(let present)? = self.requestUnion { value = present }
                    try cursor.message(span, tag, into: &value)
                    self.requestUnion = .progressRequest(value)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            if case .createRequest(let value)? = self.requestUnion { size &+= FieldSize.of(0xa, always: value) }
            if case .cancelRequest(let value)? = self.requestUnion { size &+= FieldSize.of(0x12, always: value) }
            if case .progressRequest(let value)? = self.requestUnion { size &+= FieldSize.of(0x1a, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            if case .createRequest(let value)? = self.requestUnion { buffer.field(0xa, always: value) }
            if case .cancelRequest(let value)? = self.requestUnion { buffer.field(0x12, always: value) }
            if case .progressRequest(let value)? = self.requestUnion { buffer.field(0x1a, always: value) }
        }
        package static var jsonNames: StaticString { "create_request|createRequest,cancel_request|cancelRequest,progress_request|progressRequest" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            if case .createRequest(let value)? = self.requestUnion { json.field("create_request", always: value) }
            if case .cancelRequest(let value)? = self.requestUnion { json.field("cancel_request", always: value) }
            if case .progressRequest(let value)? = self.requestUnion { json.field("progress_request", always: value) }
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0:
                    try json.oneof(isSet: self.requestUnion != nil)
                    if let value: Etcdserverpb.WatchCreateRequest = try json.message() { self.requestUnion = .createRequest(value) }
                case 1:
                    try json.oneof(isSet: self.requestUnion != nil)
                    if let value: Etcdserverpb.WatchCancelRequest = try json.message() { self.requestUnion = .cancelRequest(value) }
                case 2:
                    try json.oneof(isSet: self.requestUnion != nil)
                    if let value: Etcdserverpb.WatchProgressRequest = try json.message() { self.requestUnion = .progressRequest(value) }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct WatchResponse: WireMessage {
        package var header: Etcdserverpb.ResponseHeader?
        package var watchID: Int64 = 0
        package var created: Bool = false
        package var canceled: Bool = false
        package var compactRevision: Int64 = 0
        package var cancelReason: String = ""
        package var fragment: Bool = false
        package var events: [Mvccpb.Event] = []
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: try cursor.message(span, tag, into: &self.header)
                case 2: self.watchID = try cursor.int64(span, tag)
                case 3: self.created = try cursor.bool(span, tag)
                case 4: self.canceled = try cursor.bool(span, tag)
                case 5: self.compactRevision = try cursor.int64(span, tag)
                case 6: self.cancelReason = try cursor.string(span, tag)
                case 7: self.fragment = try cursor.bool(span, tag)
                case 11: try cursor.message(span, tag, appendingTo: &self.events)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, message: self.header)
            size &+= FieldSize.of(0x10, int64: self.watchID)
            size &+= FieldSize.of(0x18, bool: self.created)
            size &+= FieldSize.of(0x20, bool: self.canceled)
            size &+= FieldSize.of(0x28, int64: self.compactRevision)
            size &+= FieldSize.of(0x32, string: self.cancelReason)
            size &+= FieldSize.of(0x38, bool: self.fragment)
            for value in self.events { size &+= FieldSize.of(0x5a, always: value) }
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, message: self.header)
            buffer.field(0x10, int64: self.watchID)
            buffer.field(0x18, bool: self.created)
            buffer.field(0x20, bool: self.canceled)
            buffer.field(0x28, int64: self.compactRevision)
            buffer.field(0x32, string: self.cancelReason)
            buffer.field(0x38, bool: self.fragment)
            for value in self.events { buffer.field(0x5a, always: value) }
        }
        package static var jsonNames: StaticString { "header,watch_id|watchId,created,canceled,compact_revision|compactRevision,cancel_reason|cancelReason,fragment,events" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("header", message: self.header)
            json.field("watch_id", int64: self.watchID)
            json.field("created", bool: self.created)
            json.field("canceled", bool: self.canceled)
            json.field("compact_revision", int64: self.compactRevision)
            json.field("cancel_reason", string: self.cancelReason)
            json.field("fragment", bool: self.fragment)
            json.field("events", list: self.events)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value: Etcdserverpb.ResponseHeader = try json.message() { self.header = value }
                case 1: if let value = try json.int64() { self.watchID = value }
                case 2: if let value = try json.bool() { self.created = value }
                case 3: if let value = try json.bool() { self.canceled = value }
                case 4: if let value = try json.int64() { self.compactRevision = value }
                case 5: if let value = try json.string() { self.cancelReason = value }
                case 6: if let value = try json.bool() { self.fragment = value }
                case 7: try json.read(list: &self.events)
                default: break
                }
            }
        }
    }
}
