"""Counters in a file: none is sent twice, none accepted twice, however a run ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from addad.dlms.security.counters import COUNTER_END
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.errors import InputError, SecurityError, SecurityFault
from addad.reader.counter_file import NAMES_MAX, WINDOW, CounterFile, KeptCounters, beside
from addad.reader.received_counters import ReceivedCounters, Taken

KEY, OTHER, TITLE = bytes(16), bytes(range(16)), b"ADC00003"
METER = b"ADDMTR01"
UNICAST = KeyId.GLOBAL_UNICAST_ENCRYPTION
BROADCAST = KeyId.GLOBAL_BROADCAST_ENCRYPTION


def begin(
    folder: Path, told: int | None, key: bytes = KEY, *, at_once: bool = False
) -> KeptCounters:
    file = CounterFile(beside(folder / "keys.json"))
    return file.begin(SymmetricKeys(key, key), TITLE, told, at_once=at_once)


def accepting(folder: Path, key: bytes = KEY) -> ReceivedCounters:
    file = CounterFile(beside(folder / "keys.json"))
    return ReceivedCounters(SymmetricKeys(key, key), file, at_once=True)


def test_a_run_goes_on_above_the_one_before_and_above_what_the_meter_told(tmp_path: Path) -> None:
    counters = begin(tmp_path, 41)
    assert [counters.next(UNICAST) for _ in range(3)] == [42, 43, 44]
    counters.close()
    assert begin(tmp_path, 7).next(UNICAST) == 45
    assert begin(tmp_path, None, OTHER).next(UNICAST) == 0
    path = tmp_path / "keys.json.counters"
    assert path.stat().st_mode & 0o777 == 0o600
    assert KEY.hex() not in path.read_text()


def test_a_run_that_ends_without_a_word_loses_its_window(tmp_path: Path) -> None:
    assert begin(tmp_path, None).next(UNICAST) == 0
    assert begin(tmp_path, 0).next(UNICAST) == WINDOW


def test_two_runs_at_once_never_send_the_same(tmp_path: Path) -> None:
    one, two = begin(tmp_path, 5), begin(tmp_path, 5)
    sent = [side.next(UNICAST) for _ in range(WINDOW + 5) for side in (one, two)]
    assert len(set(sent)) == len(sent)
    one.close()
    two.close()
    assert begin(tmp_path, 5).next(UNICAST) > max(sent)


def test_a_run_that_sent_nothing_keeps_nothing(tmp_path: Path) -> None:
    begin(tmp_path, 9).close()
    assert not beside(tmp_path / "keys.json").exists()


def test_a_counter_that_cannot_be_true_is_refused(tmp_path: Path) -> None:
    counters = begin(tmp_path, 10)
    counters.next(UNICAST)
    counters.close()
    with pytest.raises(SecurityError, match="far above 12"):
        begin(tmp_path, 5_000_000)


def test_the_end_is_the_end(tmp_path: Path) -> None:
    counters = begin(tmp_path, COUNTER_END - 2)
    assert counters.next(UNICAST) == COUNTER_END - 1
    for side in (counters, begin(tmp_path, COUNTER_END - 2), begin(tmp_path, COUNTER_END - 1)):
        with pytest.raises(SecurityError, match="at its end"):
            side.next(UNICAST)


@pytest.mark.parametrize("content", ["", "[]", '{"a": -1}', '{"a": "1"}', "[" * 9000])
def test_a_file_of_something_else_is_refused(content: str, tmp_path: Path) -> None:
    path = beside(tmp_path / "keys.json")
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(InputError, match="holds no invocation counters"):
        begin(tmp_path, 1)
    path.write_text(json.dumps({}))
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        begin(tmp_path, 1)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        begin(tmp_path / "nowhere", 1)


def test_what_was_accepted_is_not_accepted_by_the_next_run(tmp_path: Path) -> None:
    counters = begin(tmp_path, None)
    counters.accept(UNICAST, METER, 70)
    counters.accept(BROADCAST, METER, 9)
    counters.accept(UNICAST, TITLE, 3)
    counters.close()
    after = begin(tmp_path, None)
    assert [after.last(UNICAST, METER), after.last(BROADCAST, METER)] == [70, 9]
    assert after.last(UNICAST, TITLE) == 3
    assert after.last(UNICAST, b"another1") == -1
    assert begin(tmp_path, None, OTHER).last(UNICAST, METER) == -1
    assert after.next(UNICAST) == 0  # what was accepted says nothing of what was sent


def test_a_run_that_is_killed_has_kept_what_it_accepted_at_once(tmp_path: Path) -> None:
    begin(tmp_path, None, at_once=True).accept(UNICAST, METER, 5)
    begin(tmp_path, None).accept(UNICAST, METER, 6)
    assert begin(tmp_path, None).last(UNICAST, METER) == 5


def test_two_runs_at_once_accept_a_counter_once(tmp_path: Path) -> None:
    one, two = accepting(tmp_path), accepting(tmp_path)
    assert (one.last(UNICAST, METER), two.last(UNICAST, METER)) == (-1, -1)
    one.accept(UNICAST, METER, 5)
    with pytest.raises(SecurityError, match="not greater than 5, which another") as fault:
        two.accept(UNICAST, METER, 5)
    assert fault.value.fault is SecurityFault.REPLAY
    two.accept(UNICAST, METER, 6)
    with pytest.raises(SecurityError, match="not greater than 6"):
        one.accept(UNICAST, METER, 6)


def test_two_clients_at_once_end_with_the_highest(tmp_path: Path) -> None:
    one, two = begin(tmp_path, None), begin(tmp_path, None)
    one.accept(UNICAST, METER, 8)
    two.accept(UNICAST, METER, 7)
    one.close()
    two.close()
    assert begin(tmp_path, None).last(UNICAST, METER) == 8


ACCEPTOR = """
import sys
from pathlib import Path
from addad.dlms.security.keys import KeyId, SymmetricKeys
from addad.errors import SecurityError
from addad.reader.counter_file import CounterFile
from addad.reader.received_counters import ReceivedCounters

