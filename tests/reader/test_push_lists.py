"""The makers' lists: each can be told from all that stand before it."""

from addad import obis
from addad.reader.push_lists import LIST_VERSION, PUSH_LISTS, Kind
from addad.units import ScalerUnit, Unit


def test_each_list_can_be_reached() -> None:
    seen = set()
    for known in PUSH_LISTS:
        form = (known.named, known.version, tuple(place.kind for place in known.places))
        assert form not in seen
        seen.add(form)
        assert known.places or known.version, known.name
    assert len({known.name for known in PUSH_LISTS}) == len(PUSH_LISTS)


def test_a_list_with_a_version_has_it_first() -> None:
    for known in PUSH_LISTS:
        if known.version and known.places:
            assert known.places[0].logical_name == LIST_VERSION
            assert known.places[0].kind is Kind.TEXT


def test_scales_are_those_that_the_makers_publish() -> None:
    scales = {known.name: known.scales for known in PUSH_LISTS}
    current = (obis.CURRENT_PHASES[2][2], 7)
    voltage = (obis.VOLTAGE_PHASES[0][2], 7)
    assert scales["Kaifa, Sweden"][current] == ScalerUnit(-3, Unit.AMPERE)
    assert scales["Kaifa, Sweden"][voltage] == ScalerUnit(-1, Unit.VOLT)
    assert scales["Kamstrup"][current] == ScalerUnit(-2, Unit.AMPERE)
    assert scales["Kamstrup"][1, 8] == ScalerUnit(1, Unit.WATT_HOUR)
    assert scales["Kamstrup"][4, 7] == ScalerUnit(0, Unit.VAR)
