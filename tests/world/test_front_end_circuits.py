"""The front end against a circuit simulator: divider and current transformer in ngspice.

The resistor of 1 kOhm and the capacitor of 33 nF are those of the circuits that are built here; the
divider of 1 MOhm, the transformer and its burden are assumed. Agreement asked for: 2e-6 at the
fundamental, 2e-5 at every harmonic to the fiftieth, in size and in angle [rad].
"""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from addad.world.front_end import FrontEnd
from addad.world.front_end_converter import Converter
from addad.world.front_end_filter import LowPass
from addad.world.front_end_settings import FrontEndSettings
from addad.world.front_end_transformers import CurrentTransformer, ResistiveDivider, Unit

RATE = 10_000.0
ORDERS = np.arange(1, 51)
TRANSFORMER = CurrentTransformer(
    nominal_current=5.0,
    ratio=2_000.0,
    burden_ohm=50.0,
    winding_ohm=80.0,
    lead=2.1e-3,
    low_lead=2.1e-3,
    loss=0.4,
    tolerance=0.0,
    lead_tolerance=0.0,
)
DRAWING = FrontEndSettings(
    RATE,
    voltage=ResistiveDivider(1e6, 1e3, tolerance=0.0),
    current=TRANSFORMER,
    voltage_filter=LowPass(0.0, 33e-9, tolerance=0.0),
    current_filter=LowPass(1e3, 33e-9, tolerance=0.0),
    converter=Converter(bits=24, offset=0.0, noise=0.0, jitter_s=0.0, crosstalk=0.0),
)


def ngspice(folder: Path, circuit: str, analysis: str, value: str) -> NDArray[np.float64]:
    """The rows that ngspice writes of `value`; CI must have ngspice."""
    program = shutil.which("ngspice")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("CI simulates the circuits, but ngspice is missing")
        pytest.skip("no ngspice: sudo apt-get install ngspice")
    deck, table = folder / "circuit.cir", folder / "table.txt"
    control = f"set numdgt=14\nset wr_singlescale\n{analysis}\nwrdata {table} {value}\nquit"
    deck.write_text(f"* circuit\n{circuit}\n.control\n{control}\n.endc\n.end\n")
    run = subprocess.run([program, "-b", deck], capture_output=True, text=True, timeout=240)
    assert table.exists(), run.stderr + run.stdout
    return np.loadtxt(table)


def swept(folder: Path, circuit: str) -> NDArray[np.complex128]:
    """The response of node `out` at all orders of 50 Hz."""
    rows = ngspice(folder, circuit, "ac lin 50 50 2500", "v(out)")
    np.testing.assert_allclose(rows[:, 0], 50.0 * ORDERS, rtol=1e-9)
    return rows[:, 1] + 1j * rows[:, 2]


def divider(farad: float = 33e-9) -> str:
    return f"Vline in 0 AC 1\nR1 in out 1meg\nR2 out 0 1k\nC1 out 0 {farad}"


def transformer(farad: float = 33e-9) -> str:
    core = TRANSFORMER.core(Unit())
    total = TRANSFORMER.burden_ohm + TRANSFORMER.winding_ohm
    return "\n".join(
        (
            "Iline 0 primary AC 1",
            "Vprimary primary 0 0",
            f"Fsecondary 0 s Vprimary {1.0 / TRANSFORMER.ratio!r}",
            f"Lmagnetizing s 0 {total / core.corner!r}",
            f"Riron s 0 {total / core.loss!r}",
            f"Rwinding s b {TRANSFORMER.winding_ohm}",
            f"Rburden b 0 {TRANSFORMER.burden_ohm}",
            "Rfilter b out 1k",
            f"Cfilter out 0 {farad}",
        )
    )


@pytest.mark.parametrize(("circuit", "channel"), [(divider(), 0), (transformer(), 3)])
def test_size_and_angle_are_those_of_the_circuit(
    tmp_path: Path, circuit: str, channel: int
) -> None:
    simulated = swept(tmp_path, circuit)
    unit = FrontEnd(DRAWING)
    modelled = np.array([unit.response(50.0 * h)[channel] for h in ORDERS])
    off = modelled / simulated
    assert abs(np.abs(off[0]) - 1.0) < 2e-6
    assert abs(np.angle(off[0])) < 2e-6
    assert np.abs(np.abs(off) - 1.0).max() < 2e-5
    assert np.abs(np.angle(off)).max() < 2e-5


def test_ten_percent_more_capacitor_costs_two_thousandths_at_half_a_power_factor(
    tmp_path: Path,
) -> None:
    plain, more = (swept(tmp_path, divider(farad))[0] for farad in (33e-9, 36.3e-9))
    lag = np.exp(-1j * np.pi / 3.0)
    power = (plain * np.conj(more * lag)).real / abs(plain * more)
    assert 100.0 * abs(power / 0.5 - 1.0) == pytest.approx(0.18, abs=0.005)
    half = (LowPass(0.0, farad, tolerance=0.0) for farad in (33e-9, 36.3e-9))
    ours = [FrontEnd(replace(DRAWING, voltage_filter=one)).response(50.0)[0] for one in half]
    ratio = (ours[1] / ours[0]) / (more / plain)
    assert abs(ratio - 1.0) < 1e-6


@pytest.mark.parametrize(("peak", "limit"), [(7.0, 5e-4), (60.0, 2e-3)])
def test_a_core_that_saturates_does_so_as_in_the_circuit(
    tmp_path: Path, peak: float, limit: float
) -> None:
    """Half-waves into a core, to its knee and far beyond; `limit` is a share of the peak."""
    made = replace(TRANSFORMER, low_lead=3.5e-3, loss=0.0, saturation=3.0, lead=4e-3)
    core, n = made.core(Unit()), made.ratio
    total = made.burden_ohm + made.winding_ohm
    henry = total / core.corner
    m = f"({n!r}*V(flux)/{henry!r})"
    magnetizing = (
        f"({m}*(1+{core.rise!r}/(1+abs({m})/{core.knee!r}))"
        f"+{m}*(abs({m})/{core.saturation!r})^12)/{n!r}"
    )
    half = f"max(0,{peak!r}*sin(314.15926535897931*time))"
    circuit = "\n".join(
        (
            f"Bsecondary 0 s I={half}/{n!r}",
            f"Bmagnetizing s 0 I={magnetizing}",
            "Gflux 0 flux s 0 1",
            "Cflux flux 0 1",
            "Rflux flux 0 1e12",
            f"Rwinding s b {made.winding_ohm}",
            f"Rburden b 0 {made.burden_ohm}",
            ".options reltol=1e-7 abstol=1e-15 vntol=1e-12",
            ".ic v(flux)=0",
        )
    )
    rows = ngspice(tmp_path, circuit, "tran 10u 0.3 0 5u uic\nlinearize v(b)", "v(b)")
    rate = 20_000.0
    bare = replace(
        DRAWING, sample_rate=rate, current=made, current_filter=LowPass(0.0, 0.0, tolerance=0.0)
    )
    unit = FrontEnd(replace(bare, converter=replace(bare.converter, full_scale=2.0)))
    time = np.arange(round(0.28 * rate)) / rate
    samples = np.zeros((len(time), 7))
    samples[:, 3] = np.maximum(0.0, peak * np.sin(2.0 * np.pi * 50.0 * time))
    ours = unit.counts(samples)[:, 3] * unit.settings.converter.step
    late = unit.latency
    theirs = np.interp(time, rows[:, 0], rows[:, 1])
    off = ours[late:] - theirs[: len(time) - late]
    assert np.abs(off).max() < limit * peak * made.burden_ohm / n
