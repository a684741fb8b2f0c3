#!/usr/bin/env python3
"""Makes fixtures.tsv and AllMessages.swift: random messages of every type, encoded by Python's protobuf.

Run from anywhere; needs protoc and the Python package `protobuf`. The output depends on the .proto files and the seed alone.
fixtures.tsv: message name, hex of the encoded bytes, canonical JSON with proto names, one message per line.
"""

import json
import pathlib
import random
import subprocess
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

HERE = pathlib.Path(__file__).resolve().parent
PROTOS = HERE.parent.parent / "Sources" / "Wire" / "Protos"
SEED = 20
PER_TYPE = 4

STRINGS = ["a", "héllo", "日本", "\U0001f511 key", 'quo"te\\', "tab\tnl\n\x01\x1f", "</script>", "x" * 200]
BYTES = [b"\x00", b"k", b"foo", b"\xff\xfe", b"\x00\x01\x02\x03", bytes(range(40)), b"v" * 150]
NUMBERS = [1, 127, 128, 300, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 + 1, 2**63 - 1]


def load():
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "set.bin"
        files = sorted(p.name for p in PROTOS.glob("*.proto"))
        subprocess.run(["protoc", "-I.", "--include_imports", f"--descriptor_set_out={out}", *files], cwd=PROTOS, check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    option = pool.FindExtensionByName("wire.always_encoded").number
    return pool, [f for f in files.file if f.package not in ("google.protobuf", "wire")], option


def always(field, option):
    raw = field.GetOptions().SerializeToString()
    return raw == descriptor_pb2.FieldOptions.FromString(encode_tag(option) + b"\x01").SerializeToString()


def encode_tag(number):
    tag, out = number << 3, b""
    while tag >= 0x80:
        out, tag = out + bytes([tag & 0x7F | 0x80]), tag >> 7
    return out + bytes([tag])


def scalar(rng, field):
    T = field
    if field.type == T.TYPE_BOOL:
        return rng.random() < 0.7
    if field.type == T.TYPE_STRING:
        return rng.choice(STRINGS)
    if field.type == T.TYPE_BYTES:
        return rng.choice(BYTES)
    if field.type == T.TYPE_ENUM:
        known = [v.number for v in field.enum_type.values]
        return rng.choice(known if field.enum_type.is_closed else known + [77])
    bits = {T.TYPE_UINT32: 32}.get(field.type, 64)
    value = rng.choice(NUMBERS + [0, 2**64 - 1]) & (2**bits - 1)
    if field.type == T.TYPE_INT64:
        return value - 2**64 if value >= 2**63 else rng.choice([value, -value])
    return value


def fill(rng, message, depth, option, density):
    chosen = {o.name: rng.choice(o.fields).name for o in message.DESCRIPTOR.oneofs}
    for field in message.DESCRIPTOR.fields:
        forced = always(field, option)
        if field.containing_oneof:
            if chosen[field.containing_oneof.name] != field.name or rng.random() > 0.9:
                continue
        elif not forced and rng.random() > density:
            continue
        is_message = field.type == field.TYPE_MESSAGE
        if is_message and depth == 0 and not forced:
            continue
        if field.is_repeated:
            target = getattr(message, field.name)
            for _ in range(rng.choice([1, 2, 3])):
                if is_message:
                    fill(rng, target.add(), depth - 1, option, density)
                else:
                    target.append(scalar(rng, field))
        elif is_message:
            target = getattr(message, field.name)
            target.SetInParent()
            fill(rng, target, depth - 1, option, density)
        else:
            setattr(message, field.name, scalar(rng, field))


def names(prefix, message):
    yield prefix + message.name
    for nested in message.nested_type:
        yield from names(prefix + message.name + ".", nested)


def swift(package, name):
    space = "Grpchealth" if package == "grpc.health.v1" else package[0].upper() + package[1:]
    return ".".join([space] + [part[0].upper() + part[1:] for part in name.split(".")])


def main():
    pool, files, option = load()
    rng = random.Random(SEED)
    lines, types = ["# Made by make_fixtures.py: message, bytes from Python's protobuf, canonical JSON (proto names)."], []
    for file in files:
        for message in file.message_type:
            for name in names("", message):
                full = f"{file.package}.{name}"
                types.append(f'        MessageType("{full}", {swift(file.package, name)}.self),')
                factory = message_factory.GetMessageClass(pool.FindMessageTypeByName(full))
                big = len(factory.DESCRIPTOR.fields) > 20
                for index in range(PER_TYPE):
                    made = factory()
                    if index:
                        fill(rng, made, 2, option, 0.15 if big else 0.7)
                    else:
                        fill(rng, made, 0, option, 0)
                    text = json.dumps(
                        json_format.MessageToDict(made, preserving_proto_field_name=True), ensure_ascii=False, separators=(",", ":")
                    )
                    lines.append(f"{full}\t{made.SerializeToString(deterministic=True).hex()}\t{text}")
    (HERE / "fixtures.tsv").write_text("\n".join(lines) + "\n")
    (HERE / "AllMessages.swift").write_text(
        "import Wire\n\n/// Made by make_fixtures.py.\nextension MessageType {\n    static let all: [MessageType] = [\n"
        + "\n".join(types) + "\n    ]\n}\n"
    )


main()
