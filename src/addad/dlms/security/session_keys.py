"""The keys of general-ciphering in one association: identified, wrapped, agreed.

Green Book, IEC 62056-5-3 (Key-Info; key agreement in general-ciphering). A session key is made once
for an association and each recipient, and sent with every message; its counter begins at 0. With
the static scheme the same transaction-id gives the same key again, so there the counter is the one
of the global key, which never repeats.

A counter that begins at 0 tells nothing of what was recorded in another association. So the message
that brings a key has to bring a transaction-id, too, that is greater than all before it of its
originator: the greatest is kept like a counter, under the authentication key, on which every tag
depends.
"""

from __future__ import annotations

from typing import Final

from addad.dlms.security.cipher import GcmCipher
from addad.dlms.security.counters import Counters, VolatileCounters
from addad.dlms.security.general_ciphering import GeneralCiphered, KeyInfo, KeyInfoKind
from addad.dlms.security.key_agreement import (
    AgreedUse,
    derive_key,
    read_ephemeral,
    shared_secret,
    sign_ephemeral,
    static_party_u,
)
from addad.dlms.security.keys import KeyId, SymmetricKeys, unwrap_key, wrap_key
from addad.dlms.security.parties import PartyKeys
from addad.dlms.security.suite import SecuritySuite
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault

SESSIONS_MAX: Final = 256
"""How many session keys are accepted in one association; none is forgotten, so none comes again."""

TRANSACTION_OCTETS_MAX: Final = 8
"""The longest transaction-id that can be compared with the one before."""

_UNICAST: Final = KeyId.GLOBAL_UNICAST_ENCRYPTION
_TRANSACTIONS: Final = KeyId.GLOBAL_AUTHENTICATION
"""Where the last transaction-id of an originator is kept; this key itself has no counters."""


class Session:
    """A key in use: its cipher, its counters, and which of them counts."""

    __slots__ = ("cipher", "counters", "key", "key_info", "octets", "title")

    def __init__(
        self,
        title: bytes,
        key_info: KeyInfo,
        cipher: GcmCipher,
        counters: Counters,
        key: KeyId = _UNICAST,
        octets: bytes | None = None,
    ) -> None:
        self.title = title
        self.key_info = key_info
        self.cipher = cipher
        self.counters = counters
        self.key = key
        self.octets = octets

    def __repr__(self) -> str:
        return f"Session({self.key_info.kind.value}, {self.title.hex()})"

    @property
    def global_key(self) -> KeyId | None:
        """The global key this is, None for a session's own."""
        return self.key if self.octets is None else None


