"""Turns a protobuf message into plain values that can be compared, less what depends on time or identity."""

from google.protobuf.descriptor import FieldDescriptor

# Message name -> fields that are identity, time or place and therefore never compared.
VOLATILE = {
    "etcdserverpb.ResponseHeader": {"cluster_id", "member_id", "raft_term"},
    "etcdserverpb.StatusResponse": {"leader", "raftIndex", "raftTerm", "raftAppliedIndex", "dbSize", "dbSizeInUse", "version"},
    "etcdserverpb.Member": {"ID"},
    "etcdserverpb.AlarmMember": {"memberID"},
}

# Fields that hold a lease id, which servers choose at random when the client doesn't.
LEASE_FIELDS = {
    ("mvccpb.KeyValue", "lease"), ("etcdserverpb.LeaseGrantResponse", "ID"), ("etcdserverpb.LeaseKeepAliveResponse", "ID"),
    ("etcdserverpb.LeaseTimeToLiveResponse", "ID"), ("etcdserverpb.LeaseStatus", "ID"),
}


class Renaming:
    """What one server's own identifiers and addresses stand for, so that two servers' answers read alike."""

    def __init__(self):
        self.leases: dict[int, str] = {}
        self.texts: list[tuple[str, str]] = []

    def text(self, value: str) -> str:
        for old, new in self.texts:
            value = value.replace(old, new)
        return value


def canonical(message, names: Renaming, ignore=frozenset()):
    """`ignore` holds names of fields left out wherever they are."""
    kind = message.DESCRIPTOR.full_name
    volatile = VOLATILE.get(kind, ())
    result = {}
    for field, value in message.ListFields():
        if field.name in ignore:
            continue
        if field.name in volatile:
            # That it is there at all is compared, its value isn't.
            result[field.name] = "<volatile>"
            continue
        result[field.name] = _value(kind, field, value, names, ignore)
    return result


def _value(kind, field, value, names, ignore):
    if field.is_repeated:
        return [_single(kind, field, item, names, ignore) for item in value]
    return _single(kind, field, value, names, ignore)


def _single(kind, field, value, names, ignore):
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return canonical(value, names, ignore)
    if (kind, field.name) in LEASE_FIELDS:
        return names.leases.get(value, value)
    if isinstance(value, str):
        return names.text(value)
    return value
