"""The names of the objects: complete for our own codes, and never the same twice."""

from addad import obis
from addad.obis import Obis
from addad.obis_names import NAMES, name_of


def test_every_constant_has_a_name() -> None:
    single = [v for v in vars(obis).values() if isinstance(v, Obis)]
    many = [c for v in vars(obis).values() if isinstance(v, tuple) for c in v]
    assert [str(code) for code in single + many if not name_of(code)] == []


def test_no_two_objects_have_the_same_name() -> None:
    assert len(set(NAMES.values())) == len(NAMES)


def test_an_unknown_object_has_none() -> None:
    assert name_of(bytes(6)) == ""
