"""Real meters' frames and published vectors decode to what they are said to hold."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from addad.dlms import apdu
from addad.dlms.apdu.get import GetRequest
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.data import Data, Tag
from addad.dlms.push_quirks import PushQuirk
from addad.errors import DecodeError
from addad.obis import Obis

LLC = (bytes.fromhex("E6E700"), bytes.fromhex("E6E600"))
NO_APDU = {
    "amshan_hdlc_frame_empty_info": "no information",
    "amshan_hdlc_frame_short_info": "two octets that are no APDU",
    "amshan_hdlc_stuffed_frame_short_info": "octet stuffing, which DLMS HDLC has not",
    "greenbook_hdlc_ui_frame": "a short-name service",
    "dlms_snrm_2byte_addr": "no information",
}
CIPHERED = frozenset((0xC8, 0xDB, 0xE0))
QUIRKS = {
    "hdlc_landis_gyr_zmf100": PushQuirk.SWAPPED_NAME_TAG,
    "raw_egd_example": PushQuirk.UNTAGGED_DESCRIPTORS,
    "raw_sagecom_xt211": PushQuirk.UNTAGGED_DESCRIPTORS,
    "hdlc_kaifa_ma304h3e": PushQuirk.TAGGED_DATE_TIME,
    "kaifa_no_list_1": PushQuirk.TAGGED_DATE_TIME,
    "kaifa_no_list_2": PushQuirk.TAGGED_DATE_TIME,
    "kaifa_no_list_3": PushQuirk.TAGGED_DATE_TIME,
    "amshan_hdlc_frame_with_flag_sequence_character_in_info": PushQuirk.TAGGED_DATE_TIME,
}

# What follows is only as much HDLC as these frames need.


def _information(frames: bytes) -> bytes:
    """The information fields of consecutive HDLC frames, joined."""
    joined = b""
    at = 0
    while at < len(frames):
        if frames[at] == 0x7E:
            at += 1
            continue
        size = (frames[at] & 7) << 8 | frames[at + 1]
        frame = frames[at : at + size]
        at += size
        header = 2
        for _ in range(2):
            while not frame[header] & 1:
                header += 1
            header += 1
        joined += frame[header + 3 : -2]
    return joined


class Case(NamedTuple):
    name: str
    octets: bytes
    expected: dict[str, Any]


def _load(folder: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((folder / "frames.json").read_text("utf-8"))
    return loaded


def _cases(folder: Path) -> list[Case]:
    """Every frame whose APDU is not ciphered, and the plain text of those that state it."""
    cases = []
    for frame in _load(folder):
        name, octets = frame["name"], bytes.fromhex(frame["hex"])
        expected = frame.get("expected", {})
        if "plain" in expected:
            cases.append(Case(name, bytes.fromhex(expected["plain"]), {}))
            continue
        if name in NO_APDU or frame["transport"] == "mbus":
            continue
        if frame["transport"] == "hdlc":
            octets = _information(octets)
        if octets[:3] in LLC:
            octets = octets[3:]
        if octets[0] not in CIPHERED:
            cases.append(Case(name, octets, expected))
    return cases


@pytest.fixture(scope="module")
def cases(data_dir: Path) -> list[Case]:
    return _cases(data_dir)


class Item(NamedTuple):
    value: object
    scaler: int | None


def _leaves(data: Data) -> Iterator[Data | int]:
    """All simple values in order; a scaler and its unit come as the scaler's number."""
    if data.tag not in (Tag.ARRAY, Tag.STRUCTURE):
        yield data
        return
    assert isinstance(data.value, tuple)
    tags = [element.tag for element in data.value]
    if tags == [Tag.INTEGER, Tag.ENUM]:
        scaler = data.value[0].value
        assert isinstance(scaler, int)
        yield scaler
        return
    for element in data.value:
        assert isinstance(element, Data)
        yield from _leaves(element)


