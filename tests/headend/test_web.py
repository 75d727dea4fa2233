"""The small parts of the web: language, throttle, passwords, fields, assets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addad.errors import InputError
from addad.headend.web import language, passwords, rendering
from addad.headend.web.fields import NAMES, local_path, meter_fields, parse_day
from addad.headend.web.throttle import (
    FIRST_LOCK_S,
    FREE_FAILURES,
    LONGEST_LOCK_S,
    MAX_ADDRESSES,
    LoginThrottle,
)
from addad.headend.web.visitor import NOBODY, OPEN_VIEW, Permission, Visitor


def test_the_pseudo_locale_keeps_placeholders_and_markup() -> None:
    text = language.pseudo("Read <b>%(count)s</b> of {total}, 5 %% done")
    assert "<b>%(count)s</b>" in text
    assert "{total}" in text
    assert "%%" in text
    assert "Read" not in text
    assert text.startswith("[")
    assert language.pseudo("") == ""
    catalogue = language.translations(language.PSEUDO)
    assert catalogue.ngettext("%(n)s day", "%(n)s days", 2) == language.pseudo("%(n)s days")


@pytest.mark.parametrize(
    ("wanted", "accepted", "tag"),
    [
        (None, "", "en"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "xx, qps-ploc", "en"),
        ("qps-ploc", "en", "qps-ploc"),
        ("nonsense", "en", "en"),
        (None, ";;q=,,=;" * 100, "en"),
    ],
)
def test_the_language_is_the_visitors(wanted: str | None, accepted: str, tag: str) -> None:
    assert language.chosen(wanted, accepted) == tag


@given(st.text(max_size=60))
def test_no_header_makes_an_unknown_language(accepted: str) -> None:
    assert language.chosen(None, accepted) in language.languages()


def test_direction_follows_the_language_unless_forced() -> None:
    assert language.direction("ar", None) == "rtl"
    assert language.direction("en", None) == "ltr"
    assert language.direction("en", "rtl") == "rtl"
    assert language.direction("ar", "sideways") == "rtl"


def test_locks_double_and_are_each_addresss_own() -> None:
    throttle = LoginThrottle()
    for _ in range(FREE_FAILURES - 1):
        throttle.failed("a", 0.0)
    assert throttle.retry_after_s("a", 0.0) == 0.0
    locks = []
    for _ in range(12):
        throttle.failed("a", 0.0)
        locks.append(throttle.retry_after_s("a", 0.0))
    assert locks[:3] == [FIRST_LOCK_S, 2 * FIRST_LOCK_S, 4 * FIRST_LOCK_S]
    assert locks[-1] == LONGEST_LOCK_S
    assert throttle.retry_after_s("a", LONGEST_LOCK_S + 1) == 0.0
    assert throttle.retry_after_s("b", 0.0) == 0.0
    throttle.succeeded("a")
    assert throttle.retry_after_s("a", 0.0) == 0.0


def test_the_throttle_remembers_a_bounded_number_of_addresses() -> None:
    throttle = LoginThrottle()
    for number in range(MAX_ADDRESSES + 50):
        throttle.failed(str(number), 0.0)
    assert len(throttle._records) == MAX_ADDRESSES


@pytest.mark.parametrize(
    "password", ["", "short", "a" * 12, "ab" * 10, "x" * 201, "my name is Amina"]
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(InputError):
        passwords.check_new(password, "amina")


def test_a_password_fits_its_hash_and_no_other() -> None:
    passwords.check_new("correct horse battery", "amina")
    kept = passwords.hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, "correct horse battery")
    assert not passwords.fits(kept, "correct horse batterx")
    assert not passwords.fits(None, "correct horse battery")
    assert not passwords.fits("damaged", "correct horse battery")


def _form(**changes: str) -> dict[str, str]:
    base = dict.fromkeys(NAMES, "")
    return {**base, "service_point": "A-1", "host": "meter.example", **changes}


def test_a_form_with_defaults_is_a_registration() -> None:
    fields, errors = meter_fields(_form(multiplier="2000/11", start_import_wh="5"))
    assert errors == {}
    assert fields is not None
    wanted = fields.registration()
    assert (wanted.host, wanted.port, wanted.serial) == ("meter.example", 4059, "")
    assert (wanted.start_import_wh, wanted.start_export_wh) == (5, None)
    assert wanted.service_point.name == "A-1"
    assert wanted.service_point.time_zone == "Africa/Casablanca"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("service_point", ""),
        ("host", ""),
        ("port", "-1"),
        ("port", "x"),
        ("start_import_wh", "1.5"),
        ("start_export_wh", "9" * 30),
        ("contracted_power_w", "²"),
        ("multiplier", "0"),
        ("installed_from", "2026-11-22"),
    ],
)
def test_a_wrong_field_is_named(field: str, text: str) -> None:
    fields, errors = meter_fields(_form(**{field: text}))
    assert fields is None
    assert list(errors) == [field]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/service-points/A?day=1", "/service-points/A?day=1"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/" + "a" * 600, "/"),
    ],
)
def test_after_login_one_stays_on_this_site(text: str, path: str) -> None:
    assert local_path(text) == path


def test_a_day_is_read_or_refused() -> None:
    assert parse_day(None) is None
    assert str(parse_day("2026-11-22")) == "2026-11-22"
    for text in ("22.11.2026", "2026-13-01", "x" * 1000):
        with pytest.raises(InputError):
            parse_day(text)


def test_an_asset_changes_its_address_with_its_content() -> None:
    for path in ("../app.py", "a b", "/etc/passwd?"):
        with pytest.raises(ValueError, match="no file"):
            rendering.asset(path)
    assert rendering.asset("nothing.css") == "/static/nothing.css?v=0"


def test_visitors_may_what_their_scopes_say() -> None:
    amina = Visitor("amina", frozenset({"read", "relay"}), "secret")
    assert amina.may(Permission.RELAY)
    assert not amina.may(Permission.ADMIN)
    assert not OPEN_VIEW.may(Permission.RELAY)
    assert NOBODY.may(Permission.PUBLIC)
    assert not NOBODY.may(Permission.READ)
    assert NOBODY.csrf == ""
    assert amina.csrf != Visitor("amina", secret="other").csrf
    assert "secret" not in repr(amina)
