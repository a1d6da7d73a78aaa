"""Executes a Dockerfile's instructions without Docker, in Linux mount namespaces whose root
directories are copy-on-write views of this machine's.

The machine's system replaces the base image, so this tests our layers rather than the base. A
Python of the base image's version is installed at the same path.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.packaging.dockerfile import Context, Instruction

STEP_TIMEOUT_S = 300
_USER = "10001"
_MOUNT = """
mount -t overlay overlay -o {options} {root}
mount --rbind /dev {root}/dev
mount -t proc proc {root}/proc
"""


class Layer:
    """A stage's changes to the machine's files, in a directory on a file system other than the
    root's, as overlays require.
    """

    def __init__(self, directory: Path) -> None:
        self.files = directory / "files"
        self._work = directory / "work"
        self._root = directory / "root"
        for path in (self.files, self._work, self._root):
            path.mkdir(parents=True)
        self.env: dict[str, str] = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
        self.cwd = "/"
        self._put_python()

    def build(
        self,
        instructions: list[Instruction],
        context: Context,
        stages: Mapping[str, Mapping[str, Path]],
    ) -> None:
        """Execute a stage. `stages` maps other stages to their layers."""
        for step in instructions:
            match step.name:
                case "ENV" | "ARG":
                    pairs = (word.partition("=") for word in step.words)
                    self.env |= {key: value for key, _, value in pairs}
                case "WORKDIR":
                    self.cwd = step.arguments
                    self._inside(self.cwd).mkdir(parents=True, exist_ok=True)
                case "COPY":
                    self._copy(step, context, stages)
                case "RUN":
                    self._run(step.arguments)
                case "FROM" | "LABEL" | "USER" | "EXPOSE" | "STOPSIGNAL" | "HEALTHCHECK":
                    pass
                case "ENTRYPOINT" | "CMD":
                    pass
                case _:
                    raise NotImplementedError(step.name)

    def command(self, command: list[str], env: Mapping[str, str]) -> list[str]:
        """How to run `command` in the finished image: read-only except for a fresh ``/tmp``, as an
        unprivileged user. Signals reach it directly.
        """
        mounts = _MOUNT.format(options=f"lowerdir={self.files}:/", root=self._root)
        inner = ["env", "--ignore-environment", f"--chdir={self.cwd}"]
        inner += [f"{key}={value}" for key, value in {**self.env, **env}.items()]
        who = [f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"]
        lowered = ["setpriv", *who, "--no-new-privs", "--bounding-set=-all", *inner, *command]
        script = f"""set -e; {mounts}
            mount -t tmpfs -o mode=1777 tmpfs {self._root}/tmp
            exec chroot {self._root} {shlex.join(lowered)}"""
        return ["unshare", "--mount", "sh", "-c", script]

    def _run(self, command: str) -> None:
        options = f"lowerdir=/,upperdir={self.files},workdir={self._work}"
        env = ["env", "--ignore-environment", f"--chdir={self.cwd}", "HOME=/root"]
        env += [f"{key}={value}" for key, value in self.env.items()]
        env += [f"{key}={os.environ[key]}" for key in _PASSED_ON if key in os.environ]
        inner = shlex.join([*env, "sh", "-ec", command])
        mounts = _MOUNT.format(options=options, root=self._root)
        done = subprocess.run(
            [
                "unshare",
                "--mount",
                "sh",
                "-c",
                f"set -e; {mounts} exec chroot {self._root} {inner}",
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=STEP_TIMEOUT_S,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    def _copy(
        self, step: Instruction, context: Context, stages: Mapping[str, Mapping[str, Path]]
    ) -> None:
        *sources, target = step.words
        for source in sources:
            if "from" in step.flags:
                _copy(stages[step.flags["from"]][source], self._inside(target), None)
            else:
                assert not context.excludes(Path(source)), f".dockerignore excludes {source}"
                into = self._inside(target)
                if target.endswith("/") and (context.root / source).is_file():
                    into = into / Path(source).name
                _copy(context.root / source, into, context)

    def _inside(self, path: str) -> Path:
        """The path on this machine of `path` inside the image."""
        return self.files / Path(self.cwd, path).relative_to("/")

    def _put_python(self) -> None:
        """Install a Python in ``/usr/local`` that every user can access, like the base image's."""
        name = f"python3.{sys.version_info.minor}"
        base = Path(sys.base_prefix).resolve()
        if base != Path("/usr/local"):
            local = self.files / "usr/local"
            for directory in ("bin", "lib"):
                (local / directory).mkdir(parents=True)
            (local / "lib" / name).symlink_to(base / "lib" / name)
            for link in ("python", "python3", name):
                (local / "bin" / link).symlink_to(base / "bin" / name)
        for parent in [*reversed(base.parents), base][1:]:
            self._run(f"chmod o+rx {shlex.quote(str(parent))}")


# This machine's package configuration.
_PASSED_ON = ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_INDEX_URL", "SSL_CERT_FILE", "HTTPS_PROXY")


def _copy(source: Path, target: Path, context: Context | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        ignore = context.ignore if context else None
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=ignore)
    else:
        shutil.copy2(source, target)


def missing() -> str:
    """Why this machine cannot build images; empty if it can."""
    if not sys.platform.startswith("linux"):
        return "Mount namespaces are Linux's."
    if os.geteuid() != 0:
        return "Only root may mount."
    absent = [name for name in ("unshare", "setpriv", "chroot") if shutil.which(name) is None]
    if absent:
        return f"{' and '.join(absent)} is missing."
    types = Path("/proc/filesystems").read_text().split()
    return "" if "overlay" in types else "The kernel has no overlay file system."
