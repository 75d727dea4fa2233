"""The invocation counters that were sent, in a file: none is ever sent twice under one key.

Green Book, IEC 62056-5-3 (invocation counter). Two messages under one key and one counter betray
the key's stream, whatever a meter, or somebody who plays one, tells the next run. The file knows
keys by a digest. Counters that were received live as long as a run: a challenge or a dedicated key
tells old answers from new ones; where there is neither, a recorded answer may be shown once a run.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from addad.dlms.security.counters import COUNTER_END, VolatileCounters, exhausted
from addad.dlms.security.keys import KeyId
from addad.errors import InputError, SecurityError, SecurityFault
from addad.net.invocation_counter import AHEAD_MAX
from addad.reader.private_files import read_private

SUFFIX: Final = ".counters"
WINDOW: Final = 1_000
"""How many counters are reserved at once: so many may be lost when a run ends without a word."""
FILE_OCTETS_MAX: Final = 4 * 1024 * 1024
_DIGITS: Final = 32
_MODE: Final = 0o600


def beside(credentials: Path) -> Path:
    """The file of counters that belongs to a credentials file."""
    return credentials.with_name(credentials.name + SUFFIX)


class CounterFile:
    """The counters of a client's keys; `InputError` for a file that cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, encryption_key: bytes, title: bytes, told: int | None) -> KeptCounters:
        """The counters of one key: above all that was sent, and above what the meter told.

        Raises `SecurityError` when that is so far above the kept one that it cannot be true.
        """
        name = sha256(b"addad counters" + title + encryption_key).hexdigest()[:_DIGITS]
        kept = self.reserve(name, 0, 0)
        if told is not None and kept and told > kept + AHEAD_MAX:
            raise SecurityError(
                f"the meter tells invocation counter {told}, far above {kept}: somebody else sends "
                f"under this key, or wants it used up; if it is right, remove {self.path}",
                SecurityFault.POLICY,
            )
        return KeptCounters(self, name, max(kept, 0 if told is None else told + 1))

    def reserve(self, name: str, first: int, count: int) -> int:
        """Keep that `count` counters are taken, from `first` or above what is kept; their first."""
        with self._locked():
            content = self._read()
            begin = max(first, content.get(name, 0))
            if count:
                content[name] = min(begin + count, COUNTER_END)
                self._write(content)
            return begin

    def give_back(self, name: str, end: int, following: int) -> None:
        """Let the next run use what was reserved up to `end` and not sent."""
        with self._locked():
            content = self._read()
            if content.get(name) == end:
                content[name] = following
                self._write(content)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time, where the system can say so."""
        try:
            fcntl = importlib.import_module("fcntl")
        except ImportError:
            yield
            return
        lock = self.path.with_name(self.path.name + ".lock")
        try:
            descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT, _MODE)
        except OSError as fault:
            raise self._unusable(fault) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _read(self) -> dict[str, int]:
        if not self.path.exists():
            return {}
        try:
            content = json.loads(read_private(self.path, FILE_OCTETS_MAX))
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict) or not all(
            isinstance(mark, int) and 0 <= mark <= COUNTER_END for mark in content.values()
        ):
            raise InputError(f"{self.path} holds no invocation counters; restore it")
        return content

    def _write(self, content: dict[str, int]) -> None:
        new = self.path.with_name(self.path.name + ".new")
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
            with os.fdopen(descriptor, "wb") as file:
                file.write(json.dumps(content, indent=2).encode("ascii") + b"\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        except OSError as fault:
            raise self._unusable(fault) from None

    def _unusable(self, fault: OSError) -> InputError:
        return InputError(
            f"{self.path} cannot be written: {fault.strerror}; the counters that were sent must be "
            "kept beside the keys"
        )


class KeptCounters(VolatileCounters):
    """Counters of one key whose sent ones are kept in a file before they are used."""

    __slots__ = ("_end", "_file", "_name", "_next")

    def __init__(self, file: CounterFile, name: str, first: int) -> None:
        super().__init__()
        self._file = file
        self._name = name
        self._next = first
        self._end = first

    def next(self, key: KeyId) -> int:
        """The counter to send now; raises `SecurityError` at the end, `InputError` without file."""
        if self._next >= COUNTER_END:
            raise exhausted()
        if self._next >= self._end:
            self._next = self._file.reserve(self._name, self._next, WINDOW)
            self._end = min(self._next + WINDOW, COUNTER_END)
            if self._next >= COUNTER_END:
                raise exhausted()
        counter = self._next
        self._next += 1
        return counter

    def close(self) -> None:
        """Give back what was not sent."""
        if self._next < self._end:
            self._file.give_back(self._name, self._end, self._next)
            self._end = self._next
