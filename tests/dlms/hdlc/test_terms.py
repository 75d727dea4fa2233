"""The limits in time that a link has unless told."""

from addad.dlms.hdlc.terms import DEFAULT_TIMES, LinkRole


def test_the_inactivity_time_is_the_standards_two_minutes() -> None:
    assert DEFAULT_TIMES.inactivity_s == 120
    assert DEFAULT_TIMES.retries >= 1
    assert DEFAULT_TIMES.octet_s == 0
    assert [role.value for role in LinkRole] == ["client", "server"]
