"""The LLC header before an APDU."""

from addad.dlms.hdlc.llc import COMMAND, RESPONSE


def test_the_published_octets() -> None:
    assert COMMAND.hex() == "e6e600"
    assert RESPONSE.hex() == "e6e700"
