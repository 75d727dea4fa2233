"""Invocation counters in a file: none is sent twice under one key, and none accepted twice.

Green Book, IEC 62056-5-3 (invocation counter). Two messages under one key and one counter betray
the key's stream, whatever a meter, or somebody who plays one, tells the next run; and a recorded
message is as good as a new one to who forgot the counters of its sender. The file knows keys by a
digest, holds the first number that is still free of each, and a digest of all of it: what is
damaged is refused, and never read as less.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeGuard

from addad.dlms.security.counters import COUNTER_END, exhausted
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.errors import InputError, SecurityError, SecurityFault
from addad.net.invocation_counter import AHEAD_MAX
from addad.reader.private_files import read_private
from addad.reader.received_counters import (
    MARK_MAX,
    NAME_DIGITS,
    ReceivedCounters,
    Taken,
    check_taken,
)

SUFFIX: Final = ".counters"
WINDOW: Final = 1_000
"""How many counters are reserved at once: so many may be lost when a run ends without a word."""
FILE_OCTETS_MAX: Final = 4 * 1024 * 1024
NAMES_MAX: Final = 20_000
"""How many keys and senders one file is for."""
_MARKS: Final = "marks"
_CHECK: Final = "sha256"
_MODE: Final = 0o600


def beside(credentials: Path) -> Path:
    """The file of counters that belongs to a credentials file."""
    return credentials.with_name(credentials.name + SUFFIX)


class CounterFile:
    """The counters of keys; `InputError` for a file that cannot be used, or was damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(
        self, keys: SymmetricKeys, title: bytes, told: int | None, *, at_once: bool = False
    ) -> KeptCounters:
        """The counters of a client's keys: above all that was sent, and what the meter told.

        With `at_once` what is accepted is kept before it is used, else at the end. Raises
        `SecurityError` when the told one is so far above the kept one that it cannot be true.
        """
        name = sha256(b"addad counters" + title + keys.encryption).hexdigest()[:NAME_DIGITS]
        kept = self.mark(name)
        if told is not None and kept and told > kept + AHEAD_MAX:
            raise SecurityError(
                f"the meter tells invocation counter {told}, far above {kept}: somebody else sends "
                f"under this key, or wants it used up; if it is right, remove {self.path}",
                SecurityFault.POLICY,
            )
        first = max(kept, 0 if told is None else told + 1)
        return KeptCounters(self, keys, name, first, at_once=at_once)

    def check(self) -> None:
        """Raise `InputError` for a file that cannot be used; one that is not there yet can."""
        self.mark("")

    def mark(self, name: str) -> int:
        """The first counter that is still free under a name; 0 before the first."""
        with self._locked():
            return self._read().get(name, 0)

    def take(self, taken: Mapping[str, Taken]) -> None:
        """Keep that counters were accepted; see `Keeper`."""
        with self._locked():
            content = self._read()
            check_taken(taken, content)
            self._write(content | {name: last + 1 for name, (_, last) in taken.items()})

    def raise_to(self, taken: Mapping[str, Taken]) -> None:
        """Keep that counters were accepted, if that is not known yet."""
        with self._locked():
            content = self._read()
            marks = {name: max(content.get(name, 0), last + 1) for name, (_, last) in taken.items()}
            if not marks.items() <= content.items():
                self._write(content | marks)

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
        if isinstance(content, dict) and _MARKS in content:
            marks = content[_MARKS]
            if not _are_marks(marks) or content.get(_CHECK) != _digest(marks):
                raise InputError(
                    f"{self.path} is damaged: the counters in it are not those that were written; "
                    "restore it, or change the keys and remove it"
                )
            content = marks
        if not _are_marks(content):
            raise InputError(f"{self.path} holds no invocation counters; restore it")
        return content

    def _write(self, content: dict[str, int]) -> None:
        if len(content) > NAMES_MAX:
            raise InputError(f"{self.path} is full: it holds {NAMES_MAX} counters; take another")
        new = self.path.with_name(self.path.name + ".new")
        whole = {_MARKS: content, _CHECK: _digest(content)}
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
            with os.fdopen(descriptor, "wb") as file:
                file.write(json.dumps(whole, indent=2).encode("ascii") + b"\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            self._sync_folder()
        except OSError as fault:
            raise self._unusable(fault) from None

    def _sync_folder(self) -> None:
        """Make the new name durable too, where folders can be opened."""
        if os.name != "posix":
            return
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _unusable(self, fault: OSError) -> InputError:
        return InputError(
            f"{self.path} cannot be written: {fault.strerror}; counters that were sent or accepted "
            "must be kept"
        )


def _are_marks(content: object) -> TypeGuard[dict[str, int]]:
    return isinstance(content, dict) and all(
        type(mark) is int and 0 <= mark <= MARK_MAX for mark in content.values()
    )


def _digest(marks: dict[str, int]) -> str:
    return sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()


class KeptCounters(ReceivedCounters):
    """Counters of a client's keys: those sent are kept before they are used."""

    __slots__ = ("_end", "_file", "_name", "_next")

    def __init__(
        self, file: CounterFile, keys: SymmetricKeys, name: str, first: int, *, at_once: bool
    ) -> None:
        super().__init__(keys, file, at_once=at_once)
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
        """Give back what was not sent, and keep what was accepted."""
        accepted = self.drain()
        if accepted:
            self._file.raise_to(accepted)
        if self._next < self._end:
            self._file.give_back(self._name, self._end, self._next)
            self._end = self._next
