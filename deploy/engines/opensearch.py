"""An OpenSearch node on loopback, for testing index templates and queries.

async with opensearch_node() as url:
    await httpx.AsyncClient(base_url=url).put("/_index_template/…", json=…)
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from deploy.engines.jars import fetch_jars
from deploy.errors import StackError
from deploy.local.child import Child, ChildSpec
from deploy.local.ports import LOOPBACK, Port, free_port
from deploy.local.probe import probe

POM = Path(__file__).with_name("opensearch-pom.xml")
LAUNCHER = Path(__file__).with_name("OpenSearchNode.java")
HEAP_MB = 256
START_TIMEOUT_S = 150.0

_JVM = (f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


@contextlib.asynccontextmanager
async def opensearch_node(data_dir: Path | None = None) -> AsyncIterator[str]:
    """Start a node, yield its URL when it responds, and stop it at the end.

    Without `data_dir`, its state is temporary. Raises `StackError`, for example if the Java on the
    PATH has no compiler, which the launcher's source needs.
    """
    async with contextlib.AsyncExitStack() as stack:
        if data_dir is None:
            made = tempfile.TemporaryDirectory(
                prefix="quizrun-opensearch-", ignore_cleanup_errors=True
            )
            data_dir = Path(stack.enter_context(made))
        jars = await asyncio.to_thread(fetch_jars, POM)
        if shutil.which("javac") is None:
            raise StackError("OpenSearch needs a JDK on the PATH, not only a Java runtime.")
        child = Child(_spec(jars, data_dir), data_dir / "logs")
        stack.push_async_callback(child.stop)
        await child.start()
        yield child.spec.health_url


def _spec(jars: Path, data_dir: Path) -> ChildSpec:
    http_port = free_port()
    transport_port = free_port(avoid=frozenset({http_port}))
    url = f"http://{LOOPBACK}:{http_port}"
    settings = {
        "path.home": str(data_dir),
        "cluster.name": "quizrun-logs",
        "node.name": "opensearch",
        "discovery.type": "single-node",
        "network.host": LOOPBACK,
        "http.port": str(http_port),
        "transport.port": str(transport_port),
        "http.type": "netty4",
        "transport.type": "netty4",
        # Test machines' disks are often fuller than a production node's.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }

    async def check() -> None:
        await probe(url)

    return ChildSpec(
        name="opensearch",
        command=[
            *("java", *_JVM, "-cp", f"{jars}/*", str(LAUNCHER)),
            *(f"{name}={value}" for name, value in settings.items()),
        ],
        check=check,
        ports=[Port(http_port), Port(transport_port)],
        start_timeout_s=START_TIMEOUT_S,
        health_url=url,
    )
