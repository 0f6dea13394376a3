"""The picture before the launch: played over HTTP with what the database has, within bounds, and nothing is changed."""

from collections.abc import Iterator
from html import unescape

import pytest
from site_of import Site, site

from dripline import Dripline, Pace, Sender, Sequence, Step
from dripline.errors import InvalidScenario
from dripline.simulate.child_process import play_apart
from dripline.simulate.participants import Participants
from dripline.simulate.population import Made
from dripline.simulate.scenario import Scenario

PLAYED = "/simulate?sequence=Warm+EXAMA&leads=20&start=2026-01-05T08:00&seed=1"


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    with site(drip) as opened:
        opened.come_in("viewer")
        yield opened


def test_a_sequence_is_played_hour_by_hour_and_nothing_is_changed(shop: Site) -> None:
    page = shop.page(PLAYED)

    for hour in ("0", "12", "24", "36"):
        assert f"<tr><td>{hour}</td>" in page
    assert "20 × Warm EXAMA, step 4" in page
    assert '<span class="figure">80</span>' in page
    assert "2026-01-06 20:00:00 UTC" in page
    assert shop.drip.reports.counts()["leads"] == 0
    assert shop.page(PLAYED) == page


def test_the_senders_limits_are_those_of_the_database(shop: Site, warm: Sequence) -> None:
    shop.drip.senders.apply(Sender("jb-1", channel="console", pace=Pace(daily_cap=5)))
    shop.drip.apply(Sequence("Slow", trigger="SLOW", senders=["jb-1"], steps=warm.steps))
    page = shop.page("/simulate?sequence=Slow&leads=20&start=2026-01-05T08:00")

    assert "jb-1 cannot keep up" in page
    assert "5 × Slow, step 1" in page


def test_all_sequences_are_played_together_and_chains_go_on(shop: Site) -> None:
    shop.drip.apply(Sequence("Hot", trigger="HOT", steps=[Step("Hi {{ unheard_of | default('x') }}")]))
    shop.drip.apply(Sequence("Cold", trigger="COLD", then="HOT", steps=[Step("Hi")]))

    assert "10 × Cold, step 1; 10 × Hot, step 1" in shop.page("/simulate?sequence=Cold&leads=10")
    page = shop.page("/simulate?leads=10")
    assert "5 × Hot, step 1" in page
    assert "5 × Warm EXAMA, step 1" in page


def test_a_draft_is_played_before_it_is_published(shop: Site) -> None:
    shop.come_in("operator", "op@shop.example")
    fields = {"name": "New", "trigger": "new", "steps": "1", "step-1-message": "Hi"}
    played = shop.post("/sequences/new", do="simulate", **fields)

    assert played.url.path == "/simulate"
    assert "300 × New, step 1" in played.text
    assert [state.sequence.name for state in shop.drip.sequences.all()] == ["Warm EXAMA"]
    changed = {"trigger": "w", "steps": "1", "step-1-message": "Hi"}
    assert "Warm EXAMA, step 2" not in shop.post("/sequences/Warm%20EXAMA/edit", do="simulate", **changed).text
    assert "Warm EXAMA, step 2" in shop.page(PLAYED)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("leads=2001", "2001 leads cannot be played here: write a number from 1 to 2,000."),
        ("leads=0", "0 leads cannot be played here"),
        ("leads=many", "The leads 'many' is no number"),
        ("leads=9&seed=-1", "The seed '-1' is no number"),
        ("leads=9&start=tomorrow", "The start 'tomorrow' cannot be read"),
        ("leads=9&over=slowly", "The wait 'slowly' cannot be read"),
        ("leads=9&over=400d", "Leads cannot arrive over"),
        ("leads=9&start=9999-12-31", "is out of reach: write a year from 2000 to 2099."),
        ("leads=9&sequence=Nothing", "There is no sequence 'Nothing' to play"),
    ],
)
def test_what_cannot_be_played_is_said_in_a_sentence(shop: Site, asked: str, words: str) -> None:
    assert words in unescape(shop.page(f"/simulate?{asked}", 422))


def test_the_form_alone_plays_nothing(shop: Site) -> None:
    page = shop.page("/simulate?sequence=Warm+EXAMA")

    assert '<option value="Warm EXAMA" selected>' in page
    assert "Hour by hour" not in page


def test_a_run_that_takes_too_long_is_ended(warm: Sequence) -> None:
    cast = Participants(senders=(), sequences=(warm,), population=Made(2_000, triggers=("WARMEXAMA",)))

    with pytest.raises(InvalidScenario, match=r"takes longer than 0\.1 seconds"):
        play_apart(Scenario(leads=2_000), cast, within=0.1)


def test_a_page_that_asks_for_itself_anew_plays_nothing(shop: Site) -> None:
    answer = shop.client.get(PLAYED, headers={"x-live": "1"})

    assert "Hour by hour" not in answer.text


def test_a_program_gets_the_figures(shop: Site) -> None:
    asked = {"sequence": "Warm EXAMA", "leads": 20, "start": "2026-01-05T08:00:00", "over": "2h"}
    answer = shop.client.post("/api/v1/simulate", json=asked, headers=shop.token())
    told = answer.json()

    assert answer.status_code == 200, told
    assert (told["start"], told["enrolled"], told["sends"]) == ("2026-01-05T08:00:00Z", 20, 80)
    assert [step["reached"] for step in told["steps"]] == [20] * 4
    assert sum(told["by_hour"][:2]) == 20
    refused = shop.client.post("/api/v1/simulate", json={"leads": 2_001}, headers=shop.token())
    assert refused.status_code == 400
    few = shop.client.post("/api/v1/simulate", json=asked, headers=shop.token("reports:read"))
    assert few.status_code == 403
