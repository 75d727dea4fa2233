"""Who knocks: clients that fail to authenticate are counted, and told when they go on.

The figures are the house's own. Nobody is locked out: a lock would let a stranger, who needs only
name a client, keep the real one away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FAILURES: Final = 3
"""So many failures of one client in a row are an event."""
PAUSE_S: Final = 60.0
PAUSE_MAX_S: Final = 3600.0
"""An event of the same client comes after a pause, and each pause is twice the one before, to
this: who guesses fast cannot push the evidence out of the log."""


@dataclass(slots=True)
class _Client:
    failures: int = 0
    pause_s: float = 0.0
    since_s: float = 0.0


class Door:
    """The failures of each client, and when the last event of it was."""

    def __init__(self) -> None:
        self._clients: dict[int, _Client] = {}

    def came(self, client_sap: int, let_in: bool) -> bool:
        """A client came; whether that is to be told as an attempted fraud."""
        client = self._clients.get(client_sap)
        if let_in:
            if client is not None:
                client.failures = 0
            return False
        if client is None:
            client = self._clients[client_sap] = _Client()
        client.failures += 1
        if client.failures < FAILURES or client.since_s < client.pause_s:
            return False
        quiet = client.since_s >= 2 * client.pause_s
        client.pause_s = PAUSE_S if quiet else min(2 * client.pause_s, PAUSE_MAX_S)
        client.failures = 0
        client.since_s = 0.0
        return True

    def step(self, elapsed_s: float) -> None:
        """Time passes."""
        for client in self._clients.values():
            client.since_s += elapsed_s
