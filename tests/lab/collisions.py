"""Whether the texts of a figure stand on one another, for tests of sheets."""

from itertools import combinations

from matplotlib.figure import Figure
from matplotlib.text import Text


def texts_of(figure: Figure) -> list[Text]:
    figure.canvas.draw()
    return [
        text
        for text in figure.findobj(Text)
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip()
    ]


def undrawn_of(figure: Figure) -> set[Text]:
    """Labels of ticks beyond the limits of their axis: they exist, and are not drawn."""
    return {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }


def assert_nothing_collides(figure: Figure, at_least: int = 20) -> None:
    """No text over another, none over the edge."""
    page, texts = figure.bbox, texts_of(figure)
    undrawn = undrawn_of(figure)
    boxes = []
    for text in texts:
        box = text.get_window_extent()
        if text in undrawn:
            continue
        assert page.x0 <= box.x0 <= box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0 <= box.y1 <= page.y1, text.get_text()
        boxes.append((text.get_text(), box.padded(-1.5)))
    assert len(boxes) > at_least
    for (one, a), (other, b) in combinations(boxes, 2):
        assert not a.overlaps(b), f"{one!r} and {other!r} overlap"
