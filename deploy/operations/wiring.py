"""The composition root of the operators' commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.facts import FactsCache
from bus.connection import KafkaConnection
from bus.producer import Producer
from bus.tail import last_event
from bus.topics import TopicLayout
from db.engine import engine_of
from db.health import store_checks
from db.live_runs import LiveRuns
from db.operator_actions import OperatorActions
from db.redis import redis_of
from db.stores import Stores
from deploy.errors import StackError
from deploy.local.environment import adopt_environment
from deploy.operations.recovery import Recovery
from deploy.operations.repair import Repair
from gateway.operations.commands import OperatorCommands
from gateway.operations.inspection import Inspector, Sources
from gateway.operations.workflow_view import Workflows
from gateway.orphaned_runs import OrphanedRuns
from gateway.settings import GatewaySettings
from gateway.temporal import RunWorkflows
from gateway.wiring import Clients
from telemetry.environment import load_settings
from telemetry.health import HealthCheck
from workers.registry import build_activities
from workflows.connection import connect

PROCESS = "operator"
CHECK_TIMEOUT_S = 8.0
"""Longer than gateways' health checks, because connections are made first."""


@dataclass(frozen=True, slots=True)
class Operations:
    """The dependencies of the commands."""

    settings: GatewaySettings
    engine: AsyncEngine
    live_runs: LiveRuns
    inspector: Inspector
    commands: OperatorCommands
    repair: Repair
    recovery: Recovery
    actions: OperatorActions


def operator_settings() -> GatewaySettings:
    """Return a gateway's settings from the environment or, if that names no database, from the
    stack running on this machine. Raises `StackError` if there is neither.
    """
    if not adopt_environment():
        raise StackError(
            "QUIZRUN_DATABASE_URL is not set, and no stack is running on this machine. Run this "
            "command with a gateway's environment."
        )
    return load_settings(GatewaySettings)


@asynccontextmanager
async def operations(settings: GatewaySettings) -> AsyncIterator[Operations]:
    """Build the dependencies without connecting. An unavailable server fails the first call that
    needs it.
    """
    async with AsyncExitStack() as stack:
        engine = engine_of(settings, name=PROCESS)
        stack.push_async_callback(engine.dispose)
        redis = redis_of(settings)
        stack.push_async_callback(redis.aclose)
        kafka = KafkaConnection.from_settings(settings)
        producer = Producer(
            kafka,
            idempotence=settings.kafka_idempotence,
            client_id=PROCESS,
            layout=TopicLayout.from_settings(settings),
        )
        stack.push_async_callback(producer.stop)
        temporal = await connect(settings, identity=PROCESS, lazy=True)
        clients = Clients(
            engine=engine, live_engine=engine, answer_engine=engine, redis=redis, temporal=temporal
        )
        yield _wired(settings, clients, producer, kafka)


def _wired(
    settings: GatewaySettings, clients: Clients, producer: Producer, kafka: KafkaConnection
) -> Operations:
    engine, redis, temporal = clients.engine, clients.redis, clients.temporal
    stores = Stores(engine, redis)
    play, reports, actions = stores.play, stores.reports, stores.operations.actions
    runs, workflows = play.runs, RunWorkflows(temporal)
    steps = build_activities(play, producer, settle_ms=0)
    orphaned_runs = OrphanedRuns(runs, play.run_states, producer)

    async def check_temporal() -> None:
        timeout = timedelta(seconds=CHECK_TIMEOUT_S)
        if not await temporal.service_client.check_health(timeout=timeout):
            raise StackError("Temporal is not serving.")

    sources = Sources(
        live_runs=play.live_runs,
        run_states=play.run_states,
        presence=play.presence,
        actions=actions,
        workflows=Workflows(temporal),
        health=(
            *store_checks(engine, redis),
            HealthCheck("kafka", producer.check),
            HealthCheck("temporal", check_temporal),
        ),
        last_event=lambda run_id: last_event(kafka, run_id),
    )
    return Operations(
        settings=settings,
        engine=engine,
        live_runs=play.live_runs,
        inspector=Inspector(
            sources,
            ui_url=settings.temporal_ui_url,
            namespace=settings.temporal_namespace,
            check_timeout_s=CHECK_TIMEOUT_S,
        ),
        commands=OperatorCommands(runs, workflows, orphaned_runs, actions),
        repair=Repair(
            runs=runs,
            scoring=play.scoring,
            rescoring=reports.rescoring,
            corrections=reports.corrections,
            run_states=play.run_states,
            leaderboard=play.leaderboard,
            producer=producer,
            standings=steps.standings,
            facts=FactsCache(runs),
        ),
        recovery=Recovery(temporal, runs, play.live_runs, settings.idle_timeouts),
        actions=actions,
    )
