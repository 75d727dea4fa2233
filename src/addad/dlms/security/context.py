"""What one end knows of the protection of one association, and the two things it does with it.

Green Book, IEC 62056-5-3 (security context, protection of xDLMS APDUs).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from addad.dlms.security.cipher import GcmCipher
from addad.dlms.security.counters import Counters, VolatileCounters, take_counter
from addad.dlms.security.framing import (
    GENERAL_CIPHERING_TAG,
    GENERAL_SIGNING_TAG,
    TAGS,
    TAGS_OF_FORM,
    CipheringForm,
    encode_ciphered,
    form_of,
    read_ciphered,
)
from addad.dlms.security.general_ciphering import (
    GeneralHeader,
    KeyInfoKind,
    encode_general_ciphered,
    read_general_ciphered,
)
from addad.dlms.security.general_signing import read_signed, sign_apdu
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.dlms.security.opening import open_ciphered
from addad.dlms.security.parties import NO_PARTY_KEYS, PartyKeys
from addad.dlms.security.profile import STANDARD_PROFILE, SecurityProfile
from addad.dlms.security.sealing import close, seal, unseal
from addad.dlms.security.session_keys import SessionKeys
from addad.dlms.security.suite import (
    AUTHENTICATED_ENCRYPTION,
    Protection,
    SecurityControl,
    SecuritySuite,
)
from addad.dlms.security.titles import SystemTitles
from addad.dlms.security.unprotected import Unprotected
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault

LAYERS_MAX: Final = 3
"""How many envelopes may stand in one another: a client's around a third party's, one signed."""

_BOTH: Final = AUTHENTICATED_ENCRYPTION
_GLOBAL: Final = CipheringForm.GLOBAL
_UNICAST: Final = KeyId.GLOBAL_UNICAST_ENCRYPTION
_made: Final = tuple.__new__
"""A named tuple without its own constructor: half the time, and almost every APDU makes one."""
_BROADCAST: Final = KeyId.GLOBAL_BROADCAST_ENCRYPTION
_GENERAL_CIPHERING: Final = bytes((GENERAL_CIPHERING_TAG,))
_GENERAL_SIGNING: Final = bytes((GENERAL_SIGNING_TAG,))


class GeneralOptions(NamedTuple):
    """What only general-ciphering and general-signing carry.

    Without `transaction_id` the invocation counter is one; without `recipient` the peer is.
    """

    key_info: KeyInfoKind = KeyInfoKind.IDENTIFIED
    transaction_id: bytes | None = None
    recipient: bytes | None = None
    date_time: bytes = b""
    other_information: bytes = b""


class SecurityContext:
    """The security of one association, at one end.

    Contexts of one security setup share `keys`, `counters` and `parties`. `peer_title` is the title
    that was provisioned; without one, the association learns it. `unverified` says: there is no
    authentication key, and messages shall be read all the same.
    """

    __slots__ = (
        "_dedicated",
        "_sealed",
        "_sessions",
        "_titles",
        "counters",
        "keys",
        "own_title",
        "parties",
        "profile",
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
        parties: PartyKeys = NO_PARTY_KEYS,
        profile: SecurityProfile = STANDARD_PROFILE,
    ) -> None:
        self._titles = SystemTitles(own_title, peer_title)
        _check_keys(suite, keys)
        self.suite = suite
        self.own_title = own_title
        self._sealed = bytes((SecurityControl(suite, _BOTH).octet,))
        self.keys = keys
        self.counters = counters
        self.unverified = unverified
        self.parties = parties
        self.profile = profile
        self._dedicated: tuple[bytes, GcmCipher, Counters] | None = None
        self._sessions: SessionKeys | None = None

    def __repr__(self) -> str:
        return f"SecurityContext(suite {self.suite:d}, {self.own_title.hex()})"

    @property
    def peer_title(self) -> bytes | None:
        """The peer's system title, provisioned or learned."""
        return self._titles.peer

    def learn_title(self, title: bytes) -> None:
        """Take the peer's title from its AARQ or AARE; raises `SecurityError` for another one."""
        self._titles.learn(title)

    @property
    def dedicated_key(self) -> bytes | None:
        """The key of this association alone, with counters of its own; set None when it ends."""
        return None if self._dedicated is None else self._dedicated[0]

    @dedicated_key.setter
    def dedicated_key(self, key: bytes | None) -> None:
        if key is None:
            self._dedicated = None
            return
        self.begin_dedicated(key, VolatileCounters())

    def begin_dedicated(self, key: bytes, counters: Counters) -> None:
        """Take a dedicated key whose counters are kept: one that others use again and again."""
        if len(key) != self.suite.key_octets:
            raise LocalProtocolError(f"a dedicated key of {len(key)} octets")
        self._dedicated = (key, GcmCipher(key, self.keys.authentication), counters)

    def change_keys(self, keys: SymmetricKeys) -> None:
        """Go on under new keys, once the answer to the key transfer is protected under the old.

        The dedicated key and its counters stay; session keys end with their authentication key.
        """
        _check_keys(self.suite, keys)
        if keys.authentication != self.keys.authentication:
            self._sessions = None
            if self._dedicated is not None:
                key, _, counters = self._dedicated
                self._dedicated = (key, GcmCipher(key, keys.authentication), counters)
        self.keys = keys

    def fresh(self) -> SecurityContext:
        """The same for a new association: without dedicated key, session keys, learned title."""
        return SecurityContext(
            self.suite,
            self.own_title,
            self._titles.provisioned,
            self.keys,
            self.counters,
            unverified=self.unverified,
            parties=self.parties,
            profile=self.profile,
        )

    def protect(
        self,
        apdu: bytes,
        protection: Protection,
        form: CipheringForm,
        *,
        broadcast: bool = False,
        general: GeneralOptions | None = None,
    ) -> bytes:
        """The APDU in its envelope; spends an invocation counter.

        With SIGNATURE the APDU is signed first and then ciphered, which takes a general form.
        Raises `LocalProtocolError` for what cannot be sent, `SecurityError` at the end of the
        counter or without the key.
        """
        if not apdu:
            raise LocalProtocolError("an APDU without octets")
        if protection == _BOTH and not broadcast:
            tag = TAGS_OF_FORM[form].get(apdu[0])
            if tag is not None:
                cipher, counters = self.keys.unicast_cipher, self.counters
                if form is not _GLOBAL:
                    cipher, _, counters = self._keyed(form, False)
                return seal(cipher, counters, self.own_title, self._sealed, tag, apdu)
        if protection >= Protection.SIGNATURE or form is CipheringForm.GENERAL_SIGNING:
            apdu = self._sign(apdu, protection, form, general or GeneralOptions())
            if form is CipheringForm.GENERAL_SIGNING:
                return apdu
            protection = protection & _BOTH
        if form is CipheringForm.GENERAL_CIPHERING:
            general = general or GeneralOptions(self.profile.key_info)
            return self._protect_general(apdu, protection, broadcast, general)
        cipher, key, counters = self._keyed(form, broadcast)
        if protection == Protection.NONE:
            raise LocalProtocolError("an envelope needs authentication or encryption")
        octet = bytes((SecurityControl(self.suite, protection, broadcast).octet,))
        counter = counters.next(key).to_bytes(4, "big")
        body = close(cipher, protection, octet, self.own_title + counter, apdu, b"")
        return encode_ciphered(form, apdu[0], self.own_title, octet + counter + body)

    def answer(
        self, apdu: bytes, received: Unprotected, at_least: Protection = Protection.NONE
    ) -> bytes:
        """The answer to a request, protected as the request was: each party's envelope again.

        What `at_least` demands and the request did not have, the outermost envelope adds.
        """
        missing = at_least & ~received.protection
        if received.inner is not None:
            apdu = self.answer(apdu, received.inner)
        general = None
        if received.header is not None:
            general = GeneralOptions(
                received.key_info or KeyInfoKind.IDENTIFIED,
                received.header.transaction_id,
                received.header.originator,
            )
        return self.protect(apdu, received.applied | missing, received.form, general=general)

    def unprotect(self, octets: bytes) -> Unprotected:
        """The APDU out of its envelopes; a counter is taken only when its tag verified.

        Raises `DecodeError`, or `SecurityError` with its fault.
        """
        known, title = TAGS.get(octets[0]) if octets else None, self._titles.peer
        if known is None or title is None:
            return self._unprotect(octets, LAYERS_MAX)
        form, tag = known
        if form is _GLOBAL:
            cipher, key, counters = self.keys.unicast_cipher, _UNICAST, self.counters
        elif self._dedicated is not None:
            cipher, key, counters = self._dedicated[1], None, self._dedicated[2]
        else:
            return self._unprotect(octets, LAYERS_MAX)
        opened = unseal(cipher, counters, title, self._sealed, tag, octets)
        if opened is None:
            return self._unprotect(octets, LAYERS_MAX)
        apdu, counter = opened
        return _made(Unprotected, (apdu, _BOTH, form, key, title, counter, _BOTH, None, None, None))

    def _unprotect(self, octets: bytes, layers: int) -> Unprotected:
        tag = octets[:1]
        if tag == _GENERAL_CIPHERING:
            outer = self._unprotect_general(octets)
        elif tag == _GENERAL_SIGNING:
            outer = self._unprotect_signed(octets)
        else:
            outer = self._unprotect_ciphered(octets)
            if outer.form is _GLOBAL or outer.form is CipheringForm.DEDICATED:
                return outer
        if not outer.apdu:
            raise DecodeError("an envelope with nothing inside")
        if form_of(outer.apdu) is None:
            return outer
        if layers == 1:
            raise SecurityError(f"more than {LAYERS_MAX} envelopes", SecurityFault.POLICY)
        inner = self._unprotect(outer.apdu, layers - 1)
        protection = outer.protection | inner.protection
        return outer._replace(apdu=inner.apdu, protection=protection, inner=inner)

    def _unprotect_ciphered(self, octets: bytes) -> Unprotected:
        message = read_ciphered(octets)
        control = message.control
        form = message.form
        self.check_control(form, control)
        title = self._titles.sender(message.title)
        cipher, key, counters = self._keyed(form, control.broadcast)
        text, proven, verified = open_ciphered(cipher, message, title, unverified=self.unverified)
        if message.plain_tag is not None and text[:1] != bytes((message.plain_tag,)):
            raise DecodeError("the ciphered APDU is not what its tag says")
        counter = int.from_bytes(message.counter, "big")
        take_counter(counters, key, title, counter, verified)
        known = None if form.dedicated else key
        return Unprotected(text, proven, form, known, title, counter, proven)

    def _unprotect_general(self, octets: bytes) -> Unprotected:
        message = read_general_ciphered(octets)
        header, ciphered = message.header, message.ciphered
        self.check_control(ciphered.form, ciphered.control)
        sessions = self._session_keys()
        kind = KeyInfoKind.IDENTIFIED if message.key_info is None else message.key_info.kind
        self.check_parties(header, kind in (KeyInfoKind.ONE_PASS, KeyInfoKind.STATIC))
        session = sessions.received(message, self.keys, self.counters)
        text, proven, verified = open_ciphered(
            session.cipher, ciphered, header.originator, message.header_octets, self.unverified
        )
        counter = int.from_bytes(ciphered.counter, "big")
        if verified:
            sessions.check_new(message, session, self.counters)
        take_counter(session.counters, session.key, header.originator, counter, verified)
        if verified:
            sessions.keep(message, session, self.counters)
        return Unprotected(
            text,
            proven,
            ciphered.form,
            session.global_key,
            header.originator,
            counter,
            proven,
            header,
            session.key_info.kind,
        )

    def _unprotect_signed(self, octets: bytes) -> Unprotected:
        message = read_signed(octets, self.profile.signs_content_length)
        originator = message.header.originator
        self.check_parties(message.header, third_party=True)
        message.verify(self.parties.signature_of(originator))
        signature, form = Protection.SIGNATURE, CipheringForm.GENERAL_SIGNING
        return Unprotected(
            message.content, signature, form, None, originator, -1, signature, message.header
        )

    def _protect_general(
        self, apdu: bytes, protection: Protection, broadcast: bool, options: GeneralOptions
    ) -> bytes:
        recipient = self._recipient(options)
        sessions = self._session_keys()
        transaction_id = options.transaction_id
        if transaction_id is None:
            spent = self.counters.next(KeyId.GLOBAL_UNICAST_ENCRYPTION)
            transaction_id = spent.to_bytes(8, "big")
        session = sessions.to_send(
            options.key_info, broadcast, recipient, transaction_id, self.keys, self.counters
        )
        header = GeneralHeader(
            transaction_id,
            self.own_title,
            recipient,
            options.date_time,
            options.other_information,
        ).encode()
        octet = bytes((SecurityControl(self.suite, protection).octet,))
        counter = session.counters.next(session.key).to_bytes(4, "big")
        nonce = self.own_title + counter
        body = close(session.cipher, protection, octet, nonce, apdu, header)
        return encode_general_ciphered(header, session.key_info, octet + counter + body)

    def _sign(
        self, apdu: bytes, protection: Protection, form: CipheringForm, options: GeneralOptions
    ) -> bytes:
        if form is CipheringForm.GENERAL_SIGNING and protection != Protection.SIGNATURE:
            raise LocalProtocolError("general-signing signs, and does nothing else")
        if form is _GLOBAL or form is CipheringForm.DEDICATED:
            raise LocalProtocolError("a signed APDU takes a general form")
        header = GeneralHeader(
            options.transaction_id or b"",
            self.own_title,
            self._recipient(options),
            options.date_time,
            options.other_information,
        )
        length_signed = self.profile.signs_content_length
        return sign_apdu(self.parties.own_signature(), header, apdu, length_signed)

    def _recipient(self, options: GeneralOptions) -> bytes:
        return self._titles.known_peer() if options.recipient is None else options.recipient

    def _session_keys(self) -> SessionKeys:
        if self._sessions is None:
            self._sessions = SessionKeys(
                self.suite, self.own_title, self.parties, self.profile.algorithm_prefix
            )
        return self._sessions

    def _keyed(self, form: CipheringForm, broadcast: bool) -> tuple[GcmCipher, KeyId, Counters]:
        """The cipher, its key's number and its counters, of the forms without key-info."""
        if form is _GLOBAL and not broadcast:
            return self.keys.unicast_cipher, _UNICAST, self.counters
        if form.dedicated:
            if broadcast:
                raise LocalProtocolError("the dedicated key is no broadcast key")
            if self._dedicated is None:
                raise SecurityError("there is no dedicated key", SecurityFault.KEY)
            _, cipher, counters = self._dedicated
            return cipher, _UNICAST, counters
        if broadcast:
            return self.keys.cipher(_BROADCAST), _BROADCAST, self.counters
        return self.keys.unicast_cipher, _UNICAST, self.counters

    def check_control(self, form: CipheringForm, control: SecurityControl) -> None:
        """Raise `SecurityError` for a security control that may not stand in such an envelope."""
        if control.compressed:
            raise SecurityError("V.44 compression is not supported", SecurityFault.UNSUPPORTED)
        if control.suite != self.suite:
            raise SecurityError(
                f"suite {control.suite:d} where suite {self.suite:d} is agreed",
                SecurityFault.POLICY,
            )
        general = form is CipheringForm.GENERAL_CIPHERING
        if control.protection == Protection.NONE and not general:
            raise SecurityError("an envelope that protects nothing", SecurityFault.POLICY)
        if control.broadcast and (general or form.dedicated):
            raise SecurityError("the broadcast bit is set where it cannot be", SecurityFault.POLICY)

    def check_parties(self, header: GeneralHeader, third_party: bool) -> None:
        """Refuse what is not for us, and who is not the peer, nor a third party with a key."""
        if header.recipient not in (b"", self.own_title):
            raise SecurityError("a message for another party", SecurityFault.UNKNOWN_TITLE)
        originator = header.originator
        known = third_party and originator in self.parties.others
        if originator == self.own_title or not known:
            self._titles.sender(originator)


def _check_keys(suite: SecuritySuite, keys: SymmetricKeys) -> None:
    if len(keys.encryption) != suite.key_octets:
        raise LocalProtocolError(f"keys of suite {suite:d} have {suite.key_octets} octets")
