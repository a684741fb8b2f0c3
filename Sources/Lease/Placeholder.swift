// Lease
