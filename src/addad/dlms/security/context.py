"""What one end knows of the protection of one association, and the two things it does with it.

Green Book, IEC 62056-5-3 (security context, protection of xDLMS APDUs).
"""

from __future__ import annotations

from typing import NamedTuple

from addad.dlms.security.cipher import GcmCipher
from addad.dlms.security.counters import COUNTER_END, Counters, VolatileCounters, exhausted
from addad.dlms.security.framing import (
    Ciphered,
    CipheringForm,
    encode_ciphered,
    plausible,
    read_ciphered,
)
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.suite import (
    AUTHENTICATED_ENCRYPTION,
    TAG_OCTETS,
    TITLE_OCTETS,
    Protection,
    SecurityControl,
    SecuritySuite,
)
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault


class Unprotected(NamedTuple):
    """An APDU out of its envelope, and what was proven of it."""

    apdu: bytes
    protection: Protection
    """What was applied and verified: never AUTHENTICATION where no tag was verified."""
    form: CipheringForm
    key: KeyId | None
    """The global key it came under; None for the dedicated one."""
    title: bytes
    """The sender's system title."""
    counter: int

    @property
    def broadcast(self) -> bool:
        """Whether it came under the broadcast key, which every meter of a group holds."""
        return self.key == KeyId.GLOBAL_BROADCAST_ENCRYPTION


