"""The backup format: a tar archive that can be written and read as a stream.

Its members, in this order:

- ``header.json``: format, schema revision, time, and the tables with their columns;
- ``<table>/<n>.copy.gz``: rows in PostgreSQL's COPY text format, some megabytes each;
- ``checksums.json``: the SHA-256 of each preceding member, and each table's number of rows. An
  archive without it is incomplete.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO, TypeVar

from pydantic import BaseModel, ValidationError

from deploy.errors import StackError

T = TypeVar("T", bound=BaseModel)

FORMAT = 1
HEADER = "header.json"
CHECKSUMS = "checksums.json"
CHUNK_BYTES = 8 * 1024 * 1024
"""How many bytes of rows are collected before they are compressed and written."""
MAX_MEMBER_BYTES = 4 * CHUNK_BYTES
"""No member is larger. A row can be as large as the largest picture or quiz."""
COMPRESSION = 6
GZIP = 31
"""zlib's `wbits` for gzip."""


class Header(BaseModel):
    """The first member. `taken_at` is in epoch ms, `revision` is the schema's."""

    format: int = FORMAT
    revision: str
    taken_at: int
    tables: dict[str, list[str]]


class Checksums(BaseModel):
    """The last member."""

    sha256: dict[str, str]
    rows: dict[str, int]


class ArchiveWriter:
    """Writes an archive to a stream, which need not be seekable."""

    def __init__(self, stream: IO[bytes], header: Header) -> None:
        self._tar = tarfile.open(fileobj=stream, mode="w|")  # noqa: SIM115  (closed by `finish`)
        self._header = header
        self._sums = Checksums(sha256={}, rows={})
        self._member(HEADER, header.model_dump_json(indent=2).encode())

    def chunk(self, table: str, number: int, rows: bytes) -> None:
        """Write complete rows of `table`; `number` counts its chunks."""
        self._sums.rows[table] = self._sums.rows.get(table, 0) + rows.count(b"\n")
        packed = gzip.compress(rows, compresslevel=COMPRESSION, mtime=0)
        self._member(f"{table}/{number:06d}.copy.gz", packed)

    def finish(self) -> Checksums:
        """Write the checksums, without which the archive counts as incomplete."""
        sums = self._sums.model_copy(deep=True)
        self._member(CHECKSUMS, sums.model_dump_json(indent=2).encode())
        self._tar.close()
        return sums

    def _member(self, name: str, content: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = len(content), 0o600, self._header.taken_at // 1000
        self._tar.addfile(info, io.BytesIO(content))
        self._sums.sha256[name] = hashlib.sha256(content).hexdigest()


class ArchiveReader:
    """Reads an archive from a stream, which need not be seekable. Raises `StackError` for invalid
    archives.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        try:
            self._tar = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115
        except (tarfile.TarError, EOFError) as error:
            raise StackError(f"This is not a Quizrun backup: {error}.") from error
        self._sums = Checksums(sha256={}, rows={})
        name, content = self._next() or ("", b"")
        if name != HEADER:
            raise StackError("This is not a Quizrun backup: it has no header.")
        self.header = _parsed(Header, content)
        if self.header.format != FORMAT:
            raise StackError(
                f"The backup has format {self.header.format}; this release reads format {FORMAT}."
            )

    def chunks(self) -> Iterator[tuple[str, bytes]]:
        """Yield each chunk with its table, in order. The checksums come last, so the data is only
        verified once this has ended.
        """
        while (member := self._next()) is not None:
            name, content = member
            if name == CHECKSUMS:
                self._compare(_parsed(Checksums, content))
                return
            table = name.partition("/")[0]
            if table not in self.header.tables:
                raise StackError(f"The backup contains an unknown member: {name}.")
            rows = _unpacked(name, content)
            self._sums.rows[table] = self._sums.rows.get(table, 0) + rows.count(b"\n")
            yield table, rows
        raise StackError("The backup is incomplete: its checksums are missing.")

    @property
    def rows(self) -> dict[str, int]:
        """The number of rows of each table read so far."""
        return self._sums.rows

    def _next(self) -> tuple[str, bytes] | None:
        try:
            info = self._tar.next()
            if info is None:
                return None
            if not info.isfile() or info.size > MAX_MEMBER_BYTES:
                raise StackError(f"The backup contains an unknown member: {info.name}.")
            member = self._tar.extractfile(info)
            content = member.read() if member else b""
        except (tarfile.TarError, EOFError, OSError) as error:
            raise StackError(f"The backup is damaged or incomplete: {error}.") from error
        if len(content) != info.size:
            raise StackError("The backup is incomplete.")
        if info.name != CHECKSUMS:
            self._sums.sha256[info.name] = hashlib.sha256(content).hexdigest()
        return info.name, content

    def _compare(self, stated: Checksums) -> None:
        if stated.sha256 != self._sums.sha256:
            wrong = set(stated.sha256.items()) ^ set(self._sums.sha256.items())
            raise StackError(f"The backup is damaged: {min(name for name, _ in wrong)}.")
        if stated.rows != self._sums.rows:
            raise StackError("The backup is damaged: its row counts do not match.")


def _unpacked(name: str, content: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=GZIP)
    try:
        rows = unpacking.decompress(content, MAX_MEMBER_BYTES)
    except zlib.error as error:
        raise StackError(f"The backup is damaged: {name} cannot be decompressed.") from error
    if not unpacking.eof:
        raise StackError(f"The backup is damaged: {name} is incomplete or too large.")
    return rows


def _parsed(model: type[T], content: bytes) -> T:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise StackError("This is not a Quizrun backup, or it is damaged.") from error
