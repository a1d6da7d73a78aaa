"""The logs of a played run: its story in a real index, without personal data.

The index is OpenSearch's, with the templates for Elasticsearch, installed by the same script.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from deploy.elastic.mappings import flattened
from deploy.engines.opensearch import opensearch_node
from deploy.grafana.model import Elastic, Panel
from deploy.grafana.run import RUN
from telemetry.log_fields import index_types
from tests.logs.scene import Scene, play
from tests.system.system import running_system

SETUP = Path(__file__).parents[2] / "deploy" / "elastic" / "setup.sh"
STREAM = "logs-quizrun-default"
MOST_LINES_OF_A_RUN = 150
IN_ORDER: list[Any] = [{"@timestamp": "asc"}, {"event.sequence": "asc"}]


@pytest.fixture(scope="module")
def _jdk(_java: None) -> None:
    if shutil.which("javac") is None and not os.environ.get("CI"):
        pytest.skip("OpenSearch needs a JDK")


@pytest.fixture(scope="module")
async def started(_jdk: None) -> AsyncIterator[tuple[Scene, httpx.AsyncClient]]:
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("QUIZRUN_LOG_LEVEL", "debug")
            system = await stack.enter_async_context(running_system(gateways=2, workers=2))
            scene, url = await asyncio.gather(
                play(system), stack.enter_async_context(opensearch_node())
            )
        index = httpx.AsyncClient(base_url=url, timeout=60)
        yield scene, await stack.enter_async_context(index)


@pytest.fixture(scope="module")
def scene(started: tuple[Scene, httpx.AsyncClient]) -> Scene:
    return started[0]


@pytest.fixture(scope="module")
async def index(started: tuple[Scene, httpx.AsyncClient]) -> httpx.AsyncClient:
    """The index with all processes' lines, as Filebeat would ship them."""
    scene, client = started
    process = await asyncio.create_subprocess_exec(
        str(SETUP),
        env={**os.environ, "ELASTICSEARCH_URL": str(client.base_url), "LIFECYCLE": "none"},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    bulk = b"".join(b'{"create":{}}\n%s\n' % orjson.dumps(line) for line in scene.own_lines())
    answer = await client.post(
        f"/{STREAM}/_bulk?refresh=true",
        content=bulk,
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert not answer.json()["errors"], answer.text[:2_000]
    return client


async def search(index: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await index.post(f"/{STREAM}/_search", json={"size": 1_000, **query})
    assert answer.is_success, answer.text
    return [hit["_source"] for hit in answer.json()["hits"]["hits"]]


async def story_of(index: httpx.AsyncClient, run_id: str) -> list[dict[str, Any]]:
    """The result of Kibana's search "Story of runs" for one run."""
    return await search(index, query={"term": {"quizrun.run_id": run_id}}, sort=IN_ORDER)


def test_no_log_contains_personal_data(scene: Scene) -> None:
    texts = {path.name: path.read_text(errors="replace") for path in scene.log_dir.iterdir()}
    assert {"gateway-1.log", "worker-2.log", "postgres.log", "temporal.log"} <= texts.keys()
    told = [
        f"{name}: …{text[max(0, at - 80) : at + 80]}…"
        for name, text in texts.items()
        for secret in scene.secrets
        if (at := text.lower().find(secret.lower())) >= 0
    ]
    assert not told


async def test_every_stored_line_has_only_mapped_fields(
    scene: Scene, index: httpx.AsyncClient
) -> None:
    lines = scene.own_lines()
    stored = (await index.get(f"/{STREAM}/_count")).json()["count"]
    assert 50 < stored <= len(lines)  # the processes are still running and may have written more
    fields = {name for line in lines for name in line}
    assert fields <= index_types().keys()
    assert not [line for line in lines if "quizrun.dropped_fields" in line]
    mappings = (await index.get(f"/{STREAM}/_mapping")).json()
    (backing,) = mappings.values()
    known = flattened(backing["mappings"]["properties"])
    assert index_types().items() <= known.items()


async def test_the_index_returns_a_runs_story_across_processes_in_order(
    scene: Scene, index: httpx.AsyncClient
) -> None:
    story = await story_of(index, scene.run_id)
    told = [line for line in story if line["log.level"] != "debug"]
    assert len(told) <= MOST_LINES_OF_A_RUN

    # Retried steps log again, and questions that were late are rescheduled.
    decided: dict[int, str] = {}
    for line in told:
        if line["log.logger"] == "activities.publisher":
            decided.setdefault(line["quizrun.version"], line["event.action"])
    assert list(decided) == sorted(decided) == list(range(1, len(decided) + 1))
    assert _without_repeats(decided.values()) == [
        "player.kicked",
        "run.starting",
        "question.opened",
        "run.paused",
        "run.resumed",
        "question.closing",
        "question.closed",
        "question.opened",
        "question.closing",
        "question.closed",
        "run.finished",
    ]
    actions = [line.get("event.action") for line in told]
    assert actions[0] == "run.opened"
    commands = [
        line["quizrun.command"] for line in told if line.get("event.action") == "run.command"
    ]
    assert commands == ["kick", "start", "pause", "resume"]
    assert {"room.opened", "players.joined", "question.scored"} <= set(actions)
    (kicked,) = [line for line in told if line.get("quizrun.command") == "kick"]
    assert kicked["quizrun.player_id"] == scene.kicked

    nodes = {line["service.node.name"] for line in told}
    assert {"gateway-1", "gateway-2"} < nodes
    assert any(node.startswith("worker-") for node in nodes)


async def test_the_index_shows_outages_and_failures(
    index: httpx.AsyncClient,
) -> None:
    away = await search(index, query={"term": {"event.action": "dependency.down"}})
    problems = await search(
        index,
        query={
            "bool": {
                "filter": [{"term": {"log.level": "warning"}}, {"exists": {"field": "error.type"}}]
            }
        },
    )
    # Short outages may fall between two checks, but failures during them are always logged.
    assert away or problems
    for line in problems:
        assert line["error.type"]
    words = await search(index, query={"match": {"message": "run.finished"}})
    assert words


@pytest.mark.parametrize("panel", RUN.panels, ids=lambda panel: panel.title)
async def test_panels_of_the_run_dashboard_show_data(
    scene: Scene, index: httpx.AsyncClient, panel: Panel
) -> None:
    (query,) = panel.queries
    assert isinstance(query, Elastic)
    # Grafana escapes Lucene's syntax in variables.
    run_id = scene.run_id.replace("-", "\\-")
    asked: dict[str, Any] = {
        "query": {"query_string": {"query": query.query.replace("$run_id", run_id)}}
    }
    aggregation, kind = ("terms", query.by) if query.by else ("max", query.value)
    if kind is not None:
        asked["aggs"] = {"found": {aggregation: {"field": kind}}}
    answer = await index.post(f"/{STREAM}/_search", json={"size": 1_000, **asked})
    assert answer.is_success, answer.text
    found = answer.json()
    lines = [hit["_source"] for hit in found["hits"]["hits"]]
    assert {line["quizrun.run_id"] for line in lines} <= {scene.run_id}
    if panel.title == "What went wrong?":
        return  # sometimes nothing failed
    assert lines
    for name in query.columns:
        assert any(name in line for line in lines), name
    if kind is not None:
        assert (
            found["aggregations"]["found"].get("buckets") or found["aggregations"]["found"]["value"]
        )


def _without_repeats(names: Any) -> list[str]:
    """A rescheduled question is opened twice in a row; one that was given back time, resumed."""
    kept: list[str] = []
    for name in names:
        if not kept or kept[-1] != name:
            kept.append(name)
    return kept
