"""The envelopes of pushes, opened with the keys of a credentials file.

Green Book (general protection). A general envelope tells who made it; the entries of the file that
know this title, or none, are tried in their order. A keeper lets counters outlive the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import Counters, VolatileCounters
from addad.dlms.security.framing import CipheringForm, form_of, read_ciphered
from addad.dlms.security.general_ciphering import read_general_ciphered
from addad.dlms.security.general_signing import read_signed
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.parties import PartyKeys, PublicKeys
from addad.dlms.security.suite import TITLE_OCTETS, Protection, SecuritySuite
from addad.errors import DecodeError, SecurityError, SecurityFault
from addad.reader.credentials import AssociationCredentials, Credentials
from addad.reader.received_counters import Keeper, ReceivedCounters

_NO_TITLE: Final = bytes((0xFF,)) * TITLE_OCTETS
"""Our own title where none is given: nothing is sent, so nobody sees it."""
_NEITHER_TITLE: Final = bytes(TITLE_OCTETS)
_PROOF: Final = Protection.AUTHENTICATION | Protection.SIGNATURE


@dataclass(frozen=True, slots=True)
class Opened:
    """What an envelope told: its sender's title, its counter, and what was verified."""

    title: bytes
    counter: int
    protection: Protection

    @property
    def verified(self) -> bool:
        """Whether a tag or signature verified: nobody without the keys can have made it."""
        return bool(self.protection & _PROOF)


class PushKeys:
    """Opens envelopes; a counter that was verified is not taken again from that title.

    `keeper`, a `CounterFile` say, remembers the counters of earlier runs; without one they are
    forgotten with this object.
    """

    def __init__(
        self, credentials: Credentials | None = None, keeper: Keeper | None = None
    ) -> None:
        entries = () if credentials is None else credentials.for_pushes
        self._keeper = keeper
        self._counters: dict[tuple[bytes | None, ...], Counters] = {}
        self._contexts = [(entry, push_security(entry, self._counters_of)) for entry in entries]

    def __repr__(self) -> str:
        return f"PushKeys({len(self._contexts)} entries)"

    def _counters_of(self, keys: SymmetricKeys) -> Counters:
        """The counters of a key, the same for all entries that have it.

        None are believed, nor kept, where no tag is verified.
        """
        name = (keys.encryption, keys.broadcast, keys.authentication)
        if name not in self._counters:
            if self._keeper is None or keys.authentication is None:
                self._counters[name] = VolatileCounters()
            else:
                self._counters[name] = ReceivedCounters(keys, self._keeper, at_once=True)
        return self._counters[name]

    def open(self, octets: bytes) -> tuple[bytes, Opened]:
        """The APDU in an envelope, and what the envelope told.

        Its counter is kept before this returns. Raises `DecodeError`, or `SecurityError` that says
        which key is missing or wrong, or that the push came before; what the keeper raises, too.
        """
        title, suite = _head(octets)
        faults: list[SecurityError] = []
        for entry, context in self._contexts:
            if title is not None and entry.meter_title not in (None, title):
                continue
            if suite is not None and suite != entry.suite:
                faults.append(_other_suite(suite))
                continue
            try:
                return _opened(entry, context, octets)
            except SecurityError as fault:
                faults.append(fault)
        whose = "this push" if title is None else f"pushes of the system title {title.hex()}"
        if not faults:
            raise SecurityError(
                f"{whose} cannot be read: no key for it is given", SecurityFault.KEY
            )
        told = "; ".join(dict.fromkeys(str(fault) for fault in faults))
        raise SecurityError(f"{whose} cannot be read: {told}", faults[-1].fault)


def sender(octets: bytes) -> bytes | None:
    """The system title that an envelope carries, None of one that carries none, or of no envelope.

    Raises `DecodeError` for a broken envelope, `SecurityError` for a suite that does not exist.
    """
    return _head(octets).title


class _Head(NamedTuple):
    title: bytes | None = None
    suite: SecuritySuite | None = None


def _head(octets: bytes) -> _Head:
    form = form_of(octets)
    if form is None:
        return _Head()
    if form is CipheringForm.GENERAL_CIPHERING:
        general = read_general_ciphered(octets)
        return _Head(general.header.originator, general.ciphered.control.suite)
    if form is CipheringForm.GENERAL_SIGNING:
        return _Head(read_signed(octets).header.originator)
    message = read_ciphered(octets)
    return _Head(message.title, message.control.suite)


def is_whole_envelope(octets: bytes) -> bool:
    """Whether octets are an envelope from its first to its last octet; nothing is deciphered."""
    if form_of(octets) is None:
        return False
    try:
        sender(octets)
    except DecodeError:
        return False
    except SecurityError:
        return True
    return True


def _other_suite(suite: SecuritySuite) -> SecurityError:
    return SecurityError(
        f'it is of security suite {suite:d}; say "suite": {suite:d} beside its keys',
        SecurityFault.POLICY,
    )


def push_security(
    entry: AssociationCredentials, counters_of: Callable[[SymmetricKeys], Counters]
) -> SecurityContext:
    """What opens the pushes of an entry with keys; `counters_of` gives the counters of a key."""
    keys = entry.keys
    assert keys is not None
    own = entry.client_title or _NO_TITLE
    if own == entry.meter_title:
        own = _NEITHER_TITLE
    context = SecurityContext(
        entry.suite,
        own,
        entry.meter_title,
        keys,
        counters_of(keys),
        unverified=entry.encryption_key_only,
        parties=_parties(entry),
    )
    if entry.dedicated_key is not None:
        dedicated = SymmetricKeys(entry.dedicated_key, keys.authentication)
        context.begin_dedicated(entry.dedicated_key, counters_of(dedicated))
    return context


def _parties(entry: AssociationCredentials) -> PartyKeys:
    ours = entry.elliptic
    meter = PublicKeys(ours.meter_signing, ours.meter_agreement)
    others = {} if entry.meter_title is None else {entry.meter_title: meter}
    return PartyKeys(ours.signing, ours.agreement, others)


def _opened(
    entry: AssociationCredentials, context: SecurityContext, octets: bytes
) -> tuple[bytes, Opened]:
    found = context.unprotect(octets)
    if not found.protection & _PROOF and not entry.encryption_key_only:
        raise SecurityError(
            "it carries no tag, so that anybody may have sent it; if this meter pushes so, leave "
            'the authentication key out and say "encryption_key_only": true',
            SecurityFault.POLICY,
        )
    return found.apdu, Opened(found.title, found.counter, found.protection)
