// MVCC
