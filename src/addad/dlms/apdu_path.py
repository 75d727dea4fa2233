"""The way of one APDU between the link and a service: blocks, protection, and back.

Green Book, IEC 62056-5-3 (general block transfer, cryptographic protection). An APDU is protected
first and then cut into general blocks; service-specific blocks are cut first and then protected,
so they leave room for the protection.
"""

from __future__ import annotations

from typing import Final

from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.initiate import Conformance
from addad.dlms.blocks import room
from addad.dlms.general_blocks import GeneralBlockTransfer
from addad.dlms.octets import Cursor
from addad.dlms.parameters import NOTHING, Negotiated, agreed
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.framing import CipheringForm, form_of
from addad.dlms.security.general_ciphering import KeyInfoKind
from addad.dlms.security.suite import TAG_OCTETS, TITLE_OCTETS, Protection
from addad.dlms.security.unprotected import Unprotected
from addad.errors import DecodeError, LocalProtocolError, SecurityError, SecurityFault

ENVELOPE_OCTETS: Final = 2 + TITLE_OCTETS + 5 + TAG_OCTETS
"""What glo-, ded- and general-glo-ciphering add at most, the length aside."""
_AGREED_OCTETS: Final = 300
"""What key agreement adds at most to an envelope: a public key, a signature, their lengths."""
_SIGNATURE_OCTETS: Final = 110
_HEADER_OCTETS: Final = 40
"""The header of general-ciphering and general-signing, and which key is meant."""
_BLOCK: Final = GeneralBlock.TAG
_CLIENT_TAKES: Final = frozenset((0x0E, 0x61, 0x63, 0xD8))
_SERVER_TAKES: Final = frozenset((0x60, 0x62))
_WITHOUT_TAG: Final = frozenset((0x0F, 0xD9, 0xDA))
"""APDUs that no glo- or ded- tag is made for."""
_GENERAL: Final = {
    CipheringForm.GLOBAL: CipheringForm.GENERAL_GLOBAL,
    CipheringForm.DEDICATED: CipheringForm.GENERAL_DEDICATED,
}
_DEDICATED: Final = {
    CipheringForm.GLOBAL: CipheringForm.DEDICATED,
    CipheringForm.GENERAL_GLOBAL: CipheringForm.GENERAL_DEDICATED,
}


