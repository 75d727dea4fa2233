"""From an order in words to a meter: what is kept, what is refused and why."""

from pathlib import Path

import pytest

from addad.errors import AddadError, InputError, StorageError
from addad.host.commission import Order, commission
from addad.meter.transformers import Ratio, TransformerRatios


def _order(folder: Path, **changes: object) -> Order:
    return Order(data=folder, scene="2026-06-21T12:00", **changes)  # type: ignore[arg-type]


def test_a_meter_is_built_from_its_order(tmp_path: Path) -> None:
    running = commission(
        _order(
            tmp_path / "m", serial="42", push="127.0.0.1:4060", contracted_power_w=6600, over_s=5
        )
    )
    settings = running.meter.settings
    assert settings.identity.serial == "42"
    assert running.meter.notices.destination == "127.0.0.1:4060"
    assert running.meter.supply.limiter.threshold_w == 6600
    assert running.meter.supply.limiter.rules.over_s == 5


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"serial": "no spaces"}, "serial"),
        ({"scene": "noon"}, "2026-06-21T12:00"),
        ({"scene": "2026-02-30T12:00"}, "2026-02-30"),
        ({"scenario": "12:00 explode"}, "explode"),
        ({"source": "no-such-file.cfg", "scene": None}, "no-such-file"),
        ({"source": "feeder.cfg"}, "--scene"),
    ],
)
def test_an_order_that_cannot_be_is_refused(
    changes: dict[str, object], says: str, tmp_path: Path
) -> None:
    order = Order(**({"data": tmp_path, "scene": "2026-06-21T12:00"} | changes))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=says):
        commission(order)


def test_a_folder_stays_the_same_meter(tmp_path: Path) -> None:
    commission(_order(tmp_path / "m", serial="42")).close()
    again = commission(_order(tmp_path / "m"))
    assert again.meter.settings.identity.serial == "42"
    again.close()
    with pytest.raises(InputError, match="is the meter 42"):
        commission(_order(tmp_path / "m", serial="43"))


def test_a_folder_has_one_meter_at_a_time(tmp_path: Path) -> None:
    first = commission(_order(tmp_path))
    with pytest.raises(StorageError, match="another meter"):
        commission(_order(tmp_path))
    first.close()
    commission(_order(tmp_path)).close()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AddadError, match="file"):
        commission(_order(tmp_path / "file"))


def test_the_ratios_of_transformers_stay_with_the_meter(tmp_path: Path) -> None:
    ratios = TransformerRatios(Ratio(200, 5))
    first = commission(_order(tmp_path, transformers=ratios))
    first.meter.save()
    first.close()
    again = commission(_order(tmp_path))
    assert again.meter.measured.transformers.ratios == ratios
    again.close()
    with pytest.raises(InputError, match="the meter is behind 200/5 and 1/1, with primary values"):
        commission(_order(tmp_path, transformers=TransformerRatios(Ratio(300, 5))))
    commission(_order(tmp_path, transformers=ratios)).close()
