"""What is taken from a meter's answers: numbers, texts, parts; and who it must be."""

import asyncio

import pytest
from headend_bench import NAME, NOON, SERIAL, FakeClient, FakeMeter

from addad.dlms.data import Data, Tag
from addad.errors import AccessError, LinkError
from addad.headend.inventory import Meter
from addad.headend.link import Target, check_identity, connect_over_tcp, elements, number, text


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (Data(Tag.LONG, -5), -5),
        (Data(Tag.ENUM, 2), 2),
        (7, 7),
        (Data(Tag.BOOLEAN, True), None),
        (Data(Tag.FLOAT32, 1.5), None),
        (Data(Tag.NULL_DATA, None), None),
        (AccessError(4), None),
    ],
)
def test_a_number_is_an_integer_or_nothing(data: object, value: int | None) -> None:
    assert number(data) == value


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (Data(Tag.OCTET_STRING, b"ADD1"), "ADD1"),
        (Data(Tag.OCTET_STRING, b"\x00\xff"), "00ff"),
        (Data(Tag.VISIBLE_STRING, "x"), "x"),
        (Data(Tag.UTF8_STRING, "a\nERROR b"), "a\\nERROR b"),
        (Data(Tag.UTF8_STRING, "a\u202eb"), "a\\u202eb"),
        (Data(Tag.UTF8_STRING, "Fès"), "Fès"),
        (Data(Tag.LONG, 5), ""),
        (AccessError(4), ""),
    ],
)
def test_a_text_is_readable(data: object, value: str) -> None:
    assert text(data) == value


def test_parts_are_those_of_arrays_and_structures() -> None:
    one = Data(Tag.UNSIGNED, 1)
    assert elements(Data(Tag.STRUCTURE, (one, one))) == (one, one)
    assert elements(one) == ()
    assert elements(AccessError(4)) == ()


@pytest.mark.parametrize(
    ("device_name", "serial", "believed"),
    [(NAME, SERIAL, True), ("ADDother", SERIAL, False), ("", SERIAL, True), ("", "99", False)],
)
def test_only_the_meter_that_was_registered_is_believed(
    device_name: str, serial: str, believed: bool
) -> None:
    client = FakeClient(FakeMeter(), Target("h", 1, 2, ""), lambda: NOON)
    meter = Meter(1, serial, device_name, "h", 1)
    if believed:
        asyncio.run(check_identity(client, meter))
    else:
        with pytest.raises(LinkError, match="another meter"):
            asyncio.run(check_identity(client, meter))


def test_a_port_where_nobody_listens_is_a_link_error() -> None:
    async def main() -> None:
        async with connect_over_tcp(Target("127.0.0.1", 1, 2, "x", 2.0)):
            raise AssertionError("nobody listens there")

    with pytest.raises(LinkError):
        asyncio.run(main())
