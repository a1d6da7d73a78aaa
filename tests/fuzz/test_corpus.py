"""A short form of `make fuzz`: all inputs that ever crashed, and a few mutations of valid ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.properties import PROPERTIES
from tests.fuzz.targets import SEPARATOR, TARGETS

CORPUS = Path(__file__).parent / "corpus"
MUTATIONS = 150
"""Per target."""
SPLICED = (b"\x00", b"\xff\xfe", b"[" * 200, b"{", b'"', b"9" * 40, b"\r\n", b"\xf0\x9f\x99\x82")


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_crashes_what_reads_it(name: str) -> None:
    kept = sorted((CORPUS / name).iterdir())
    assert kept, "each target needs a seed"
    for path in kept:
        TARGETS[name](path.read_bytes())
    chance = random.Random(name)  # the same on every machine; `make fuzz` explores
    for data in _mutations([path.read_bytes() for path in kept], chance):
        TARGETS[name](data)


@pytest.mark.parametrize("name", PROPERTIES)
def test_no_kept_sequence_breaks_a_property(name: str) -> None:
    for path in sorted((CORPUS / name).iterdir()):
        PROPERTIES[name](path.read_bytes())


def _mutations(seeds: list[bytes], chance: random.Random) -> Iterator[bytes]:
    for _ in range(MUTATIONS):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            at = chance.randint(0, len(data))
            end = min(len(data), at + chance.choice((0, 1, 1, 8)))
            random_bytes = chance.randbytes(chance.randint(0, 4))
            data[at:end] = chance.choice(
                (*SPLICED, SEPARATOR, random_bytes, bytes(data[at:end]) * 2)
            )
        yield bytes(data)
