"""The import wizard: a list seen, planned, brought in, told of and taken back, all by plain forms."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from httpx2 import Response
from site_of import Site, site

from dripline import Dripline, Sequence, VirtualClock
from dripline.app import import_batches
from dripline.web.connection_pool import ConnectionPool
from dripline.web.jobs import JobRunner
from dripline.web.pages import imports
from dripline.web.uploads import uploads
from support.real_time import eventually

EXAMPLES = Path(__file__).parents[2] / "examples"

LIST = b"""name,line,trigger,import_error
Aina,0123456780,warmexama,
Chen,12,warmexama,
=Bala,0123456781,cold,
"""


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    with site(drip) as opened:
        opened.come_in("operator")
        yield opened


def hand_over(shop: Site, content: bytes, name: str = "people.csv") -> Response:
    found = re.search(r'name="csrf" value="(\w+)"', shop.page("/imports"))
    assert found
    return shop.client.post("/imports", data={"csrf": found[1]}, files={"file": (name, content)})


def planned(shop: Site, content: bytes, *columns: str, **chosen: str) -> Response:
    where = hand_over(shop, content).url.path
    return followed(shop, shop.client.get(f"{where}/plan", params={"column": list(columns), **chosen}))


def bring_in(shop: Site, plan: Response) -> Response:
    return followed(shop, begin(shop, plan))


def begin(shop: Site, plan: Response) -> Response:
    number = re.search(r'name="number" value="(\w+)"', plan.text)
    assert number, plan.text
    return shop.post(plan.url.path.replace("/plan", "/begin"), number=number[1])


def followed(shop: Site, answer: Response) -> Response:
    """Look again, as the page does, until what takes longer is over."""
    if "data-progress" in answer.text:
        eventually(lambda: "data-progress" not in shop.page(str(answer.url)))
        return shop.client.get(answer.url)
    return answer


def figure(page: str, label: str) -> int:
    found = re.search(rf'{label}</span><span class="figure">([\d,]+)<', page)
    assert found, page
    return int(found[1].replace(",", ""))


def test_the_examples_come_in_as_their_readme_counts_them(shop: Site) -> None:
    plan = planned(shop, (EXAMPLES / "leads.csv").read_bytes())
    done = bring_in(shop, plan)

    assert (figure(plan.text, "New leads"), figure(plan.text, "Rows rejected")) == (972, 3)
    assert (figure(done.text, "Leads added"), figure(done.text, "Rows rejected")) == (972, 3)
    assert "finished" in done.text
    assert "6.01E+10" in done.text
    assert shop.drip.reports.overview().leads == 972


def test_a_preview_guesses_columns_and_says_in_the_cell_what_is_wrong_with_it(shop: Site) -> None:
    answer = hand_over(shop, LIST)
    assert "neither a phone nor an email column" in answer.text
    chosen = shop.client.get(answer.url.path, params={"column": ["name", "phone", "trigger"]}).text

    assert "<option selected>phone</option>" in chosen
    assert re.search(r'class="wrong">12 <span class="why">[^<]+', chosen)
    assert shop.drip.reports.overview().leads == 0


def test_another_row_may_name_the_columns_and_they_are_told_anew_then(shop: Site) -> None:
    where = hand_over(shop, b"name,phone\nline,nama\n0123456789,Aina\n0123456780,Badrul\n").url.path
    shape = re.search(r'name="of" value="(\w+)"', shop.page(where))
    assert shape
    chosen = {"of": shape[1], "column": ["name", "phone"], "header": "2", "without": "1"}
    refused = shop.client.get(f"{where}/plan", params=chosen)
    shown = shop.client.get(where, params=chosen).text

    assert "The list is read in another way now" in refused.text
    assert re.findall(r"<option selected>([^<]+)", shown) == ["phone", "name"]
    assert "Stored as +60123456789." in shown
    assert "There is no row" in shop.client.get(where, params={"header": "x"}).text


def test_the_preview_says_how_the_file_is_read_and_takes_another_encoding(shop: Site) -> None:
    where = hand_over(shop, "nama,telefon\nNoël,0123456789\n".encode("cp1252")).url.path

    assert "Noël" in shop.page(where)
    assert "No챘l" not in shop.page(where)
    assert "Noлl" in shop.client.get(where, params={"encoding": "windows-1251"}).text


def test_what_was_planned_comes_in_and_is_told_and_can_be_taken_away_corrected(shop: Site) -> None:
    plan = planned(shop, LIST, "name", "phone", "trigger")
    assert "1 lead starts Warm EXAMA" in plan.text
    assert "No sequence starts on COLD" in plan.text
    done = bring_in(shop, plan)
    csv = shop.page(f"{done.url.path}/refused.csv")

    assert (figure(done.text, "Leads added"), figure(done.text, "Enrolled")) == (2, 1)
    assert csv.removeprefix("\ufeff").splitlines()[0] == "name,line,trigger,import_error"
    assert csv.splitlines()[1].startswith("Chen,12,warmexama,")
    assert shop.drip.imports.latest()[0].who == "Owner"
    assert not [deed for deed in shop.drip.accounts.audit() if "people.csv" in str(deed.details)]


def test_an_import_is_undone_as_its_plan_says(shop: Site) -> None:
    done = bring_in(shop, planned(shop, LIST, "name", "phone", "trigger"))
    shop.drip.tick()
    undoing = shop.page(f"{done.url.path}/undo")
    after = shop.post(f"{done.url.path}/undo").text

    assert "1 lead is deleted" in undoing
    assert "1 stays: was sent a message already" in undoing
    assert "undone" in after
    assert shop.drip.reports.overview().leads == 1


def test_a_trigger_for_all_makes_a_list_without_one_start_something(shop: Site) -> None:
    content = b"name,phone\nAina,0123456780\n"
    assert "has no trigger column" in planned(shop, content).text
    assert "1 lead starts Warm EXAMA" in planned(shop, content, trigger="warmexama").text

    assert "No lead starts a sequence" in planned(shop, content, without="1").text


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("people.pdf", b"%PDF", "neither .csv nor .xlsx"),
        ("people.csv", b"", "is empty"),
        ("people.csv", b"name,phone\n", "holds a header but no leads"),
        ("people.xlsx", b"no workbook", "people.xlsx"),
        ("", b"x", "No file was chosen"),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(shop: Site, name: str, content: bytes, told: str) -> None:
    answer = hand_over(shop, content, name)

    assert (answer.status_code, told in answer.text) == (200, True)


def test_a_list_that_is_too_large_is_refused_before_it_is_kept(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "BODY_LIMIT", 1_000)
    answer = hand_over(shop, b"name,phone\n" + b"Aina,0123456780\n" * 200_000)

    assert "larger than 50 MB" in answer.text


def test_a_list_is_the_sessions_that_handed_it_over(shop: Site) -> None:
    where = hand_over(shop, LIST).url.path
    shop.come_in("operator", "other@shop.example")

    assert "is not here any more" in shop.page(where, 404)


def test_a_file_from_a_page_of_somebody_else_is_not_kept(shop: Site) -> None:
    answer = shop.client.post("/imports", data={"csrf": "é" * 10}, files={"file": ("people.csv", LIST)})

    assert answer.status_code == 403


def test_a_further_list_takes_the_place_of_the_oldest(shop: Site) -> None:
    places = [hand_over(shop, LIST).url.path for _ in range(uploads.UPLOADS_OF_ONE_LIMIT + 1)]

    assert [shop.client.get(place).status_code for place in places] == [404, 200, 200, 200]


def test_a_list_waits_for_an_hour(shop: Site, clock: VirtualClock) -> None:
    place = hand_over(shop, LIST).url.path
    clock.advance(timedelta(minutes=59))
    shop.page(place)
    clock.advance(timedelta(minutes=61))

    shop.page(place, 404)


def test_a_long_import_answers_at_once_and_says_how_far_it_is(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate in the way of the second batch stands for a list that takes long."""
    gate = Event()
    monkeypatch.setattr(import_batches, "BATCH", 1)
    plan = planned(shop, LIST, "name", "phone", "trigger")
    monkeypatch.setattr(imports, "AT_FIRST", 0.2)

    def hold(_background: JobRunner) -> None:
        gate.wait(10)

    monkeypatch.setattr(JobRunner, "check", hold)
    done = begin(shop, plan)
    gate.set()

    assert "1 row read, " in done.text
    assert '<meta http-equiv="refresh"' in done.text
    assert re.search(r"data-progress", done.text)


