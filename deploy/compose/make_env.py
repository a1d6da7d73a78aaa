#!/usr/bin/env python3
"""Generate what `deploy/compose.yml` needs: settings, random passwords and a certificate.

    deploy/compose/make_env.py [--public-url https://quiz.example.org]

Settings go to `deploy/.env`, secrets to separate files in `deploy/compose/secrets/`, a directory
that only its owner can enter. Existing values are kept, so it can be run again after an update. The
certificate is self-signed: replace it with a real one (`tls_certificate`, `tls_key`).
"""

from __future__ import annotations

import argparse
import base64
import secrets
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

DEPLOY = Path(__file__).resolve().parents[1]
UNSET_URL = "http://127.0.0.1:9/unset"
CERTIFICATE_DAYS = 397  # browsers reject certificates with a longer validity


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--public-url", default="https://localhost", help="the URL for browsers")
    parser.add_argument("--directory", type=Path, default=DEPLOY, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    url = urlsplit(arguments.public_url)
    if url.scheme != "https" or not url.hostname:
        sys.exit("--public-url must be an https:// address with a host name.")
    kept = arguments.directory / "compose" / "secrets"
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secrets(kept)
    write_certificate(kept, url.hostname)
    settings = {
        "QUIZRUN_VERSION": "0.1.0",
        "QUIZRUN_PUBLIC_URL": arguments.public_url.rstrip("/"),
        "QUIZRUN_SERVER_NAMES": url.hostname,
        "QUIZRUN_LOGS_TO_FILES": "1",
        "COMPOSE_PROFILES": "logs",
        "QUIZRUN_SECRETS_DIR": "./compose/secrets",
        # Kafka encodes a UUID in 22 characters.
        "KAFKA_CLUSTER_ID": base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="),
    }
    write_env(arguments.directory / ".env", settings)
    print(f"Wrote {arguments.directory / '.env'} and {kept}.")


def write_secrets(directory: Path) -> None:
    """Write a random secret to each missing file."""
    names = (
        "quizrun_secret",
        "admin_token",
        "postgres_password",
        "redis_password",
        "temporal_postgres_password",
        "grafana_password",
        "elastic_password",
        "elastic_grafana_password",
        "kibana_password",
        "kibana_encryption_key",
    )
    values = {name: _keep(directory / name, secrets.token_hex(24)) for name in names}
    for name, unset in (("pagerduty_routing_key", "unset"), ("slack_api_url", UNSET_URL)):
        _keep(directory / name, unset)
    # Rewritten each time, because they contain the passwords.
    _write(
        directory / "database_url",
        f"postgresql://quizrun:{values['postgres_password']}@postgres:5432/quizrun",
    )
    _write(directory / "redis_url", f"redis://:{values['redis_password']}@redis:6379/0")


def write_certificate(directory: Path, host: str) -> None:
    """Create a self-signed certificate for `host` if there is none. Requires openssl."""
    certificate, key = directory / "tls_certificate", directory / "tls_key"
    if certificate.exists() and key.exists():
        return
    openssl = shutil.which("openssl")
    if openssl is None:
        sys.exit(
            f"Install openssl, or put a certificate into {certificate} and its key into {key}."
        )
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", str(CERTIFICATE_DAYS), "-subj", f"/CN={host}"]
    command += ["-addext", f"subjectAltName=DNS:{host}", "-keyout", str(key)]
    subprocess.run(
        [*command, "-out", str(certificate)], check=True, capture_output=True, timeout=60
    )
    key.chmod(0o444)
    certificate.chmod(0o444)


def write_env(path: Path, settings: Mapping[str, str]) -> None:
    """Add settings that are missing from the file at `path`."""
    lines = path.read_text().splitlines() if path.exists() else []
    known = {line.partition("=")[0] for line in lines}
    lines += [f"{name}={value}" for name, value in settings.items() if name not in known]
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")


def _keep(path: Path, value: str) -> str:
    if not path.exists():
        _write(path, value)
    return path.read_text()


def _write(path: Path, value: str) -> None:
    # World-readable, because the containers' users read it; the directory protects it.
    path.unlink(missing_ok=True)
    path.write_text(value)
    path.chmod(0o444)


if __name__ == "__main__":
    main()