class ApduPath:
    """What one end does with the octets of each APDU of an association.

    `security` is None where the application context is not the ciphered one. `take` leaves in
    `envelope` how the APDU was protected, and in `outgoing` what the blocks themselves answer.
    """

    __slots__ = (
        "_blocks",
        "_clear",
        "_is_client",
        "_max_octets",
        "_negotiated",
        "envelope",
        "in_blocks",
        "outgoing",
        "plain",
        "security",
        "whole",
    )

    def __init__(self, security: SecurityContext | None, *, is_client: bool) -> None:
        self.security = security
        self.envelope: Unprotected | None = None
        self.outgoing: tuple[bytes, ...] = ()
        self.in_blocks = False
        """Whether the APDU that was taken last came in general blocks."""
        self.plain = NOTHING
        """What was agreed, with the size that an APDU may have before it is protected."""
        self.whole = NOTHING
        """The same for an APDU that goes in general blocks when it is long."""
        self._is_client = is_client
        self._clear = _CLIENT_TAKES if is_client else _SERVER_TAKES
        self._negotiated = NOTHING
        self._max_octets = 0
        self._blocks: GeneralBlockTransfer | None = None

    def agree(
        self, negotiated: Negotiated, max_octets: int, envelope_octets: int = ENVELOPE_OCTETS
    ) -> None:
        """The association stands: what was agreed, and how much blocks may bring together.

        `envelope_octets` is what an envelope adds at most to what this end asks.
        """
        self._negotiated = self.plain = self.whole = negotiated
        self._max_octets = max_octets
        self._blocks = None
        if self.security is not None:
            self.plain = self.whole = _less(negotiated, envelope_octets)
        if negotiated.conformance & Conformance.GENERAL_BLOCK_TRANSFER:
            self.whole = agreed(negotiated.conformance, max_octets)

    def begin(self) -> None:
        """A new exchange begins, whose blocks have numbers of their own."""
        self.in_blocks = False
        if self._blocks is not None:
            self._blocks.begin()

    # What comes in

    def take(self, octets: bytes) -> bytes | None:
        """The plain APDU; None while blocks of it are missing.

        Raises `DecodeError`, `RemoteProtocolError`, or `SecurityError` for what is not protected
        and must be.
        """
        self.envelope = None
        self.outgoing = ()
        if octets and octets[0] == _BLOCK and self._takes_blocks:
            step = self._transfer().receive(_read_block(octets))
            self.outgoing = step.outgoing
            if step.apdu is None:
                return None
            octets = step.apdu
            self.in_blocks = True
        elif self._blocks is not None and not self._is_client:
            self.begin()
        security = self.security
        if security is None or not octets or octets[0] in self._clear:
            return octets
        try:
            envelope = security.unprotect(octets)
        except DecodeError:
            if form_of(octets) is None:
                raise SecurityError(
                    "a plain APDU in a ciphered association", SecurityFault.POLICY
                ) from None
            raise
        self.envelope = envelope
        return envelope.apdu

    def timeout(self) -> tuple[bytes, ...]:
        """What to send after a silence; raises `RemoteProtocolError` when that has been tried."""
        blocks = self._blocks
        return () if blocks is None or not blocks.active else blocks.timeout()

    # What goes out

    def send(
        self,
        apdu: bytes,
        protection: Protection,
        form: CipheringForm,
        broadcast: bool = False,
        confirmed: bool = True,
    ) -> tuple[bytes, ...]:
        """The APDUs to send for a request; raises `LocalProtocolError` for one too long."""
        security = self.security
        if security is not None:
            if security.dedicated_key is not None and not broadcast:
                form = _DEDICATED.get(form, form)
            if apdu[0] in _WITHOUT_TAG:
                form = _GENERAL.get(form, form)
            apdu = security.protect(apdu, protection, form, broadcast=broadcast)
        return self.cut(apdu, confirmed)

    def answer(self, apdu: bytes, request: Unprotected | None, least: Protection) -> bytes:
        """The answer to a request in the envelope of the request, with `least` at least."""
        security = self.security
        if security is None or request is None:
            return apdu
        if request.header is not None or request.inner is not None:
            return security.answer(apdu, request, least)
        form, applied = request.form, request.applied
        if least and least != applied:
            applied |= least
            if applied & Protection.SIGNATURE:
                form = _GENERAL.get(form, form)
        return security.protect(apdu, applied, form)

    def plain_for(self, request: Unprotected | None, least: Protection) -> Negotiated:
        """What was agreed, with the size that an answer to a request may have before `answer`."""
        if request is None or not (request.header or request.inner or least & Protection.SIGNATURE):
            return self.plain
        octets = 0
        layer: Unprotected | None = request
        while layer is not None:
            octets += _envelope_octets(layer)
            layer = layer.inner
        if least & Protection.SIGNATURE:
            octets += _SIGNATURE_OCTETS + 4 * TITLE_OCTETS
        return _less(self._negotiated, octets)

    def cut(self, octets: bytes, confirmed: bool = True) -> tuple[bytes, ...]:
        """The octets as one APDU, or in general blocks if they are long or the request was so.

        Raises `LocalProtocolError` for what is too long.
        """
        if not self.in_blocks and len(octets) <= self._negotiated.max_pdu:
            return (octets,)
        if not self._takes_blocks:
            raise LocalProtocolError(f"an APDU of {len(octets)} octets is too long for the peer")
        return self._transfer().send(octets, confirmed=confirmed)

    @property
    def _takes_blocks(self) -> bool:
        return bool(self._negotiated.conformance & Conformance.GENERAL_BLOCK_TRANSFER)

    def _transfer(self) -> GeneralBlockTransfer:
        if self._blocks is None:
            self._blocks = GeneralBlockTransfer(
                self._negotiated.max_pdu, self._max_octets, is_client=self._is_client
            )
        return self._blocks


def request_octets(security: SecurityContext, form: CipheringForm, protection: Protection) -> int:
    """What the envelope of a request adds at most, its length aside."""
    octets = ENVELOPE_OCTETS
    if form is CipheringForm.GENERAL_CIPHERING:
        octets += _HEADER_OCTETS
        if security.profile.key_info is not KeyInfoKind.IDENTIFIED:
            octets += _AGREED_OCTETS
    if protection & Protection.SIGNATURE:
        octets += _SIGNATURE_OCTETS + _HEADER_OCTETS
    return octets


def _read_block(octets: bytes) -> GeneralBlock:
    cursor = Cursor(octets, 1)
    block = GeneralBlock.read(cursor)
    cursor.expect_end()
    return block


def _less(negotiated: Negotiated, octets: int) -> Negotiated:
    """The same with an envelope of so many octets, and its length, taken off the size."""
    return agreed(negotiated.conformance, max(room(negotiated.max_pdu, octets), 0))


def _envelope_octets(layer: Unprotected) -> int:
    """What an envelope like the one that came adds at most, its length aside."""
    octets = ENVELOPE_OCTETS + 4
    if layer.header is not None:
        octets += len(layer.header.encode()) + TITLE_OCTETS
    if layer.key_info not in (None, KeyInfoKind.IDENTIFIED):
        octets += _AGREED_OCTETS
    if layer.applied & Protection.SIGNATURE:
        octets += _SIGNATURE_OCTETS
    return octets
