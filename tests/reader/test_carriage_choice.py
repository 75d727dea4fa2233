"""Which carriage it is shows itself, also after noise; what is none is told as what it seems."""

import pytest

from addad.errors import DecodeError
from addad.reader.carriage_choice import CarriageChoice
from addad.reader.push_carriages import Carriage, Carried, without_llc
from reader.sample_pushes import LLC, in_hdlc, in_mbus, in_wrapper

APDU = b"\x0f" + bytes(range(200))
FRAMED = {
    Carriage.HDLC: in_hdlc(APDU),
    Carriage.MBUS: in_mbus(APDU),
    Carriage.WRAPPER: in_wrapper(APDU),
}
CHECKED = (Carriage.HDLC, Carriage.MBUS)
NOISE = (b"\0", b"\x0f\xdb", b"\x7e\xa0", b"\x68\x20", bytes(range(256)), b"\x7e" * 5)


def choice(carriage: Carriage | None = None) -> CarriageChoice:
    return CarriageChoice(lambda octets: octets == APDU, carriage)


def apdus(carried: list[Carried]) -> list[bytes]:
    return [without_llc(one.octets) for one in carried if one.fault is None]


@pytest.mark.parametrize("carriage", FRAMED)
@pytest.mark.parametrize("step", [1, 13, 4000])
def test_it_shows_itself(carriage: Carriage, step: int) -> None:
    octets = FRAMED[carriage] * 2
    chosen = choice()
    found = []
    for at in range(0, len(octets), step):
        found += chosen.feed(octets[at : at + step])
    assert apdus(found + chosen.flush()) == [APDU, APDU]
    assert chosen.carriage is carriage
    assert chosen.discarded == 0


@pytest.mark.parametrize("carriage", CHECKED)
@pytest.mark.parametrize("noise", NOISE)
def test_a_frame_with_check_sequences_is_found_behind_noise(
    carriage: Carriage, noise: bytes
) -> None:
    chosen = choice()
    found = chosen.feed(noise + FRAMED[carriage]) + chosen.feed(FRAMED[carriage] * 2)
    assert APDU in apdus(found + chosen.flush())
    assert chosen.carriage is carriage


def test_a_plain_apdu_decides_nothing() -> None:
    chosen = choice()
    assert apdus(chosen.feed(LLC + APDU)) == [APDU]
    assert chosen.carriage is None
    assert apdus(chosen.feed(FRAMED[Carriage.HDLC])) == [APDU]
    assert chosen.carriage is Carriage.HDLC


def test_a_given_carriage_is_the_only_one() -> None:
    chosen = choice(Carriage.HDLC)
    assert chosen.feed(FRAMED[Carriage.MBUS]) == []
    assert chosen.discarded + chosen.buffered == len(FRAMED[Carriage.MBUS])
    assert apdus(chosen.feed(FRAMED[Carriage.HDLC])) == [APDU]


def test_a_wrapper_is_looked_for_at_the_beginning_only() -> None:
    chosen = choice()
    assert apdus(chosen.feed(b"\xff" * 9)) == []
    assert apdus(chosen.feed(FRAMED[Carriage.WRAPPER])) == []
    chosen.flush()
    assert apdus(chosen.feed(FRAMED[Carriage.WRAPPER])) == [APDU]


@pytest.mark.parametrize(
    ("octets", "carriage", "told"),
    [
        (FRAMED[Carriage.HDLC][:40], Carriage.HDLC, "no whole hdlc frame"),
        (FRAMED[Carriage.MBUS][:40], Carriage.MBUS, "no whole m-bus frame"),
        (FRAMED[Carriage.WRAPPER][:40], Carriage.WRAPPER, "missing"),
        (in_hdlc(b"", control=0x93), Carriage.HDLC, "frames without a push"),
    ],
)
def test_what_brings_nothing_is_told_as_what_it_seems(
    octets: bytes, carriage: Carriage, told: str
) -> None:
    chosen = choice()
    assert chosen.feed(octets) == []
    (found,) = chosen.flush()
    assert found.carriage is carriage
    assert isinstance(found.fault, DecodeError)
    assert told in str(found.fault)
    assert chosen.buffered == 0
    assert chosen.flush() == []


def test_what_seems_plain_is_given_as_it_is() -> None:
    chosen = choice()
    assert chosen.feed(b"\x0f\x01") == []
    (found,) = chosen.flush()
    assert (found.carriage, found.octets, found.fault) == (Carriage.PLAIN, b"\x0f\x01", None)
