"""Events in words: by log and code, with a severity; unknown ones by their number."""

import pytest

from addad.headend.event_words import ALARM_BITS, EVENTS, flags, meaning, raised


def test_every_meaning_has_a_known_severity_and_a_text() -> None:
    tables = [*EVENTS.values(), *ALARM_BITS.values()]
    for one in (one for table in tables for one in table.values()):
        assert one.severity in {"alarm", "warning", "info", "good"}
        assert one.text


def test_a_code_means_what_its_log_says() -> None:
    assert meaning("fraud", 44) == ("alarm", "Meter cover removed")
    assert meaning("disconnector", 62).text == "Remote disconnection"
    assert meaning("standard", 44).text == "Event 44"
    assert meaning("0-0:99.98.9", 1).text == "Event 1"


@pytest.mark.parametrize(
    ("register", "bits", "texts"),
    [
        (1, 0, []),
        (1, 1 << 13, ["Fraud attempt"]),
        (2, 0x8000_0000, ["Disconnect/reconnect failure"]),
        (1, 1 << 3, ["Alarm 1, bit 3"]),
        (7, 1, ["Alarm 7, bit 0"]),
    ],
)
def test_bits_of_alarm_descriptors(register: int, bits: int, texts: list[str]) -> None:
    assert [one.text for _, one in raised(register, bits)] == texts


def test_flags_of_a_status_octet() -> None:
    assert flags(0) == []
    assert flags(0x86) == ["PDN", "DNV", "CIV"]
    assert flags(0x50) == []