class SecurityContext:
    """The security of one association, at one end.

    Contexts of one security setup share `keys` and `counters`. `peer_title` is the title that was
    provisioned; without one, the association learns it. `unverified` says: there is no
    authentication key, and messages shall be read all the same.
    """

    __slots__ = (
        "_dedicated",
        "_peer_title",
        "counters",
        "keys",
        "own_title",
        "provisioned_title",
        "suite",
        "unverified",
    )

    def __init__(
        self,
        suite: SecuritySuite,
        own_title: bytes,
        peer_title: bytes | None,
        keys: SymmetricKeys,
        counters: Counters,
        *,
        unverified: bool = False,
    ) -> None:
        if len(own_title) != TITLE_OCTETS:
            raise LocalProtocolError(f"a system title has {TITLE_OCTETS} octets")
        if peer_title is not None and (len(peer_title) != TITLE_OCTETS or peer_title == own_title):
            raise LocalProtocolError("the peer's system title has 8 octets and is not our own")
        if len(keys.encryption) != suite.key_octets:
            raise LocalProtocolError(f"keys of suite {suite:d} have {suite.key_octets} octets")
        self.suite = suite
        self.own_title = own_title
        self.provisioned_title = peer_title
        self._peer_title = peer_title
        self.keys = keys
        self.counters = counters
        self.unverified = unverified
        self._dedicated: tuple[bytes, GcmCipher, Counters] | None = None

    def __repr__(self) -> str:
        return f"SecurityContext(suite {self.suite:d}, {self.own_title.hex()})"

    @property
    def peer_title(self) -> bytes | None:
        """The peer's system title, provisioned or learned."""
        return self._peer_title

    def learn_title(self, title: bytes) -> None:
        """Take the peer's title from its AARQ or AARE; raises `SecurityError` for another one."""
        if len(title) != TITLE_OCTETS:
            raise DecodeError(f"a system title of {len(title)} octets")
        self._check_title(title)
        self._peer_title = title

    @property
    def dedicated_key(self) -> bytes | None:
        """The key of this association alone, with counters of its own; set None when it ends."""
        return None if self._dedicated is None else self._dedicated[0]

    @dedicated_key.setter
    def dedicated_key(self, key: bytes | None) -> None:
        if key is None:
            self._dedicated = None
            return
        if len(key) != self.suite.key_octets:
            raise LocalProtocolError(f"a dedicated key of {len(key)} octets")
        cipher = GcmCipher(key, self.keys.authentication)
        self._dedicated = (key, cipher, VolatileCounters())

    def fresh(self) -> SecurityContext:
        """The same context for a new association: without dedicated key and learned title."""
        return SecurityContext(
            self.suite,
            self.own_title,
            self.provisioned_title,
            self.keys,
            self.counters,
            unverified=self.unverified,
        )

    def protect(
        self,
        apdu: bytes,
        protection: Protection,
        form: CipheringForm,
        *,
        broadcast: bool = False,
    ) -> bytes:
        """The APDU in its envelope; spends an invocation counter.

        Raises `LocalProtocolError` for what cannot be sent, `SecurityError` at the end of the
        counter or without the key.
        """
        if broadcast and form.dedicated:
            raise LocalProtocolError("the dedicated key is no broadcast key")
        cipher, key, counters = self._sending(form, broadcast)
        control = SecurityControl(self.suite, protection, broadcast)
        octet = bytes((control.octet,))
        counter = counters.next(key).to_bytes(4, "big")
        nonce = self.own_title + counter
        if protection == AUTHENTICATED_ENCRYPTION:
            body = cipher.seal(nonce, octet, apdu)
        elif protection == Protection.ENCRYPTION:
            body = cipher.encipher(nonce, apdu)
        elif protection == Protection.AUTHENTICATION:
            body = apdu + cipher.tag(nonce, octet, apdu)
        else:
            raise LocalProtocolError("an envelope needs authentication or encryption")
        return encode_ciphered(form, apdu[0], self.own_title, octet + counter + body)

    def unprotect(self, octets: bytes) -> Unprotected:
        """The APDU out of its envelope; its counter is taken only when its tag verified.

        Raises `DecodeError`, or `SecurityError` with its fault.
        """
        message = read_ciphered(octets)
        control = message.control
        self._check_control(message.form, control)
        title = self._sender(message.title)
        cipher, key, counters = self._sending(message.form, control.broadcast)
        apdu, proven = self._open(cipher, message, title)
        counter = int.from_bytes(message.counter, "big")
        self._take(counters, key, title, counter, bool(proven & Protection.AUTHENTICATION))
        if message.plain_tag is not None and apdu[:1] != bytes((message.plain_tag,)):
            raise DecodeError("the ciphered APDU is not what its tag says")
        known = None if message.form.dedicated else key
        return Unprotected(apdu, proven, message.form, known, title, counter)

    def _sending(self, form: CipheringForm, broadcast: bool) -> tuple[GcmCipher, KeyId, Counters]:
        if form.dedicated:
            if self._dedicated is None:
                raise SecurityError("there is no dedicated key", SecurityFault.KEY)
            _, cipher, counters = self._dedicated
            return cipher, KeyId.GLOBAL_UNICAST_ENCRYPTION, counters
        if broadcast:
            key = KeyId.GLOBAL_BROADCAST_ENCRYPTION
            return self.keys.cipher(key), key, self.counters
        return self.keys.unicast_cipher, KeyId.GLOBAL_UNICAST_ENCRYPTION, self.counters

    def _check_control(self, form: CipheringForm, control: SecurityControl) -> None:
        if control.compressed:
            raise SecurityError("V.44 compression is not supported", SecurityFault.UNSUPPORTED)
        if control.suite != self.suite:
            raise SecurityError(
                f"suite {control.suite:d} where suite {self.suite:d} is agreed",
                SecurityFault.POLICY,
            )
        if control.protection == Protection.NONE:
            raise SecurityError("an envelope that protects nothing", SecurityFault.POLICY)
        if control.broadcast and form.dedicated:
            raise SecurityError("the broadcast bit with a dedicated key", SecurityFault.POLICY)

    def _check_title(self, title: bytes) -> None:
        if title == self.own_title:
            raise SecurityError("our own system title came back", SecurityFault.UNKNOWN_TITLE)
        if self.provisioned_title is not None and title != self.provisioned_title:
            raise SecurityError(
                f"system title {title.hex()} where {self.provisioned_title.hex()} is provisioned",
                SecurityFault.UNKNOWN_TITLE,
            )

    def _sender(self, carried: bytes | None) -> bytes:
        if carried is None:
            if self._peer_title is None:
                raise SecurityError("no system title is known", SecurityFault.UNKNOWN_TITLE)
            return self._peer_title
        self._check_title(carried)
        if self._peer_title is not None and carried != self._peer_title:
            raise SecurityError("the system title changed", SecurityFault.UNKNOWN_TITLE)
        return carried

    def _open(self, cipher: GcmCipher, message: Ciphered, title: bytes) -> tuple[bytes, Protection]:
        protection = message.control.protection
        nonce = title + message.counter
        body = message.body
        tagged = protection != Protection.ENCRYPTION
        if tagged and len(body) < TAG_OCTETS:
            raise DecodeError(f"{len(body)} octets where a tag of {TAG_OCTETS} is")
        if tagged and not cipher.authenticates:
            return self._open_unverified(cipher, message, nonce)
        if protection == AUTHENTICATED_ENCRYPTION:
            text, verified = cipher.open(nonce, message.control_octet, body)
            if not verified:
                raise _not_verified(plausible(text, message.plain_tag))
            return text, AUTHENTICATED_ENCRYPTION
        if protection == Protection.AUTHENTICATION:
            text, tag = body[:-TAG_OCTETS], body[-TAG_OCTETS:]
            if not cipher.verify(nonce, message.control_octet, text, tag):
                raise SecurityError("a key is wrong, or the message was altered")
            return text, Protection.AUTHENTICATION
        return self._readable(cipher.encipher(nonce, body), message), Protection.ENCRYPTION

    def _open_unverified(
        self, cipher: GcmCipher, message: Ciphered, nonce: bytes
    ) -> tuple[bytes, Protection]:
        if not self.unverified:
            raise SecurityError(
                "there is no authentication key; reading without one must be asked for",
                SecurityFault.KEY,
            )
        text = message.body[:-TAG_OCTETS]
        if message.control.protection == Protection.AUTHENTICATION:
            return text, Protection.NONE
        return self._readable(cipher.encipher(nonce, text), message), Protection.ENCRYPTION

    def _readable(self, text: bytes, message: Ciphered) -> bytes:
        if not plausible(text, message.plain_tag):
            raise SecurityError("the encryption key is wrong, or the message was altered")
        return text

    def _take(
        self, counters: Counters, key: KeyId, title: bytes, counter: int, verified: bool
    ) -> None:
        """Refuse a counter that was used; take it as used where the tag verified."""
        last = counters.last(key, title)
        if counter <= last:
            raise SecurityError(
                f"invocation counter {counter} is not greater than {last}",
                SecurityFault.REPLAY,
                last + 1 if verified else None,
            )
        if counter == COUNTER_END:
            raise exhausted()
        if verified:
            counters.accept(key, title, counter)


def _not_verified(readable: bool) -> SecurityError:
    if readable:
        return SecurityError("the authentication key is wrong, or the tag was altered")
    return SecurityError("the encryption key is wrong, or the message was altered")
