"""The composition root of a gateway process."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from starlette.types import ASGIApp

from bus.connection import KafkaConnection
from bus.consumer import RunEventConsumer
from bus.producer import Producer
from bus.topics import TopicLayout
from db.engine import engine_of
from db.redis import redis_of
from gateway.addresses import NetworkHashes
from gateway.client_metrics import register_client_metrics
from gateway.corrected_scores import CorrectedScorePublisher
from gateway.http.api import http_app
from gateway.http.metrics import HttpMetrics
from gateway.http.operations_app import operations_app
from gateway.http.proxied import Proxied
from gateway.http.services import Services
from gateway.join_checks import JoinChecks
from gateway.join_proof import JoinProof
from gateway.keys import KeyRing
from gateway.live.gateway import LiveDeps, LiveGateway, LiveOptions
from gateway.maintenance import maintenance_jobs, run_periodically
from gateway.settings import GatewaySettings
from gateway.side_server import side_server
from gateway.task_queues import TaskQueueMonitor
from gateway.wiring import Clients, http_services
from quiz.errors import ErrorCode, QuizrunError
from telemetry.event_loop import EventLoopLag
from telemetry.exposition import Exposition, SdkMetrics
from telemetry.health import HealthCheck
from telemetry.metrics import new_registry
from telemetry.outages import OutageMonitor
from telemetry.tracing import Tracing
from workflows.connection import connect

SOCKET_PATH = "socket.io"

_log = structlog.get_logger()


class Gateway:
    """A gateway: `asgi` serves API and sockets on one port, and its lifespan runs everything else.

    `websockets` is the protocol class to which the server hands WebSocket connections.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        clients: Clients,
        sdk: SdkMetrics | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        # Another gateway may run on this host, or a predecessor may still be shutting down.
        self.id = f"{settings.process_name}-{secrets.token_hex(4)}"
        registry = new_registry("gateway", settings.revision)
        self._clients = clients
        self._drain_delay_s, self._drain_s = settings.drain_delay_s, settings.drain_s
        layout, kafka = TopicLayout.from_settings(settings), KafkaConnection.from_settings(settings)
        self._producer = Producer(
            kafka,
            idempotence=settings.kafka_idempotence,
            client_id=self.id,
            layout=layout,
        )
        self._services = services = http_services(
            settings,
            clients,
            self._producer,
            Exposition(registry, sdk),
            (HealthCheck("kafka", self._check_kafka, required=False),),
        )
        self._monitors = (
            OutageMonitor(services.process.health, registry),
            EventLoopLag(registry),
            TaskQueueMonitor(clients.temporal, registry),
        )
        self._live = LiveGateway(
            LiveDeps(
                gateway_id=self.id,
                stores=services.live,
                checks=_join_checks(settings, services),
                producer=self._producer,
                signals=services.hosting.workflows,
                tokens=services.sign_in.tokens,
                living_sessions=services.sign_in.credentials.living,
                registry=registry,
                tracing=tracing,
            ),
            LiveOptions(
                cors_origins=_socket_origins(settings),
                answer_writers=settings.answer_connections,
                admissions_per_s=settings.admissions_per_s,
                session_tag=settings.session_tag,
                media_url=settings.media_url,
                socket_limits=settings.socket_limits(settings.trusted_proxies),
            ),
        )
        self._consumer = RunEventConsumer(
            kafka,
            self._live.on_event,
            self._live.on_reset,
            self.id,
            layout=layout,
            fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
            needed=lambda: self._live.rooms.needed,
            patience_ms=self._live.patience_ms,
        )
        self._live.rooms.when_needed(self._consumer.wake)
        register_client_metrics(registry, clients, services, self._producer, self._consumer)
        self._serving = False
        self._http = http = http_app(settings, self._running, HttpMetrics(registry))
        self.asgi: ASGIApp = Proxied(
            self._live.sio.asgi(http, SOCKET_PATH),
            settings.trusted_proxies,
            services.process.lifecycle,
        )
        self.websockets = self._live.sio.websocket_protocol(SOCKET_PATH)

    async def drain(self) -> None:
        """Stop being ready, move clients to other gateways, and acknowledge what was accepted.

        Call this before the server closes its connections; further calls do nothing.
        """
        if self._serving:
            self._serving = False
            self._services.process.lifecycle.draining = True
            await asyncio.sleep(self._drain_delay_s)
            try:
                await self._live.move_clients(self._drain_s)
            except Exception:  # noqa: BLE001  (the sockets must be stopped in any case)
                # `stop` tells the clients that are left to reconnect.
                _log.exception("gateway.drain_failed")
            await self._live.stop()

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[Services]:
        """Start everything in the order below, and stop it in reverse."""
        settings = self._services.settings
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._clients.engine.dispose)
            stack.push_async_callback(self._clients.live_engine.dispose)
            stack.push_async_callback(self._clients.answer_engine.dispose)
            stack.push_async_callback(self._clients.redis.aclose)
            stack.callback(self._services.sign_in.passwords.close)
            stack.push_async_callback(self._producer.stop)
            await self._producer.start_when_possible()
            if (port := settings.operations_port) is not None:
                app = operations_app(self._http, self._services)
                listening = side_server(app, settings.operations_host, port)
                await stack.enter_async_context(listening)
            self._services.hosting.pins.start()
            stack.push_async_callback(self._services.hosting.pins.stop)
            await self._live.start()
            self._serving = True
            stack.push_async_callback(self.drain)
            await self._consumer.start()
            stack.push_async_callback(self._consumer.stop)
            for monitor in self._monitors:
                monitoring = asyncio.create_task(monitor.run(), name=type(monitor).__name__)
                stack.callback(monitoring.cancel)
            mailing = asyncio.create_task(self._services.process.mailer.run(), name="mail")
            stack.callback(mailing.cancel)
            maintenance = asyncio.create_task(self._maintain(), name="maintenance")
            stack.callback(maintenance.cancel)
            scores = CorrectedScorePublisher(
                self._services.reports.corrected_scores, self._producer
            )
            publishing = asyncio.create_task(scores.run(), name="corrected scores")
            stack.callback(publishing.cancel)
            _log.info("gateway.ready", gateway_id=self.id)
            yield self._services
            _log.info("gateway.stopping", gateway_id=self.id)

    async def _maintain(self) -> None:
        settings, operations = self._services.settings, self._services.operations
        await run_periodically(
            maintenance_jobs(
                operations.idempotency_keys,
                operations.expired_rows(settings.account_log_days, settings.audit_days),
                operations.retention(settings.retention_periods),
                self._services.auth.deletion,
            )
        )

    async def _check_kafka(self) -> None:
        if not self._consumer.healthy:
            raise QuizrunError(ErrorCode.UNAVAILABLE, "The Kafka consumer is not receiving events.")
        await self._producer.check()


