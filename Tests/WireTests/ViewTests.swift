import Base
import Testing
import Wire

@Suite struct ViewTests {
    @Test func `views of a log entry's request give positions in the whole entry`() throws {
        let put = Etcdserverpb.PutRequest.with {
            $0.key = Array("key".utf8)
            $0.value = Array("value".utf8)
            $0.lease = -5
            $0.prevKv = true
        }
        let request = Etcdserverpb.InternalRaftRequest.with {
            $0.header = .with {
                $0.id = 77; $0.username = "root"
            }
            $0.put = put
        }
        let entry = request.encoded()
        let view = try Etcdserverpb.InternalRaftRequest.View(decoding: entry.span)
        #expect(view.id == 0 && view.body == .put)
        let header = try Etcdserverpb.RequestHeader.View(decoding: entry.span, view.header)
        #expect(header.id == 77 && entry.span.subscripted(header.username).array == Array("root".utf8))
        let decoded = try Etcdserverpb.PutRequest.View(decoding: entry.span, view.bodyBytes)
        #expect(entry.span.subscripted(decoded.key).array == put.key)
        #expect(entry.span.subscripted(decoded.value).array == put.value)
        #expect(decoded.lease == -5 && decoded.prevKv && !decoded.ignoreValue)
        #expect(try Etcdserverpb.PutRequest(decoding: entry.span, view.bodyBytes) == put)
    }

    @Test func `an old bare request is not taken for a request of the log`() {
        let request = Etcdserverpb.Request.with {
            $0.id = 5; $0.method = "PUT"; $0.path = "/0/version"; $0.val = "3.5.0"
        }.encoded()
        #expect(throws: WireError.self) { try Etcdserverpb.InternalRaftRequest.View(decoding: request.span) }
        #expect(throws: WireError.self) { try Etcdserverpb.InternalRaftRequest(decoding: request) }
    }

    @Test func `views agree with the owned messages on what Python encoded`() throws {
        for fixture in Fixture.all {
            let input = Bytes(fixture.bytes)
            switch fixture.type.name {
            case "etcdserverpb.RangeRequest":
                let view = try Etcdserverpb.RangeRequest.View(decoding: input.span)
                let owned = try Etcdserverpb.RangeRequest(decoding: input)
                #expect(input.span.subscripted(view.key).array == owned.key && input.span.subscripted(view.rangeEnd).array == owned.rangeEnd)
                #expect(view.limit == owned.limit && view.revision == owned.revision && view.sortOrder == owned.sortOrder)
                #expect(view.sortTarget == owned.sortTarget && view.serializable == owned.serializable && view.keysOnly == owned.keysOnly)
                #expect(view.countOnly == owned.countOnly && view.minModRevision == owned.minModRevision)
                #expect(view.maxCreateRevision == owned.maxCreateRevision)
            case "mvccpb.KeyValue":
                let view = try Mvccpb.KeyValue.View(decoding: input.span)
                let owned = try Mvccpb.KeyValue(decoding: input)
                #expect(input.span.subscripted(view.key).array == owned.key && input.span.subscripted(view.value).array == owned.value)
                #expect(view.createRevision == owned.createRevision && view.modRevision == owned.modRevision)
                #expect(view.version == owned.version && view.lease == owned.lease)
            case "raftpb.Entry":
                let view = try Raftpb.Entry.View(decoding: input.span)
                let owned = try Raftpb.Entry(decoding: input)
                #expect(view.type == owned.type && view.term == owned.term && view.index == owned.index)
                #expect(input.span.subscripted(view.data).array == owned.data ?? [])
            default: break
            }
        }
    }

    @Test func `views are plain data so that decoding one allocates nothing`() {
        #expect(_isPOD(Etcdserverpb.PutRequest.View.self) && _isPOD(Etcdserverpb.RangeRequest.View.self))
        #expect(_isPOD(Etcdserverpb.InternalRaftRequest.View.self) && _isPOD(Mvccpb.KeyValue.View.self))
        #expect(_isPOD(Etcdserverpb.DeleteRangeRequest.View.self) && _isPOD(Etcdserverpb.LeaseGrantRequest.View.self))
        #expect(_isPOD(Raftpb.Entry.View.self) && _isPOD(Walpb.Record.View.self) && _isPOD(Etcdserverpb.RequestHeader.View.self))
        #expect(_isPOD(FieldCursor.self) && _isPOD(WireError.self))
    }
}
