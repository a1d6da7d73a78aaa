"""Where a gateway process stands between its start and its end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Lifecycle:
    """`draining`: the process was asked to stop, and lets its clients go to other gateways."""

    draining: bool = False