async def build_gateway(
    settings: GatewaySettings, sdk: SdkMetrics | None = None, tracing: Tracing | None = None
) -> Gateway:
    """Build this process's gateway. Nothing connects before its lifespan starts."""
    name = settings.process_name
    clients = Clients(
        engine=engine_of(settings, name=name, pool_size=settings.http_connections),
        live_engine=engine_of(settings, name=name, pool_size=settings.live_connections),
        answer_engine=engine_of(
            settings, name=name, pool_size=settings.answer_connections, generic_plans=True
        ),
        redis=redis_of(settings),
        temporal=await connect(settings, identity=name, lazy=True),
    )
    return Gateway(settings, clients, sdk, tracing)


def _join_checks(settings: GatewaySettings, services: Services) -> JoinChecks:
    keys = KeyRing.of(settings)
    used = services.operations.used_once
    return JoinChecks(
        services.hosting.pins,
        JoinProof(settings.join_work, keys.derive(b"join proof")[0], used),
        NetworkHashes(keys.derive(b"networks")[0]),
    )


def _socket_origins(settings: GatewaySettings) -> list[str]:
    """Return Socket.IO's list of origins. Empty means same-origin; a list must include ours."""
    return [settings.public_origin, *settings.cors_origins] if settings.cors_origins else []
