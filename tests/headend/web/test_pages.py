"""The real pages with the variables they are promised, in every language, for every visitor."""

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "security"))

from doorstep import Doorstep, make_doorstep
from headend_bench import NOON

from addad.headend.store import events, orders, readings
from addad.headend.store.events import MeterEvent
from addad.headend.store.push_keys import push_senders
from addad.headend.web import language

PAGES = ["/", "/service-points/FEZ-0001", "/register", "/audit"]


@pytest.fixture
def doorstep(tmp_path: Path) -> Iterator[Doorstep]:
    made = make_doorstep(tmp_path)
    store = made.head.office.store
    readings.save_registers(store, 1, NOON, [readings.RegisterReading("1-0:1.8.0", 12345, 0, 30)])
    told = [MeterEvent(NOON, "fraud", 44, "alarm", "Meter cover removed", "<b>x</b>")]
    events.save_events(store, 1, "FEZ-0001", told, NOON)
    order = orders.begin(store, "FEZ-0001", 1, "disconnect", "<i>why</i>", "amina", NOON)
    orders.advance(store, order, "failed", "did not follow", NOON + timedelta(seconds=9))
    yield made
    made.close()


@pytest.mark.parametrize("lang", ["en", "qps-ploc"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_renders_in_every_language(doorstep: Doorstep, path: str, lang: str) -> None:
    session = doorstep.session()
    response = doorstep.ask("GET", f"{path}?lang={lang}", session=session)
    assert response.status_code == 200
    assert f'lang="{lang}"' in response.text
    assert "<b>x</b>" not in response.text
    assert "<i>why</i>" not in response.text


@pytest.mark.parametrize("path", [*PAGES, "/login", "/nowhere"])
def test_a_page_asks_nothing_of_another_machine_and_has_no_inline_script(
    doorstep: Doorstep, path: str
) -> None:
    session = "" if path == "/login" else doorstep.session()
    text = doorstep.ask("GET", path, session=session).text
    assert not re.findall(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", text)
    assert not re.findall(r"<[^>]+\son\w+\s*=", text)
    assert not re.findall(r"<[^>]+\sstyle\s*=", text)
    assert "<style" not in text
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)
    assert all("application/json" in tag or not body.strip() for tag, body in scripts)
    for asset in re.findall(r'"(/static/[^"]+)"', text):
        assert doorstep.ask("GET", asset).status_code == 200, asset


def test_right_to_left_can_be_forced(doorstep: Doorstep) -> None:
    assert 'dir="rtl"' in doorstep.ask("GET", "/login?dir=rtl").text
    assert 'dir="ltr"' in doorstep.ask("GET", "/login").text


def test_the_login_page_tells_what_was_wrong_without_telling_which(doorstep: Doorstep) -> None:
    assert "do not fit" in doorstep.sign_in(password="wrong wrong wrong").text


def test_the_setup_page_posts_what_its_link_says(tmp_path: Path) -> None:
    from headend_bench import Bench, FakeMeter

    from addad.headend.web.app import create_app

    bench = Bench(tmp_path, {4059: FakeMeter()})
    head = bench.open()
    link = head.setup_path()
    assert link
    doorstep = Doorstep(bench, head, create_app(head))
    page = doorstep.ask("GET", link)
    assert page.status_code == 200
    assert link.partition("=")[2] in page.text
    refused = doorstep.ask("GET", "/setup?token=wrong")
    assert refused.status_code == 403
    assert "start the head end again" in refused.text
    head.close()


def test_the_form_registers_a_meter_and_an_error_keeps_what_was_typed(
    doorstep: Doorstep,
) -> None:
    session = doorstep.session()
    form = {
        "csrf": doorstep.token(session),
        "service_point": "FEZ-0002",
        "name": "Bakery",
        "host": "127.0.0.1",
        "port": "4060",
        "serial": "00005678",
        "reader_password": "reads",
        "management_password": "manages",
        "multiplier": "40",
        "start_import_wh": "17",
        "start_export_wh": "0",
    }
    wrong = {**form, "multiplier": "many", "port": "x", "service_point": ""}
    page = doorstep.ask("POST", "/register", session=session, data=wrong)
    assert page.status_code == 422
    assert "Bakery" in page.text
    assert "manages" not in page.text
    assert "is no multiplier" in page.text
    done = doorstep.ask("POST", "/register", session=session, data=form)
    assert done.headers["location"] == "/service-points/FEZ-0002"
    taken = {**form, "service_point": "FEZ-0003"}
    page = doorstep.ask("POST", "/register", session=session, data=taken)
    assert page.status_code == 422
    assert "meter is in service at" in page.text


def test_the_form_takes_push_keys_and_never_shows_them_again(doorstep: Doorstep) -> None:
    session = doorstep.session()
    keys = {
        "push_title": "4144444d54523031",
        "push_encryption_key": "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
        "push_authentication_key": "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
    }
    form = {
        "csrf": doorstep.token(session),
        "service_point": "FEZ-0002",
        "host": "127.0.0.1",
        "port": "4060",
        "serial": "00005678",
        "start_import_wh": "17",
        "start_export_wh": "0",
        **keys,
    }
    for wrong, says in (
        ({"push_title": ""}, "push.meter_title"),
        ({"push_suite": "2"}, "64 hexadecimal digits"),
        ({"push_suite": "x"}, "whole number"),
        ({"push_authentication_key": ""}, "push.authentication_key"),
        ({"plain_pushes": "1"}, "not both"),
    ):
        page = doorstep.ask("POST", "/register", session=session, data={**form, **wrong})
        assert page.status_code == 422
        assert says in page.text
        assert keys["push_encryption_key"] not in page.text
    assert doorstep.ask("POST", "/register", session=session, data=form).status_code == 303
    (sender,) = push_senders(doorstep.head.office.store)
    assert (sender.serial, sender.keys.title) == ("00005678", b"ADDMTR01")
    plain = {name: text for name, text in form.items() if name not in keys}
    done = doorstep.ask("POST", "/register", session=session, data={**plain, "plain_pushes": "1"})
    assert done.status_code == 303
    assert push_senders(doorstep.head.office.store) == []


def test_the_audit_page_shows_rows_and_the_chain(doorstep: Doorstep) -> None:
    text = doorstep.ask("GET", "/audit", session=doorstep.session()).text
    assert "relay.disconnect" in text
    assert "&lt;i&gt;why&lt;/i&gt;" in text


def test_a_reader_is_not_shown_what_they_may_not_do(tmp_path: Path) -> None:
    doorstep = make_doorstep(tmp_path, open_view=True)
    text = doorstep.ask("GET", "/service-points/FEZ-0001").text
    assert 'name="csrf"' not in text
    doorstep.close()


def test_an_error_is_a_page_with_a_way_on(doorstep: Doorstep) -> None:
    page = doorstep.ask("GET", "/service-points/nowhere", session=doorstep.session())
    assert page.status_code == 404
    assert "there is no service point" in page.text
    program = doorstep.ask("GET", "/api/v1/nowhere")
    assert program.status_code == 404
    assert program.json()["cure"]


def test_every_text_of_the_templates_is_in_the_catalogue(doorstep: Doorstep) -> None:
    """In the pseudo-locale each translated text stands in brackets; a bare heading is a leak."""
    session = doorstep.session()
    for path in [*PAGES, "/login"]:
        who = "" if path == "/login" else session
        text = doorstep.ask("GET", f"{path}?lang={language.PSEUDO}", session=who).text
        for heading in re.findall(r"<(?:h1|h2|th|label|button)[^>]*>\s*([^<\[]+?)\s*<", text):
            assert not re.search(r"[A-Za-z]{4}", heading), (path, heading)
