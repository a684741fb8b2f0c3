"""Short words for the parts of a transaction."""

from .rpc import kv


def put(key, value=b"", **options):
    return kv.RequestOp(request_put=kv.PutRequest(key=key, value=value, **options))


def get(key, range_end=b"", **options):
    return kv.RequestOp(request_range=kv.RangeRequest(key=key, range_end=range_end, **options))


def delete(key, range_end=b"", **options):
    return kv.RequestOp(request_delete_range=kv.DeleteRangeRequest(key=key, range_end=range_end, **options))


def txn(compare=(), success=(), failure=()):
    return kv.RequestOp(request_txn=kv.TxnRequest(compare=compare, success=success, failure=failure))


def compare(target: str, result: str, key, value=None, range_end=b""):
    """`value` None leaves the target's field unset."""
    field = {"VERSION": "version", "CREATE": "create_revision", "MOD": "mod_revision", "VALUE": "value", "LEASE": "lease"}[target]
    given = {} if value is None else {field: value}
    return kv.Compare(target=target, result=result, key=key, range_end=range_end, **given)
