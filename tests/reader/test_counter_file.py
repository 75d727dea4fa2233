"""Counters that were sent, in a file: none twice, however a run ends and whatever a meter tells."""

import json
from pathlib import Path

import pytest

from addad.dlms.security.counters import COUNTER_END
from addad.dlms.security.keys import KeyId
from addad.errors import InputError, SecurityError
from addad.reader.counter_file import WINDOW, CounterFile, KeptCounters, beside

KEY, OTHER, TITLE = bytes(16), bytes(range(16)), b"ADC00003"
UNICAST = KeyId.GLOBAL_UNICAST_ENCRYPTION


def begin(folder: Path, told: int | None, key: bytes = KEY) -> KeptCounters:
    return CounterFile(beside(folder / "keys.json")).begin(key, TITLE, told)


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
