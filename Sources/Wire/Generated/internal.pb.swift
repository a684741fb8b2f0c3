// Made by wire-generator from the .proto files; `make generate` makes it anew.
import Base

extension Etcdserverpb {
    @usableFromInline
    package struct InternalRaftRequest: WireMessage {
        package var id: UInt64 = 0
        package var v2: Etcdserverpb.Request?
        package var range: Etcdserverpb.RangeRequest?
        package var put: Etcdserverpb.PutRequest?
        package var deleteRange: Etcdserverpb.DeleteRangeRequest?
        package var txn: Etcdserverpb.TxnRequest?
        package var compaction: Etcdserverpb.CompactionRequest?
        package var leaseGrant: Etcdserverpb.LeaseGrantRequest?
        package var leaseRevoke: Etcdserverpb.LeaseRevokeRequest?
        package var alarm: Etcdserverpb.AlarmRequest?
        package var leaseCheckpoint: Etcdserverpb.LeaseCheckpointRequest?
        package var header: Etcdserverpb.RequestHeader?
        package var authEnable: Etcdserverpb.AuthEnableRequest?
        package var authDisable: Etcdserverpb.AuthDisableRequest?
        package var authenticate: Etcdserverpb.InternalAuthenticateRequest?
        package var authStatus: Etcdserverpb.AuthStatusRequest?
        package var authUserAdd: Etcdserverpb.AuthUserAddRequest?
        package var authUserDelete: Etcdserverpb.AuthUserDeleteRequest?
        package var authUserGet: Etcdserverpb.AuthUserGetRequest?
        package var authUserChangePassword: Etcdserverpb.AuthUserChangePasswordRequest?
        package var authUserGrantRole: Etcdserverpb.AuthUserGrantRoleRequest?
        package var authUserRevokeRole: Etcdserverpb.AuthUserRevokeRoleRequest?
        package var authUserList: Etcdserverpb.AuthUserListRequest?
        package var authRoleList: Etcdserverpb.AuthRoleListRequest?
        package var authRoleAdd: Etcdserverpb.AuthRoleAddRequest?
        package var authRoleDelete: Etcdserverpb.AuthRoleDeleteRequest?
        package var authRoleGet: Etcdserverpb.AuthRoleGetRequest?
        package var authRoleGrantPermission: Etcdserverpb.AuthRoleGrantPermissionRequest?
        package var authRoleRevokePermission: Etcdserverpb.AuthRoleRevokePermissionRequest?
        package var clusterVersionSet: Membershippb.ClusterVersionSetRequest?
        package var clusterMemberAttrSet: Membershippb.ClusterMemberAttrSetRequest?
        package var downgradeInfoSet: Membershippb.DowngradeInfoSetRequest?
        package var downgradeVersionTest: Etcdserverpb.DowngradeVersionTestRequest?
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.uint64(span, tag)
                case 2: try cursor.message(span, tag, into: &self.v2)
                case 3: try cursor.message(span, tag, into: &self.range)
                case 4: try cursor.message(span, tag, into: &self.put)
                case 5: try cursor.message(span, tag, into: &self.deleteRange)
                case 6: try cursor.message(span, tag, into: &self.txn)
                case 7: try cursor.message(span, tag, into: &self.compaction)
                case 8: try cursor.message(span, tag, into: &self.leaseGrant)
                case 9: try cursor.message(span, tag, into: &self.leaseRevoke)
                case 10: try cursor.message(span, tag, into: &self.alarm)
                case 11: try cursor.message(span, tag, into: &self.leaseCheckpoint)
                case 100: try cursor.message(span, tag, into: &self.header)
                case 1000: try cursor.message(span, tag, into: &self.authEnable)
                case 1011: try cursor.message(span, tag, into: &self.authDisable)
                case 1012: try cursor.message(span, tag, into: &self.authenticate)
                case 1013: try cursor.message(span, tag, into: &self.authStatus)
                case 1100: try cursor.message(span, tag, into: &self.authUserAdd)
                case 1101: try cursor.message(span, tag, into: &self.authUserDelete)
                case 1102: try cursor.message(span, tag, into: &self.authUserGet)
                case 1103: try cursor.message(span, tag, into: &self.authUserChangePassword)
                case 1104: try cursor.message(span, tag, into: &self.authUserGrantRole)
                case 1105: try cursor.message(span, tag, into: &self.authUserRevokeRole)
                case 1106: try cursor.message(span, tag, into: &self.authUserList)
                case 1107: try cursor.message(span, tag, into: &self.authRoleList)
                case 1200: try cursor.message(span, tag, into: &self.authRoleAdd)
                case 1201: try cursor.message(span, tag, into: &self.authRoleDelete)
                case 1202: try cursor.message(span, tag, into: &self.authRoleGet)
                case 1203: try cursor.message(span, tag, into: &self.authRoleGrantPermission)
                case 1204: try cursor.message(span, tag, into: &self.authRoleRevokePermission)
                case 1300: try cursor.message(span, tag, into: &self.clusterVersionSet)
                case 1301: try cursor.message(span, tag, into: &self.clusterMemberAttrSet)
                case 1302: try cursor.message(span, tag, into: &self.downgradeInfoSet)
                case 9900: try cursor.message(span, tag, into: &self.downgradeVersionTest)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.id)
            size &+= FieldSize.of(0x12, message: self.v2)
            size &+= FieldSize.of(0x1a, message: self.range)
            size &+= FieldSize.of(0x22, message: self.put)
            size &+= FieldSize.of(0x2a, message: self.deleteRange)
            size &+= FieldSize.of(0x32, message: self.txn)
            size &+= FieldSize.of(0x3a, message: self.compaction)
            size &+= FieldSize.of(0x42, message: self.leaseGrant)
            size &+= FieldSize.of(0x4a, message: self.leaseRevoke)
            size &+= FieldSize.of(0x52, message: self.alarm)
            size &+= FieldSize.of(0x5a, message: self.leaseCheckpoint)
            size &+= FieldSize.of(0x322, message: self.header)
            size &+= FieldSize.of(0x1f42, message: self.authEnable)
            size &+= FieldSize.of(0x1f9a, message: self.authDisable)
            size &+= FieldSize.of(0x1fa2, message: self.authenticate)
            size &+= FieldSize.of(0x1faa, message: self.authStatus)
            size &+= FieldSize.of(0x2262, message: self.authUserAdd)
            size &+= FieldSize.of(0x226a, message: self.authUserDelete)
            size &+= FieldSize.of(0x2272, message: self.authUserGet)
            size &+= FieldSize.of(0x227a, message: self.authUserChangePassword)
            size &+= FieldSize.of(0x2282, message: self.authUserGrantRole)
            size &+= FieldSize.of(0x228a, message: self.authUserRevokeRole)
            size &+= FieldSize.of(0x2292, message: self.authUserList)
            size &+= FieldSize.of(0x229a, message: self.authRoleList)
            size &+= FieldSize.of(0x2582, message: self.authRoleAdd)
            size &+= FieldSize.of(0x258a, message: self.authRoleDelete)
            size &+= FieldSize.of(0x2592, message: self.authRoleGet)
            size &+= FieldSize.of(0x259a, message: self.authRoleGrantPermission)
            size &+= FieldSize.of(0x25a2, message: self.authRoleRevokePermission)
            size &+= FieldSize.of(0x28a2, message: self.clusterVersionSet)
            size &+= FieldSize.of(0x28aa, message: self.clusterMemberAttrSet)
            size &+= FieldSize.of(0x28b2, message: self.downgradeInfoSet)
            size &+= FieldSize.of(0x13562, message: self.downgradeVersionTest)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.id)
            buffer.field(0x12, message: self.v2)
            buffer.field(0x1a, message: self.range)
            buffer.field(0x22, message: self.put)
            buffer.field(0x2a, message: self.deleteRange)
            buffer.field(0x32, message: self.txn)
            buffer.field(0x3a, message: self.compaction)
            buffer.field(0x42, message: self.leaseGrant)
            buffer.field(0x4a, message: self.leaseRevoke)
            buffer.field(0x52, message: self.alarm)
            buffer.field(0x5a, message: self.leaseCheckpoint)
            buffer.field(0x322, message: self.header)
            buffer.field(0x1f42, message: self.authEnable)
            buffer.field(0x1f9a, message: self.authDisable)
            buffer.field(0x1fa2, message: self.authenticate)
            buffer.field(0x1faa, message: self.authStatus)
            buffer.field(0x2262, message: self.authUserAdd)
            buffer.field(0x226a, message: self.authUserDelete)
            buffer.field(0x2272, message: self.authUserGet)
            buffer.field(0x227a, message: self.authUserChangePassword)
            buffer.field(0x2282, message: self.authUserGrantRole)
            buffer.field(0x228a, message: self.authUserRevokeRole)
            buffer.field(0x2292, message: self.authUserList)
            buffer.field(0x229a, message: self.authRoleList)
            buffer.field(0x2582, message: self.authRoleAdd)
            buffer.field(0x258a, message: self.authRoleDelete)
            buffer.field(0x2592, message: self.authRoleGet)
            buffer.field(0x259a, message: self.authRoleGrantPermission)
            buffer.field(0x25a2, message: self.authRoleRevokePermission)
            buffer.field(0x28a2, message: self.clusterVersionSet)
            buffer.field(0x28aa, message: self.clusterMemberAttrSet)
            buffer.field(0x28b2, message: self.downgradeInfoSet)
            buffer.field(0x13562, message: self.downgradeVersionTest)
        }
        package static var jsonNames: StaticString { "ID,v2,range,put,delete_range|deleteRange,txn,compaction,lease_grant|leaseGrant,lease_revoke|leaseRevoke,alarm,lease_checkpoint|leaseCheckpoint,header,auth_enable|authEnable,auth_disable|authDisable,authenticate,auth_status|authStatus,auth_user_add|authUserAdd,auth_user_delete|authUserDelete,auth_user_get|authUserGet,auth_user_change_password|authUserChangePassword,auth_user_grant_role|authUserGrantRole,auth_user_revoke_role|authUserRevokeRole,auth_user_list|authUserList,auth_role_list|authRoleList,auth_role_add|authRoleAdd,auth_role_delete|authRoleDelete,auth_role_get|authRoleGet,auth_role_grant_permission|authRoleGrantPermission,auth_role_revoke_permission|authRoleRevokePermission,cluster_version_set|clusterVersionSet,cluster_member_attr_set|clusterMemberAttrSet,downgrade_info_set|downgradeInfoSet,downgrade_version_test|downgradeVersionTest" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", uint64: self.id)
            json.field("v2", message: self.v2)
            json.field("range", message: self.range)
            json.field("put", message: self.put)
            json.field("delete_range", message: self.deleteRange)
            json.field("txn", message: self.txn)
            json.field("compaction", message: self.compaction)
            json.field("lease_grant", message: self.leaseGrant)
            json.field("lease_revoke", message: self.leaseRevoke)
            json.field("alarm", message: self.alarm)
            json.field("lease_checkpoint", message: self.leaseCheckpoint)
            json.field("header", message: self.header)
            json.field("auth_enable", message: self.authEnable)
            json.field("auth_disable", message: self.authDisable)
            json.field("authenticate", message: self.authenticate)
            json.field("auth_status", message: self.authStatus)
            json.field("auth_user_add", message: self.authUserAdd)
            json.field("auth_user_delete", message: self.authUserDelete)
            json.field("auth_user_get", message: self.authUserGet)
            json.field("auth_user_change_password", message: self.authUserChangePassword)
            json.field("auth_user_grant_role", message: self.authUserGrantRole)
            json.field("auth_user_revoke_role", message: self.authUserRevokeRole)
            json.field("auth_user_list", message: self.authUserList)
            json.field("auth_role_list", message: self.authRoleList)
            json.field("auth_role_add", message: self.authRoleAdd)
            json.field("auth_role_delete", message: self.authRoleDelete)
            json.field("auth_role_get", message: self.authRoleGet)
            json.field("auth_role_grant_permission", message: self.authRoleGrantPermission)
            json.field("auth_role_revoke_permission", message: self.authRoleRevokePermission)
            json.field("cluster_version_set", message: self.clusterVersionSet)
            json.field("cluster_member_attr_set", message: self.clusterMemberAttrSet)
            json.field("downgrade_info_set", message: self.downgradeInfoSet)
            json.field("downgrade_version_test", message: self.downgradeVersionTest)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.id = value }
                case 1: if let value: Etcdserverpb.Request = try json.message() { self.v2 = value }
                case 2: if let value: Etcdserverpb.RangeRequest = try json.message() { self.range = value }
                case 3: if let value: Etcdserverpb.PutRequest = try json.message() { self.put = value }
                case 4: if let value: Etcdserverpb.DeleteRangeRequest = try json.message() { self.deleteRange = value }
                case 5: if let value: Etcdserverpb.TxnRequest = try json.message() { self.txn = value }
                case 6: if let value: Etcdserverpb.CompactionRequest = try json.message() { self.compaction = value }
                case 7: if let value: Etcdserverpb.LeaseGrantRequest = try json.message() { self.leaseGrant = value }
                case 8: if let value: Etcdserverpb.LeaseRevokeRequest = try json.message() { self.leaseRevoke = value }
                case 9: if let value: Etcdserverpb.AlarmRequest = try json.message() { self.alarm = value }
                case 10: if let value: Etcdserverpb.LeaseCheckpointRequest = try json.message() { self.leaseCheckpoint = value }
                case 11: if let value: Etcdserverpb.RequestHeader = try json.message() { self.header = value }
                case 12: if let value: Etcdserverpb.AuthEnableRequest = try json.message() { self.authEnable = value }
                case 13: if let value: Etcdserverpb.AuthDisableRequest = try json.message() { self.authDisable = value }
                case 14: if let value: Etcdserverpb.InternalAuthenticateRequest = try json.message() { self.authenticate = value }
                case 15: if let value: Etcdserverpb.AuthStatusRequest = try json.message() { self.authStatus = value }
                case 16: if let value: Etcdserverpb.AuthUserAddRequest = try json.message() { self.authUserAdd = value }
                case 17: if let value: Etcdserverpb.AuthUserDeleteRequest = try json.message() { self.authUserDelete = value }
                case 18: if let value: Etcdserverpb.AuthUserGetRequest = try json.message() { self.authUserGet = value }
                case 19: if let value: Etcdserverpb.AuthUserChangePasswordRequest = try json.message() { self.authUserChangePassword = value }
                case 20: if let value: Etcdserverpb.AuthUserGrantRoleRequest = try json.message() { self.authUserGrantRole = value }
                case 21: if let value: Etcdserverpb.AuthUserRevokeRoleRequest = try json.message() { self.authUserRevokeRole = value }
                case 22: if let value: Etcdserverpb.AuthUserListRequest = try json.message() { self.authUserList = value }
                case 23: if let value: Etcdserverpb.AuthRoleListRequest = try json.message() { self.authRoleList = value }
                case 24: if let value: Etcdserverpb.AuthRoleAddRequest = try json.message() { self.authRoleAdd = value }
                case 25: if let value: Etcdserverpb.AuthRoleDeleteRequest = try json.message() { self.authRoleDelete = value }
                case 26: if let value: Etcdserverpb.AuthRoleGetRequest = try json.message() { self.authRoleGet = value }
                case 27: if let value: Etcdserverpb.AuthRoleGrantPermissionRequest = try json.message() { self.authRoleGrantPermission = value }
                case 28: if let value: Etcdserverpb.AuthRoleRevokePermissionRequest = try json.message() { self.authRoleRevokePermission = value }
                case 29: if let value: Membershippb.ClusterVersionSetRequest = try json.message() { self.clusterVersionSet = value }
                case 30: if let value: Membershippb.ClusterMemberAttrSetRequest = try json.message() { self.clusterMemberAttrSet = value }
                case 31: if let value: Membershippb.DowngradeInfoSetRequest = try json.message() { self.downgradeInfoSet = value }
                case 32: if let value: Etcdserverpb.DowngradeVersionTestRequest = try json.message() { self.downgradeVersionTest = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.InternalRaftRequest {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var id: UInt64 = 0
        @usableFromInline package var header: ByteRange = ByteRange()
        /// The request itself: its field, and its bytes. `none` when the message has no request that is known.
        @usableFromInline package var body: Body = .none
        @usableFromInline package var bodyBytes: ByteRange = ByteRange()
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
                case 1: self.id = try cursor.number(span, tag)
                case 100: self.header = try cursor.range(span, tag)
                case 2:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .v2
                case 3:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .range
                case 4:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .put
                case 5:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .deleteRange
                case 6:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .txn
                case 7:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .compaction
                case 8:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .leaseGrant
                case 9:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .leaseRevoke
                case 10:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .alarm
                case 11:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .leaseCheckpoint
                case 1000:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authEnable
                case 1011:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authDisable
                case 1012:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authenticate
                case 1013:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authStatus
                case 1100:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authUserAdd
                case 1101:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authUserDelete
                case 1102:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authUserGet
                case 1103:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authUserChangePassword
                case 1104:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authUserGrantRole
                case 1105:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authUserRevokeRole
                case 1106:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authUserList
                case 1107:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authRoleList
                case 1200:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authRoleAdd
                case 1201:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authRoleDelete
                case 1202:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authRoleGet
                case 1203:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authRoleGrantPermission
                case 1204:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .authRoleRevokePermission
                case 1300:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .clusterVersionSet
                case 1301:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .clusterMemberAttrSet
                case 1302:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .downgradeInfoSet
                case 9900:
                    self.bodyBytes = try cursor.range(span, tag)
                    self.body = .downgradeVersionTest
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
    /// The requests, by field number.
    @frozen @usableFromInline
    package enum Body: UInt32, Sendable {
        case none = 0
        case v2 = 2
        case range = 3
        case put = 4
        case deleteRange = 5
        case txn = 6
        case compaction = 7
        case leaseGrant = 8
        case leaseRevoke = 9
        case alarm = 10
        case leaseCheckpoint = 11
        case authEnable = 1000
        case authDisable = 1011
        case authenticate = 1012
        case authStatus = 1013
        case authUserAdd = 1100
        case authUserDelete = 1101
        case authUserGet = 1102
        case authUserChangePassword = 1103
        case authUserGrantRole = 1104
        case authUserRevokeRole = 1105
        case authUserList = 1106
        case authRoleList = 1107
        case authRoleAdd = 1200
        case authRoleDelete = 1201
        case authRoleGet = 1202
        case authRoleGrantPermission = 1203
        case authRoleRevokePermission = 1204
        case clusterVersionSet = 1300
        case clusterMemberAttrSet = 1301
        case downgradeInfoSet = 1302
        case downgradeVersionTest = 9900
    }
}

extension Etcdserverpb {
    @usableFromInline
    package struct RequestHeader: WireMessage {
        package var id: UInt64 = 0
        package var username: String = ""
        package var authRevision: UInt64 = 0
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.id = try cursor.uint64(span, tag)
                case 2: self.username = try cursor.string(span, tag)
                case 3: self.authRevision = try cursor.uint64(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0x8, uint64: self.id)
            size &+= FieldSize.of(0x12, string: self.username)
            size &+= FieldSize.of(0x18, uint64: self.authRevision)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0x8, uint64: self.id)
            buffer.field(0x12, string: self.username)
            buffer.field(0x18, uint64: self.authRevision)
        }
        package static var jsonNames: StaticString { "ID,username,auth_revision|authRevision" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ID", uint64: self.id)
            json.field("username", string: self.username)
            json.field("auth_revision", uint64: self.authRevision)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.uint64() { self.id = value }
                case 1: if let value = try json.string() { self.username = value }
                case 2: if let value = try json.uint64() { self.authRevision = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb.RequestHeader {
    /// Bytes, strings and messages are positions in the span that was decoded; one that comes twice is its last copy.
    @frozen @usableFromInline
    package struct View: Equatable, Sendable {
        @usableFromInline package var id: UInt64 = 0
        @usableFromInline package var username: ByteRange = ByteRange()
        @usableFromInline package var authRevision: UInt64 = 0
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
                case 1: self.id = try cursor.number(span, tag)
                case 2: self.username = try cursor.range(span, tag)
                case 3: self.authRevision = try cursor.number(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct InternalAuthenticateRequest: WireMessage {
        package var name: String = ""
        package var password: String = ""
        package var simpleToken: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.name = try cursor.string(span, tag)
                case 2: self.password = try cursor.string(span, tag)
                case 3: self.simpleToken = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.name)
            size &+= FieldSize.of(0x12, string: self.password)
            size &+= FieldSize.of(0x1a, string: self.simpleToken)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.name)
            buffer.field(0x12, string: self.password)
            buffer.field(0x1a, string: self.simpleToken)
        }
        package static var jsonNames: StaticString { "name,password,simple_token|simpleToken" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("name", string: self.name)
            json.field("password", string: self.password)
            json.field("simple_token", string: self.simpleToken)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.name = value }
                case 1: if let value = try json.string() { self.password = value }
                case 2: if let value = try json.string() { self.simpleToken = value }
                default: break
                }
            }
        }
    }
}

extension Etcdserverpb {
    package struct DowngradeVersionTestRequest: WireMessage {
        package var ver: String = ""
        package init() {}
        package mutating func merge(_ cursor: inout FieldCursor, _ span: RawSpan) throws(WireError) {
            while !cursor.isAtEnd {
                let tag = try cursor.tag(span)
                switch tag.number {
                case 1: self.ver = try cursor.string(span, tag)
                default: try cursor.skip(span, tag)
                }
            }
        }
        package var encodedSize: Int {
            var size = 0
            size &+= FieldSize.of(0xa, string: self.ver)
            return size
        }
        package func encode(into buffer: inout ByteBuffer) {
            buffer.field(0xa, string: self.ver)
        }
        package static var jsonNames: StaticString { "ver" }
        package func writeJSON(_ json: inout JSONWriter) {
            json.open()
            json.field("ver", string: self.ver)
            json.close()
        }
        package mutating func readJSON(_ json: inout JSONReader) throws(JSONError) {
            try json.open()
            var seen: UInt64 = 0
            while let field = try json.next(Self.jsonNames, &seen) {
                switch field {
                case 0: if let value = try json.string() { self.ver = value }
                default: break
                }
            }
        }
    }
}
