"""The shape of a report."""

import dataclasses

import numpy as np
import pytest

from addad.lab.report import PHASE_NAMES, PhaseReport, Power, Wave


def test_a_report_is_frozen_and_says_what_is_absent() -> None:
    phase = PhaseReport("L1", None, None, Power(1.0, 2.0, 3.0, 0.5))
    with pytest.raises(dataclasses.FrozenInstanceError):
        phase.phase = "L2"  # type: ignore[misc]
    assert phase.voltage is None
    assert PHASE_NAMES == ("L1", "L2", "L3", "N")


def test_harmonics_do_not_flood_a_message() -> None:
    wave = Wave("U1", "V", 230.0, 229.0, 231.0, 0.01, 0.0, np.zeros(51))
    assert "harmonics" not in repr(wave)
