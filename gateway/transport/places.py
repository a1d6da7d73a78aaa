"""Places: how many sessions are open, in total and from each network."""

from __future__ import annotations

from gateway.transport.limits import Limits

FULL = "server_full"
NETWORK_FULL = "network_full"


class Network:
    """The sessions of one network. Shared by them, since each keeps a reference."""

    __slots__ = ("name", "sessions")

    def __init__(self, name: str) -> None:
        self.name = name
        self.sessions = 0


class Places:
    """Counts sessions against the limits. An upgrade in progress counts as two."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._networks: dict[str, Network] = {}
        self._taken = 0

    def why_refused(self, network: str) -> str | None:
        """Why there is no place for another session from a network; None if there is one."""
        if self._taken >= self._limits.sessions:
            return FULL
        known = self._networks.get(network)
        if known is not None and known.sessions >= self._limits.sessions_per_network:
            return NETWORK_FULL
        return None

    def take(self, network: str) -> Network:
        """Take a place, which must be freed once."""
        found = self._networks.get(network)
        if found is None:
            found = self._networks[network] = Network(network)
        found.sessions += 1
        self._taken += 1
        return found

    def free(self, network: Network) -> None:
        """Free a place."""
        network.sessions -= 1
        self._taken -= 1
        if not network.sessions:
            del self._networks[network.name]
