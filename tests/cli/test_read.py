"""`addad read` on a sample meter over TCP: tables, JSON, refusals, bad use."""

import contextlib
import csv
import io
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from addad import obis
from addad.cli import main as cli
from addad.cli.read_options import PASSWORD_VARIABLE
from addad.cosem.hdlc_server import LOWER
from cosem.sample_device import READER, SampleMeter
from net.secure_meter import HEAD_END, KEYS, METER, SecureMeter
from net.served_hdlc import served_hdlc
from net.served_meter import HOST, served, served_by
from reader.rude_meter import Rude, RudeMeter

Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def only_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other commands need extras; the base install has `read`."""
    monkeypatch.setattr(cli, "EXTRA", {"read": ""})
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)


@pytest.fixture
def meter() -> Iterator[str]:
    with served(SampleMeter().physical_device) as port:
        yield f"{HOST}:{port}"


def run(*arguments: str) -> int:
    return cli.main(["read", *arguments])


def as_json(printed: Printed) -> Any:
    return json.loads(printed.readouterr().out)


def test_without_codes_one_line_an_object(meter: str, capsys: Printed) -> None:
    assert run(meter, "--password", READER.decode()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["object", "class", "name", "value"]
    at = lines[0].index("name"), lines[0].index("value")
    table = {line.split()[0]: [line[at[1] :]] if line[at[1] :] else [] for line in lines[1:]}
    named = {line.split()[0]: line[at[0] : at[1]].strip() for line in lines[1:]}
    assert named["1-0:99.1.0"] == "Load profile"
    assert table["1-0:1.8.0"] == ["1234567 Wh"]
    assert table["1-0:32.7.0"] == ["230.4 V"]
    assert table["0-0:42.0.0"] == ["ADD0000000000001"]
    assert table["0-0:1.0.0"] == ["2026-03-08T00:00:00+00:00"]
    assert table["0-0:96.1.9"] == ["(other reason)"]
    assert table["0-0:96.3.10"] == ["connected"]
    assert table["1-0:99.1.0"] == ["384 rows"]
    assert table["0-0:41.0.0"] == []


def test_the_public_client_is_the_default_and_sees_little(meter: str, capsys: Printed) -> None:
    assert run(meter) == 0
    assert "--password or --credentials shows more" in capsys.readouterr().err
    assert run(meter, "--json") == 0
    assert {o["logical_name"] for o in as_json(capsys)} == {
        "0-0:1.0.0",
        "0-0:40.0.0",
        "0-0:41.0.0",
        "0-0:42.0.0",
    }


def test_an_object_with_all_its_attributes(meter: str, capsys: Printed) -> None:
    assert run(meter, "0-0:96.3.10", "1-0:32.7.0", "--password", READER.decode()) == 0
    shown = capsys.readouterr().out
    assert "0-0:96.3.10  DisconnectControl  Supply relay" in shown
    assert "3  scaler_unit   10^-1 V" in shown
    assert "3  control_state  connected" in shown
    assert "2  value         230.4 V" in shown


def test_objects_as_json_with_the_password_from_the_environment(
    meter: str, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, READER.decode())
    assert run(meter, "1.0.32.7.0.255", "0-0:96.1.9", "--json") == 1  # one is refused
    voltage, broken = as_json(capsys)
    assert voltage["class"] == "Register"
    assert voltage["attributes"]["value"] == {
        "attribute": 2,
        "value": 230.4,
        "unit": "V",
        "raw": 2304,
        "scaler": -1,
    }
    assert voltage["attributes"]["scaler_unit"]["value"] == {"scaler": -1, "unit": 35}
    assert broken["attributes"]["value"] == {"attribute": 2, "refused": "other reason"}


def test_a_profile_by_range(meter: str, capsys: Printed) -> None:
    times = ["--from", "2026-03-01T01:00+00:00", "--to", "2026-03-01T02:00+00:00"]
    assert run(meter, "1-0:99.1.0", "--password", READER.decode(), "--json", *times) == 0
    (profile,) = as_json(capsys)
    assert profile["columns"] == ["0-0:1.0.0 time", "0-0:96.10.1", "1-0:1.8.0", "1-0:2.8.0"]
    assert [row[0] for row in profile["rows"]] == [
        f"2026-03-01T0{1 + n // 4}:{n % 4 * 15:02d}:00+00:00" for n in range(5)
    ]
    assert profile["units"] == [None, None, {"scaler": 0, "unit": "Wh"}, None]
    assert profile["rows"][0][2] == 1234567 + 25 * 4
    assert "buffer" not in profile["attributes"]


def test_a_profile_without_range_is_its_last_day(meter: str, capsys: Printed) -> None:
    assert run(meter, "1-0:99.1.0", "--password", READER.decode()) == 0
    shown = capsys.readouterr()
    assert "the last 96 of 384 rows" in shown.err
    assert "capture_objects  0-0:1.0.0 time, 0-0:96.10.1, 1-0:1.8.0, 1-0:2.8.0" in shown.out
    lines = shown.out.splitlines()
    assert lines[-2].split()[0] == "2026-03-04T23:45:00+00:00"


def test_an_object_that_is_not_shown_is_a_failure(meter: str, capsys: Printed) -> None:
    assert run(meter, "1-0:1.8.0", "0-0:42.0.0") == 1
    shown = capsys.readouterr()
    assert "shows no object 1-0:1.8.0 to this client" in shown.err
    assert "ADD0000000000001" in shown.out


def test_a_wrong_password_says_what_to_check(meter: str, capsys: Printed) -> None:
    assert run(meter, "--password", "guess") == 1
    error = capsys.readouterr().err
    assert "authentication failure; check --client, --server and --password" in error
    assert len(error.splitlines()) == 1


def test_no_meter_says_what_to_do(capsys: Printed) -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
        assert run(f"{HOST}:{port}") == 1
    assert f"nothing listens at {HOST}:{port}; is the meter running" in capsys.readouterr().err


@pytest.mark.parametrize("where", ["a..b:1", "meter\udc80:1", "x" * 64 + ".example:1"])
def test_a_host_that_is_none_is_one_clear_line(where: str, capsys: Printed) -> None:
    assert run(where) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "is no host name or address; write it like" in line


def test_a_silent_meter_is_given_up_in_time(capsys: Printed) -> None:
    with socket.socket() as silent:
        silent.bind((HOST, 0))
        silent.listen()
        assert run(f"{HOST}:{silent.getsockname()[1]}", "--timeout", "0.2") == 1
    assert "answered nothing for 0.2 s" in capsys.readouterr().err


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does something to one client, in a thread."""

    def serve_one(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client, _ = listening.accept()
            with client:
                answer(client)

    with socket.create_server((HOST, 0)) as listening:
        thread = threading.Thread(target=serve_one, args=(listening,))
        thread.start()
        yield f"{HOST}:{listening.getsockname()[1]}"
    thread.join()


def test_a_server_of_something_else_is_named_once(capsys: Printed) -> None:
    def web(client: socket.socket) -> None:
        client.recv(1000)
        client.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

    with answering(web) as where:
        assert run(where, "--timeout", "60") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.count(where) == 1
    assert "does not speak DLMS/COSEM over TCP" in line


def test_a_server_that_hangs_up_is_told(capsys: Printed) -> None:
    with answering(lambda client: None) as where:
        assert run(where, "--timeout", "60") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "closed the connection" in line


def test_a_meter_that_falls_silent_in_mid_block_is_given_up(meter: str, capsys: Printed) -> None:
    def half(client: socket.socket) -> None:
        host, _, port = meter.rpartition(":")
        with socket.create_connection((host, int(port))) as behind:
            for _ in range(2):  # the AARE, and part of the object list
                behind.sendall(client.recv(65536))
                client.sendall(behind.recv(600))
            with contextlib.suppress(OSError):
                while client.recv(65536):
                    pass

    with answering(half) as where:
        assert run(where, "--password", READER.decode(), "--timeout", "2") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "answered half a frame, then nothing for 2 s" in line


def test_a_logical_device_that_is_not_there_says_what_to_check(meter: str, capsys: Printed) -> None:
    assert run(meter, "--server", "5") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "refused" in line
    assert "check --client, --server and --password" in line
    assert "Error" not in line


def test_a_range_for_what_is_no_profile_is_told(meter: str, capsys: Printed) -> None:
    words = ["1-0:1.8.0", "--password", READER.decode(), "--from", "2026-03-01"]
    assert run(meter, *words) == 0
    shown = capsys.readouterr()
    assert "1-0:1.8.0 is no profile: --from says nothing" in shown.err
    assert "1234567 Wh" in shown.out


def test_a_profile_as_a_table_has_units(meter: str, capsys: Printed) -> None:
    times = ["--from", "2026-03-01T01:00+00:00", "--to", "2026-03-01T01:10+00:00"]
    assert run(meter, "1-0:99.1.0", "--password", READER.decode(), *times) == 0
    heading, row = capsys.readouterr().out.splitlines()[-3:-1]
    assert "1-0:1.8.0 Wh" in heading
    assert row.split() == ["2026-03-01T01:00:00+00:00", "0", str(1234567 + 25 * 4), "40"]
    later = ["--from", "2030-03-01T01:00+00:00", "--to", "2030-03-01T01:10+00:00"]
    assert run(meter, "1-0:99.1.0", "--password", READER.decode(), *later) == 0
    assert capsys.readouterr().out.splitlines()[-2] == "no rows"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["127.0.0.1"], "no HOST:PORT"),
        (["127.0.0.1:4059", "1-0:1.8"], "is no OBIS code"),
        (["127.0.0.1:4059", "--from", "yesterday"], "is no time"),
        (["127.0.0.1:4059", "--timeout", "0"], "no number above zero"),
        (["127.0.0.1:4059", "--client", "70000"], "is no SAP"),
        (["127.0.0.1:4059", "--server", "-1"], "no SAP"),
        (["127.0.0.1:4059", "--from", "2026-03-01"], "--from needs the OBIS code of a profile"),
        (["127.0.0.1:4059", "--to", "2026-03-01"], "--to needs --from"),
        (["127.0.0.1:4059", "--from", "2026-03-02", "--to", "2026-03-01"], "before --from"),
        ([], "which meter?"),
        (["127.0.0.1:4059", "--serial", "/dev/x"], "--serial names the meter; leave 127.0.0.1"),
        (["127.0.0.1:4059", "127.0.0.1:4060"], "only one meter is read at a time"),
    ],
)
def test_bad_use_says_how_to_write_it(arguments: list[str], says: str, capsys: Printed) -> None:
    try:
        code: object = run(*arguments)
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    assert says in capsys.readouterr().err


