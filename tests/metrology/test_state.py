import subprocess
import sys

import numpy as np
import pytest

from addad.metrology.cycles import LANES, MARKS
from addad.metrology.state import MARK_NOT_FINITE, MARK_SATURATED, shift, store


def test_columns_go_to_their_lanes_and_marks_tell_what_was_wrong():
    x = np.zeros((1, 10, LANES), np.float32)
    u = [1.0, np.nan, 15.0, 30.0, np.inf]
    samples = np.array([[[a, 4.0, b] for a, b in zip(u, [2, 2, -15, 1, 0], strict=True)]])
    store(samples, 0, 5, 2, (10.0, 12.0), x, 2)
    assert x[0, 2:7, 0].tolist() == [1.0, 0.0, 10.0, 0.0, 0.0]
    assert x[0, 2:7, 1].tolist() == [4.0] * 5
    assert x[0, 2:7, 4].tolist() == [2.0, 2.0, -12.0, 1.0, 0.0]
    marks = [0, MARK_NOT_FINITE, MARK_SATURATED, MARK_NOT_FINITE, MARK_NOT_FINITE]
    assert x[0, 2:7, MARKS].tolist() == marks
    assert not x[0, :, [2, 5, 6, 7]].any()


def test_shift_keeps_the_rest():
    x = np.arange(2 * 6 * LANES, dtype=np.float32).reshape(2, 6, LANES)
    expected = x[:, 2:5].copy()
    shift(x, 2, 5)
    np.testing.assert_array_equal(x[:, :3], expected)


GUARDED = """
import ctypes, mmap, sys
import numpy as np
from addad.metrology import Instrument, InstrumentSettings

page = mmap.PAGESIZE
for kind in (np.float32, np.float64):
    for meters, n, voltages, currents in SHAPES:
        samples = np.ones((meters, n, voltages + currents), kind)
        room = -(-samples.nbytes // page) * page
        memory = mmap.mmap(-1, room + page)
        begin = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(begin + room), page, 0) == 0
        block = np.frombuffer(memory, kind, samples.size, room - samples.nbytes)
        block[:] = 1.0
        settings = InstrumentSettings(1000.0, meters, voltages=voltages, currents=currents)
        Instrument(settings).process(block.reshape(samples.shape))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the guard is Linux's")
def test_nothing_behind_the_samples_is_read():
    """Samples that end where memory ends: what reads on is ended by the system."""
    shapes = [
        (1, 100, 1, 0),
        (1, 100, 1, 1),
        (3, 1, 1, 0),
        (3, 1, 1, 1),
        (2, 1, 3, 1),
        (1, 5, 3, 4),
    ]
    code = GUARDED.replace("SHAPES", repr(shapes))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
