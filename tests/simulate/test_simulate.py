"""A run is the engine's own: what it sends when, and what it makes of outages, slow senders and leads that leave."""

from datetime import timedelta

import pytest

from dripline import Pace, Policy, Sender, Sequence, Step
from dripline.simulate.participants import Participants, halves
from dripline.simulate.population import Made, first_triggers
from dripline.simulate.result import Result
from dripline.simulate.scenario import Outage, Scenario
from dripline.simulate.simulation import play

HOUR = timedelta(hours=1)
WARM = Sequence(
    "Warm EXAMA",
    trigger="WARMEXAMA",
    steps=[Step("Hi {{ name }}, {{ niche }}"), Step("Two", "12h"), Step("Three", "12h"), Step("Four", "12h")],
)


def sender(name: str, **pace: object) -> Sender:
    return Sender(name, channel="whatsapp", pool="sales", pace=Pace(**pace))  # pyright: ignore[reportArgumentType]


def paced(*senders: Sender, leads: int, scenario: Scenario) -> Result:
    """Play the mission's sequence over senders."""
    by_senders = Sequence(
        WARM.name, trigger=WARM.trigger, steps=WARM.steps, senders=["sales"], variables={"niche": "EXAMA"}
    )
    return play(scenario, Participants(senders=senders, sequences=(by_senders,), population=made(leads)))


def made(leads: int) -> Made:
    return Made(leads, triggers=("WARMEXAMA",))


def unpaced(scenario: Scenario, leads: int = 3) -> Result:
    return play(scenario, Participants(senders=(), sequences=(WARM,), population=made(leads)))


def hours_of(result: Result) -> dict[int, int]:
    return {hour: sends for hour, sends in enumerate(result.by_hour) if sends}


def test_the_missions_sequence_goes_at_its_hours_and_not_in_between() -> None:
    result = unpaced(Scenario())

    assert hours_of(result) == {0: 3, 12: 3, 24: 3, 36: 3}
    assert [step.reached for step in result.steps] == [3, 3, 3, 3]
    assert result.lateness is not None
    assert result.lateness.longest == 0


def test_a_run_ends_when_everything_has_ended_and_lasts_as_long_as_it_is_told() -> None:
    assert unpaced(Scenario()).hours == 37
    assert hours_of(unpaced(Scenario(span=24 * HOUR))) == {0: 3, 12: 3, 24: 3}
    assert hours_of(unpaced(Scenario(span=23 * HOUR))) == {0: 3, 12: 3}


def test_an_outage_moves_what_it_held_up_and_the_gaps_hold() -> None:
    result = unpaced(Scenario(outages=(Outage(10 * HOUR, 40 * HOUR),)))

    assert hours_of(result) == {0: 3, 40: 3, 52: 3, 64: 3}


def test_one_scenario_gives_one_result_and_another_seed_another() -> None:
    rates = {"fail": 0.05, "retry": 0.1, "unknown": 0.02, "opt_out": 0.05, "latency": timedelta(seconds=1)}
    senders = (sender("jb-1", gap="5s-15s"), sender("jb-2", gap="5s-15s"))
    texts = [
        paced(*senders, leads=60, scenario=Scenario(seed=seed, **rates)).text()  # pyright: ignore[reportArgumentType]
        for seed in (1, 1, 2)
    ]

    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_the_cells_of_the_calendar_add_up_to_what_was_sent() -> None:
    result = paced(sender("jb-1", gap="20s-40s"), sender("jb-2"), leads=50, scenario=Scenario(retry=0.1, fail=0.1))

    assert sum(sum(one.hours) for one in result.senders) == result.sends == dict(result.answers)["accepted"]
    assert sum(step.reached for step in result.steps) == result.sends
    assert result.lateness is not None
    assert sum(many for _, many in result.lateness.bands) == result.sends
    assert sum(ending.count for ending in result.endings) == 4 * 50


def test_a_sender_that_cannot_keep_up_is_named_and_one_that_can_is_not() -> None:
    result = paced(sender("fast", hourly_cap=100), sender("slow", hourly_cap=1), leads=40, scenario=Scenario())

    assert [one.name for one in result.behind] == ["slow"]
    assert result.behind[0].behind is not None
    assert "in a row" in result.behind[0].behind


def test_an_outage_is_not_the_senders_fault() -> None:
    result = paced(sender("jb-1"), leads=10, scenario=Scenario(outages=(Outage(10 * HOUR, 40 * HOUR),)))

    assert result.behind == ()


