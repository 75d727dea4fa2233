"""The plane of voltage tolerance: known corners of the curve."""

import pytest

from addad.lab.quality_tolerance import Region, outline, region


@pytest.mark.parametrize(
    ("seconds", "share", "expected"),
    [
        (0.010, 0.0, Region.TOLERATED),
        (0.025, 0.5, Region.NO_DAMAGE),
        (0.4, 0.71, Region.TOLERATED),
        (0.6, 0.71, Region.NO_DAMAGE),
        (9.0, 0.85, Region.TOLERATED),
        (11.0, 0.85, Region.NO_DAMAGE),
        (100.0, 0.95, Region.TOLERATED),
        (0.4, 1.15, Region.TOLERATED),
        (0.6, 1.15, Region.PROHIBITED),
        (0.002, 1.5, Region.PROHIBITED),
    ],
)
def test_events_lie_where_the_curve_has_them(
    seconds: float, share: float, expected: Region
) -> None:
    assert region(seconds, share) is expected


@pytest.mark.parametrize(
    ("seconds", "lowest", "highest"),
    [
        (0.000_9, 0.0, 2.0),
        (0.001_1, 0.0, 1.4),
        (0.002_9, 0.0, 1.4),
        (0.003_1, 0.0, 1.2),
        (0.019, 0.0, 1.2),
        (0.021, 0.7, 1.2),
        (0.499, 0.7, 1.2),
        (0.501, 0.8, 1.1),
        (9.9, 0.8, 1.1),
        (10.1, 0.9, 1.1),
        (1e5, 0.9, 1.1),
    ],
)
def test_on_either_side_of_each_corner(seconds: float, lowest: float, highest: float) -> None:
    assert region(seconds, highest) is region(seconds, lowest) is Region.TOLERATED
    assert region(seconds, highest + 1e-6) is Region.PROHIBITED
    if lowest:
        assert region(seconds, lowest - 1e-6) is Region.NO_DAMAGE


def test_the_outline_is_the_border_of_the_regions() -> None:
    upper, lower = outline(2e-3, 200.0)
    for line, above, below in (
        (upper, Region.PROHIBITED, Region.TOLERATED),
        (lower, Region.TOLERATED, Region.NO_DAMAGE),
    ):
        assert line[0][0] == 2e-3
        assert line[-1][0] == 200.0
        for (first, level), (last, same) in zip(line[::2], line[1::2], strict=True):
            assert level == same
            between = (first * last) ** 0.5
            assert region(between, level + 0.01) is above
            if level > 0.01:
                assert region(between, level - 0.01) is below
