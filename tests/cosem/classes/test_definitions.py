"""Structures that several classes share, octet by octet."""

from addad.cosem.classes import definitions as d
from addad.dlms.clock_time import DateTime
from addad.dlms.data import NULL
from addad.obis import Obis

SCRIPTS = Obis.parse("0-0:10.0.106")
CLOCK = Obis.parse("0-0:1.0.0")
POWER = Obis.parse("1-0:1.7.0")
START = DateTime(2026, 1, 1, None, 0, 0, 0, None, None)
END = DateTime(None, None, None, None, 6, 0, 0, None, None)


def test_a_script_and_a_set_of_them() -> None:
    script = d.ScriptReference(SCRIPTS, 1)
    octets = "0202 0906 00000A006AFF 120001".replace(" ", "").lower()
    assert d.ScriptReferenceType.encode(script).hex() == octets
    both = d.ActionSet(script, script)
    assert d.ActionSetType.encode(both).hex() == "0202" + octets + octets
    assert d.ActionSetType.decode(d.ActionSetType.encode(both)) == both


def test_a_value_and_an_object() -> None:
    value = d.ValueDefinition(3, POWER, 2)
    octets = d.ValueDefinitionType.encode(value)
    assert octets == bytes.fromhex("0203 120003 0906 0100010700FF 0F02".replace(" ", ""))
    assert d.ValueDefinitionType.decode(octets) == value
    meant = d.ObjectDefinition(3, POWER)
    assert d.ObjectDefinitionType.decode(d.ObjectDefinitionType.encode(meant)) == meant


def test_a_window() -> None:
    window = d.CommunicationWindow(START, END)
    octets = d.CommunicationWindowType.encode(window)
    assert octets == b"\x02\x02\x09\x0c" + START.encode() + b"\x09\x0c" + END.encode()
    assert d.CommunicationWindowType.decode(octets) == window


def test_restrictions_by_nothing_by_date_and_by_entry() -> None:
    dates = d.DateRestriction(START, END)
    entries = d.EntryRestriction(1, 100)
    for kind, value in (
        (d.RestrictionType.NONE, NULL),
        (d.RestrictionType.DATE, d.DateRestrictionType.to_data(dates)),
        (d.RestrictionType.ENTRY, d.EntryRestrictionType.to_data(entries)),
    ):
        meant = d.RestrictedObject(7, CLOCK, 2, 0, d.Restriction(kind, value))
        read = d.RestrictedObjectType.decode(d.RestrictedObjectType.encode(meant))
        assert read == meant
    assert d.DateRestrictionType.from_data(d.DateRestrictionType.to_data(dates)) == dates
    assert d.EntryRestrictionType.encode(entries) == bytes.fromhex("0202060000000106 00000064")
