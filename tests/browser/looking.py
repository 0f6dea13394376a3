"""What every look at a page has in common: which screens there are, and what may not go wrong on any."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "node/node_modules/axe-core/axe.min.js"

SCREENS = (
    "/",
    "/sequences",
    "/leads",
    "/messages",
    "/calendar",
    "/unknown",
    "/messages/attempts",
    "/senders",
    "/settings/system",
    "/settings",
    "/resume",
    "/api",
    "/simulate",
    "/sequences/new",
    "/sequences/new?example=warm",
    "/imports",
    "/leads/new",
    "/senders/new",
    "/senders/new/connect",
    "/senders/new/connect?kind=smtp",
    "/settings/events",
    "/settings/intake",
)
"""The pages that need no name of a thing."""

LOOK_FOR = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def watched(page: Page) -> list[str]:
    """Return a list that fills with whatever goes wrong on a page: errors, and what it asks for outside."""
    wrong: list[str] = []
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
    page.on("request", lambda asked: None if _is_ours(asked.url) else wrong.append(asked.url))
    return wrong


def barriers(page: Page) -> list[str]:
    """Return what axe finds that would keep somebody from using a page."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("told => axe.run(document, told)", LOOK_FOR)
    return [f"{page.url}: {one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


def tab_to(page: Page, label: str, *, exact: bool = False) -> None:
    """Press Tab until what bears a label, or a link of that name, has the focus."""
    main = page.get_by_role("main")
    wanted = main.get_by_label(label, exact=exact).or_(main.get_by_role("link", name=label, exact=exact))
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{label} cannot be reached with Tab")


def _is_ours(url: str) -> bool:
    return url.startswith(("http://127.0.0.1", "data:", "blob:http://127.0.0.1"))