file, keys, taken = CounterFile(Path(sys.argv[1])), SymmetricKeys(bytes(16), bytes(16)), []
for number in range(40):
    try:
        counters = ReceivedCounters(keys, file, at_once=True)
        if number > counters.last(KeyId(0), b"ADDMTR01"):
            counters.accept(KeyId(0), b"ADDMTR01", number)
            taken.append(number)
    except SecurityError:
        pass
print(*taken)
"""


def test_processes_beside_each_other_take_each_counter_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ACCEPTOR, str(tmp_path / "counters")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    taken = [int(word) for run in runs for word in run.communicate()[0].split()]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len(taken) == len(set(taken))
    assert max(taken) == 39


def test_any_damage_is_told_and_nothing_is_taken(tmp_path: Path) -> None:
    accepting(tmp_path).accept(UNICAST, METER, 123456)
    path = beside(tmp_path / "keys.json")
    whole = path.read_bytes()
    for place in range(len(whole)):
        if whole[place : place + 1].isspace():
            continue
        path.write_bytes(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
        with pytest.raises(InputError, match=r"damaged|holds no"):
            accepting(tmp_path).last(UNICAST, METER)
    for size in range(len(whole) - 3):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match="holds no"):
            accepting(tmp_path).accept(UNICAST, METER, 200000)


def test_a_file_of_sent_counters_alone_is_taken_over(tmp_path: Path) -> None:
    counters = begin(tmp_path, 41)
    counters.next(UNICAST)
    counters.close()
    path = beside(tmp_path / "keys.json")
    path.write_text(json.dumps(json.loads(path.read_text())["marks"]))
    assert begin(tmp_path, None).next(UNICAST) == 43


def test_a_file_that_is_full_says_so(tmp_path: Path) -> None:
    file = CounterFile(tmp_path / "counters")
    file.take({f"{number:032x}": Taken(1, 1) for number in range(NAMES_MAX)})
    file.take({f"{0:032x}": Taken(2, 2)})
    with pytest.raises(InputError, match="full"):
        file.take({"f" * 32: Taken(1, 1)})
    assert file.mark(f"{0:032x}") == 3
    file.check()
