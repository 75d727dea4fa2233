"""Tables of objects by name or file; a bad one says which and why."""

from pathlib import Path

import pytest

from addad.errors import InputError
from addad.host.object_models import MAX_TABLE_OCTETS, load_model, packaged_models
from addad.obis import Obis

CALENDAR = Obis.parse("0-0:13.0.0")


def test_the_default_is_the_residential_meter() -> None:
    assert "residential" in packaged_models()
    model = load_model()
    assert model.title == "residential"
    assert CALENDAR in [row.logical_name for row in model.rows]


def test_every_table_of_the_package_loads() -> None:
    for name in packaged_models():
        assert load_model(name).title == name


def test_another_table_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[[object]]\nclass = 1\nname = "0-0:96.1.10"\nattributes.value = { octet-string = "X" }'
    )
    assert [row.logical_name for row in load_model(str(path)).rows] == [Obis.parse("0-0:96.1.10")]


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="residential"):
        load_model("no-such-table")
    with pytest.raises(InputError, match="neither"):
        load_model(str(tmp_path))
    bad = tmp_path / "bad.toml"
    bad.write_text("colour = 1")
    with pytest.raises(InputError, match=r"bad\.toml.*colour"):
        load_model(str(bad))
    bad.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="no text"):
        load_model(str(bad))
    bad.write_bytes(b"#" * (MAX_TABLE_OCTETS + 1))
    with pytest.raises(InputError, match="octets"):
        load_model(str(bad))


def test_a_table_extends_another(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    own = '[[object]]\nclass = 1\nname = "0-0:96.1.9"\nattributes.value = { octet-string = "X" }'
    path.write_text(f'extends = "residential"\nomit = ["0-0:11.0.0"]\n{own}')
    names = [row.logical_name for row in load_model(str(path)).rows]
    assert {CALENDAR, Obis.parse("0-0:96.1.9")} <= set(names)
    assert Obis.parse("0-0:11.0.0") not in names
    path.write_text(f'extends = "nothing"\n{own}')
    with pytest.raises(InputError, match="nothing"):
        load_model(str(path))
