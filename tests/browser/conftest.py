"""Headless Chromium, a served head end, and pages that tell of every fault they had."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "headend"))

from headend_bench import FakeMeter
from playwright.sync_api import Browser, Page, expect, sync_playwright
from served import NAME, PASSWORD, WAIT_MS, WIDE, Open, Served, served

from addad.cosem.classes.control import ControlState

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("quic", "gpu", "background-networking", "component-update", "sync")
expect.set_options(timeout=WAIT_MS)
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; without one these tests are skipped, but fail on the CI.

    It lives for a module: while it does, its event loop is the thread's only one.
    """
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"CI drives the pages, but there is no {CHROMIUM}")
        pytest.skip(f"no {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=ARGUMENTS, timeout=2 * WAIT_MS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A head end with an account and four service points: one silent, one off, one ready."""
    with served(tmp_path_factory.mktemp("house")) as made:
        made.register("FEZ-0417", "Rue Atlas 14", "14, rue Atlas, Fès", 4101)
        made.register("FEZ-0418", "Dar <b>Batha</b>", "", 4102, FakeMeter(absent=True))
        off = FakeMeter(state=ControlState.DISCONNECTED)
        made.register("FEZ-0419", "دار المكينة", "باب المكينة، فاس", 4103, off)
        ready = FakeMeter(state=ControlState.READY_FOR_RECONNECTION)
        made.register("FEZ-0420", "Boulangerie", "", 4104, ready)
        yield made


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Opens a page of its own browser profile; the test fails if the page had a fault."""
    faults: list[str] = []
    contexts = []

    def make(size: tuple[int, int] = WIDE, **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text)
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def sign_in(house: Served) -> Callable[[Page], Page]:
    """Signs a page in by the form."""

    def enter(page: Page) -> Page:
        page.goto(f"{house.url}/login")
        page.fill("#name", NAME)
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{house.url}/")
        return page

    return enter