def test_a_server_that_stops_ends_an_import_which_says_so(drip: Dripline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 1)
    with site(drip) as shop:
        shop.come_in("operator")
        plan = planned(shop, LIST, "name", "phone", "trigger")
        pool: ConnectionPool = shop.app.state.pool
        monkeypatch.setattr(imports, "AT_FIRST", 0)
        monkeypatch.setattr(pool.jobs, "_closing", closing := Event())
        closing.is_set = lambda: drip.reports.overview().leads > 0
        begin(shop, plan)

    assert (
        drip.imports.latest()[0].problem
        == "The server was stopped: begin it again, and what was done already is passed over."
    )
    assert drip.reports.overview().leads == 1


def test_a_viewer_sees_imports_and_brings_none_in(shop: Site) -> None:
    done = bring_in(shop, planned(shop, LIST, "name", "phone", "trigger")).url.path
    shop.come_in("viewer", "viewer@shop.example")
    assert "Undo this import" not in shop.page(done)
    assert shop.post(f"{done}/undo").status_code == 403
    plan = planned(shop, LIST, "name", "phone", "trigger")

    assert "/begin" not in plan.text
    assert shop.drip.reports.overview().leads == 2


def test_the_sample_starts_a_sequence_that_is_there(shop: Site) -> None:
    plan = planned(shop, shop.client.get("/imports/sample.csv").content)

    assert "2 leads start Warm EXAMA" in plan.text


def test_an_import_that_is_not_there_says_so(shop: Site) -> None:
    assert "There is no import 7" in shop.page("/imports/7", 404)
