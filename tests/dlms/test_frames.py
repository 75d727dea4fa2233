"""Every real frame and published vector decodes to what it is said to hold, or is refused."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from addad.dlms import apdu
from addad.dlms.apdu.get import GetRequest
from addad.dlms.apdu.notification import DataNotification
from addad.dlms.clock_time import DateTime
from addad.dlms.hdlc.check_sequence import check_sequence
from addad.dlms.hdlc.frame import FrameKind, read_frame
from addad.dlms.mbus import MbusQuirk
from addad.dlms.push_quirks import PushQuirk
from addad.dlms.security.context import SecurityContext
from addad.dlms.security.counters import VolatileCounters
from addad.dlms.security.framing import read_ciphered
from addad.dlms.security.keys import SymmetricKeys
from addad.dlms.security.suite import AUTHENTICATED_ENCRYPTION, Protection, SecuritySuite
from addad.errors import DecodeError, RemoteProtocolError, SecurityError, SecurityFault
from addad.obis import Obis
from addad.reader.credentials import Credentials, read_credentials
from addad.reader.push_carriages import Carriage
from addad.reader.pushes import Push, PushDecoder, Quirk, UnreadPush, read_pushes
from foreign import cells

NO_PUSH: Final = {
    "amshan_hdlc_frame_empty_info": "frames without a push",
    "amshan_hdlc_frame_short_info": "no APDU known here has tag 02",
    "amshan_hdlc_stuffed_frame_short_info": "no whole hdlc frame",  # type 3 has no stuffing
    "greenbook_hdlc_ui_frame": "no APDU known here has tag 1D",  # of short-name referencing
    "dlms_snrm_2byte_addr": "frames without a push",
}
NO_KEY: Final = {
    "mbus_kmswest": ("454c536570000001", 0x20),
    "kaifa_ma309m_gurux_forum_18232": ("4b464d1020007840", 0x21),
    "kaifa_ma309m_vorarlberg": ("4b464d1020003774", 0x21),
    "evn_sagemcom_t210d_nokey": ("5341475905e8b4cb", 0x20),
}
GET: Final = "greenbook_glo_get_auth_enc"
WRONG_FCS: Final = "hdlc_landis_gyr_zmf100"
"""Its statement says that the FCS was made anew; the one that stands there does not verify."""
ENCRYPTED_ONLY: Final = frozenset(("mbus_netz_noe_p1", "tinetz_kaifa_walkthrough"))
SUITES: Final = {"tinetz_kaifa_walkthrough": 1}
QUIRKS: Final[dict[str, Quirk]] = {
    "hdlc_landis_gyr_zmf100": PushQuirk.SWAPPED_NAME_TAG,
    "raw_egd_example": PushQuirk.UNTAGGED_DESCRIPTORS,
    "raw_sagecom_xt211": PushQuirk.UNTAGGED_DESCRIPTORS,
    "hdlc_kaifa_ma304h3e": PushQuirk.TAGGED_DATE_TIME,
    "kaifa_no_list_1": PushQuirk.TAGGED_DATE_TIME,
    "kaifa_no_list_2": PushQuirk.TAGGED_DATE_TIME,
    "kaifa_no_list_3": PushQuirk.TAGGED_DATE_TIME,
    "amshan_hdlc_frame_with_flag_sequence_character_in_info": PushQuirk.TAGGED_DATE_TIME,
}
CARRIAGES: Final = {
    "hdlc": Carriage.HDLC,
    "mbus": Carriage.MBUS,
    "apdu": Carriage.PLAIN,
    "llc": Carriage.PLAIN,
}


class Case(NamedTuple):
    name: str
    octets: bytes
    transport: str
    keys: dict[str, str]
    expected: dict[str, Any]

    @property
    def credentials(self) -> Credentials | None:
        if not self.keys:
            return None
        entry: dict[str, object] = {
            "encryption_key": self.keys["guek"],
            "suite": SUITES.get(self.name, 0),
        }
        if "gak" in self.keys:
            entry["authentication_key"] = self.keys["gak"]
        else:
            entry["encryption_key_only"] = True
        return read_credentials({"push": entry}, Path())


@pytest.fixture(scope="module")
def cases(data_dir: Path) -> dict[str, Case]:
    frames = json.loads((data_dir / "frames.json").read_text("utf-8"))
    found = {}
    for frame in frames:
        name, octets = frame["name"], bytes.fromhex(frame["hex"])
        if name == WRONG_FCS:
            octets = octets[:-3] + check_sequence(octets[1:-3]) + octets[-1:]
        expected = frame.get("expected", {})
        found[name] = Case(name, octets, frame["transport"], frame.get("keys", {}), expected)
    assert len(found) == len(frames) >= 42
    return found


@pytest.fixture(scope="module")
def pushes(cases: dict[str, Case]) -> dict[str, Push]:
    """Every frame that is a push whose keys are known: all but those named above."""
    left_out = {*NO_PUSH, *NO_KEY, GET}
    found = {}
    for case in cases.values():
        if case.name not in left_out:
            (found[case.name],) = read_pushes(case.octets, case.credentials)
    assert len(found) + len(left_out) == len(cases)
    return found


def text_of(value: object) -> str:
    """Text up to its first NUL."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text.split("\0")[0]


