"""The catalogue of texts: whole, and enough for a language that is written the other way."""

import importlib.util
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

sys.path.insert(0, str(Path(__file__).parents[2] / "security"))

from doorstep import Doorstep, make_doorstep

from addad.headend.web import language, refusals, rendering
from addad.headend.web.pages import login

ROOT = Path(__file__).resolve().parents[3]
ARABIC = {"Sign in": "تسجيل الدخول", login.WRONG: "الاسم وكلمة المرور لا يتوافقان"}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "write_catalogue", ROOT / "tools/write_catalogue.py"
    )
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def arabic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Beside English, a catalogue of a language from right to left."""
    made = read_po(io.BytesIO((language.LOCALE / "messages.pot").read_bytes()), locale="ar")
    for english, text in ARABIC.items():
        made[english].string = text
    folder = tmp_path / "locale" / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "addad.mo").open("wb") as file:
        write_mo(file, made)
    monkeypatch.setattr(language, "LOCALE", tmp_path / "locale")
    caches = (language.languages, language.translations, rendering.environment)
    for one in caches:
        one.cache_clear()
    yield
    for one in caches:
        one.cache_clear()


@pytest.fixture
def doorstep(tmp_path: Path) -> Iterator[Doorstep]:
    made = make_doorstep(tmp_path / "data")
    yield made
    made.close()


def test_the_catalogue_is_what_the_code_says(tool: ModuleType) -> None:
    kept = tool.TARGET.read_text("utf-8")
    assert kept == tool.written(tool.catalogue()), "run: python tools/write_catalogue.py"


def test_the_catalogue_has_the_refusals_and_their_cures(tool: ModuleType) -> None:
    texts = {str(message.id) for message in tool.catalogue()}
    assert {login.WRONG, login.WAIT, *refusals._CURES.values(), "Not Found"} <= texts
    assert "choose a password that is harder to guess" in texts


@pytest.mark.usefixtures("arabic")
def test_a_catalogue_makes_a_page_speak_and_turn(doorstep: Doorstep) -> None:
    plain = doorstep.ask("GET", "/login").text
    assert '<html lang="en" dir="ltr">' in plain
    assert 'hreflang="ar"' in plain
    for options in ({"headers": {"accept-language": "ar-MA,ar;q=0.9,en;q=0.5"}}, {}):
        path = "/login" if options else "/login?lang=ar"
        text = doorstep.ask("GET", path, **options).text
        assert '<html lang="ar" dir="rtl">' in text
        assert ARABIC["Sign in"] in text


@pytest.mark.usefixtures("arabic")
def test_what_the_program_says_at_run_time_is_translated_too(doorstep: Doorstep) -> None:
    headers = {"accept-language": "ar"}
    response = doorstep.sign_in(password="wrong", headers=headers)
    assert response.status_code == 403
    assert ARABIC[login.WRONG] in response.text
