"""pqopen-lib as the benchmarks run it: three voltages and currents, block by block, all kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from daqopen.channelbuffer import AcqBuffer
from numpy.typing import NDArray
from pqopen.powersystem import PowerSystem

BLOCK_S = 0.2

Floats = NDArray[np.float64]
Prepare = Callable[[PowerSystem], object]


def with_harmonics(system: PowerSystem) -> None:
    """Power and fifty harmonics; at 60 Hz it has lines for forty only, and fails with more."""
    system.enable_harmonic_calculation(50 if system.nper == 10 else 40)


def peer_windows(
    samples: NDArray[np.floating],
    sample_rate: float,
    nominal: float = 50.0,
    prepare: Prepare = with_harmonics,
) -> dict[str, Floats]:
    """All values (windows, ...) by pqopen-lib's channel names, from samples (n, 6) [V, A].

    `Freq` is the mean of a window's single cycles. The first two windows are left out: the peer
    settles on its zero crossings there.
    """
    block = round(BLOCK_S * sample_rate)
    cycles = 10 if nominal == 50.0 else 12
    buffers = [AcqBuffer(size=8 * block) for _ in range(samples.shape[1])]
    system = PowerSystem(
        zcd_channel=buffers[0], input_samplerate=sample_rate, nominal_frequency=nominal, nper=cycles
    )
    for phase in range(3):
        system.add_phase(u_channel=buffers[phase], i_channel=buffers[3 + phase])
    prepare(system)
    taken: dict[str, int] = {}
    kept: dict[str, list[Floats]] = {}
    for begin in range(0, len(samples), block):
        for channel, buffer in enumerate(buffers):
            buffer.put_data(samples[begin : begin + block, channel])
        system.process()
        for name, channel in system.output_channels.items():
            fresh = channel.sample_count - taken.get(name, 0)
            taken[name] = channel.sample_count
            if fresh:
                place = np.arange(channel.last_write_idx - fresh, channel.last_write_idx)
                kept.setdefault(name, []).append(
                    np.array(channel._data[place % len(channel._data)], np.float64)
                )
    found = {name: np.concatenate(parts) for name, parts in kept.items()}
    return {name: values[_settling(name, cycles) :] for name, values in _by_window(found, cycles)}


def _settling(name: str, cycles: int) -> int:
    return 2 * (cycles if "_1p" in name or "_hp" in name else 1)


def _by_window(found: dict[str, Floats], cycles: int) -> list[tuple[str, Floats]]:
    frequency = found.get("Freq")
    if frequency is not None and len(frequency) >= cycles:
        whole = len(frequency) // cycles * cycles
        found["Freq"] = frequency[:whole].reshape(-1, cycles).mean(axis=1)
    return list(found.items())
