"""The filters in docs/operators.md are valid for a server."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from temporalio.client import Client

from tests.system.system import ROOT, System

pytestmark = pytest.mark.timeout(300)  # stacks start slowly on a busy machine

PAGE = (ROOT / "docs" / "operators.md").read_text()
SECTION = PAGE[PAGE.index("### Filters") : PAGE.index("## Commands")]
LINKS = re.findall(r"\((http://localhost:8233/\S+?)\)[,.]\n", SECTION)
FILTERS = [
    *re.findall(r"^\| [^|]+ \| `([^`]+)` \|$", SECTION, re.MULTILINE),
    *(parse_qs(urlsplit(link).query)["query"][0] for link in LINKS),
]


@pytest.mark.parametrize("query", FILTERS)
async def test_documented_filters_are_valid(system: System, query: str) -> None:
    client = await Client.connect(system.servers.temporal_address)
    assert (await client.count_workflows(query)).count >= 0


def test_documented_filters_and_pictures_exist() -> None:
    assert len(FILTERS) == 12
    pictures = re.findall(r"\]\((images/[^)]+)\)", PAGE)
    assert len(pictures) == 6
    for picture in pictures:
        assert 0 < (ROOT / "docs" / Path(picture)).stat().st_size <= 60_000