def test_who_opts_out_gets_nothing_more() -> None:
    result = unpaced(Scenario(opt_out=1.0), leads=5)

    assert hours_of(result) == {0: 5}
    assert result.opt_outs == 5
    assert [(ending.status, ending.count) for ending in result.endings] == [("cancelled", 15), ("completed", 5)]


def test_who_replies_leaves_unless_the_sequence_goes_on() -> None:
    staying = Sequence("Warm", trigger="WARMEXAMA", steps=WARM.steps[1:], policy=Policy(on_reply="continue"))
    stayed = play(Scenario(reply=1.0), Participants(senders=(), sequences=(staying,), population=made(2)))
    left = unpaced(Scenario(reply=1.0), leads=5)

    assert (left.sends, left.replies) == (5, 5)
    assert {ending.status for ending in left.endings} == {"cancelled", "completed"}
    # Answers to the last step would come after the end.
    assert (stayed.sends, stayed.replies) == (6, 4)


def test_rejections_fail_records_and_lost_answers_stay_unknown() -> None:
    refused = unpaced(Scenario(fail=0.2), leads=40)
    all_refused = unpaced(Scenario(fail=1.0))
    lost = unpaced(Scenario(unknown=1.0))

    endings = {ending.status: ending.count for ending in refused.endings}
    assert set(endings) == {"completed", "failed"}
    assert (refused.sends, sum(endings.values())) == (endings["completed"], 160)
    assert (all_refused.sends, [(e.status, e.count) for e in all_refused.endings]) == (0, [("failed", 12)])
    assert (lost.sends, [(e.status, e.count) for e in lost.endings]) == (0, [("unknown", 12)])


def test_leads_arrive_over_a_span_and_nobody_is_left_out() -> None:
    result = unpaced(Scenario(over=4 * HOUR), leads=40)

    assert [result.by_hour[hour] for hour in range(4)] == [10, 10, 10, 10]
    assert result.arrived == result.enrolled == 40


def test_more_messages_in_a_day_than_the_threshold_crowd_a_lead() -> None:
    assert (unpaced(Scenario()).crowded, unpaced(Scenario()).daily_peak) == (3, 2)
    assert unpaced(Scenario(daily_limit=2)).crowded == 0


def test_leads_begin_where_no_other_sequence_leads_to() -> None:
    cold = Sequence("Cold", trigger="COLD", steps=[Step("One")], then="WARM")
    warm = Sequence("Warm", trigger="WARM", steps=[Step("One")], then="COLD", may_loop=True)
    alone = Sequence("Warm", trigger="WARM", steps=[Step("One")])

    assert first_triggers([cold, alone]) == ("COLD",)
    assert first_triggers([cold, warm]) == ("COLD", "WARM")


def test_two_halves_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without chance in it, a run that is split gives what it gives when it is not, to the byte."""
    senders = [sender("jb-1", hourly_cap=20), sender("jb-2", hourly_cap=2), sender("jb-3")]
    whole = paced(*senders, leads=90, scenario=Scenario(span=40 * HOUR))
    monkeypatch.setattr("dripline.simulate.participants.SPLIT_FROM", 90)
    split = paced(*senders, leads=90, scenario=Scenario(span=40 * HOUR))

    assert split.text() == whole.text()
    assert [one.name for one in whole.behind] == ["jb-2"]


def test_a_cast_is_split_only_where_its_halves_share_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dripline.simulate.participants.SPLIT_FROM", 4)
    one, two = sender("jb-1"), sender("jb-2")
    shared = Sequence("A", trigger="A", steps=[Step("One")], senders=["sales"])
    alone = Sequence("B", trigger="B", steps=[Step("One")], senders=["jb-1"])
    leads = Made(4, triggers=("A",))

    split = halves(Participants(senders=(one, two), sequences=(shared,), population=leads))
    assert split is not None
    assert [half.senders for half in split] == [(one,), (two,)]
    assert [half.population.count() for half in split] == [2, 2]
    assert halves(Participants(senders=(one,), sequences=(shared,), population=leads)) is None
    assert halves(Participants(senders=(one, two), sequences=(shared, alone), population=leads)) is None
    assert halves(Participants(senders=(one, two), sequences=(WARM,), population=leads)) is None
    assert halves(Participants(senders=(one, two), sequences=(shared,), population=Made(3, triggers=("A",)))) is None


@pytest.mark.parametrize("leads", [1, 1_001])
def test_every_made_up_lead_is_one_person(leads: int) -> None:
    assert unpaced(Scenario(span=HOUR), leads=leads).enrolled == leads
