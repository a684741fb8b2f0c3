/// What the index knows of one key. The key's bytes follow the record in memory.
///
///      0  create   main revision of the put that began the present life; of no meaning while deleted
///      8  mod      main revision of the latest change
///     16  version  puts in the present life; 0 = the latest change is a tombstone
///     24  history  older revisions that a compaction has not dropped yet, or nil
///     32  bits     sub revision of the latest change (30 bits), isDirty, hasLease
///     36  count    length of the key
///     40  key
@safe
struct KeyRecord {
    var create: Int64
    var mod: Int64
    var version: Int64
    var history: UnsafeMutableRawPointer?
    var bits: UInt32
    var keyCount: UInt32

    static let headerBytes = 40
    static let subMask: UInt32 = 1 << 30 - 1
    /// In the index's list of records that a compaction must visit: those with a history or a tombstone.
    static let dirtyBit: UInt32 = 1 << 30
    /// The latest row names a lease.
    static let leaseBit: UInt32 = 1 << 31
}
