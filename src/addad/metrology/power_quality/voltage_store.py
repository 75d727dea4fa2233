"""The newest samples of a meter's voltages, in double precision, by their place in the stream."""

import numpy as np

from addad.metrology.blocks import BEYOND, Samples
from addad.metrology.kernels import kernel
from addad.metrology.quads import LANES, Quads, below_or, numbers_at, quad_of
from addad.metrology.vectors import write


class VoltageStore:
    """Keeps at least the newest `kept` samples of 1 to 3 voltages.

    `x` (rows, 4) [V] holds them from row 0 on, of which `filled` are good; row 0 is the sample
    `origin` of the stream. What is not finite, or no voltage that is measured, is kept as zero, as
    is a lane without a channel.
    """

    def __init__(self, voltages: int, kept: int) -> None:
        self._voltages = voltages
        self._kept = kept
        self.x = np.zeros((max(4 * kept, 1 << 13), LANES))
        self.origin = 0
        self.filled = 0

    @property
    def room(self) -> int:
        """Samples that can be taken at once."""
        return len(self.x) - self._kept

    def take(self, samples: Samples) -> bool:
        """Append samples (n, voltages or more), n at most `room`; gives whether all are kept."""
        n = len(samples)
        if self.filled + n > len(self.x):
            drop = max(self.filled - self._kept, 0)
            self.x[: self.filled - drop] = self.x[drop : self.filled].copy()
            self.origin += drop
            self.filled -= drop
        lost = _store(samples, self._voltages, self.x[self.filled :])
        self.filled += n
        return lost == 0.0

    def gap(self, samples: int) -> None:
        """So many samples are missing here: what was kept is forgotten."""
        self.origin += self.filled + max(samples, 0)
        self.filled = 0


@kernel
def _store(samples: Samples, voltages: int, x: Quads) -> float:
    """Gives what was lost of the samples: 0 if all are kept."""
    highest, nothing = quad_of(BEYOND), quad_of(0.0)
    lost = nothing
    for n in range(samples.shape[0]):
        given = numbers_at(samples, n, voltages)
        kept = below_or(given, highest, nothing)
        lost += (given - kept) * (given - kept)
        write(kept, x, n)
    sums = np.empty((1, LANES))
    write(lost, sums, 0)
    return float(sums.sum())