def _named(body: Data) -> dict[str, Item]:
    """What stands after each logical name: a value, and perhaps its scaler."""
    items: dict[str, Item] = {}
    leaves: list[Data | int | None] = [*_leaves(body), None, None]
    at = 0
    while (leaf := leaves[at]) is not None:
        at += 1
        if not isinstance(leaf, Data) or leaf.tag != Tag.OCTET_STRING:
            continue
        if not isinstance(leaf.value, bytes) or len(leaf.value) != 6:
            continue
        before = leaves[at - 2] if at > 1 else None
        after = leaves[at]
        described = isinstance(before, Data) and before.tag == Tag.LONG_UNSIGNED
        if described and isinstance(after, Data) and after.tag == Tag.INTEGER:
            at += 1  # class id, logical name, attribute index, value
            after = leaves[at]
        if isinstance(after, Data):
            at += 1
            scaler = leaves[at]
            name = Obis(leaf.value).dotted
            items[name] = Item(after.value, scaler if isinstance(scaler, int) else None)
    return items


def _text(value: object) -> str:
    """Text up to its first NUL."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text.split("\0")[0]


def _number(item: Item) -> float:
    assert isinstance(item.value, int | bool)
    scaler = item.scaler or 0
    return item.value * 10**scaler if scaler >= 0 else item.value / 10**-scaler


def test_every_frame_is_accounted_for(data_dir: Path, cases: list[Case]) -> None:
    frames = _load(data_dir)
    assert len(frames) >= 42
    mbus = {f["name"] for f in frames if f["transport"] == "mbus"}
    covered = {case.name for case in cases}
    ciphered = {f["name"] for f in frames if "keys" in f} - covered
    assert {f["name"] for f in frames} == covered | mbus | ciphered | NO_APDU.keys()
    assert len(covered) >= 26


def test_each_frame_decodes(cases: list[Case]) -> None:
    for case in cases:
        decoded = apdu.decode(case.octets)
        if case.name == "greenbook_glo_get_auth_enc":
            assert isinstance(decoded, GetRequest)
            assert (decoded.descriptor.class_id, decoded.descriptor.index) == (8, 2)
            assert decoded.encode() == case.octets
            continue
        assert isinstance(decoded, DataNotification), case.name
        assert decoded.quirk is QUIRKS.get(case.name), case.name
        again = apdu.decode(decoded.encode())
        assert again == decoded, case.name
        if decoded.quirk is None:
            assert decoded.encode() == case.octets, case.name


def test_each_named_value_is_the_stated_one(cases: list[Case]) -> None:
    checked = 0
    for case in cases:
        stated = {**case.expected.get("values", {}), **case.expected.get("raw_by_obis", {})}
        stated |= case.expected.get("strings", {})
        stated |= {key: text for key, text in case.expected.items() if re.match(r"\d+\.\d", key)}
        if not stated:
            continue
        decoded = apdu.decode(case.octets)
        assert isinstance(decoded, DataNotification)
        items = _named(decoded.body)
        for name, value in stated.items():
            checked += 1
            where = f"{case.name} {name}"
            found = items[name]
            if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d ", value):
                assert isinstance(found.value, bytes), where
                clock = DateTime.decode(found.value)
                assert _local(clock) == datetime.fromisoformat(value), where
            elif isinstance(value, str):
                assert _text(found.value) == value, where
            else:
                assert _number(found) == pytest.approx(value), where
    assert checked >= 200


# Lists without names, or without scalers: what each maker means by the place of a value.
KAIFA = (
    *("list_ver_id", "meter_id", "meter_type", "active_power_import", "active_power_export"),
    *("reactive_power_import", "reactive_power_export", "current_l1", "current_l2", "current_l3"),
    *("voltage_l1", "voltage_l2", "voltage_l3", "clock", "active_power_import_total"),
    *("active_power_export_total", "reactive_power_import_total", "reactive_power_export_total"),
)
SCALE = {
    "kaifa": {"current": 1e-3, "voltage": 1e-1},
    "kamstrup": {"current": 1e-2, "total": 10},
}
NAMES = {
    "1.7.0": "active_power_import",
    "2.7.0": "active_power_export",
    "3.7.0": "reactive_power_import",
    "4.7.0": "reactive_power_export",
    "31.7.0": "current_l1",
    "51.7.0": "current_l2",
    "71.7.0": "current_l3",
    "32.7.0": "voltage_l1",
    "52.7.0": "voltage_l2",
    "1.8.0": "active_power_import_total",
    "2.8.0": "active_power_export_total",
    "3.8.0": "reactive_power_import_total",
    "4.8.0": "reactive_power_export_total",
    "21.7.0": "active_power_import_l1",
    "41.7.0": "active_power_import_l2",
    "22.7.0": "active_power_export_l1",
    "42.7.0": "active_power_export_l2",
    "62.7.0": "active_power_export_l3",
    "23.7.0": "reactive_power_import_l1",
    "43.7.0": "reactive_power_import_l2",
    "63.7.0": "reactive_power_import_l3",
    "24.7.0": "reactive_power_export_l1",
    "44.7.0": "reactive_power_export_l2",
    "64.7.0": "reactive_power_export_l3",
    "96.1.0": "meter_id",
    "96.1.7": "meter_type",
    "0.2.129": "list_ver_id",
    "0.0.5": "meter_id",
    "96.1.1": "meter_type",
}


def _placed(body: Data) -> dict[str, Item]:
    """Values by the maker's name for them."""
    named = _named(body)
    if named:
        short = {".".join(name.split(".")[2:5]): item for name, item in named.items()}
        items = {NAMES[name]: item for name, item in short.items() if name in NAMES}
        first = next(iter(_leaves(body)))
        if isinstance(first, Data) and first.tag == Tag.VISIBLE_STRING:
            items["list_ver_id"] = Item(first.value, None)
        return items
    leaves = [leaf.value for leaf in _leaves(body) if isinstance(leaf, Data)]
    places = ["active_power_import"] if len(leaves) == 1 else KAIFA
    if len(leaves) in (9, 14):  # one phase
        places = [place for place in KAIFA if not place.endswith(("l2", "l3"))]
    return {place: Item(value, None) for place, value in zip(places, leaves, strict=False)}


