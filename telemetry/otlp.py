"""OpenTelemetry's SDK, set up to send spans by OTLP over HTTP from a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from telemetry.trace_ids import chosen_ids

QUEUE = 4_096
"""Spans that may wait for the collector; more are dropped."""
EXPORT_EVERY_MS = 1_000
EXPORT_TIMEOUT_S = 2.0
"""For a request and its repeats."""


def make_provider(endpoint: str, resource: Mapping[str, str]) -> TracerProvider:
    """A provider that takes every span: callers start those of sampled traces only.

    Further settings of the exporter (headers, certificates) are OpenTelemetry's own variables.
    """
    # The exporter complains on each try; a collector that is away is no fault of ours.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    provider = TracerProvider(
        sampler=ALWAYS_ON,
        resource=Resource.create(dict(resource)),
        id_generator=_Ids(),
        shutdown_on_exit=False,  # that would wait for half a minute
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
    """Random ids, where no others were chosen."""

    def generate_span_id(self) -> int:
        chosen = chosen_ids.get()
        return (chosen and chosen[1]) or super().generate_span_id()

    def generate_trace_id(self) -> int:
        chosen = chosen_ids.get()
        return chosen[0] if chosen else super().generate_trace_id()
