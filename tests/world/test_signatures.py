"""The table of signatures: what was measured is what the recordings hold."""

from pathlib import Path

import numpy as np
import pytest

from addad.world import signatures
from addad.world.grid import ORDERS
from addad.world.signatures import CHARGER, INDUCTION_MOTOR, Signature

ALL = [value for value in vars(signatures).values() if isinstance(value, Signature)]


@pytest.mark.parametrize("signature", ALL, ids=lambda s: s.name)
def test_a_signature_begins_with_a_fundamental_that_takes_power(signature: Signature) -> None:
    orders = [order for order, _, _ in signature.harmonics]
    assert orders == sorted(set(orders))
    assert set(orders) <= set(ORDERS)
    assert signature.harmonics[0][:2] == (1, 100.0)
    assert abs(signature.harmonics[0][2]) < 60.0
    assert signature.source == "assumed" or signature.source.startswith("PLAID")


@pytest.mark.parametrize(
    ("signature", "label", "least_w", "most_w"),
    [(CHARGER, "8", 1.0, 10.0), (INDUCTION_MOTOR, "13", 280.0, 300.0)],
)
def test_measured_signatures_agree_with_the_recordings(
    data_dir: Path, signature: Signature, label: str, least_w: float, most_w: float
) -> None:
    with np.load(data_dir / "waveforms" / "plaid_125.npz") as records:
        v, i, labels = (records[k] for k in ("voltage_v", "current_a", "label"))
    power = (v.astype(float) * i).mean(axis=1)
    chosen = (labels == label) & (power > least_w) & (power < most_w)
    u, a = np.fft.rfft(v[chosen], axis=1), np.fft.rfft(i[chosen], axis=1)
    angle = np.angle(u[:, 1])
    for order, percent, degrees in signature.harmonics:
        turned = a[:, order] * np.exp(-1j * order * angle) / np.abs(a[:, 1])
        stated = percent / 100.0 * np.exp(1j * np.radians(degrees))
        assert abs(turned.mean() - stated) < 0.03
