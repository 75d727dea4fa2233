"""The page's style: it loads nothing, and knows desk, hand and paper."""

from addad.lab.quality_page_style import STYLE


def test_it_stands_alone_and_knows_a_hand_and_paper() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert "@media screen and (max-width" in STYLE
    assert "@media print" in STYLE
    assert STYLE.count("{") == STYLE.count("}")
