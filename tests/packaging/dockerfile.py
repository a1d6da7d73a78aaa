"""A Dockerfile's stages, and the build context that its COPY instructions can access."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction with its flags (``--from=build``) and arguments."""

    name: str
    flags: dict[str, str]
    arguments: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.arguments)


def read_stages(path: Path) -> dict[str, list[Instruction]]:
    """The instructions of each stage by its name; those before the first FROM have the name ''."""
    found: dict[str, list[Instruction]] = {"": []}
    stage = ""
    for instruction in _instructions(path.read_text()):
        if instruction.name == "FROM":
            stage = instruction.words[-1]
            found[stage] = []
        found[stage].append(instruction)
    return found


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found = []
    for line in whole.splitlines():
        name, _, rest = line.partition(" ")
        flags = {}
        while match := re.match(r"\s*--([a-z-]+)=(\S+)\s+", rest):
            flags[match[1]] = match[2]
            rest = rest[match.end() :]
        found.append(Instruction(name, flags, rest.strip()))
    return found


class Context:
    """The files that a build may copy: those in `root` that `.dockerignore` does not exclude."""

    def __init__(self, root: Path) -> None:
        self.root = root
        lines = (root / ".dockerignore").read_text().splitlines()
        self._patterns = [line.strip() for line in lines if line.strip() and line[0] != "#"]

    def excludes(self, path: Path) -> bool:
        """Whether the file or directory at `path`, relative to the root, is excluded."""
        excluded = False
        for pattern in self._patterns:
            if _matches(path, pattern.removeprefix("!")):
                excluded = not pattern.startswith("!")
        return excluded

    def ignore(self, directory: str, names: list[str]) -> set[str]:
        """The names in `directory` for `shutil.copytree` to ignore."""
        relative = Path(directory).relative_to(self.root)
        return {name for name in names if self.excludes(relative / name)}


def _matches(path: Path, pattern: str) -> bool:
    """Whether `pattern` matches `path` or one of its parents."""
    wanted = PurePosixPath(pattern).parts
    return any(_same(one.parts, wanted) for one in (path, *path.parents) if one.parts)


def _same(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    if wanted[:1] == ("**",):
        return any(_same(parts[skip:], wanted[1:]) for skip in range(len(parts)))
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))
