"""What a meter pushes, out of its blocks and envelopes, with what was proven of it.

Green Book, IEC 62056-5-3 (DataNotification, EventNotification, general protection). A push has
invocation counters of its own, and the meter's title in its envelope says under which keys it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from addad.dlms import apdu as apdus
from addad.dlms.apdu.event import EventNotification
from addad.dlms.apdu.general_block import GeneralBlock
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.general_blocks import GeneralBlockTransfer
from addad.dlms.parameters import MAX_PDU
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.framing import CipheringForm, form_of, read_ciphered
from addad.dlms.security.general_ciphering import read_general_ciphered
from addad.dlms.security.general_signing import read_signed
from addad.dlms.security.suite import Protection
from addad.errors import DecodeError, SecurityError, SecurityFault
from addad.net.conversation import Notification

SecurityOf: TypeAlias = Callable[[bytes | None, str], SecurityContext | None]
"""The security of the meter with a system title, None where the envelope carries none, at an
`address:port`; None for a meter not known. Its counters are those of the meter's pushes."""

PUSH_OCTETS_MAX: Final = MAX_PDU


@dataclass(frozen=True, slots=True)
class ReceivedPush:
    """A notification, who sent it, and what was verified of that."""

    peer: str
    """The sender's `address:port`."""
    notification: Notification
    title: bytes | None = None
    """The meter's system title; None for a push in no envelope."""
    protection: Protection = Protection.NONE
    """What was applied and verified; never AUTHENTICATION where no tag was."""
    broadcast: bool = False
    """Whether it came under a key that every meter of a group holds."""


class PushReader:
    """Reads the pushes that come one after another on one connection.

    Without `security_of` a ciphered push is refused; with `plain` False one that is not. In an
    envelope it has to be authenticated: a text that is only encrypted can be altered by who knows
    no key, and one that is only signed comes again and again.
    """

    def __init__(self, security_of: SecurityOf | None = None, plain: bool = True) -> None:
        self._security_of = security_of
        self.outgoing: tuple[bytes, ...] = ()
        """What a meter that wants its blocks acknowledged is to be sent after `read`."""
        self._plain = plain
        self._blocks: GeneralBlockTransfer | None = None

    def read(self, octets: bytes, peer: str) -> ReceivedPush | None:
        """The push in an APDU; None while blocks of it are missing.

        Raises `DecodeError` for what is no push, `SecurityError` for one that may be forged or
        came before.
        """
        self.outgoing = ()
        if octets[:1] == bytes((GeneralBlock.TAG,)):
            whole = self._join(octets)
            if whole is None:
                return None
            octets = whole
        form = form_of(octets)
        if form is None:
            if not self._plain:
                raise SecurityError("a push without protection", SecurityFault.POLICY)
            return ReceivedPush(peer, _notification(octets))
        return self._open(octets, form, peer)

    def _open(self, octets: bytes, form: CipheringForm, peer: str) -> ReceivedPush:
        title = _title(octets, form)
        security = None if self._security_of is None else self._security_of(title, peer)
        if security is None:
            shown = "no title" if title is None else title.hex()
            raise SecurityError(
                f"no keys are known for pushes of {shown}", SecurityFault.UNKNOWN_TITLE
            )
        opened = security.unprotect(octets)
        if not (security.unverified or opened.protection & Protection.AUTHENTICATION):
            raise SecurityError(
                "a push without a tag: it may have been altered, or have come before",
                SecurityFault.POLICY,
            )
        notification = _notification(opened.apdu)
        if not security.unverified:
            security.counters.settle()
        return ReceivedPush(peer, notification, opened.title, opened.protection, opened.broadcast)

    def _join(self, octets: bytes) -> bytes | None:
        block = apdus.decode(octets)
        if not isinstance(block, GeneralBlock):
            raise DecodeError("no general block")
        if self._blocks is None:
            self._blocks = GeneralBlockTransfer(MAX_PDU, PUSH_OCTETS_MAX, is_client=True)
        step = self._blocks.receive(block)
        self.outgoing = step.outgoing
        if step.apdu is not None:
            self._blocks = None
        return step.apdu


def _title(octets: bytes, form: CipheringForm) -> bytes | None:
    """The system title that an envelope carries; nothing of it is verified."""
    if form is CipheringForm.GENERAL_CIPHERING:
        return read_general_ciphered(octets).header.originator
    if form is CipheringForm.GENERAL_SIGNING:
        return read_signed(octets).header.originator
    return read_ciphered(octets).title


def _notification(octets: bytes) -> Notification:
    apdu = apdus.decode(octets)
    if not isinstance(apdu, DataNotification | EventNotification):
        raise DecodeError(f"a {type(apdu).__name__} where only pushes are taken")
    return apdu
