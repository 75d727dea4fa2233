"""Which way currents flow, from evidence made by hand."""

import numpy as np
import pytest

from addad.metrology.wiring_directions import directions, neutral
from addad.metrology.wiring_evidence import Evidence, Site
from addad.metrology.wiring_findings import Certainty, WiringFault

THIRD = np.exp(-2j * np.pi * np.arange(3) / 3.0)
NOWHERE = Site(generation=frozenset())


def evidence(currents, neutral_current=None, response=np.nan, follows=np.nan, thd=0.2):
    """Of 230 V and currents [A], each against its own voltage."""
    i = np.asarray(currents, np.complex128) * THIRD
    total = i.sum() if neutral_current is None else neutral_current
    z = np.concatenate([230.0 * THIRD, i, [total]])
    known = np.ones(7, np.bool_)
    known[6] = neutral_current is not None
    return Evidence(
        products=np.outer(z, z.conj()),
        known=known,
        noise=np.zeros(4),
        thd=np.full(3, thd),
        follows=np.full(3, follows),
        imports=np.ones(3),
        exports=np.zeros(3),
        response=np.full(3, response),
        windows=10,
    )


def found(seen, site=None):
    site = site or Site()
    angles = {k: seen.angle(k, 3 + k) for k in range(3)}
    return [(each.fault, each.phases, each.certainty) for each in directions(seen, site, angles)]


def test_what_the_network_answers_stands_above_what_the_site_is_known_for():
    exports = (5.0, -7.0, 5.0)
    (one,) = found(evidence(exports), NOWHERE)
    assert one == (WiringFault.REVERSED_CURRENT, ("L2",), Certainty.LIKELY)
    assert found(evidence(exports, response=-9.0), NOWHERE) == []
    assert {each[2] for each in found(evidence(exports, response=9.0))} == {Certainty.PROVED}


def test_one_phase_that_draws_what_the_others_feed_may_be_an_inverters():
    as_fed = evidence((-5.0, 5.2, -5.1), thd=0.02, follows=-0.3)
    faults = found(as_fed)
    assert faults[0][:2] == (WiringFault.EXPORT, ("L1", "L3"))
    assert faults[1] == (WiringFault.REVERSED_CURRENT, ("L2",), Certainty.POSSIBLE)


def test_a_trickle_beside_a_load_proves_nothing():
    assert found(evidence((5.0, -0.1, 0.5))) == []


@pytest.mark.parametrize(
    ("scale", "fault"), [(-1.0, "neutral reversed"), (0.4, "neutral mismatch")]
)
def test_a_neutral_that_is_not_the_sum(scale, fault):
    currents = np.array([9.0, 2.0, 3.0])
    total = (currents * THIRD).sum()
    (finding,) = neutral(evidence(currents, scale * total), Site(), [])
    assert finding.fault == fault
    assert list(neutral(evidence(currents, total), Site(), [])) == []
    assert list(neutral(evidence(currents), Site(), [])) == []
