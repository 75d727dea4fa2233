"""Whose pushes are protected, and what opens them.

A push under a meter's keys is that meter's, whatever it names. A counter is taken as used when its
tag has verified; it is durable before anything is done with what came (`drain`, `StoredMarks`), and
that is where a push that comes twice ends, across a restart too.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from addad.dlms.security.context import SecurityContext
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.errors import AddadError
from addad.headend.push_secrets import read_push_text
from addad.headend.store import Store, push_keys
from addad.headend.store.push_keys import PushSender, StoredMarks
from addad.headend.vault import Vault
from addad.reader.credentials import AssociationCredentials
from addad.reader.push_keys import push_security
from addad.reader.received_counters import ReceivedCounters, Taken

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Sender:
    of: PushSender
    security: SecurityContext | None = None
    counters: list[ReceivedCounters] = field(default_factory=list)


class _Counters(ReceivedCounters):
    """Counters that are made durable by who drains them, beside the event loop."""

    __slots__ = ()

    def settle(self) -> None:
        """Nothing yet."""


class PushDoor:
    """The meters whose pushes are protected, by their system titles."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._marks = StoredMarks(store)
        self._senders: dict[bytes, _Sender] = {}
        self._refreshing = threading.Lock()

    def refresh(self) -> None:
        """Read whose pushes are protected; not on the event loop. Raises `StorageError`."""
        with self._refreshing:
            known = self._senders
            found = {}
            for row in push_keys.push_senders(self._store):
                before = known.get(row.keys.title)
                same = before is not None and before.of == row
                found[row.keys.title] = before if before is not None and same else self._made(row)
            self._senders = found

    def protects(self, meter_id: int) -> bool:
        """Whether a meter's pushes are protected, so that a plain one is not its own."""
        return any(sender.of.meter_id == meter_id for sender in self._senders.values())

    def security_of(self, title: bytes | None) -> SecurityContext | None:
        """What opens the pushes of a system title; None where nothing does."""
        sender = None if title is None else self._senders.get(title)
        return None if sender is None else sender.security

    def meter_of(self, title: bytes) -> int | None:
        """The meter of a system title."""
        sender = self._senders.get(title)
        return None if sender is None else sender.of.meter_id

    def drain(self, title: bytes) -> dict[str, Taken]:
        """What was accepted of a title, to be kept by `keep` before anything is done."""
        sender = self._senders.get(title)
        taken: dict[str, Taken] = {}
        for counters in () if sender is None else sender.counters:
            taken |= counters.drain()
        return taken

    def keep(self, taken: dict[str, Taken]) -> None:
        """Make counters durable; not on the event loop.

        Raises `StorageError`, or `SecurityError` for one that was accepted before.
        """
        self._marks.take(taken)

    def _made(self, row: PushSender) -> _Sender:
        try:
            entry = read_push_text(self._vault.open(row.keys.secret, push_owner(row.serial)))
        except AddadError as error:
            logger.error("meter %s: its pushes are refused: %s", row.serial, error)
            return _Sender(row)
        counters: list[ReceivedCounters] = []

        def counters_of(keys: SymmetricKeys) -> ReceivedCounters:
            counters.append(_Counters(keys, self._marks))
            return counters[-1]

        security = push_security(entry, counters_of)
        _load(entry, counters)
        return _Sender(row, security, counters)


def push_owner(serial: str) -> str:
    """As whose the vault seals the push keys of a meter."""
    return f"meter {serial}, pushes"


def _load(entry: AssociationCredentials, counters: list[ReceivedCounters]) -> None:
    """Read all marks now, so that the event loop need not."""
    assert entry.meter_title is not None
    for one in counters:
        for key in KeyId:
            one.last(key, entry.meter_title)