def by_name(push: Push) -> dict[str, Any]:
    named = {v.logical_name.dotted: v for v in push.values if v.logical_name is not None}
    first = push.values[0]
    return {"0.0.0.0.0.0": first, **named}  # a statement's word for a value without a name


@cells.cell(
    cells.REAL_METERS, cells.CLIENT, services=("DataNotification",), transport="plain container"
)
def test_each_push_comes_by_its_carriage_with_its_quirks(
    cases: dict[str, Case], pushes: dict[str, Push]
) -> None:
    for name, push in pushes.items():
        assert push.carriage is CARRIAGES[cases[name].transport], name
        quirk = QUIRKS.get(name)
        assert push.quirks == (() if quirk is None else (quirk,)), name


def test_each_notification_is_encoded_as_it_came(pushes: dict[str, Push]) -> None:
    for name, push in pushes.items():
        if push.notification is None:
            assert name == "luxembourg_smarty_nexxtlab"
            continue
        octets = push.notification.encode()
        assert apdu.decode(octets) == push.notification, name
        if not push.quirks:
            assert octets == push.octets, name


@cells.cell(
    cells.REAL_METERS,
    cells.CLIENT,
    services=("DataNotification", "general block transfer", "data types"),
    transport="HDLC UI frames",
    protections=("general-glo",),
)
def test_each_named_value_is_the_stated_one(
    cases: dict[str, Case], pushes: dict[str, Push]
) -> None:
    checked = 0
    for name, push in pushes.items():
        expected = cases[name].expected
        stated = {**expected.get("values", {}), **expected.get("raw_by_obis", {})}
        stated |= expected.get("strings", {})
        stated |= {key: value for key, value in expected.items() if re.match(r"\d+\.\d", key)}
        if name == "raw_energomera":
            continue  # stated are the data indexes of its push object list: see below
        values = by_name(push)
        for code, value in stated.items():
            checked += 1
            where = f"{name} {code}"
            found = values[code]
            if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d ", value):
                assert local(found.moment) == datetime.fromisoformat(value), where
            elif isinstance(value, str):
                assert text_of(found.data.value) == value, where
            elif found.declared:
                assert found.raw == value, where
            else:
                assert found.value == pytest.approx(value), where
    assert checked >= 260