class SessionKeys:
    """All session keys of one association, those sent and those received."""

    __slots__ = ("_latest", "_own_title", "_parties", "_prefix", "_received", "_sent", "_suite")

    def __init__(
        self, suite: SecuritySuite, own_title: bytes, parties: PartyKeys, prefix: bytes
    ) -> None:
        self._suite = suite
        self._own_title = own_title
        self._parties = parties
        self._prefix = prefix
        self._sent: dict[tuple[KeyInfoKind, bytes], Session] = {}
        self._received: dict[tuple[bytes, bytes], Session] = {}
        self._latest: tuple[bytes, Session] | None = None

    def to_send(
        self,
        kind: KeyInfoKind,
        broadcast: bool,
        recipient: bytes,
        transaction_id: bytes,
        keys: SymmetricKeys,
        counters: Counters,
    ) -> Session:
        """The key for a message to a recipient; raises `SecurityError` without what it takes."""
        if kind == KeyInfoKind.IDENTIFIED:
            key = KeyId.GLOBAL_BROADCAST_ENCRYPTION if broadcast else _UNICAST
            return Session(recipient, KeyInfo(kind, key), keys.cipher(key), counters, key)
        if broadcast:
            raise LocalProtocolError("a key for all is identified, not made for one")
        if kind == KeyInfoKind.STATIC:
            party_u = static_party_u(self._own_title, transaction_id)
            secret = shared_secret(
                self._parties.own_agreement(), self._parties.agreement_of(recipient)
            )
            octets = self._derive(secret, party_u, recipient)
            return self._session(recipient, KeyInfo(kind), octets, keys, counters)
        known = self._sent.get((kind, recipient))
        if known is None:
            known = self._made(kind, recipient, keys)
            self._sent[kind, recipient] = known
        return known

    def received(
        self, message: GeneralCiphered, keys: SymmetricKeys, counters: Counters
    ) -> Session:
        """The key of a received message; raises `DecodeError` or `SecurityError`.

        Nothing is remembered of it before `keep`.
        """
        originator = message.header.originator
        key_info = message.key_info
        if key_info is None:
            if self._latest is not None and self._latest[1].title == originator:
                return self._latest[1]
            key_info = KeyInfo(KeyInfoKind.IDENTIFIED, _UNICAST)
        if key_info.kind == KeyInfoKind.IDENTIFIED:
            key = key_info.key or _UNICAST
            return Session(originator, key_info, keys.cipher(key), counters, key)
        seen = _identity(message, key_info)
        if self._latest is not None and self._latest[0] == seen:
            return self._latest[1]
        octets = self._opened(message, key_info, keys)
        known = self._received.get((originator, octets))
        if known is not None:
            return known
        return self._session(originator, key_info, octets, keys, VolatileCounters())

    def check_new(self, message: GeneralCiphered, session: Session, counters: Counters) -> None:
        """Raise `SecurityError` for one key too many, or one that may have come before.

        Whether it came before tells the transaction-id; call this once the tag has verified.
        """
        if session.octets is None:
            return
        number, last = _transaction(message), counters.last(_TRANSACTIONS, session.title)
        if (session.title, session.octets) in self._received:
            return
        if len(self._received) >= SESSIONS_MAX:
            raise SecurityError("too many session keys in one association", SecurityFault.POLICY)
        if number <= last:
            raise SecurityError(
                f"transaction {number} brings a session key, and is not greater than {last}",
                SecurityFault.REPLAY,
            )

    def keep(self, message: GeneralCiphered, session: Session, counters: Counters) -> None:
        """Remember the key of a message whose tag verified, and with it its counter."""
        if session.octets is None:
            return
        counters.accept(_TRANSACTIONS, session.title, _transaction(message))
        self._received[session.title, session.octets] = session
        if message.key_info is not None:
            self._latest = (_identity(message, message.key_info), session)

    def _made(self, kind: KeyInfoKind, recipient: bytes, keys: SymmetricKeys) -> Session:
        parties = self._parties
        if kind == KeyInfoKind.WRAPPED:
            octets = parties.session_key()
            key_info = KeyInfo(kind, None, wrap_key(_master(keys), octets))
        else:
            ephemeral = parties.ephemeral()
            secret = shared_secret(ephemeral, parties.agreement_of(recipient))
            octets = self._derive(secret, self._own_title, recipient)
            signed = sign_ephemeral(parties.own_signature(), ephemeral.public_key(), None)
            key_info = KeyInfo(kind, None, signed)
        return self._session(recipient, key_info, octets, keys, VolatileCounters())

    def _opened(self, message: GeneralCiphered, key_info: KeyInfo, keys: SymmetricKeys) -> bytes:
        """The octets of a key that came wrapped or is to be agreed."""
        if key_info.kind == KeyInfoKind.WRAPPED:
            octets = unwrap_key(_master(keys), key_info.data)
            if len(octets) != self._suite.key_octets:
                raise DecodeError(f"a wrapped key of {len(octets)} octets in this suite")
            return octets
        originator = message.header.originator
        own = self._parties.own_agreement()
        if key_info.kind == KeyInfoKind.ONE_PASS:
            signer = self._parties.signature_of(originator)
            ephemeral = read_ephemeral(self._suite, signer, key_info.data, None)
            return self._derive(shared_secret(own, ephemeral), originator, self._own_title)
        party_u = static_party_u(originator, message.header.transaction_id)
        secret = shared_secret(own, self._parties.agreement_of(originator))
        return self._derive(secret, party_u, self._own_title)

    def _derive(self, secret: bytes, party_u: bytes, party_v: bytes) -> bytes:
        use = AgreedUse.of(self._suite, _UNICAST)
        return derive_key(self._suite, secret, use, party_u, party_v, self._prefix)

    def _session(
        self, title: bytes, info: KeyInfo, octets: bytes, keys: SymmetricKeys, counters: Counters
    ) -> Session:
        if len(octets) != self._suite.key_octets:
            raise LocalProtocolError(f"a session key has {self._suite.key_octets} octets")
        cipher = GcmCipher(octets, keys.authentication)
        return Session(title, info, cipher, counters, octets=octets)


def _identity(message: GeneralCiphered, key_info: KeyInfo) -> bytes:
    """What names a session key on the wire: to find the latest one without agreeing again."""
    header = message.header
    nonce = header.transaction_id if key_info.kind == KeyInfoKind.STATIC else b""
    return header.originator + key_info.encode() + nonce


def _transaction(message: GeneralCiphered) -> int:
    """The number that a transaction-id is; raises `SecurityError` if it is none."""
    octets = message.header.transaction_id
    if not 1 <= len(octets) <= TRANSACTION_OCTETS_MAX:
        raise SecurityError(
            f"a session key comes with a transaction-id of 1 to {TRANSACTION_OCTETS_MAX} octets",
            SecurityFault.POLICY,
        )
    return int.from_bytes(octets, "big")


def _master(keys: SymmetricKeys) -> bytes:
    if keys.master is None:
        raise SecurityError("there is no master key here", SecurityFault.KEY)
    return keys.master
