"""The lifecycle state of a gateway process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Lifecycle:
    """`draining`: the process is shutting down and moving its clients to other gateways."""

    draining: bool = False