def test_each_push_has_as_many_objects_as_stated(
    cases: dict[str, Case], pushes: dict[str, Push]
) -> None:
    # The statements leave out values without a name, or the clock, or count the object list.
    other = {"hdlc_kaifa_ma304h3e": 13, "hdlc_lgz_e450_2": 17, "mbus_netz_noe_p1": 13}
    other |= {"raw_egd_example": 28, "raw_sagecom_xt211": 23, "raw_energomera": 6}
    for name, push in pushes.items():
        count = cases[name].expected.get("object_count")
        if count is not None:
            assert len(push.values) == other.get(name, count), name


def test_a_push_object_list_names_the_values_behind_it(
    cases: dict[str, Case], pushes: dict[str, Push]
) -> None:
    push = pushes["raw_energomera"]
    assert {str(v.logical_name): v.value for v in push.values} == {
        "0-0:96.5.134": 1,
        "0-0:42.0.0": "EMR0222173608710",
        "0-0:96.1.0": "012415173608710",
        "0-0:97.98.0": 16,
        "0-0:97.98.10": 65535,
        "0-0:96.5.135": ["0000636204ff", 3],
    }
    assert dict(listed_objects(push)) == {
        name: int(number) for name, number in cases["raw_energomera"].expected["values"].items()
    }


def listed_objects(push: Push) -> list[tuple[str, int]]:
    """Logical name and data index of each element of the object list at the head of a push."""
    assert isinstance(push.notification, DataNotification)
    body = push.notification.body.value
    assert isinstance(body, tuple)
    found = []
    for element in body[0].value:
        _, name, _, index, *_ = element.value
        found.append((Obis(name.value).dotted, index.value))
    return found


# Lists without names, or without scalers: what each maker's list says of a place.
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


def test_each_makers_list_is_the_stated_one(
    cases: dict[str, Case], pushes: dict[str, Push]
) -> None:
    checked = 0
    for name, push in pushes.items():
        stated = dict(cases[name].expected.get("scaled", {}))
        maker = stated.pop("meter_manufacturer", "")
        assert push.list_name.startswith(maker) or maker == "Aidon", name
        short = {".".join(code.split(".")[2:5]): one for code, one in by_name(push).items()}
        values = {NAMES[code]: one for code, one in short.items() if code in NAMES}
        for what, value in stated.items():
            checked += 1
            found = values[what].value
            if isinstance(value, str):
                assert found == value, f"{name} {what}"
            else:
                assert found == pytest.approx(value), f"{name} {what}"
    assert checked >= 140


def local(clock: DateTime | None) -> datetime:
    assert clock is not None
    year, month, day, hour = clock.year, clock.month, clock.day, clock.hour
    assert None not in (year, month, day, hour, clock.minute, clock.second)
    return datetime(
        year or 0, month or 0, day or 0, hour or 0, clock.minute or 0, clock.second or 0
    )


def test_each_moment_is_the_stated_one(cases: dict[str, Case], pushes: dict[str, Push]) -> None:
    checked = 0
    for name, push in pushes.items():
        stated = cases[name].expected.get("datetime", {}).get("meter_datetime", "")
        numbers = re.fullmatch(r"datetime\(([\d, ]+)\)", stated)
        if numbers is None:
            continue
        year, month, day, hour, minute, *second = map(int, numbers[1].split(","))
        assert local(push.moment) == datetime(year, month, day, hour, minute, *second), name
        checked += 1
    assert checked >= 9


def test_what_is_no_push_is_refused_with_its_reason(cases: dict[str, Case]) -> None:
    for name, told in NO_PUSH.items():
        with pytest.raises(DecodeError, match=told):
            read_pushes(cases[name].octets)


def test_frames_without_a_push_are_frames_all_the_same(cases: dict[str, Case]) -> None:
    for case in cases.values():
        if case.expected.get("fcs_ok"):
            read_frame(case.octets[1:-1])
    ui = read_frame(cases["greenbook_hdlc_ui_frame"].octets[1:-1])
    assert ui.meaning is not None
    assert ui.meaning.kind is FrameKind.UI
    assert (ui.destination.upper, ui.destination.lower) == (0x67, 0x7F)
    assert ui.source.upper == 0x66
    snrm = read_frame(cases["dlms_snrm_2byte_addr"].octets[1:-1])
    assert snrm.meaning is not None
    assert snrm.meaning.kind is FrameKind.SNRM
    assert (snrm.destination.upper, snrm.destination.lower, snrm.source.upper) == (1, 17, 16)
    with pytest.raises(DecodeError):
        read_frame(cases["amshan_hdlc_stuffed_frame_short_info"].octets[1:-1])


