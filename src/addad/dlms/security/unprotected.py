"""An APDU out of its envelopes, with what was proven of it on the way.

Green Book, IEC 62056-5-3 (protection of xDLMS APDUs).
"""

from __future__ import annotations

from typing import NamedTuple

from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.general_ciphering import GeneralHeader, KeyInfoKind
from addad.dlms.security.keys import KeyId
from addad.dlms.security.suite import Protection


class Unprotected(NamedTuple):
    """An APDU out of its envelopes, and what was proven of it.

    With several envelopes the fields are those of the outermost; `inner` has the others.
    """

    apdu: bytes
    protection: Protection
    """What all envelopes together prove: never AUTHENTICATION where no tag was verified."""
    form: CipheringForm
    key: KeyId | None
    """The global key it came under; None for a dedicated or session key, or a signature alone."""
    title: bytes
    """The system title of the party that applied the protection."""
    counter: int
    """The invocation counter, -1 of a signature alone: a signature is no proof against replay."""
    applied: Protection = Protection.NONE
    """What this one envelope proves."""
    header: GeneralHeader | None = None
    key_info: KeyInfoKind | None = None
    inner: Unprotected | None = None

    def __repr__(self) -> str:
        """Without the APDU: an initiate request holds a key."""
        return f"Unprotected({self.form.value}, {len(self.apdu)} octets, {self.protection!r})"

    @property
    def broadcast(self) -> bool:
        """Whether it came under the broadcast key, which every meter of a group holds."""
        return self.key is KeyId.GLOBAL_BROADCAST_ENCRYPTION or (
            self.inner is not None and self.inner.broadcast
        )
