"""What is collected has a name; what is not is called by its code."""

from addad import obis
from addad.headend.register_names import COLLECTED, name_of


def test_each_register_has_a_name_of_its_own() -> None:
    assert len(set(COLLECTED.values())) == len(COLLECTED)
    assert name_of("1-0:21.8.0") == "Active energy import L1"
    assert name_of("1-0:99.8.0") == "1-0:99.8.0"
    assert obis.ACTIVE_ENERGY_IMPORT in COLLECTED
