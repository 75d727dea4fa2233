"""The four encodings of a COMTRADE data file."""

import io

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.comtrade_data import DataFile, Layout, encoding_of

GAINS = ((0.5, 1.0), (2.0, 0.0))
RAW = np.array([[k, 3 * k - 50] for k in range(100)])
EXPECTED = RAW * [0.5, 2.0] + [1.0, 0.0]


def _file(encoding: str, count: int = 100, time_step: int = 100) -> bytes:
    layout = Layout(encoding, GAINS, 17)
    if encoding == "ASCII":
        digits = ",0" * 17
        rows = [f"{k + 1},{k * time_step},{RAW[k, 0]},{RAW[k, 1]}{digits}" for k in range(count)]
        return "\n".join(rows).encode()
    rows = np.zeros(count, dtype=layout.row())
    rows["number"] = np.arange(1, count + 1)
    rows["time"] = np.arange(count) * time_step
    rows["analog"] = RAW[:count]
    return rows.tobytes()


@pytest.mark.parametrize("encoding", ["ASCII", "BINARY", "BINARY32", "FLOAT32"])
def test_every_encoding_gives_the_same_samples(encoding: str) -> None:
    data = DataFile(io.BytesIO(_file(encoding)), Layout(encoding, GAINS, 17), "a.cfg")
    assert data.samples() == 100
    found = np.concatenate([block[0] for block in data.blocks((1, 0), 10, 90, 30)])
    assert np.array_equal(found, EXPECTED[10:90, ::-1])
    rate, _ = data.rate_by_time_stamps(0, 100, 1e-6)
    assert rate == pytest.approx(10_000.0)


@pytest.mark.parametrize(("encoding", "missing"), [("BINARY", -(2**15)), ("BINARY32", -(2**31))])
def test_a_missing_value_is_nan(encoding: str, missing: int) -> None:
    layout = Layout(encoding, GAINS, 17)
    rows = np.frombuffer(_file(encoding), dtype=layout.row()).copy()
    rows["analog"][7, 1] = missing
    data = DataFile(io.BytesIO(rows.tobytes()), layout, "a.cfg")
    block = next(data.blocks((0, 1), 0, 100, 100))[0]
    assert np.flatnonzero(np.isnan(block)).tolist() == [15]


def test_a_missing_value_of_ascii_is_nan() -> None:
    octets = _file("ASCII").replace(b"\n8,700,7,-29,", b"\n8,,,99999,")
    data = DataFile(io.BytesIO(octets), Layout("ASCII", GAINS, 17), "a.cfg")
    assert np.isnan(next(data.blocks((0, 1), 0, 100, 100))[0, 7]).all()


def test_what_is_not_finite_is_missing() -> None:
    layout = Layout("FLOAT32", GAINS, 17)
    rows = np.frombuffer(_file("FLOAT32"), dtype=layout.row()).copy()
    rows["analog"][7] = np.inf, np.nan
    data = DataFile(io.BytesIO(rows.tobytes()), layout, "a.cfg")
    assert np.isnan(next(data.blocks((0, 1), 0, 100, 100))[0, 7]).all()


def test_the_encoding_is_seen_in_the_data() -> None:
    for encoding in ("ASCII", "BINARY"):
        assert encoding_of(io.BytesIO(_file(encoding))) == encoding


def test_uneven_time_stamps_are_told() -> None:
    layout = Layout("BINARY", GAINS, 17)
    rows = np.frombuffer(_file("BINARY"), dtype=layout.row()).copy()
    rows["time"][50:] += 1000
    data = DataFile(io.BytesIO(rows.tobytes()), layout, "a.cfg")
    _, notes = data.rate_by_time_stamps(0, 100, 1e-6)
    assert "uneven" in notes[1]


@pytest.mark.parametrize("time", [0, 0xFFFFFFFF])
def test_no_time_stamps_give_no_rate(time: int) -> None:
    layout = Layout("BINARY", GAINS, 17)
    rows = np.frombuffer(_file("BINARY"), dtype=layout.row()).copy()
    rows["time"] = time
    data = DataFile(io.BytesIO(rows.tobytes()), layout, "a.cfg")
    with pytest.raises(InputError, match="--rate"):
        data.rate_by_time_stamps(0, 100, 1e-6)


@pytest.mark.parametrize("encoding", ["ASCII", "BINARY", "FLOAT32"])
def test_data_of_another_shape_are_refused(encoding: str) -> None:
    data = DataFile(io.BytesIO(_file(encoding)), Layout(encoding, GAINS[:1], 17), "a.cfg")
    with pytest.raises(InputError, match="of another recording"):
        data.samples()


def test_an_empty_file_and_an_endless_line_are_refused() -> None:
    for encoding in ("ASCII", "BINARY"):
        with pytest.raises(InputError, match="is empty"):
            DataFile(io.BytesIO(b""), Layout(encoding, GAINS, 0), "a.cfg").samples()
    endless = io.BytesIO(b"1," * 100_000)
    with pytest.raises(InputError, match="longer than"):
        DataFile(endless, Layout("ASCII", GAINS, 0), "a.cfg").samples()


def test_damage_in_the_middle_names_its_line() -> None:
    octets = _file("ASCII").replace(b"\n60,", b"\n60,5900,x")
    data = DataFile(io.BytesIO(octets), Layout("ASCII", GAINS, 17), "a.cfg")
    with pytest.raises(InputError, match=r"line 60: 'x5900' in column 3"):
        list(data.blocks((0,), 0, 100, 40))


@pytest.mark.parametrize("cut", [1, 3, 20, 37, 40, 43])
def test_text_cut_off_anywhere_has_its_whole_lines(cut: int) -> None:
    octets = _file("ASCII")[:-cut]
    whole = octets.count(b"\n")
    data = DataFile(io.BytesIO(octets), Layout("ASCII", GAINS, 17), "a.cfg")
    assert data.samples(100) == whole
    found = np.concatenate([block[0] for block in data.blocks((0, 1), 0, whole, 30)])
    assert np.array_equal(found, EXPECTED[:whole])


def test_a_last_line_without_its_end_may_complete_the_count() -> None:
    for octets in (_file("ASCII"), _file("ASCII") + b"\r\n\x1a"):
        data = DataFile(io.BytesIO(octets), Layout("ASCII", GAINS, 17), "a.cfg")
        assert data.samples(100) == 100


def test_stamps_of_32_bits_run_on_beyond_their_end() -> None:
    layout = Layout("BINARY", GAINS, 17)
    rows = np.frombuffer(_file("BINARY"), dtype=layout.row()).copy()
    begin = 2**32 - 20_000
    rows["time"] = [(begin + 1000 * k) % 2**32 for k in range(len(rows))]
    data = DataFile(io.BytesIO(rows.tobytes()), layout, "a.cfg")
    assert data.rate_by_time_stamps(0, 100, 1e-6)[0] == pytest.approx(1000.0)
    stamps = data.time_stamps(0, 100, 1e-6)
    assert not stamps.jumps
    assert stamps.rate == pytest.approx(1000.0)


@pytest.mark.parametrize(("step", "off"), [(1000, False), (1010, True), (990, True)])
def test_stamps_tell_whether_the_stated_rate_is_right(step: int, off: bool) -> None:
    layout = Layout("BINARY", GAINS, 17)
    rows = np.frombuffer(_file("BINARY"), dtype=layout.row()).copy()
    rows["time"] = step * np.arange(len(rows))
    stamps = DataFile(io.BytesIO(rows.tobytes()), layout, "a.cfg").time_stamps(0, 100, 1e-6)
    assert stamps.is_off(1000.0) == off
