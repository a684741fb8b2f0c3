"""Starts etcd servers, ours and the reference, and speaks to them with an independent client (grpcio)."""
