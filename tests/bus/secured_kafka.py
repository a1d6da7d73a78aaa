"""Apache Kafka as run by a provider: TLS, and all authentication methods that Quizrun supports."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from deploy.engines.jars import fetch_jars
from deploy.engines.kafka import POM
from deploy.local.child import Child, ChildSpec
from deploy.local.ports import LOOPBACK, Port, free_port
from deploy.local.probe import probe

USER, PASSWORD = "quizrun", "of the quizrun user"
_JAAS = "org.apache.kafka.common.security"
_JVM = ["java", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN"]


@dataclass(frozen=True)
class SecuredKafka:
    """The listeners, and the files that clients need."""

    sasl: str
    mutual: str
    ca_file: Path
    cert_file: Path
    key_file: Path


@contextlib.asynccontextmanager
async def secured_kafka(directory: Path) -> AsyncIterator[SecuredKafka]:
    """Run a broker with two listeners: SASL over TLS, and client certificates."""
    jars = await asyncio.to_thread(fetch_jars, POM)
    ports = [free_port()]
    while len(ports) < 4:
        ports.append(free_port(avoid=frozenset(ports)))
    await asyncio.to_thread(_write, directory, ports, jars)
    _, sasl, mutual, _ = ports
    broker = Child(
        ChildSpec(
            name="kafka",
            command=[
                *_JVM,
                "-cp",
                f"{jars}/*",
                "kafka.Kafka",
                str(directory / "server.properties"),
            ],
            check=lambda: probe(f"tcp://{LOOPBACK}:{sasl}"),
            ports=[Port(port) for port in ports],
            cwd=directory,
            start_timeout_s=150,
        ),
        directory / "logs",
    )
    try:
        await broker.start()
        yield SecuredKafka(
            sasl=f"{LOOPBACK}:{sasl}",
            mutual=f"{LOOPBACK}:{mutual}",
            ca_file=directory / "ca.pem",
            cert_file=directory / "client.pem",
            key_file=directory / "client.key",
        )
    finally:
        await broker.stop()


def unsecured_token(user: str = USER, lifetime_s: int = 3600) -> str:
    """A token that Kafka's validator for tests accepts: an unsigned JWT."""
    now = int(time.time())
    claims = {"sub": user, "iat": now, "exp": now + lifetime_s}
    return ".".join([_part({"alg": "none"}), _part(claims), ""])


def _part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _write(directory: Path, ports: list[int], jars: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.pem")
    server = authority.issue_cert(LOOPBACK)
    key = load_pem_private_key(server.private_key_pem.bytes(), None)
    (directory / "server.pem").write_bytes(  # Java reads no other format of keys
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + server.cert_chain_pems[0].bytes()
    )
    client = authority.issue_cert("quizrun.example")
    client.cert_chain_pems[0].write_to_path(directory / "client.pem")
    client.private_key_pem.write_to_path(directory / "client.key")
    plain, sasl, mutual, controller = ports
    listeners = {"INNER": plain, "SASL": sasl, "MUTUAL": mutual, "CONTROLLER": controller}
    names = "INNER:PLAINTEXT,SASL:SASL_SSL,MUTUAL:SSL,CONTROLLER:PLAINTEXT"
    login = f'{_JAAS}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "INNER",
        "listeners": ",".join(f"{name}://{LOOPBACK}:{port}" for name, port in listeners.items()),
        "listener.security.protocol.map": names,
        "log.dirs": str(directory / "data"),
        "auto.create.topics.enable": "false",
        "default.replication.factor": "1",
        "offsets.topic.replication.factor": "1",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(directory / "server.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(directory / "ca.pem"),
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512,OAUTHBEARER",
        "listener.name.sasl.plain.sasl.jaas.config": login,
        "listener.name.sasl.scram-sha-512.sasl.jaas.config": (
            f"{_JAAS}.scram.ScramLoginModule required;"
        ),
        "listener.name.sasl.oauthbearer.sasl.jaas.config": (
            f"{_JAAS}.oauthbearer.OAuthBearerLoginModule required "
            'unsecuredLoginStringClaim_sub="broker";'
        ),
    }
    path = directory / "server.properties"
    path.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))
    scram = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
    identity = base64.urlsafe_b64encode(b"0123456789abcdef").decode().rstrip("=")
    subprocess.run(
        [
            *(*_JVM, "-cp", f"{jars}/*", "kafka.tools.StorageTool", "format"),
            *("-t", identity, "-c", str(path), "--add-scram", scram),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
