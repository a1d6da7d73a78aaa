"""Check the links in Markdown files, without a network: ``python -m deploy.checks.links``.

A relative link must name a file of the repository, and its fragment a heading of that file. Code
and configuration may name only documents that exist, and documents about the code only files that
exist.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
ABOUT_CODE = ("ARCHITECTURE.md", "CONTRIBUTING.md")

_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(
    r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|<a\s+href=\"([^\"]+)\"|<img\s[^>]*src=\"([^\"]+)\""
)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_MENTION = re.compile(r"\bdocs/[\w./-]+\.(?:md|yaml|json)\b")
_ADR = re.compile(r"\bADR (\d+)\b")
_SOURCE_PATH = re.compile(r"`([a-z]+/[\w./*-]*)`")
_SOURCES = (
    ".py",
    ".ts",
    ".vue",
    ".yml",
    ".yaml",
    ".toml",
    ".tf",
    ".go",
    ".conf",
    ".sh",
    "Makefile",
)


def main() -> None:
    """Print every broken link and exit with code 1 if there is one."""
    faults = [*broken_links(), *broken_mentions(), *broken_paths()]
    if faults:
        sys.exit("\n".join(faults))


def broken_links(root: Path = ROOT) -> Iterator[str]:
    """Yield ``file: link`` for each relative link in Markdown that leads nowhere."""
    for page in _tracked(root, ".md"):
        for link in links(page.read_text()):
            if not _leads_somewhere(page, link, root):
                yield f"{page.relative_to(root)}: {link}"


def broken_mentions(root: Path = ROOT) -> Iterator[str]:
    """Yield ``file: name`` for each document that a file names but that does not exist."""
    records = {int(page.name[:4]) for page in (root / "docs" / "adr").glob("[0-9]*.md")}
    for source in _tracked(root, ".md", *_SOURCES):
        text = source.read_text()
        missing = [name for name in _MENTION.findall(text) if not (root / name).exists()]
        missing += [f"ADR {n}" for n in _ADR.findall(text) if int(n) not in records]
        yield from (f"{source.relative_to(root)}: {name}" for name in missing)


def broken_paths(root: Path = ROOT) -> Iterator[str]:
    """Yield ``file: path`` for each path of source code in `ABOUT_CODE` that does not exist."""
    for name in ABOUT_CODE:
        page = root / name
        for path in _SOURCE_PATH.findall(page.read_text() if page.exists() else ""):
            if (root / path.split("/")[0]).is_dir() and not any(root.glob(path.rstrip("/"))):
                yield f"{name}: {path}"


def links(text: str) -> Iterator[str]:
    """Yield the targets of links and images, except those inside code."""
    for match in _LINK.finditer(_CODE.sub("", _FENCE.sub("", text))):
        yield next(filter(None, match.groups()))


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the fragments that GitHub gives to the headings of a page."""
    text = _FENCE.sub("", page.read_text())
    return frozenset({*_slugs(_HEADING.findall(text)), *_ANCHOR.findall(text)})


def _slugs(headings: Iterable[str]) -> Iterator[str]:
    seen = Counter[str]()
    for heading in headings:
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        yield f"{slug}-{seen[slug]}" if seen[slug] else slug
        seen[slug] += 1


def _leads_somewhere(page: Path, link: str, root: Path) -> bool:
    if _SCHEME.match(link):
        return True
    path, _, fragment = unquote(link).partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(root):
        return False
    return not fragment or target.suffix != ".md" or fragment in anchors(target)


def _tracked(root: Path, *endings: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    found = [root / name for name in names if name.endswith(endings)]
    return [path for path in found if path.is_file()]


if __name__ == "__main__":
    main()
