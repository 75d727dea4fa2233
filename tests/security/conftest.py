"""A served head end with an account, a meter that records what reaches it, and plain templates."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "headend"))

from doorstep import Doorstep, make_doorstep

from addad.headend.web import rendering

PLAIN = {
    "index": "{% for one in service_points %}{{ one.id }} {% endfor %}{{ find }} {{ pages }}",
    "service_point": "{{ service_point.id }} {{ meter.serial }} {{ urls.stream }} {{ csrf }}",
    "login": "{{ error }} {{ next }} {{ retry_after_s }}",
    "setup": "{{ error }} {{ token }} {{ minimum_length }}",
    "register": "{{ values }} {{ errors }}",
    "audit": "{{ chain.intact }} {% for row in rows %}{{ row.action }} {% endfor %}",
    "error": "{{ status }} {{ title }} {{ detail }} {{ cure }}",
}


@pytest.fixture(autouse=True)
def _plain_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The doors are tested apart from the look of the pages."""
    folder = tmp_path / "templates"
    folder.mkdir()
    for name, text in PLAIN.items():
        (folder / f"{name}.html").write_text(text)
    monkeypatch.setattr(rendering, "TEMPLATES", folder)
    rendering.environment.cache_clear()
    yield
    rendering.environment.cache_clear()


@pytest.fixture
def doorstep(tmp_path: Path) -> Iterator[Doorstep]:
    """A head end at its door: an account `amina`, a meter at FEZ-0001."""
    made = make_doorstep(tmp_path)
    yield made
    made.close()


@pytest.fixture
def open_doorstep(tmp_path: Path) -> Iterator[Doorstep]:
    """The same, shown to everybody (`--open`)."""
    made = make_doorstep(tmp_path, open_view=True)
    yield made
    made.close()