def test_each_makers_list_is_the_stated_one(cases: list[Case]) -> None:
    checked = 0
    for case in cases:
        stated = case.expected.get("scaled", {})
        if not stated:
            continue
        maker = case.name.split("_")[0]
        decoded = apdu.decode(case.octets)
        assert isinstance(decoded, DataNotification)
        items = _placed(decoded.body)
        for name, value in stated.items():
            if name == "meter_manufacturer":
                continue
            checked += 1
            where = f"{case.name} {name}"
            if isinstance(value, str):
                assert _text(items[name].value) == value, where
                continue
            scales = SCALE.get(maker, {})
            words = name.split("_")
            scale = next((scales[word] for word in words if word in scales), 1)
            raw = items[name].value
            assert isinstance(raw, int), where
            # Some of these statements leave the scaler out.
            wanted = {_number(items[name]) * scale, raw}
            assert any(value == pytest.approx(one) for one in wanted), where
    assert checked >= 120


def _local(clock: DateTime) -> datetime:
    year, month, day, hour = clock.year, clock.month, clock.day, clock.hour
    assert None not in (year, month, day, hour, clock.minute, clock.second)
    return datetime(
        year or 0, month or 0, day or 0, hour or 0, clock.minute or 0, clock.second or 0
    )


def test_each_moment_is_the_stated_one(cases: list[Case]) -> None:
    checked = 0
    for case in cases:
        stated = case.expected.get("datetime", {}).get("meter_datetime", "")
        numbers = re.fullmatch(r"datetime\(([\d, ]+)\)", stated)
        if numbers is None:
            continue
        decoded = apdu.decode(case.octets)
        assert isinstance(decoded, DataNotification)
        moment = decoded.moment
        if moment is None:
            octets = _named(decoded.body)["0.0.1.0.0.255"].value
            assert isinstance(octets, bytes)
            moment = DateTime.decode(octets)
        year, month, day, hour, minute, *second = map(int, numbers[1].split(","))
        wanted = datetime(year, month, day, hour, minute, *second)
        assert _local(moment) == wanted, case.name
        checked += 1
    assert checked >= 9


def test_each_frame_truncated_at_every_length_is_refused(cases: list[Case]) -> None:
    for case in cases:
        for end in range(len(case.octets)):
            with pytest.raises(DecodeError):
                apdu.decode(case.octets[:end])


def test_each_frame_with_trailing_octets_is_refused(cases: list[Case]) -> None:
    for case in cases:
        for tail in (b"\x00", b"\xff", b"\x00\x00\x00"):
            with pytest.raises(DecodeError):
                apdu.decode(case.octets + tail)


def test_the_rest_is_refused_not_guessed(data_dir: Path) -> None:
    for frame in _load(data_dir):
        octets = bytes.fromhex(frame["hex"])
        if frame["name"] in NO_APDU or frame["transport"] == "mbus":
            with pytest.raises(DecodeError):
                apdu.decode(octets)