# every kind of reading


def credentials(folder: Path, **entries: object) -> str:
    path = folder / "keys.json"
    path.write_text(json.dumps({"associations": entries}))
    path.chmod(0o600)
    return str(path)


GMAC = {
    "mechanism": "gmac",
    "client_title": HEAD_END.hex(),
    "meter_title": METER.hex(),
    "encryption_key": KEYS.encryption.hex(),
    "authentication_key": bytes(range(16)).hex(),
}


@pytest.fixture
def secure() -> Iterator[str]:
    with served(SecureMeter().physical_device) as port:
        yield f"{HOST}:{port}"


def test_keys_from_a_file(secure: str, tmp_path: Path, capsys: Printed) -> None:
    keys = credentials(tmp_path, **{"3": GMAC})
    for _ in range(2):
        assert run(secure, "--credentials", keys, "1-0:32.7.0") == 0
        shown = capsys.readouterr()
        assert "230.4 V" in shown.out
        assert shown.err == ""
    assert (tmp_path / "keys.json.counters").exists()


@pytest.mark.parametrize("name", ["encryption_key", "authentication_key", "meter_title"])
def test_a_wrong_key_or_title_is_named_with_what_to_check(
    name: str, secure: str, tmp_path: Path, capsys: Printed
) -> None:
    wrong = "77" * (len(GMAC[name]) // 2)
    keys = credentials(tmp_path, **{"3": {**GMAC, name: wrong}})
    assert run(secure, "--credentials", keys) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "in the credentials" in line
    assert name == "meter_title" or wrong not in line


def test_which_client_of_the_file(secure: str, tmp_path: Path, capsys: Printed) -> None:
    keys = credentials(tmp_path, **{"3": GMAC, "5": GMAC})
    assert run(secure, "--credentials", keys) == 2
    assert "knows the clients 3, 5; choose one: --client" in capsys.readouterr().err
    assert run(secure, "--credentials", keys, "--client", "4") == 2
    assert "has no client 4; it knows 3, 5" in capsys.readouterr().err
    assert run(secure, "--credentials", keys, "--client", "16") == 0
    assert run(secure, "--credentials", keys, "--client", "3", "--password", "x") == 2
    assert "leave --password away" in capsys.readouterr().err
    both = credentials(tmp_path, **{"1": {}, "2": {"password": READER.decode()}})
    assert run(secure, "--credentials", both, "1-0:32.7.0") == 0


def test_weak_mechanisms_only_when_they_are_allowed(tmp_path: Path, capsys: Printed) -> None:
    keys = credentials(tmp_path, **{"1": {"mechanism": "md5", "password": "secret"}})
    assert run("127.0.0.1:1", "--credentials", keys) == 2
    error = capsys.readouterr().err
    assert 'say "allow_weak": true' in error
    assert "secret" not in error


def test_a_pre_established_client(secure: str, tmp_path: Path, capsys: Printed) -> None:
    keys = credentials(tmp_path, **{"102": {**GMAC, "mechanism": "none"}})
    assert run(secure, "--credentials", keys, "1-0:32.7.0") == 0
    assert "230.4 V" in capsys.readouterr().out
    weak = credentials(tmp_path, **{"102": {"password": "x"}})
    assert run(secure, "--credentials", weak, "--pre-established") == 2
    assert "proves itself by its keys alone" in capsys.readouterr().err


def test_scan(secure: str, tmp_path: Path, capsys: Printed) -> None:
    keys = credentials(tmp_path, **{"3": GMAC})
    assert run(secure, "--credentials", keys, "--scan", "--clients", "16,1,20-22") == 0
    shown = capsys.readouterr()
    heading, *lines = [line.split() for line in shown.out.splitlines()]
    assert heading == ["client", "device", "answer", "shows", "reason"]
    assert [line[:3] for line in lines] == [
        ["16", "1", "open"],
        ["1", "1", "wants"],
        ["3", "1", "open"],
    ]
    assert "refused for the clients 20, 21, 22" in shown.err
    assert run(secure, "--scan", "--client", "16", "--json") == 0
    (answer,) = as_json(capsys)
    assert (answer["client"], answer["answer"], answer["objects"]) == (16, "open", 4)
    assert "get" in answer["services"]


def test_all_is_one_document(meter: str, capsys: Printed) -> None:
    assert run(meter, "--password", READER.decode(), "--all", "--last", "3") == 0
    document = as_json(capsys)
    assert document["complete"] is True
    assert document["meter"]["logical_device_name"] == "ADD0000000000001"
    assert document["association"]["client"] == 2
    objects = {one["logical_name"]: one for one in document["objects"]}
    assert objects["1-0:32.7.0"]["attributes"]["value"]["unit"] == "V"
    assert objects["0-0:96.1.9"]["attributes"]["value"]["refused"] == "other reason"
    assert len(objects["1-0:99.1.0"]["rows"]) == 3


def test_all_that_is_stopped_is_a_whole_document_of_what_was_read(tmp_path: Path) -> None:
    buffer = b"\x00\x07" + bytes(obis.LOAD_PROFILE) + b"\x02"
    silent = threading.Event()
    with served_by(
        lambda: RudeMeter(SampleMeter().physical_device, {buffer: Rude.SILENT}, silent.set)
    ) as port:
        words = [sys.executable, "-m", "addad.cli.main", "read", f"{HOST}:{port}", "--all"]
        process = subprocess.Popen(
            [*words, "--password", READER.decode()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert silent.wait(60)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert process.returncode == 1
    document = json.loads(out)
    assert (document["complete"], document["ended"]) == (False, "stopped")
    assert document["objects"]
    assert "Traceback" not in error


def test_csv(meter: str, capsys: Printed) -> None:
    words = ["1-0:99.1.0", "--password", READER.decode(), "--csv", "--last", "2"]
    assert run(meter, *words) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))
    assert rows[0][:2] == ["0-0:1.0.0 time", "0-0:1.0.0 status"]
    assert rows[0][3] == "1-0:1.8.0 [Wh]"
    assert rows[2][0] == "2026-03-04T23:45:00+00:00"
    assert len(rows) == 3
    assert run(meter, "1-0:32.7.0", "--password", READER.decode(), "--csv") == 2
    assert "is no profile; --csv prints the rows of one" in capsys.readouterr().err


def test_csv_on_a_terminal_holds_nothing_that_moves_its_cursor(
    meter: str, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["1-0:99.1.0", "--password", READER.decode(), "--csv", "--last", "2"]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("addad.reader.profile_csv.csv_titles", lambda *_: ["\x1b[2J", "a\nb"])
    assert run(meter, *words) == 0
    lines = capsys.readouterr().out.split("\n")
    assert lines[0] == r'\x1b[2J,"a\nb"'
    assert len(lines) == 4
    assert all(line.isprintable() for line in lines)


def test_a_meter_without_an_object_list(capsys: Printed) -> None:
    with served_by(
        lambda: RudeMeter(SampleMeter().physical_device, {b"\x00\x0f": Rude.NOT_THERE})
    ) as port:
        where = f"{HOST}:{port}"
        assert run(where, "--password", READER.decode()) == 1
        assert "object undefined" in capsys.readouterr().err
        assert run(where, "--password", READER.decode(), "1-0:32.7.0") == 0
        shown = capsys.readouterr()
        assert "230.4 V" in shown.out
        assert "the classes of the objects are tried" in shown.err


def test_a_meter_on_an_hdlc_line(capsys: Printed) -> None:
    with served_hdlc(SampleMeter().physical_device) as port:
        where = f"{HOST}:{port}"
        assert run(where, "--hdlc", "--physical", str(LOWER), "0-0:42.0.0") == 0
        assert "ADD0000000000001" in capsys.readouterr().out
        assert run(where, "--hdlc", "--client", "200") == 2
        assert "client 200 has no HDLC address" in capsys.readouterr().err
