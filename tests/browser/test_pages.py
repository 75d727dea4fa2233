"""The simple pages in a real browser: they fit, speak, work without scripts, and hold no markup."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from served import NAME, NARROW, PASSWORD, WIDE, Open, Served, served

pytestmark = pytest.mark.browser

PAGES = ("/", "/?find=nothing-like-it", "/register", "/audit", "/nowhere")
SignIn = Callable[[Page], Page]

UNNAMED = """() => [...document.querySelectorAll('input, select, textarea, button, a')]
  .filter((one) => one.type !== 'hidden' && !one.labels?.length)
  .filter((one) => !one.getAttribute('aria-label') && !one.textContent.trim())
  .map((one) => one.outerHTML)"""

DANGLING = """() => [...document.querySelectorAll('[aria-describedby], [aria-labelledby]')]
  .flatMap((one) => ['aria-describedby', 'aria-labelledby']
    .flatMap((name) => (one.getAttribute(name) ?? '').split(' ').filter(Boolean)))
  .filter((id) => !document.getElementById(id))"""

# The pseudo-locale accents every vowel: a plain one outside <bdi> was never translated.
UNTRANSLATED = """() => {
  const left = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    const ours = !parentElement.closest('bdi, script, [translate=no]');
    if (ours && /[aeiou]/i.test(data)) left.push(data.trim());
  }
  return left;
}"""


def _is_sound(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert page.locator("h1").count() == 1
    assert page.evaluate(UNNAMED) == []
    assert page.evaluate(DANGLING) == []
    assert page.locator("[style]").count() == 0


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("lang", ["en", "qps-ploc"])
def test_pages_fit_the_window_and_are_named_for_screen_readers(
    open_page: Open,
    sign_in: SignIn,
    house: Served,
    size: tuple[int, int],
    direction: str,
    lang: str,
) -> None:
    page = open_page(size)
    page.goto(f"{house.url}/login?dir={direction}&lang={lang}")
    _is_sound(page)
    sign_in(page)
    for path in PAGES:
        page.goto(f"{house.url}{path}{'&' if '?' in path else '?'}dir={direction}&lang={lang}")
        assert page.locator("html").get_attribute("dir") == direction
        _is_sound(page)
        if lang == "qps-ploc":
            assert page.evaluate(UNTRANSLATED) == [], path


def test_the_list_tells_of_contact_power_and_relay(
    open_page: Open, sign_in: SignIn, house: Served
) -> None:
    page = sign_in(open_page())
    row = page.get_by_role("row", name="Rue Atlas 14")
    expect(row).to_contain_text("In contact")
    expect(row).to_contain_text("1.50 kW")
    expect(row).to_contain_text("export")
    expect(row).to_contain_text("Connected")
    expect(page.get_by_role("row", name="Batha")).to_contain_text("No contact")
    expect(page.get_by_role("row", name="FEZ-0419")).to_contain_text("Disconnected")
    expect(page.get_by_role("row", name="FEZ-0420")).to_contain_text("Ready for reconnection")
    assert page.locator("td b, th b").count() == 0, "a name is text, not markup"


def test_the_list_follows_the_meter_without_being_loaded_again(
    open_page: Open, sign_in: SignIn, house: Served
) -> None:
    page = sign_in(open_page())
    row = page.get_by_role("row", name="Rue Atlas 14")
    expect(row).to_contain_text("5.000 kWh")
    house.bench.meters[4101].import_wh = 1_234_567
    expect(row).to_contain_text("1\u202f234.567 kWh")


def test_a_list_that_is_cut_off_says_so(open_page: Open, sign_in: SignIn, house: Served) -> None:
    page = sign_in(open_page())
    page.context.set_offline(True)
    away = page.get_by_text("The head end does not answer. These values are old.")
    expect(away).to_be_visible(timeout=60_000)
    page.context.set_offline(False)
    expect(away).to_be_hidden(timeout=60_000)
    page.context.clear_cookies()
    expect(page.get_by_text("Your session is over.")).to_be_visible(timeout=60_000)


def test_a_meter_that_is_registered_appears_in_an_open_list(
    open_page: Open, sign_in: SignIn, house: Served
) -> None:
    page = sign_in(open_page())
    page.goto(f"{house.url}/?find=late")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.goto(f"{house.url}/?find=FEZ-04")
    expect(page.get_by_role("row")).to_have_count(5)
    house.register("FEZ-0430", "Comes late", "", 4130)
    expect(page.get_by_role("row", name="Comes late")).to_be_visible(timeout=60_000)


def test_a_search_is_an_address_that_can_be_sent(
    open_page: Open, sign_in: SignIn, house: Served
) -> None:
    page = sign_in(open_page())
    page.get_by_role("searchbox").fill("boulang")
    page.get_by_role("searchbox").press("Enter")
    expect(page).to_have_url(f"{house.url}/?find=boulang")
    expect(page.get_by_role("status")).to_have_text("1 service point")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_role("row", name="Rue Atlas 14")).to_be_visible()


def test_everything_works_without_scripts(open_page: Open, house: Served) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{house.url}/audit")
    expect(page).to_have_url(f"{house.url}/login?next=%2Faudit")
    expect(page.get_by_role("button", name="Switch between light and dark")).to_be_hidden()
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{house.url}/audit")
    expect(page.get_by_text("The chain is whole")).to_be_visible()
    page.get_by_role("link", name="Register a meter").click()
    page.get_by_label("Service point", exact=True).fill("FEZ-0499")
    page.get_by_label("Address in the network").fill("127.0.0.1")
    page.get_by_role("textbox", name="Port optional", exact=True).fill("4199x")
    page.get_by_role("button", name="Register the meter").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was registered")
    port = page.get_by_role("textbox", name="Port optional", exact=True)
    expect(port).to_have_attribute("aria-invalid", "true")
    expect(port).to_have_accessible_description("Write a whole number.")
    expect(port).to_be_focused()
    expect(page.get_by_label("Service point", exact=True)).to_have_value("FEZ-0499")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{house.url}/login")
    page.goto(f"{house.url}/")
    expect(page).to_have_url(f"{house.url}/login?next=%2F")


def test_what_is_typed_comes_back_as_text(open_page: Open, sign_in: SignIn, house: Served) -> None:
    page = sign_in(open_page())
    page.goto(f"{house.url}/?find=%3Cimg%20src%3Dx%3E%25s%20%25(a)s")
    expect(page.get_by_text("Nothing matches “<img src=x>%s %(a)s”")).to_be_visible()
    page.goto(f"{house.url}/service-points/%3Cb%3E100%25%3Ci%3E")
    expect(page.get_by_text("no service point '<b>100%<i>'")).to_be_visible()
    page.goto(f"{house.url}/register")
    page.get_by_label("Service point", exact=True).fill("FEZ-1")
    page.get_by_label("Address in the network").fill("127.0.0.1")
    page.get_by_label("Multiplier").fill("<b>50%</b>")
    page.get_by_role("button", name="Register the meter").click()
    expect(page.get_by_text("'<b>50%</b>' is no multiplier")).to_be_visible()
    assert page.locator("main :is(b, i, img)").count() == 0


def test_a_wrong_password_is_told_and_nothing_else(open_page: Open, house: Served) -> None:
    page = open_page()
    page.goto(f"{house.url}/login")
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Name").fill("omar")
    page.get_by_label("Password").fill("not the one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This name and password do not fit.")
    expect(page.get_by_label("Password")).to_have_value("")


def test_the_one_time_link_makes_the_first_account(open_page: Open, tmp_path: Path) -> None:
    with served(tmp_path, with_account=False) as made:
        page = open_page(NARROW)
        page.goto(made.url + (made.head.setup_path() or ""))
        _is_sound(page)
        expect(page.get_by_label("Password", exact=True)).to_be_focused()
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Password, once more").fill(PASSWORD + "!")
        page.get_by_role("button", name="Make the account").click()
        expect(page.get_by_role("alert")).to_contain_text("the two passwords differ")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Password, once more").fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        page.wait_for_url(f"{made.url}/")
        expect(page.get_by_text("No meter is registered yet.")).to_be_visible()
        _is_sound(page)


def test_the_theme_follows_the_system_until_it_is_chosen(open_page: Open, house: Served) -> None:
    page = open_page(color_scheme="dark")
    page.goto(f"{house.url}/login")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(13, 16, 18)"
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.evaluate(background) == "rgb(242, 243, 240)"
    page.reload()
    assert page.evaluate(background) == "rgb(242, 243, 240)"


def test_the_keyboard_reaches_the_content_first(
    open_page: Open, sign_in: SignIn, house: Served
) -> None:
    page = sign_in(open_page())
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
