"""A record in a file: what was kept comes back; damage and malice are errors in words."""

import contextlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from addad.errors import InputError
from addad.lab import quality_archive
from addad.lab.quality_archive import load, save
from addad.lab.quality_files import as_mapping
from addad.lab.quality_record import QualityRecord, TenMinutes
from quality_records import record, reported, usual_events, with_events, with_gap

Arrays = dict[str, np.ndarray]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "week.pq"
    save(_made(), path)
    return path


def _made() -> QualityRecord:
    return with_gap(with_events(record(0.2, signalling=True), usual_events()[:1]), 7_200.0, 60.0)


def _changed(path: Path, change: Callable[[Arrays], object]) -> Path:
    """The same file with its arrays changed."""
    with np.load(path) as held:
        arrays = {name: held[name] for name in held.files}
    change(arrays)
    np.savez(path.with_suffix(".npz"), **arrays)
    return path.with_suffix(".npz").replace(path)


def _meta(arrays: Arrays, **changes: object) -> None:
    meta = json.loads(arrays["meta"].tobytes())
    for name, value in changes.items():
        (meta if name in meta else meta["supply"])[name] = value
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)


def test_what_was_kept_comes_back(kept: Path) -> None:
    made = _made()
    back = load(kept)
    assert back.supply == made.supply
    assert as_mapping(reported(back)) == as_mapping(reported(made))
    for field in fields(TenMinutes):
        one, two = getattr(back.ten, field.name), getattr(made.ten, field.name)
        assert one.dtype == two.dtype
        assert np.array_equal(one, two, equal_nan=True)
    assert np.array_equal(back.waveforms[0].samples, made.waveforms[0].samples)
    assert back.waveforms[0].start_s == made.waveforms[0].start_s


def test_a_record_without_events_comes_back(tmp_path: Path) -> None:
    save(record(0.1), tmp_path / "a.pq")
    assert load(tmp_path / "a.pq").waveforms == ()


def test_what_stood_there_stays_until_the_new_one_is_whole(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.read_bytes()

    def full(file: io.BufferedWriter, **_: object) -> None:
        file.write(b"PK")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="No space"):
        save(record(0.1), kept)
    assert kept.read_bytes() == before
    assert list(kept.parent.iterdir()) == [kept]


@pytest.mark.parametrize("octets", [b"", b"PK", b"hello", b"\x93NUMPY"])
def test_another_file_is_refused(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "a.pq"
    path.write_bytes(octets)
    with pytest.raises(InputError, match=r"a\.pq"):
        load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        load(tmp_path / "a.pq")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a.pop("ten_pst"), "no array 'ten_pst'"),
        (lambda a: a.update(ten_voltage=a["ten_voltage"][:-1]), "shape"),
        (lambda a: a.update(ten_voltage=a["ten_voltage"].astype(int)), "shape"),
        (lambda a: a.update(ten_start=a["ten_start"][::-1]), "one after the other"),
        (lambda a: a.update(plt_start=a["plt_start"] + 1e9), "one after the other"),
        (lambda a: a.update(ten_power=a["ten_power"] * np.inf), "no supply has"),
        (lambda a: a.update(ten_flagged=a["ten_flagged"].astype(float)), "flags"),
        (lambda a: a.update(gaps=a["gaps"][:, ::-1]), "gaps"),
        (lambda a: a.update(events=a["events"] + 1e6), "events"),
        (lambda a: a.update(events=np.zeros((100_001, 7))), "more than"),
        (lambda a: a.update(waveform_lengths=a["waveform_lengths"] * 9), "another length"),
        (lambda a: a.update(waveform_lengths=a["waveform_lengths"] * -1), "without samples"),
        (lambda a: a.update(waveform_starts=a["waveform_starts"] * 0.0), "another time"),
        (lambda a: a.update(waveform_samples=a["waveform_samples"].astype(float)), "samples"),
        (lambda a: a.update(meta=np.array("text")), "quality record"),
        (lambda a: a.update(meta=np.frombuffer(b"[" * 100_000, np.uint8)), "quality record"),
        (lambda a: _meta(a, format=99), "another version"),
        (lambda a: _meta(a, span=[0.0, 1e9]), "no time that can be"),
        (lambda a: _meta(a, span=[10**400, 1.0]), "quality record"),
        (lambda a: _meta(a, declared=-1.0), "declared"),
        (lambda a: _meta(a, declared="230"), "declared"),
        (lambda a: _meta(a, phases=[]), "no phase"),
        (lambda a: _meta(a, phases=[0, 7]), "no phases"),
        (lambda a: _meta(a, name="\x1b[2J"), "text"),
        (lambda a: _meta(a, remarks=["x" * 5_000]), "text"),
        (lambda a: _meta(a, signalling_hz=50.0), "signalling"),
        (lambda a: _meta(a, supply={}), "other fields"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(
    kept: Path, change: Callable[[Arrays], object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        load(_changed(kept, change))


def test_a_bomb_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_archive, "OCTETS_MAX", 20 << 20)
    path = tmp_path / "a.pq"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("meta.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(30):
            member.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 16
    with pytest.raises(InputError, match="larger than 20 MiB"):
        load(path)


def test_damage_anywhere_is_an_error_and_no_fault(kept: Path) -> None:
    good = kept.read_bytes()
    rng = np.random.default_rng(1)
    for place in rng.integers(0, len(good), 300).tolist():
        octets = bytearray(good)
        octets[place] = (octets[place] + 1 + place % 255) % 256
        kept.write_bytes(octets[: None if place % 3 else place])
        with contextlib.suppress(InputError):
            load(kept)
