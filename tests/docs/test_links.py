from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from deploy.checks.links import ROOT, broken_links, broken_mentions, broken_paths


def repository(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    return root


def test_every_link_in_the_documents_leads_somewhere() -> None:
    assert list(broken_links()) == []


def test_every_document_that_code_names_exists() -> None:
    assert list(broken_mentions()) == []


def test_every_file_that_the_guides_to_the_code_name_exists() -> None:
    assert list(broken_paths()) == []


def test_the_list_of_decisions_names_each_record_once_with_its_title() -> None:
    adr = ROOT / "docs" / "adr"
    listed = re.findall(
        r"^\| \[(\d+)\]\((\S+)\) \| (.+?) \|$", (adr / "README.md").read_text(), re.MULTILINE
    )
    superseded = re.compile(r" \(superseded by \d+\)$")
    index = [(name, f"# {number}. {superseded.sub('', title)}") for number, name, title in listed]
    pages = sorted(adr.glob("[0-9]*.md"))
    assert index == [(page.name, page.read_text().splitlines()[0]) for page in pages]


@pytest.mark.parametrize(
    "link",
    [
        "guide/there.md",
        "guide/there.md#second-heading-isnt-it",
        "guide/there.md#twice-1",
        "#top",
        "guide",
        "https://example.com/nowhere",
        "mailto:ada@example.com",
    ],
)
def test_a_link_to_a_file_or_a_heading_is_accepted(tmp_path: Path, link: str) -> None:
    there = "# Title\n## Second `heading`, isn't it?\n## Twice\n## Twice\n"
    files = {"README.md": f"# Top\n[a link]({link})\n", "guide/there.md": there}
    assert list(broken_links(repository(tmp_path, files))) == []


@pytest.mark.parametrize("link", ["guide/gone.md", "guide/there.md#gone", "#gone", "../outside.md"])
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, link: str) -> None:
    files = {"README.md": f"# Top\n[a link]({link})\n", "guide/there.md": "# Title\n"}
    assert list(broken_links(repository(tmp_path, files))) == [f"README.md: {link}"]


def test_links_inside_code_are_left_alone(tmp_path: Path) -> None:
    text = "`[a](gone.md)`\n\n```md\n# No heading\n[a](gone.md)\n```\n"
    assert list(broken_links(repository(tmp_path, {"README.md": text}))) == []


def test_code_that_names_a_missing_document_or_decision_is_named(tmp_path: Path) -> None:
    docs = "docs"  # apart, so that this file names no missing document itself
    files = {
        f"{docs}/adr/0001-first.md": "# 1. First\n",
        "code.py": f"# {docs}/adr/0001-first.md, ADR {1}; {docs}/gone.md, ADR {2}\n",
    }
    found = list(broken_mentions(repository(tmp_path, files)))
    assert found == [f"code.py: {docs}/gone.md", "code.py: ADR 2"]


def test_a_guide_that_names_a_missing_file_is_named(tmp_path: Path) -> None:
    text = "`quiz/run.py`, `quiz/*.py`, `quiz/`, `elsewhere/gone.py`, `quiz/gone.py`, `quiz/x*/`\n"
    files = {"CONTRIBUTING.md": text, "quiz/run.py": ""}
    found = list(broken_paths(repository(tmp_path, files)))
    assert found == ["CONTRIBUTING.md: quiz/gone.py", "CONTRIBUTING.md: quiz/x*/"]
