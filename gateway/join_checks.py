"""What a join has to pass before the database sees it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.addresses import NetworkHashes
from gateway.join_proof import JoinProof
from gateway.pins import PinDirectory


@dataclass(frozen=True, slots=True)
class JoinChecks:
    """The PIN, the work that the operator asks for, and the network whose seats are counted."""

    pins: PinDirectory
    proof: JoinProof
    networks: NetworkHashes
