"""The shared constants: numbered, owned, typed for both ends."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from addad import obis
from addad.cosem.classes import Clock, DisconnectControl, ProfileGeneric, Register
from addad.cosem.classes.control import ControlState
from addad.cosem.classes.measurement import Rows
from addad.cosem.interface_class import Attribute, InterfaceClass, Method
from addad.dlms.apdu.descriptors import EntrySelection
from addad.dlms.data import NULL, Data, Tag, decode
from addad.dlms.types import Boolean, LongUnsigned, Unsigned
from addad.errors import AccessError, InputError

SNIPPET = """
from addad import obis
from addad.cosem.classes.control import DisconnectControl
from addad.cosem.classes.measurement import ProfileGeneric, Register
from addad.dlms.types import LongUnsigned
from addad.net.client import Client

async def walk(client: Client) -> None:
    reveal_type(await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.output_state))
    reveal_type(await client.get(obis.DISCONNECT_CONTROL, DisconnectControl.control_state))
    reveal_type(await client.get(obis.CLOCK, Register.scaler_unit))
    reveal_type(await client.get(obis.CLOCK, Register.value.typed(LongUnsigned)))
    await client.set(obis.DISCONNECT_CONTROL, DisconnectControl.output_state, "x")

DisconnectControl.output_state.reads(lambda: "x")
DisconnectControl.output_state.reads(lambda: True)
"""


def test_a_type_checker_knows_both_ends(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET)
    cache = Path(__file__).parents[2] / ".mypy_cache"
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache), str(snippet)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    revealed = re.findall(r'Revealed type is "(?:.*[.])?(\w+)\]?"', result.stdout)
    assert revealed == ["bool", "ControlState", "ScalerUnit", "int"]
    wrong = {number for number, line in enumerate(SNIPPET.splitlines(), 1) if '"x"' in line}
    assert {int(n) for n in re.findall(r"py:(\d+): error", result.stdout)} == wrong


def test_constants_know_their_class_their_number_and_their_name() -> None:
    assert repr(DisconnectControl.control_state) == "DisconnectControl.control_state"
    assert DisconnectControl.control_state.owner is DisconnectControl
    assert list(DisconnectControl.attributes) == [1, 2, 3, 4]
    assert DisconnectControl.methods[2] is DisconnectControl.remote_reconnect
    assert Clock.logical_name.owner is Clock
    assert Register.logical_name.owner is Register


def test_an_inherited_constant_belongs_to_the_newer_class() -> None:
    class Newer(DisconnectControl):
        version = 9
        extra = Attribute(5, Boolean)
        cut = Method(3)

    assert list(Newer.attributes) == [1, 2, 3, 4, 5]
    assert list(Newer.methods) == [1, 2, 3]
    assert Newer.output_state.owner is Newer
    assert DisconnectControl.output_state.owner is DisconnectControl
    assert issubclass(Newer, InterfaceClass)


def test_a_reading_is_encoded_as_its_type() -> None:
    binding = DisconnectControl.control_state.reads(lambda: ControlState.READY_FOR_RECONNECTION)
    assert binding.encode(None) == bytes.fromhex("1602")
    narrowed = Register.value.typed(LongUnsigned).reads(lambda: 230)
    assert narrowed.encode(None) == bytes.fromhex("1200e6")
    assert narrowed.attribute.owner is Register


def test_selective_access_is_refused_where_there_is_none() -> None:
    binding = DisconnectControl.output_state.reads(lambda: True)
    with pytest.raises(AccessError) as refused:
        binding.encode(EntrySelection(1, 2))
    assert refused.value.result == 13


def test_a_write_arrives_with_its_python_type_or_not_at_all() -> None:
    taken: list[object] = []
    binding = DisconnectControl.control_state.writes(taken.append)
    binding.accept(Data(Tag.ENUM, 1))
    assert taken == [ControlState.CONNECTED]
    for wrong in (Data(Tag.UNSIGNED, 1), Data(Tag.ENUM, 77), NULL):
        with pytest.raises(AccessError) as refused:
            binding.accept(wrong)
        assert refused.value.result == 12
    assert len(taken) == 1


def test_a_method_takes_integer_zero_for_a_missing_parameter_and_returns_nothing() -> None:
    taken: list[int] = []
    binding = DisconnectControl.remote_disconnect.does(taken.append)
    assert binding.invoke(None) is None
    assert binding.invoke(Data(Tag.INTEGER, 0)) is None
    assert binding.invoke(NULL) is None
    assert taken == [0, 0, 0]
    with pytest.raises(AccessError):
        Clock.shift_time.does(taken.append).invoke(None)


def test_rows_of_a_buffer_become_one_array() -> None:
    binding = ProfileGeneric.buffer.streams(
        lambda _: Rows(2, [b"\x02\x01\x11\x05\x02\x01\x11\x06"])
    )
    octets = b"".join(binding.encode(None))  # type: ignore[arg-type]
    assert decode(octets).value == (
        Data(Tag.STRUCTURE, (Data(Tag.UNSIGNED, 5),)),
        Data(Tag.STRUCTURE, (Data(Tag.UNSIGNED, 6),)),
    )


def test_descriptors_name_class_object_and_index() -> None:
    descriptor = DisconnectControl.control_state.of(obis.DISCONNECT_CONTROL)
    assert (descriptor.class_id, descriptor.logical_name, descriptor.index) == (
        70,
        obis.DISCONNECT_CONTROL,
        3,
    )
    method = DisconnectControl.remote_reconnect.of(obis.DISCONNECT_CONTROL)
    assert (method.class_id, method.index) == (70, 2)


def test_what_stands_behind_an_object_is_called_and_not_awaited() -> None:
    async def later(*_: object) -> None:
        pass

    energy, relay = Register.value.typed(LongUnsigned), DisconnectControl
    for bind in (
        energy.reads,
        energy.writes,
        energy.writes_for,
        relay.remote_reconnect.does,
        relay.remote_reconnect.does_for,
        ProfileGeneric.buffer.streams,
        lambda made: energy.reads_for(lambda: 1, made),
    ):
        with pytest.raises(InputError, match="called here and not awaited"):
            bind(later)  # type: ignore[operator, arg-type]


def test_a_later_version_may_redefine_an_attribute() -> None:
    class Earlier(InterfaceClass):
        class_id, version = 9999, 0
        value = Attribute(2, Unsigned)
        kept = Attribute(3, Unsigned)

    class Later(Earlier):
        version = 1
        value = Attribute(2, LongUnsigned)

    assert Earlier.attributes[2].type is Unsigned
    assert Later.attributes[2].type is LongUnsigned
    assert Later.value is Later.attributes[2]
    assert Later.value.owner is Later
    assert Later.kept.owner is Later
