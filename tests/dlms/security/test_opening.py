"""Real frames of real meters come out of their envelopes; wrong keys say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from addad.dlms.octets import Cursor
from addad.dlms.security.cipher import GcmCipher
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import CipheringForm, read_ciphered
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.opening import open_ciphered
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.dlms.security.unprotected import Unprotected
from addad.errors import DecodeError, SecurityError, SecurityFault
from dlms.security.published import AUTHENTICATION, CLIENT, ENCRYPTION, GET, GLO_GET

READER = bytes.fromhex("4144440000000001")


@pytest.fixture(scope="module")
def frames(data_dir: Path) -> dict[str, dict]:
    listed = json.loads((data_dir / "frames.json").read_text("utf-8"))
    return {frame["name"]: frame for frame in listed}


def mbus(octets: bytes) -> bytes:
    """What the M-Bus frames carry: each 68 L L 68, five octets of header, data, checksum, 16."""
    cursor, out = Cursor(octets), b""
    while not cursor.at_end:
        cursor.skip(1)
        size = cursor.u8()
        cursor.skip(2)
        out += cursor.take(size)[5:]
        cursor.skip(2)
    return out


def hdlc(octets: bytes, header: int) -> bytes:
    """The information of HDLC frames whose header with its check sequence has this size."""
    cursor, out = Cursor(octets), b""
    while not cursor.at_end:
        cursor.skip(1)
        size = cursor.u16() & 0x7FF
        out += cursor.take(size - 2)[header - 2 : -2]
        cursor.skip(1)
    return out.removeprefix(bytes.fromhex("E6E700"))


def general_blocks(octets: bytes) -> bytes:
    """The data of general block transfer APDUs that stand one after another."""
    cursor, out = Cursor(octets), b""
    while not cursor.at_end:
        cursor.skip(6)
        out += cursor.octet_string()
    return out


def carried(frame: dict) -> bytes:
    octets = bytes.fromhex(frame["hex"])
    if frame["transport"] == "mbus":
        return mbus(octets)
    if frame["name"] == "hdlc_kamstrup_omnipower":
        return hdlc(octets, 7)
    return general_blocks(hdlc(octets, 8)) if frame["transport"] == "hdlc" else octets


def context(frame: dict, suite: int, unverified: bool = False) -> SecurityContext:
    keys = {name: bytes.fromhex(key) for name, key in frame["keys"].items()}
    return SecurityContext(
        SecuritySuite(suite),
        READER,
        None,
        SymmetricKeys(keys["guek"], None if unverified else keys.get("gak")),
        VolatileCounters(),
        unverified=unverified,
    )


def opened(frames: dict[str, dict], name: str, suite: int = 0) -> Unprotected:
    return context(frames[name], suite).unprotect(carried(frames[name]))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("hdlc_kamstrup_omnipower", b"KAM"),
        ("hdlc_landis_gyr_e450", b"LGZ"),
        ("hdlc_lgz_e450_2", b"LGZ"),
        ("luxembourg_smarty_nexxtlab", b"SAG"),
    ],
)
def test_meters_that_authenticate(frames: dict[str, dict], name: str, title: bytes) -> None:
    received = opened(frames, name)
    assert received.protection == AUTHENTICATED_ENCRYPTION
    assert received.form is CipheringForm.GENERAL_GLOBAL
    assert received.title[:3] == title
    assert received.apdu[:1] in (b"\x0f", b"/")
    alone = context(frames[name], 0, unverified=True).unprotect(carried(frames[name]))
    assert (alone.apdu, alone.protection) == (received.apdu, Protection.ENCRYPTION)


def test_tinetz_suite_1_with_a_key_of_16_octets_encryption_alone(
    frames: dict[str, dict],
) -> None:
    name = "tinetz_kaifa_walkthrough"
    received = opened(frames, name, suite=1)
    assert received.apdu.hex() == frames[name]["expected"]["plain"]
    assert received.protection == Protection.ENCRYPTION
    with pytest.raises(SecurityError) as caught:
        opened(frames, name, suite=0)
    assert caught.value.fault is SecurityFault.POLICY


def test_netz_noe_encryption_alone(frames: dict[str, dict]) -> None:
    received = opened(frames, "mbus_netz_noe_p1")
    assert received.apdu[:1] == b"\x0f"
    assert b"181220000009" in received.apdu


def test_the_green_book_get_request(frames: dict[str, dict]) -> None:
    frame = frames["greenbook_glo_get_auth_enc"]
    end = context(frame, 0)
    end.learn_title(bytes.fromhex(frame["keys"]["system_title"]))
    assert end.unprotect(carried(frame)).apdu.hex().upper() == frame["expected"]["plain"]


def test_a_real_frame_with_a_wrong_key_says_which(frames: dict[str, dict]) -> None:
    frame = frames["hdlc_landis_gyr_e450"]
    for wrong, word in (("guek", "encryption"), ("gak", "authentication")):
        keys = {**frame["keys"], wrong: "00" * 16}
        with pytest.raises(SecurityError, match=f"the {word} key"):
            context({**frame, "keys": keys}, 0).unprotect(carried(frame))


def test_what_was_opened_and_what_was_proven() -> None:
    message = read_ciphered(GLO_GET)
    cipher = GcmCipher(ENCRYPTION, AUTHENTICATION)
    assert open_ciphered(cipher, message, CLIENT) == (GET, AUTHENTICATED_ENCRYPTION, True)
    half = GcmCipher(ENCRYPTION, None)
    assert open_ciphered(half, message, CLIENT, unverified=True) == (
        GET,
        Protection.ENCRYPTION,
        False,
    )
    with pytest.raises(DecodeError):
        open_ciphered(cipher, message._replace(body=bytes(11)), CLIENT)
