"""What came out of envelopes: shown without its octets, a group's key told through all layers."""

from addad.dlms.security.framing import CipheringForm
from addad.dlms.security.keys import KeyId
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection
from addad.dlms.security.unprotected import Unprotected

TITLE = b"ABC\0\0\0\0\1"


def _came(key: KeyId | None, inner: Unprotected | None = None) -> Unprotected:
    return Unprotected(
        b"\xc0secret", Protection.NONE, CipheringForm.GENERAL_GLOBAL, key, TITLE, 1, inner=inner
    )


def test_a_broadcast_inside_another_envelope_is_a_broadcast() -> None:
    group = _came(KeyId.GLOBAL_BROADCAST_ENCRYPTION)
    own = _came(KeyId.GLOBAL_UNICAST_ENCRYPTION)
    assert group.broadcast
    assert not own.broadcast
    assert _came(None, group).broadcast
    assert not _came(None, own).broadcast


def test_its_octets_are_not_shown() -> None:
    shown = repr(_came(None)._replace(protection=AUTHENTICATED_ENCRYPTION))
    assert "7 octets" in shown
    assert "secret" not in shown
