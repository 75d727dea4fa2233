"""A supply with a known truth, made block by block."""

import numpy as np
import pytest

RATE = 2_000.0


class Supply:
    """Three voltages and currents at 2 kS/s; `level` by time [s] and phase."""

    rate = RATE

    def __init__(self, frequency=50.02, level=None, tone=(0.0, 0.0)):
        self.frequency, self.level, self.tone = frequency, level, tone

    def block(self, begin, count):
        t = (begin + np.arange(count)) / RATE
        columns = []
        for scale in (230.0, 10.0):
            for k in range(3):
                wave = np.sin(2 * np.pi * (self.frequency * t - k / 3))
                wave = wave + 0.04 * np.sin(5 * 2 * np.pi * (self.frequency * t - k / 3))
                if self.level is not None and scale == 230.0:
                    wave = wave * self.level(t, k)
                columns.append(scale * np.sqrt(2) * wave)
        hertz, volts = self.tone
        for k in range(3):
            columns[k] = columns[k] + volts * np.sqrt(2) * np.sin(2 * np.pi * hertz * t + k)
        return np.stack(columns, axis=-1).astype(np.float32)

    def run(self, analyser, seconds, block=4_000):
        """The findings of all blocks, and of the flush."""
        total = round(seconds * RATE)
        found = [
            analyser.process(self.block(n, min(block, total - n))) for n in range(0, total, block)
        ]
        return [*found, analyser.flush()]


@pytest.fixture
def supply():
    return Supply