def test_a_wrong_fcs_is_refused(data_dir: Path, pushes: dict[str, Push]) -> None:
    frames = json.loads((data_dir / "frames.json").read_text("utf-8"))
    (stored,) = [bytes.fromhex(f["hex"]) for f in frames if f["name"] == WRONG_FCS]
    with pytest.raises(DecodeError, match="no whole hdlc frame"):
        read_pushes(stored)
    assert WRONG_FCS in pushes


def unread(case: Case, credentials: Credentials | None = None) -> UnreadPush:
    decoder = PushDecoder(credentials)
    (found,) = decoder.feed(case.octets) + decoder.flush()
    assert isinstance(found, UnreadPush)
    return found


def test_without_a_key_the_ciphered_apdu_is_told_and_whose_key_is_missing(
    cases: dict[str, Case],
) -> None:
    for name, (title, control) in NO_KEY.items():
        found = unread(cases[name])
        assert isinstance(found.fault, SecurityError)
        assert found.fault.fault is SecurityFault.KEY
        assert f"system title {title} cannot be read: no key" in str(found.fault)
        sealed = read_ciphered(found.octets)
        assert sealed.title == bytes.fromhex(title)
        assert sealed.control_octet == bytes((control,)), name
        with pytest.raises(SecurityError, match=title):
            read_pushes(cases[name].octets)
    assert len(set(NO_KEY) | {name for name in cases if cases[name].keys}) == 11


def test_the_wrapped_length_of_sagemcom_is_told(cases: dict[str, Case]) -> None:
    octets = cases["evn_sagemcom_t210d_nokey"].octets
    assert octets[:4] == b"\x68\x01\x01\x68"
    (carried,) = PushDecoder(None, Carriage.MBUS)._carriage.feed(octets)
    assert carried.quirks == (MbusQuirk.WRAPPED_LENGTH,)


def test_every_ciphered_push_was_verified_or_said_not_to_be(pushes: dict[str, Push]) -> None:
    sealed = {name: push.opened for name, push in pushes.items() if push.opened is not None}
    assert len(sealed) == 6
    for name, opened in sealed.items():
        only = name in ENCRYPTED_ONLY
        assert opened.verified is not only, name
        assert opened.protection == (Protection.ENCRYPTION if only else AUTHENTICATED_ENCRYPTION)


def test_encryption_alone_is_read_only_where_that_was_asked_for(cases: dict[str, Case]) -> None:
    for name in ENCRYPTED_ONLY:
        case = cases[name]
        keys = {"encryption_key": case.keys["guek"], "authentication_key": "00" * 16}
        both = read_credentials({"push": {**keys, "suite": SUITES.get(name, 0)}}, Path())
        with pytest.raises(SecurityError, match="carries no tag") as fault:
            read_pushes(case.octets, both)
        assert fault.value.fault is SecurityFault.POLICY


def test_a_wrong_key_and_an_altered_push_say_so(
    cases: dict[str, Case], pushes: dict[str, Push]
) -> None:
    for name in [name for name, push in pushes.items() if push.opened is not None]:
        case = cases[name]
        key = bytes.fromhex(case.keys["guek"])
        wrong = {**case.keys, "guek": (bytes((key[0] ^ 1,)) + key[1:]).hex()}
        with pytest.raises(SecurityError, match=r"key .*is wrong") as fault:
            read_pushes(case.octets, case._replace(keys=wrong).credentials)
        assert fault.value.fault is SecurityFault.DECIPHERING
        if "gak" in case.keys:
            wrong = {**case.keys, "gak": "11" * 16}
            with pytest.raises(SecurityError, match="cannot be read"):
                read_pushes(case.octets, case._replace(keys=wrong).credentials)
    case = cases["luxembourg_smarty_nexxtlab"]
    for place in range(len(case.octets)):
        altered = bytearray(case.octets)
        altered[place] ^= 0x40
        with pytest.raises(RemoteProtocolError):
            read_pushes(bytes(altered), case.credentials)


