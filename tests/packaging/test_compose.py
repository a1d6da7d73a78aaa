"""The compose file, resolved like Docker does."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.checks.compose_file import COMPOSE, MAKE_ENV, make_env, resolve
from deploy.checks.tools import CheckFailedError, compose_config
from gateway.settings import GatewaySettings
from tests.packaging.names import known
from workers.settings import WorkerSettings

pytestmark = pytest.mark.timeout(900)  # a program is built on first use
DEPLOY = COMPOSE.parent
OURS = ("gateway-1", "gateway-2", "worker-1", "worker-2", "migrate")
SERVERS = (
    *("nginx", "temporal", "temporal-postgres", "temporal-ui", "kafka", "redis", "postgres"),
    *("prometheus", "grafana", "alertmanager", "filebeat", "elasticsearch", "kibana"),
)
ONE_SHOTS = ("migrate", "temporal-schema", "temporal-namespace", "elastic-setup", "kibana-setup")
HEALTH_FROM_THE_IMAGE = ("gateway-1", "gateway-2", "worker-1", "worker-2")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("There is no openssl.")
    return tmp_path_factory.mktemp("deploy")


@pytest.fixture(scope="module")
def env(directory: Path) -> dict[str, str]:
    return make_env(directory)


@pytest.fixture(scope="module")
def project(env: dict[str, str], go: None) -> dict[str, Any]:
    return resolve(env)


@pytest.fixture(scope="module")
def services(project: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = project["services"]
    return found


def test_the_compose_file_has_the_whole_system(services: dict[str, Any]) -> None:
    assert {*OURS, *SERVERS} <= set(services)


def test_every_service_has_limits_and_a_health_check(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert set(service["deploy"]["resources"]["limits"]) >= {"cpus", "memory", "pids"}, name
        assert service["logging"]["options"]["max-size"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        if name in ONE_SHOTS:
            assert service["restart"].startswith("on-failure"), name
        else:
            assert service["restart"] == "unless-stopped", name
            assert ("healthcheck" in service) == (name not in HEALTH_FROM_THE_IMAGE), name


def test_images_are_pinned(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert re.search(r":v?\d+(\.\d+)+[-\w.]*$", service["image"]), name


def test_our_processes_have_no_privileges(services: dict[str, Any]) -> None:
    for name in OURS:
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "cap_add" not in service
        assert "user" not in service  # the image's
        assert "ports" not in service


def test_no_password_is_in_the_file_or_an_environment(
    project: dict[str, Any], directory: Path
) -> None:
    kept = (directory / "compose" / "secrets").iterdir()
    secrets = [text for path in kept if (text := path.read_text()) != "unset"]
    text = yaml.safe_dump(project)
    assert len(secrets) > 10
    assert not [secret for secret in secrets if secret in text]
    for secret in project["secrets"].values():
        assert Path(secret["file"]).is_relative_to(directory)
        assert Path(secret["file"]).exists()


def test_every_secret_is_used_and_generated(project: dict[str, Any]) -> None:
    used = {one["source"] for it in project["services"].values() for one in it.get("secrets", [])}
    assert used == set(project["secrets"])


def test_missing_settings_are_reported_with_the_command_to_create_them(
    tmp_path: Path, go: None
) -> None:
    # In a copy, because the checkout may have settings.
    copy = tmp_path / "compose.yml"
    copy.write_text(COMPOSE.read_text())
    with pytest.raises(CheckFailedError, match=r"Run deploy/compose/make_env\.py first"):
        compose_config(copy, {})


def test_only_nginx_is_published(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for port in service.get("ports", []):
            assert name == "nginx" or port["host_ip"] == "127.0.0.1", name


def test_all_mounted_files_exist(services: dict[str, Any]) -> None:
    mounted = [
        Path(volume["source"])
        for service in services.values()
        for volume in service.get("volumes", [])
        if volume["type"] == "bind"
    ]
    assert len(mounted) > 10
    assert not [str(path) for path in mounted if not path.exists()]


def test_all_settings_exist(services: dict[str, Any]) -> None:
    for name in OURS:
        unknown = [one for one in services[name]["environment"] if not known(one)]
        assert not unknown, name


def test_processes_get_enough_time_to_stop(services: dict[str, Any]) -> None:
    fields = GatewaySettings.model_fields
    names = ("drain_delay_s", "drain_s", "shutdown_grace_s")
    draining = sum(fields[name].default for name in names)
    assert seconds(services["gateway-1"]["stop_grace_period"]) > draining
    ending = WorkerSettings.model_fields["graceful_shutdown_s"].default
    assert seconds(services["worker-1"]["stop_grace_period"]) > ending


def test_prometheus_scrapes_existing_services(services: dict[str, Any]) -> None:
    asked = {
        target.partition(":")[0]
        for path in (DEPLOY / "compose" / "targets").iterdir()
        for group in yaml.safe_load(path.read_text())
        for target in group["targets"]
    }
    assert asked <= set(services)
    assert {"gateway-1", "gateway-2", "worker-1", "worker-2"} <= asked


def test_all_target_files_are_in_prometheus_configuration() -> None:
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
    for path in (DEPLOY / "compose" / "targets").iterdir():
        assert f"targets/{path.name}" in text


def test_secrets_are_kept_and_readable_by_containers_only(tmp_path: Path) -> None:
    before = make_env(tmp_path)
    kept = tmp_path / "compose" / "secrets"
    contents = {path.name: path.read_text() for path in kept.iterdir()}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o444 for path in kept.iterdir())
    passwords = [value for value in contents.values() if re.fullmatch("[0-9a-f]{48}", value)]
    assert len(passwords) == len(set(passwords)) == 10
    assert contents["postgres_password"] in contents["database_url"]

    (kept / "grafana_password").unlink()
    assert make_env(tmp_path) == before
    again = {path.name: path.read_text() for path in kept.iterdir()}
    assert {name for name in again if again[name] != contents[name]} == {"grafana_password"}


@pytest.mark.parametrize("url", ["http://quiz.example.org", "https://", "quiz.example.org"])
def test_a_public_address_must_be_https(url: str, tmp_path: Path) -> None:
    command = [sys.executable, str(MAKE_ENV), "--public-url", url, "--directory", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert "https://" in done.stderr
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize(
    "script", sorted((DEPLOY / "compose").glob("*.sh")), ids=lambda it: it.name
)
def test_the_scripts_are_valid(script: Path) -> None:
    shell = "bash" if "bash" in script.read_text().partition("\n")[0] else "sh"
    subprocess.run([shell, "-n", str(script)], check=True, timeout=10)


def seconds(duration: str) -> float:
    """Parse a duration in Docker's format, such as 1m30s."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(
        float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)([hms])", duration)
    )
