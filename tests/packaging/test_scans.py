"""Secrets, licences and known vulnerabilities fail the checks."""

from __future__ import annotations

import gzip
import json
import os
import secrets
import string
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from deploy.checks import advisories
from deploy.checks.advisories import NotCheckedError, npm_findings, python_findings
from deploy.checks.licences import (
    EXCEPTIONS,
    LOCK,
    allowed,
    npm_licences,
    problems,
    python_licences,
)

ROOT = Path(__file__).parents[2]
SCANNER = ROOT / "web/node_modules/.bin/secretlint"
NPM = [sys.executable, "-m", "deploy.local.node", "npm", "--prefix", "web", "run", "--silent"]


def letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    coding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(coding, form, serialization.NoEncryption()).decode()


def test_planted_secrets_are_found(tmp_path: Path) -> None:
    if not SCANNER.exists() and not os.environ.get("CI"):
        pytest.skip("run `make web-setup` first")
    # In pieces, or the scan would find them here.
    planted = {
        "github.py": f'token = "{"gh"}p_{letters(36)}"',
        "quizrun.md": f"Authorization: Bearer {'qzr'}_{letters(46)}",
        "values.yaml": f"{'QUIZRUN'}_SECRET: {letters(32)}",
        "database.ts": f"const url = '{'postgresql'}://app:{letters(12)}@db.example.org/app';",
        "rsa.txt": pem(rsa.generate_private_key(65537, 1024)),
        "ed25519.txt": pem(ed25519.Ed25519PrivateKey.generate()),
        "server.pem": "whatever",
    }
    harmless = {"clean.md": "QUIZRUN_SECRET=$(openssl rand -hex 32), then qzr_…"}
    for name, text in {**planted, **harmless}.items():
        (tmp_path / name).write_text(f"{text}\n")
    paths = [str(path) for path in tmp_path.iterdir()]
    done = subprocess.run(
        [*NPM, "secrets:files", "--", *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert {name for name in (*planted, *harmless) if name in done.stdout} == planted.keys()


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-2.0-only", True),
        ("MIT AND GPL-2.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR GPL-3.0-or-later)", True),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_licences_are_expressions(expression: str, *, fits: bool) -> None:
    assert allowed(expression) is fits


def test_every_licence_is_allowed_or_an_exception_that_is_needed() -> None:
    licences = {**dict(python_licences()), **npm_licences(LOCK)}
    assert {"fastapi", "npm:vue", "npm:@fontsource-variable/gabarito"} <= licences.keys()
    assert [*problems(licences, EXCEPTIONS)] == []
    found = [*problems({**licences, "copied": "AGPL-3.0-only", "silent": ""}, EXCEPTIONS)]
    assert found == ["copied: AGPL-3.0-only", "silent: no licence is stated"]
    stale = [*problems(licences, {**EXCEPTIONS, "fastapi": "no reason"})]
    assert stale == ["fastapi: the exception is not needed"]


class Advisories(BaseHTTPRequestHandler):
    """What OSV and npm's registry would say about jinja2 and vue."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        asked = json.loads(body)
        if self.path == "/v1/querybatch":
            known = {"vulns": [{"id": "PYSEC-1", "modified": "2026-01-01T00:00:00Z"}]}
            names = [one["package"]["name"] for one in asked["queries"]]
            self.reply({"results": [known if name == "jinja2" else {} for name in names]})
        else:
            assert "vue" in asked
            flaw = {"id": 1, "url": "https://advisories.example/GHSA-1", "title": "A flaw"}
            self.reply({"vue": [{**flaw, "severity": "high", "vulnerable_versions": "*"}]})

    def do_GET(self) -> None:
        if self.path.startswith("/v1/vulns/"):
            self.reply({"id": "PYSEC-1", "modified": "2026-01-01T00:00:00Z", "summary": "A flaw"})
        else:
            self.send_error(404)  # npm asks for other versions of vue

    def reply(self, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def source() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_known_vulnerabilities_are_found(source: str) -> None:
    (python,) = python_findings("--service-url", source)
    assert (python.package.split()[0], python.advisory) == ("jinja2", "PYSEC-1")
    found = npm_findings("web", "--registry", source)
    assert ("vue", "GHSA-1", "high: A flaw") in found


def test_an_unreachable_source_is_named_and_fails_only_when_required(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def silence(*_: str) -> list[advisories.Finding]:
        raise NotCheckedError("connection refused")

    with pytest.raises(NotCheckedError, match="ECONNREFUSED"):
        npm_findings("web", "--registry", "http://127.0.0.1:9/")
    with pytest.raises(NotCheckedError, match="refused"):
        python_findings("--service-url", "http://127.0.0.1:9/")
    monkeypatch.setattr(advisories, "npm_findings", silence)
    monkeypatch.setattr(advisories, "python_findings", silence)
    for arguments, code in (([], 0), (["--required"], 1)):
        with pytest.raises(SystemExit) as left:
            advisories.main(arguments)
        assert left.value.code == code
        assert "uv.lock: not checked: no network" in capsys.readouterr().out


def test_a_finding_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flaw = advisories.Finding("vue", "GHSA-1", "high: A flaw")
    monkeypatch.setattr(advisories, "npm_findings", lambda _: [flaw])
    monkeypatch.setattr(advisories, "python_findings", list)
    with pytest.raises(SystemExit) as left:
        advisories.main([])
    assert left.value.code == 1
    assert "  vue: GHSA-1 high: A flaw" in capsys.readouterr().out
    monkeypatch.setattr(advisories, "IGNORED", {"GHSA-1": "not in this mode"})
    with pytest.raises(SystemExit) as left:
        advisories.main([])
    assert left.value.code == 0
