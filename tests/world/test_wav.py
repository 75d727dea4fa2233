"""WAV recordings."""

import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from addad.errors import InputError
from addad.world.recording import Reading
from addad.world.wav import open_wav

SINE = np.sin(2 * np.pi * 50 * np.arange(800) / 4000) * 0.5


def _wav(body: bytes, code: int, bits: int, channels: int = 1, extensible: bool = False) -> bytes:
    frame = channels * bits // 8
    head = struct.pack(
        "<HHIIHH", 0xFFFE if extensible else code, channels, 4000, 4000 * frame, frame, bits
    )
    if extensible:
        head += struct.pack("<HHIH", 22, bits, 0, code) + bytes(14)
    chunks = b"fmt " + struct.pack("<I", len(head)) + head
    chunks += b"LIST" + struct.pack("<I", 3) + b"abc\0"
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _body(code: int, bits: int) -> bytes:
    if code == 3:
        return SINE.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return (np.round(SINE * 128) + 128).astype(np.uint8).tobytes()
    whole = np.round(SINE * 2.0 ** (bits - 1)).astype("<i4")
    wide = whole.view(np.uint8).reshape(-1, 4)
    return wide[:, : bits // 8].tobytes()


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(("code", "bits"), [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)])
def test_every_sample_format_gives_the_same_wave(code: int, bits: int, extensible: bool) -> None:
    file = io.BytesIO(_wav(_body(code, bits), code, bits, extensible=extensible))
    recording = open_wav(file, "a.wav", Reading())
    assert (recording.sample_rate, recording.samples, recording.calibrated) == (4000.0, 800, False)
    found = np.concatenate([block[0, :, 0] for block in recording.blocks([0], 300)])
    assert np.max(np.abs(found - SINE)) <= 1.0 / 2 ** min(bits - 1, 25)


def test_channels_come_apart_in_their_order() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(np.array([[1, -2], [3, -4]], dtype="<i2").tobytes())
    recording = open_wav(file, "a.wav", Reading())
    assert [channel.name for channel in recording.channels] == ["U1", "I1"]
    samples = next(recording.blocks([1, 0]))[0]
    assert (samples * 32768).tolist() == [[-2.0, 1.0], [-4.0, 3.0]]


def test_a_truncated_file_says_so_and_can_still_be_read() -> None:
    octets = _wav(_body(1, 16), 1, 16)[:-600]
    with pytest.raises(InputError, match=r"states 800 samples and holds 500; it is truncated"):
        open_wav(io.BytesIO(octets), "a.wav", Reading())
    kept = open_wav(io.BytesIO(octets), "a.wav", Reading(allow_wrong_count=True))
    assert kept.samples == 500
    assert "500" in kept.notes[0]


def test_a_stream_without_a_length_is_read_to_its_end() -> None:
    octets = bytearray(_wav(_body(1, 16), 1, 16))
    at = octets.index(b"data")
    octets[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    assert open_wav(io.BytesIO(bytes(octets)), "a.wav", Reading()).samples == 800


def test_every_truncation_is_a_clear_error() -> None:
    octets = _wav(_body(1, 16), 1, 16)
    for length in range(12, len(octets) - 1600):
        with pytest.raises(InputError):
            open_wav(io.BytesIO(octets[:length]), "a.wav", Reading())


@pytest.mark.parametrize(("code", "bits"), [(1, 12), (2, 16), (6, 8), (0x55, 16)])
def test_a_compressed_file_is_refused_with_a_cure(code: int, bits: int) -> None:
    with pytest.raises(InputError, match="convert it"):
        open_wav(io.BytesIO(_wav(bytes(1600), code, bits)), "a.wav", Reading())


def test_a_quarter_of_an_hour_of_mains(data_dir: Path) -> None:
    with (data_dir / "waveforms/009_ref.wav").open("rb") as file:
        recording = open_wav(file, "009_ref.wav", Reading())
        assert recording.sample_rate == 400.0
        assert recording.duration_s == pytest.approx(762.0025)
        power = sum(float(np.sum(block**2)) for block in recording.blocks([0]))
    assert np.sqrt(power / recording.samples) == pytest.approx(0.3689505869, rel=1e-6)
