"""The real nginx with production's configuration on other ports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import trustme

from deploy.local.child import Child, ChildSpec
from deploy.local.ports import LOOPBACK, Port, free_port
from deploy.local.probe import probe
from tests.programs import debian_program
from tests.system.system import ROOT

RENDER = ROOT / "deploy" / "nginx" / "render.sh"


class Nginx:
    """An nginx, not started yet. `authority` is the certificate that clients must trust."""

    def __init__(self, directory: Path) -> None:
        self.program = debian_program("nginx")
        self.directory = directory
        self.authority = directory / "authority.pem"
        self._ports = [free_port()]
        for _ in range(2):
            self._ports.append(free_port(avoid=frozenset(self._ports)))
        self.https_port, self.http_port, self.status_port = self._ports
        self.url = f"https://localhost:{self.https_port}"
        ca = trustme.CA()
        ca.cert_pem.write_to_path(self.authority)
        certificate = ca.issue_cert("localhost")
        certificate.private_key_pem.write_to_path(directory / "key.pem")
        for pem in certificate.cert_chain_pems:
            pem.write_to_path(directory / "certificate.pem", append=True)
        self.child = Child(self._spec(), directory)

    @property
    def configuration(self) -> Path:
        return self.directory / "etc" / "nginx.conf"

    def render(self, gateways: Mapping[str, str], **settings: str) -> None:
        """Write the configuration for gateways, whose addresses are given by tag."""
        own = {
            "GATEWAYS": " ".join(f"{tag}={address}" for tag, address in gateways.items()),
            "SERVER_NAMES": "localhost",
            "CERTIFICATE": str(self.directory / "certificate.pem"),
            "CERTIFICATE_KEY": str(self.directory / "key.pem"),
            "ADDRESSES": LOOPBACK,
            "HTTPS_PORT": str(self.https_port),
            "HTTP_PORT": str(self.http_port),
            "STATUS_ADDRESS": f"{LOOPBACK}:{self.status_port}",
            "WORKERS": "1",
            "WORKER_CONNECTIONS": "4000",
            "STATE_DIR": str(self.directory / "state"),
            "PID": str(self.directory / "nginx.pid"),
            "ACCESS_LOG": str(self.directory / "access.log"),
            "ERROR_LOG": str(self.directory / "error.log"),
            # As root it would switch to a user who cannot enter the directory.
            **({"USER": "root"} if os.geteuid() == 0 else {}),
        }
        env = {f"NGINX_{name}": value for name, value in {**own, **settings}.items()}
        subprocess.run(
            ["sh", str(RENDER), str(self.configuration.parent)],
            env={**os.environ, **env},
            check=True,
            capture_output=True,
            text=True,
        )

    def check(self) -> str:
        """Return nginx's output on the configuration. Raises if it is invalid."""
        done = subprocess.run(
            [self.program, "-t", *self._arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    def reload(self) -> None:
        """Reload the configuration, like `nginx -s reload`."""
        os.kill(self.child.pid, signal.SIGHUP)

    def requests(self) -> list[dict[str, Any]]:
        """The access log."""
        lines = (self.directory / "access.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    @property
    def _arguments(self) -> list[str]:
        return ["-c", str(self.configuration), "-p", str(self.configuration.parent)]

    def _spec(self) -> ChildSpec:
        async def check() -> None:
            await probe(f"http://{LOOPBACK}:{self.status_port}/healthz")

        return ChildSpec(
            name="nginx",
            command=[self.program, *self._arguments, "-g", "daemon off;"],
            check=check,
            ports=[Port(number) for number in self._ports],
        )
