import Base

/// A record of the index, by address. Valid until a compaction drops the key; whoever holds one across calls must be in the
/// index's own lists.
@safe
struct KeyRef: Equatable {
    let record: UnsafeMutablePointer<KeyRecord>

    @inline(__always)
    init(_ record: UnsafeMutablePointer<KeyRecord>) { unsafe self.record = record }

    /// For lists of records; nil for no address.
    init?(address: UInt) {
        guard let record = unsafe UnsafeMutablePointer<KeyRecord>(bitPattern: address) else { return nil }
        unsafe self.record = record
    }

    var address: UInt { unsafe UInt(bitPattern: record) }

    @inline(__always) static func == (a: KeyRef, b: KeyRef) -> Bool { unsafe a.record == b.record }

    /// The caller uses the bytes while the record lives.
    @inline(__always)
    var key: RawSpan {
        @_lifetime(immortal)
        get {
            let start = unsafe UnsafeRawPointer(record) + KeyRecord.headerBytes
            return unsafe _overrideLifetime(RawSpan(_unsafeStart: start, byteCount: Int(record.pointee.keyCount)), borrowing: ())
        }
    }

    @inline(__always) var isAlive: Bool { unsafe record.pointee.version != 0 }
    @inline(__always) var mod: Int64 { unsafe record.pointee.mod }
    @inline(__always) var create: Int64 { unsafe record.pointee.create }
    @inline(__always) var version: Int64 { unsafe record.pointee.version }
    @inline(__always) var hasLease: Bool { unsafe record.pointee.bits & KeyRecord.leaseBit != 0 }
    @inline(__always) var isDirty: Bool { unsafe record.pointee.bits & KeyRecord.dirtyBit != 0 }

    @inline(__always)
    var latest: Revision {
        unsafe Revision(main: record.pointee.mod, sub: Int64(record.pointee.bits & KeyRecord.subMask))
    }

    /// Makes `revision` the latest. Version 0 for a tombstone.
    @inline(__always)
    func set(_ revision: Revision, create: Int64, version: Int64, hasLease: Bool) {
        let sub = UInt32(truncatingIfNeeded: revision.sub) & KeyRecord.subMask
        let dirty = unsafe record.pointee.bits & KeyRecord.dirtyBit
        unsafe record.pointee.mod = revision.main
        unsafe record.pointee.create = create
        unsafe record.pointee.version = version
        unsafe record.pointee.bits = sub | dirty | (hasLease ? KeyRecord.leaseBit : 0)
    }

    var blockBytes: Int { unsafe KeyRecord.headerBytes + Int(record.pointee.keyCount) }

    /// The revision that a reader at `main` sees, or nil if the key did not exist then.
    @inline(__always)
    func revision(at main: Int64) -> Revision? {
        if mod <= main { return isAlive ? latest : nil }
        guard let history = KeyHistory(of: self) else { return nil }
        return history.revision(at: main)
    }
}
