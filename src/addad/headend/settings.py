"""What a head end is told at its start: where it listens, where it keeps, how often it asks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from addad.errors import InputError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
ANY_ADDRESS = ("0.0.0.0", "::", "")


@dataclass(frozen=True)
class HeadEndSettings:
    """All settings of a head end; `__post_init__` raises `InputError` for an impossible one.

    `open_view` shows the pages to everybody who reaches the port; changes still need a session.
    `allowed_hosts` are names beside the bind address and localhost under which browsers may come.
    """

    data: Path
    web_host: str = "127.0.0.1"
    web_port: int = 8080
    push_host: str = "127.0.0.1"
    push_port: int = 4059
    https: bool = False
    open_view: bool = False
    allowed_hosts: tuple[str, ...] = ()
    live_period_ms: int = 250
    idle_period_s: int = 10
    register_period_s: int = 900
    profile_period_s: int = 900
    event_period_s: int = 60
    answer_timeout_s: float = 5.0

    def __post_init__(self) -> None:
        for name in ("web_port", "push_port"):
            if not 0 <= getattr(self, name) <= 65535:
                raise InputError(f"{name} must be 0 to 65535, not {getattr(self, name)}")
        if not 50 <= self.live_period_ms <= 60_000:
            raise InputError("live_period_ms must be 50 to 60000")
        for name in ("idle_period_s", "register_period_s", "profile_period_s", "event_period_s"):
            if not 1 <= getattr(self, name) <= 86_400:
                raise InputError(f"{name} must be 1 to 86400")

    @property
    def host_names(self) -> frozenset[str]:
        """Host names, without port, that a browser may name in `Host`."""
        names = {*LOOPBACK_NAMES, *(name.lower() for name in self.allowed_hosts)}
        if self.web_host not in ANY_ADDRESS:
            names.add(self.web_host.lower())
        return frozenset(names)