@cells.cell(
    cells.REAL_METERS,
    cells.CLIENT,
    services=("DataNotification",),
    transport="M-Bus container",
    suite=1,
    protections=("general-glo", "encrypted only"),
)
def test_the_published_plain_text_is_found(cases: dict[str, Case], pushes: dict[str, Push]) -> None:
    name = "tinetz_kaifa_walkthrough"
    assert pushes[name].octets == bytes.fromhex(cases[name].expected["plain"])


def test_a_p1_telegram_within_a_verified_envelope(
    cases: dict[str, Case], pushes: dict[str, Push]
) -> None:
    push = pushes["luxembourg_smarty_nexxtlab"]
    expected = cases["luxembourg_smarty_nexxtlab"].expected
    values = {str(v.logical_name): v for v in push.values}
    assert push.telegram.startswith("/")
    assert values["0-0:42.0.0"].value == expected["0-0:42.0.0"]
    assert values["1-0:1.8.0"].value == pytest.approx(1000 * expected["usage_counter1_kWh"])
    assert values["1-0:2.8.0"].value == pytest.approx(1000 * expected["output_counter1_kWh"])
    assert values["1-0:1.8.0"].unit == "Wh"
    assert push.moment is not None
    assert push.moment.to_datetime() == datetime.fromisoformat(expected["time"])


@cells.cell(
    cells.VECTOR,
    cells.SERVER,
    services=("GET normal",),
    suite=0,
    protections=("glo",),
    note="Green Book, the ciphered GET",
)
def test_the_ciphered_get_of_the_green_book(cases: dict[str, Case]) -> None:
    case = cases[GET]
    title = bytes.fromhex(case.keys["system_title"])
    keys = SymmetricKeys(bytes.fromhex(case.keys["guek"]), bytes.fromhex(case.keys["gak"]))
    own = bytes.fromhex("4D4D4D0000000001")
    context = SecurityContext(SecuritySuite.SUITE_0, own, title, keys, VolatileCounters())
    found = context.unprotect(case.octets)
    assert found.apdu == bytes.fromhex(case.expected["plain"])
    assert found.counter == int(case.keys["ic"], 16)
    request = apdu.decode(found.apdu)
    assert isinstance(request, GetRequest)
    assert (request.descriptor.class_id, request.descriptor.index) == (8, 2)
    with pytest.raises(SecurityError, match="no system title is known"):
        read_pushes(case.octets, case.credentials)


def test_each_frame_truncated_at_every_length_is_refused(cases: dict[str, Case]) -> None:
    for case in cases.values():
        for size in range(len(case.octets)):
            with pytest.raises(RemoteProtocolError):
                read_pushes(case.octets[:size], case.credentials)


def test_each_frame_with_an_octet_too_many_is_refused(
    cases: dict[str, Case], pushes: dict[str, Push]
) -> None:
    for name in pushes:
        with pytest.raises(RemoteProtocolError):
            read_pushes(cases[name].octets + b"\0", cases[name].credentials)


def test_octet_by_octet_each_push_is_the_same(
    cases: dict[str, Case], pushes: dict[str, Push]
) -> None:
    for name, push in pushes.items():
        decoder = PushDecoder(cases[name].credentials)
        found = [one for octet in cases[name].octets for one in decoder.feed(bytes((octet,)))]
        assert found + decoder.flush() == [push], name
