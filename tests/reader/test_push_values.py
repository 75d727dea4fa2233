"""The values of a push's body: names, scalers, units, descriptors, object lists, places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad import obis
from addad.dlms.clock_time import DateTime
from addad.dlms.data import NULL, Data, Tag
from addad.errors import DecodeError
from addad.obis import Obis
from addad.reader.push_values import VALUES_MAX, PushedValue, read_values
from addad.units import ScalerUnit, Unit

CLOCK = DateTime(2026, 3, 1, 7, 12, 30, 5, None, -60, 0)


def array(*elements: Data) -> Data:
    return Data(Tag.ARRAY, elements)


def structure(*elements: Data) -> Data:
    return Data(Tag.STRUCTURE, elements)


def octets(value: bytes) -> Data:
    return Data(Tag.OCTET_STRING, value)


def number(value: int) -> Data:
    return Data(Tag.DOUBLE_LONG_UNSIGNED, value)


def text(value: str) -> Data:
    return Data(Tag.VISIBLE_STRING, value)


def scaler_unit(scaler: int, unit: int) -> Data:
    return structure(Data(Tag.INTEGER, scaler), Data(Tag.ENUM, unit))


def descriptor(class_id: int, name: Obis, index: int, *more: Data) -> Data:
    head = (Data(Tag.LONG_UNSIGNED, class_id), octets(name), Data(Tag.INTEGER, index))
    return structure(*head, *more)


def shown(body: Data) -> list[tuple[str, object, str]]:
    return [(str(v.logical_name), v.value, v.unit) for v in read_values(body).values]


def test_rows_with_scaler_and_unit() -> None:
    body = array(
        structure(octets(obis.VOLTAGE_PHASES[0]), number(2304), scaler_unit(-1, Unit.VOLT)),
        structure(octets(obis.DEVICE_ID_1), octets(b"123456")),
    )
    expected = [("1-0:32.7.0", 230.4, "V"), ("0-0:96.1.0", "123456", "")]
    assert shown(body) == expected
    flat = [element for row in body.value for element in row.value]  # type: ignore[union-attr]
    assert shown(structure(*flat)) == expected
    assert read_values(body).list_name == ""


def test_descriptors_say_class_and_attribute() -> None:
    name = obis.DISCONNECT_CONTROL
    pair = structure(descriptor(70, name, 3), Data(Tag.ENUM, 1))
    assert read_values(array(pair)).values == (
        PushedValue(name, Data(Tag.ENUM, 1), class_id=70, attribute_index=3),
    )


def test_an_object_list_names_the_values_behind_it() -> None:
    listed = [
        descriptor(40, obis.PUSH_SETUP_ALARM, 2, Data(Tag.LONG_UNSIGNED, 0)),
        descriptor(3, obis.ACTIVE_ENERGY_IMPORT, 2, Data(Tag.LONG_UNSIGNED, 0)),
        descriptor(1, obis.DEVICE_ID_1, 2, Data(Tag.LONG_UNSIGNED, 0)),
    ]
    body = structure(array(*listed), number(7), octets(b"ADD1\0\0"))
    assert shown(body) == [("1-0:1.8.0", 7, ""), ("0-0:96.1.0", "ADD1", "")]
    one_more = structure(array(*listed), number(7))
    assert ("1-0:1.8.0", 7, "") not in shown(one_more)


def test_a_clock_among_the_values_is_the_moment() -> None:
    body = array(structure(octets(obis.CLOCK), octets(CLOCK.encode())))
    found = read_values(body)
    assert found.moment == CLOCK
    assert found.values[0].value == "2026-03-01T12:30:05+01:00"


def test_a_makers_list_tells_names_and_units_and_that_it_did() -> None:
    kaifa = structure(
        *(octets(one) for one in (b"KFM_001", b"697063140", b"MA304H3E")),
        *(number(one) for one in (948, 0, 0, 64, 1416, 2385)),
    )
    found = read_values(kaifa)
    assert found.list_name == "Kaifa, list 2, one phase"
    assert shown(kaifa)[-2:] == [("1-0:31.7.0", 1.416, "A"), ("1-0:32.7.0", 238.5, "V")]
    assert [v.declared for v in found.values] == [False] * 3 + [True] * 6
    kamstrup = structure(
        text("Kamstrup_V0001"),
        octets(Obis.parse("1-1:1.8.0")),
        number(12),
        NULL,
        NULL,
        octets(Obis.parse("1-1:31.7.0")),
        number(12),
    )
    assert shown(kamstrup)[1:] == [("1-1:1.8.0", 120.0, "Wh"), ("1-1:31.7.0", 0.12, "A")]


def test_a_unit_of_the_push_goes_before_the_lists() -> None:
    body = structure(
        text("Kamstrup_V0001"),
        octets(obis.ACTIVE_ENERGY_IMPORT),
        number(12),
        scaler_unit(3, Unit.WATT_HOUR),
    )
    value = read_values(body).values[1]
    assert (value.value, value.declared) == (12_000.0, False)


def test_what_no_list_knows_has_no_name() -> None:
    body = structure(text("of another maker"), number(5), number(6))
    assert [v.logical_name for v in read_values(body).values] == [None] * 3
    assert shown(Data(Tag.BOOLEAN, True)) == [("None", True, "")]
    with_named = structure(number(1), octets(obis.ACTIVE_ENERGY_IMPORT), number(2))
    assert read_values(with_named).list_name == ""


def test_values_are_what_a_person_reads() -> None:
    unit = ScalerUnit(-1, Unit.VOLT)
    for data, expected in (
        (text("40799390\0\0"), "40799390"),
        (octets(b"\x00\x02\xff"), "0002ff"),
        (octets(CLOCK.encode()), "2026-03-01T12:30:05+01:00"),
        (Data(Tag.FLOAT32, 2.5), 2.5),
        (structure(number(1), text("a")), [1, "a"]),
    ):
        assert PushedValue(None, data).value == expected
    assert PushedValue(None, Data(Tag.FLOAT64, 2304.0), unit).value == pytest.approx(230.4)
    assert PushedValue(None, text("x"), unit).value == "x"


def test_too_many_values_are_refused() -> None:
    with pytest.raises(DecodeError, match="limit"):
        read_values(array(*[number(1)] * (VALUES_MAX + 1)))


simple = st.one_of(
    st.builds(octets, st.binary(max_size=13)),
    st.builds(number, st.integers(0, 2**32 - 1)),
    st.builds(text, st.text(max_size=8)),
    st.just(NULL),
    st.builds(scaler_unit, st.integers(-128, 127), st.integers(0, 255)),
    st.just(octets(obis.CLOCK)),
)
bodies = st.recursive(
    simple,
    lambda inner: (
        st.builds(lambda e: structure(*e), st.lists(inner, max_size=5))
        | st.builds(lambda e: array(*e), st.lists(inner, max_size=5))
    ),
    max_leaves=20,
)


@given(bodies)
def test_any_body_is_read_or_refused(body: Data) -> None:
    for value in read_values(body).values:
        assert value.value is not None or value.data is not None
        assert isinstance(value.unit, str)
