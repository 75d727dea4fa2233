"""The page of a service point, on a real meter in a process of its own, in headless Chromium."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect
from served import WAIT_MS, Open, Served

pytestmark = pytest.mark.browser

PLACE = "/service-points/SP-FES-0001"
NAME, PASSWORD = "amina", "correct horse battery"
WIDE, MIDDLE, NARROW = (1440, 900), (800, 900), (390, 844)
START_S = 240.0
MAX_PAGE_OCTETS = 100_000
RELAY_MS, DAY_MS = 120_000, 180_000
"""What the meter has to do; the day, which is loaded by the minute."""


@dataclass
class Demo:
    """A running demo: where it is served, and a browser profile that is signed in."""

    url: str
    operator: BrowserContext
    process: subprocess.Popen[str]


@dataclass
class Watched:
    """A page and all that it did."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("response", self._weigh)

    def _hear(self, kind: str, text: str) -> None:
        """Errors of the script and of the policy; an answer that refuses is part of a test."""
        if kind == "error" and "Failed to load resource" not in text:
            self.faults.append(text)

    def _weigh(self, response: Response) -> None:
        kind = response.headers.get("content-type", "")
        if any(name in kind for name in ("html", "css", "javascript")):
            self.weights[response.url] = len(response.body())

    def check(self) -> None:
        """No fault, and nothing asked of anybody but the head end."""
        assert not self.faults
        strangers = [url for url in self.requests if not url.startswith((self.origin, "data:"))]
        assert not strangers


Watch = Callable[..., Watched]


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line:
            raise AssertionError(f"the demo ended with code {process.wait()}")
        yield line
    raise AssertionError("the demo did not say where its page is")


