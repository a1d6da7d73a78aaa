from __future__ import annotations

import pytest

from gateway.http.ranges import ByteRange, parse_range


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-1", ByteRange(0, 2)),
        ("bytes=0-", ByteRange(0, 100)),
        ("bytes=90-500", ByteRange(90, 100)),
        ("bytes=99-99", ByteRange(99, 100)),
        ("bytes=-10", ByteRange(90, 100)),
        ("bytes=-500", ByteRange(0, 100)),
        ("Bytes=5-6", ByteRange(5, 7)),
    ],
)
def test_a_range_is_returned(header: str, part: ByteRange) -> None:
    assert parse_range(header, 100) == part


@pytest.mark.parametrize(
    "header",
    ["", "bytes=-", "bytes=5-3", "bytes=0-1,5-6", "bytes=a-b", "items=0-1", "bytes=" + "9" * 20],
)
def test_an_unsupported_range_returns_the_whole_file(header: str) -> None:
    assert parse_range(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999-"])
def test_a_range_beyond_the_end_is_rejected(header: str) -> None:
    with pytest.raises(ValueError, match="beyond"):
        parse_range(header, 100)
