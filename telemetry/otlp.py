"""OpenTelemetry SDK setup: export of spans by OTLP over HTTP, from a background thread."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from telemetry.trace_ids import preset_ids

QUEUE = 4_096
"""Spans that may wait to be exported; more are dropped."""
EXPORT_EVERY_MS = 1_000
EXPORT_TIMEOUT_S = 2.0
"""For a request including its retries."""


def make_provider(endpoint: str, resource: Mapping[str, str]) -> TracerProvider:
    """Build a provider that exports every span; callers start only spans of sampled traces.

    The exporter's other settings (headers, certificates) are OpenTelemetry's own variables.
    """
    # The exporter logs an error on each attempt while the collector is down.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    provider = TracerProvider(
        sampler=ALWAYS_ON,
        resource=Resource.create(dict(resource)),
        id_generator=_Ids(),
        shutdown_on_exit=False,  # would delay the exit by half a minute
    )
    provider.add_span_processor(
        BatchSpanProcessor(
            OTLPSpanExporter(endpoint, timeout=EXPORT_TIMEOUT_S),
            max_queue_size=QUEUE,
            schedule_delay_millis=EXPORT_EVERY_MS,
        )
    )
    return provider


class _Ids(RandomIdGenerator):
    """Generates the ids set by `use_ids`, or else random ones."""

    def generate_span_id(self) -> int:
        preset = preset_ids.get()
        return (preset and preset[1]) or super().generate_span_id()

    def generate_trace_id(self) -> int:
        preset = preset_ids.get()
        return preset[0] if preset else super().generate_trace_id()