@contextmanager
def running_demo(folder: Path, browser: Browser) -> Iterator[Demo]:
    """`addad demo` on free ports, with an account made by its one-time link."""
    process = subprocess.Popen(
        [sys.executable, "-m", "addad.cli.main", "demo", "--for", "2h", "--open",
         "--data", str(folder)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        setup = page_url = ""
        for line in _lines(process):
            found = re.search(r"http://\S+", line)
            setup = found.group() if found and "/setup?" in line else setup
            page_url = found.group() if found and PLACE in line else page_url
            if setup and page_url:
                break
        url = page_url.removesuffix(PLACE)
        context = browser.new_context()
        page = context.new_page()
        page.goto(setup)
        for field_name, text in (("name", NAME), ("password", PASSWORD), ("repeat", PASSWORD)):
            page.fill(f"[name={field_name}]", text)
        page.click("main button")
        page.wait_for_url(f"{url}/")
        page.close()
        yield Demo(url, context, process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo"), chromium) as made:
        yield made


@pytest.fixture
def watch(demo: Demo, chromium: Browser) -> Iterator[Watch]:
    """Opens the page, signed in or not; at the end it must have been without fault."""
    opened: list[Watched] = []
    contexts: list[BrowserContext] = []

    def make(
        query: str = "", size: tuple[int, int] = WIDE, signed_in: bool = False, **options: object
    ) -> Watched:
        state = demo.operator.storage_state() if signed_in else None
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            storage_state=state,
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        watched = Watched(context.new_page(), demo.url)
        opened.append(watched)
        watched.page.goto(f"{demo.url}{PLACE}{query}")
        return watched

    yield make
    for watched in opened:
        watched.check()
    for context in contexts:
        context.close()


def _is_live(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-state", "live")
    expect(page.locator("#phasor svg .t1").first).to_be_attached()


def _kw(page: Page, place: str) -> float:
    """A power as it is written in the flow's table or a tile [kW]."""
    text = page.locator(place).inner_text()
    found = re.search(r"[\d\u202f]+\.\d+", text)
    assert found is not None, text
    return float(found.group().replace("\u202f", ""))


def _number(text: str | None) -> float:
    found = re.search(r"\d+\.?\d*", text or "")
    assert found is not None, text
    return float(found.group())


def test_live_values_change_and_the_flow_closes(watch: Watch) -> None:
    page = watch().page
    _is_live(page)
    readout, first = page.locator("#live-read"), page.locator("#live-read").inner_text()
    expect(readout).not_to_have_text(first)
    expect(page.locator("#flow-sum")).to_contain_text("Difference 0.00\u202fkW")
    expect(page.locator("#pnow")).to_contain_text(re.compile("Import|Export"))
    assert 200 < _kw(page, "#phasor-table tbody tr:first-child td:nth-child(2)") < 260
    assert 45 < _number(page.locator("#registers-now tr", has_text="14.7.0").inner_text()[12:]) < 55


def test_a_day_that_the_meter_has_lived_is_drawn(watch: Watch) -> None:
    page = watch().page
    _is_live(page)
    # soon after midnight there is but the running interval, and the panels may leave no import
    expect(page.locator("#profile rect:is(.f-imp, .s-exp)").first).to_be_attached(timeout=DAY_MS)
    expect(page.locator("#profile rect.running").first).to_be_attached(timeout=DAY_MS)
    page.locator("#profile-table").locator("xpath=..").locator("summary").click()
    expect(page.locator("#profile-table tbody tr").first).to_contain_text("running")
    expect(page.locator("#registers tr", has_text="1-0:1.8.0")).to_contain_text("kWh")


def test_what_is_done_to_the_cover_appears_in_the_list(watch: Watch) -> None:
    page = watch().page
    removed = page.locator("#events li", has_text="Meter cover removed")
    expect(removed).to_be_visible(timeout=RELAY_MS)
    expect(removed).to_contain_text("Alarm")
    page.select_option("#event-filter", "good")
    expect(removed).to_have_count(0)
    expect(page.locator("#events li").first).to_be_visible()
    page.select_option("#event-filter", "alarm")
    expect(removed).to_be_visible()


NOTE_FIRST_CHART = """new MutationObserver((_, watcher) => {
  if (!document.querySelector('#live path.ink')) return;
  window.firstChart = performance.now();
  watcher.disconnect();
}).observe(document, { subtree: true, childList: true })"""


def test_the_first_chart_waits_for_no_stream(demo: Demo, watch: Watch) -> None:
    """The last ten minutes come at once, by a request of their own."""
    page = watch().page
    page.route("**/stream", lambda route: route.abort())
    page.add_init_script(NOTE_FIRST_CHART)
    page.goto(f"{demo.url}{PLACE}")
    page.wait_for_selector("#live path.ink", state="attached", timeout=WAIT_MS)
    print(f"the first chart is drawn after {page.evaluate('window.firstChart'):.0f} ms")


def test_the_page_is_light(watch: Watch) -> None:
    watched = watch(signed_in=True)
    _is_live(watched.page)
    loaded = sum(watched.weights.values())
    watched.page.focus("#relay-reason")
    expect(watched.page.locator("#relay-go")).to_be_disabled()
    watched.page.wait_for_timeout(500)
    whole = sum(watched.weights.values())
    print(f"the page weighs {loaded} octets, {whole} with the switch")
    assert 30_000 < loaded <= whole < MAX_PAGE_OCTETS


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("size", [NARROW, MIDDLE, WIDE], ids=lambda size: f"{size[0]}px")
def test_nothing_stands_out_at_the_side(
    watch: Watch, size: tuple[int, int], direction: str, theme: str
) -> None:
    page = watch(f"?dir={direction}", size, signed_in=True, color_scheme=theme).page
    _is_live(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    expect(page.locator("#live-table tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = """[...document.querySelectorAll('.card')].filter((card) =>
      card.scrollWidth > card.clientWidth).map((card) => card.textContent.slice(0, 40))"""
    assert page.evaluate(wide) == []


def test_no_text_is_left_out_of_the_catalogue(watch: Watch) -> None:
    page = watch("?lang=qps-ploc", signed_in=True).page
    _is_live(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    expect(page.locator("#profile-table tbody tr").first).to_be_visible(timeout=DAY_MS)
    left = page.evaluate(
        """() => {
          const found = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const { parentElement: holder, data } = walk.currentNode;
            const data_only = 'script, noscript, bdi[dir=ltr], .mono, h1, .ids bdi, .who, small';
            if (holder.closest(data_only)) continue;
            if (/[A-Za-z]{3}/.test(data) && !/[^\\x00-\\x7f]/.test(data)) found.push(data);
          }
          return found;
        }"""
    )
    known = {"OBIS", "addad", "kWh"}  # names and the signs of units are the same everywhere
    assert not [text for text in left if text.strip() not in known]


def test_the_cursor_is_moved_by_keys(watch: Watch) -> None:
    page = watch().page
    _is_live(page)
    page.focus("#live")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#live .cur")).to_be_attached()
    expect(page.locator("#live-read")).to_have_attribute("aria-live", "polite")
    page.keyboard.press("Home")
    expect(page.locator("#live-read")).to_contain_text("No values at this time")


def test_who_is_not_signed_in_sees_no_switch(watch: Watch) -> None:
    page = watch().page
    _is_live(page)
    expect(page.locator("#relay-form")).to_have_count(0)
    link = page.get_by_role("link", name="Sign in to switch the relay")
    expect(link).to_have_attribute("href", f"/login?next={PLACE}")


def test_a_click_opens_the_relay_and_only_then_says_so(demo: Demo, watch: Watch) -> None:
    watched = watch(signed_in=True)
    page = watched.page
    _is_live(page)
    button = page.locator("#relay-go")
    expect(button).to_be_disabled()
    page.select_option("#relay-reason", "other")
    page.fill("#relay-own", "Roof is being repaired")
    page.fill("#relay-confirm", "9999")
    expect(button).to_be_disabled()
    page.fill("#relay-confirm", "0001")
    button.click()
    dialog = page.get_by_role("dialog", name="Disconnect the supply?")
    expect(dialog).to_contain_text("loses its supply at once")
    expect(dialog).to_contain_text("Roof is being repaired")
    dialog.get_by_role("button", name="Cancel").click()
    assert not [url for url in watched.requests if urlsplit(url).path.endswith("/relay")]
    expect(page.locator("#relay-steps")).to_be_hidden()

    button.click()
    dialog.get_by_role("button", name="Disconnect now").click()
    steps = page.locator("#relay-steps li")
    expect(steps.nth(2)).to_have_class("done confirmed", timeout=RELAY_MS)
    expect(page.locator("#relay-outcome")).to_contain_text("Confirmed by the meter: Disconnected.")
    expect(page.locator("#relay-state b")).to_have_text("Disconnected")
    expect(page.locator("#relay-state")).to_contain_text("Roof is being repaired")
    expect(page.locator("#pnow")).to_contain_text("No flow")
    expect(page.locator("#flow-sum")).to_contain_text("In 0.00\u202fkW = out 0.00\u202fkW")
    for row in page.locator("#registers-now tr", has_text="Current L").all():
        expect(row.locator("td.num")).to_have_text(re.compile(r"^0\.0\d\d\u202fA$"))
    expect(page.locator("#commands li").first).to_contain_text("Disconnection: Confirmed")
    expect(page.locator("#events li", has_text="Remote disconnection")).to_be_visible(
        timeout=RELAY_MS
    )
    expect(button).to_have_text("Reconnect …")


def test_a_refusal_is_told_in_words(demo: Demo, watch: Watch) -> None:
    """Another page's token: the session is not this page's any more."""
    page = watch(signed_in=True).page
    _is_live(page)
    page.route(
        "**/relay",
        lambda route: route.fulfill(
            status=409,
            content_type="application/problem+json",
            body='{"title":"x","status":409,"detail":"<b>A command</b> is under way.","cure":""}',
        ),
    )
    page.select_option("#relay-reason", index=1)
    page.fill("#relay-confirm", "0001")
    page.click("#relay-go")
    page.click("#dialog-yes")
    expect(page.locator("#relay-failure")).to_have_text(
        re.compile(r"The head end refused\. <b>A command</b> is under way\.")
    )
    page.unroute("**/relay")


def test_a_meter_that_is_silent_is_said_to_be(
    house: Served, open_page: Open, sign_in: Callable[[Page], Page]
) -> None:
    page = sign_in(open_page())
    page.goto(f"{house.url}/service-points/FEZ-0418")
    expect(page.locator("body")).to_have_attribute("data-state", "nocontact")
    expect(page.locator("#badge")).to_have_text("No contact")
    expect(page.locator("#banner")).to_contain_text("does not answer since")
    expect(page.locator("h1")).to_have_text("Dar <b>Batha</b>")
    expect(page.locator("#pnow")).to_have_text("–")
    expect(page.locator("#relay-go")).to_be_disabled()


@pytest.mark.parametrize(
    ("place", "state", "button"),
    [
        ("FEZ-0417", "Connected", "Disconnect …"),
        ("FEZ-0419", "Disconnected", "Reconnect …"),
        ("FEZ-0420", "Ready for reconnection", "Withdraw the reconnection …"),
    ],
)
def test_the_card_of_the_relay_knows_its_three_states(
    house: Served,
    open_page: Open,
    sign_in: Callable[[Page], Page],
    place: str,
    state: str,
    button: str,
) -> None:
    page = sign_in(open_page())
    page.goto(f"{house.url}/service-points/{place}")
    expect(page.locator("#relay-state b")).to_have_text(state)
    expect(page.locator("#relay-go")).to_have_text(button)
    diagram = page.get_by_role("img", name=f"States of the relay. Now: {state}.")
    expect(diagram.locator("text.b")).to_have_text(state)


def test_a_session_that_is_over_is_said_to_be(
    house: Served, open_page: Open, sign_in: Callable[[Page], Page]
) -> None:
    page = sign_in(open_page())
    page.goto(f"{house.url}/service-points/FEZ-0417")
    expect(page.locator("body")).to_have_attribute("data-state", "live")
    other = page.context.new_page()
    other.goto(f"{house.url}/")
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/login*")
    banner = page.locator("#banner")
    expect(banner).to_contain_text("Your session has ended", timeout=RELAY_MS)
    expect(banner.get_by_role("link", name="Sign in")).to_have_attribute(
        "href", "/login?next=%2Fservice-points%2FFEZ-0417"
    )
    expect(page.locator("body")).to_have_attribute("data-state", "stale")
