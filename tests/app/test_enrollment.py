"""Who is enrolled, when, and who is not."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from dripline import Dripline, FakeChannel, NewLead, Sequence, Step, VirtualClock
from dripline.core.leads.address import AddressKind
from dripline.errors import InvalidInput, InvalidPhone, InvalidSequence, InvalidTemplate, InvalidTrigger

LEAD = "60123456789"


def one_step(trigger: str, name: str | None = None, channel: str = "console") -> Sequence:
    return Sequence(name or trigger.strip(), trigger=trigger, steps=[Step("Hi")], channel=channel)


def test_a_lead_that_was_there_first_is_enrolled_when_the_sequence_comes(drip: Dripline, warm: Sequence) -> None:
    drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"])

    assert drip.apply(warm).enrolled == 1
    assert [record.current_step for record in drip.due()] == [1]


def test_a_lead_that_gains_the_trigger_later_is_enrolled_then(
    drip: Dripline, warm: Sequence, clock: VirtualClock
) -> None:
    drip.apply(warm)
    drip.add_lead(phone=LEAD)

    assert drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"]).enrolled == 1
    assert drip.records(phone=LEAD)[0].next_trigger_time == clock.now()


def test_triggers_match_whole(drip: Dripline) -> None:
    drip.apply(one_step("COLD"))
    drip.add_lead(phone=LEAD, triggers=["COLDVITAC"])

    assert drip.records(phone=LEAD) == []


@pytest.mark.parametrize("written", ["warmexama ", " WarmExama", "WARMEXAMA"])
def test_triggers_are_trimmed_and_upper_cased(drip: Dripline, warm: Sequence, written: str) -> None:
    drip.apply(warm)

    assert drip.add_lead(phone=LEAD, triggers=[written]).enrolled == 1


@pytest.mark.parametrize("written", ["", "   ", "\t"])
def test_an_empty_trigger_is_refused_and_enrolls_nobody(drip: Dripline, warm: Sequence, written: str) -> None:
    drip.apply(warm)

    with pytest.raises(InvalidTrigger, match="empty"):
        drip.add_lead(phone=LEAD, triggers=[written])
    with pytest.raises(InvalidTrigger, match="empty"):
        Sequence("Empty", trigger=written, steps=[Step("Hi")])
    assert drip.reports.counts() == {"leads": 0, "enrollments": 0}


def test_a_second_sequence_on_the_same_trigger_is_refused_by_name(drip: Dripline, warm: Sequence) -> None:
    drip.apply(warm)

    with pytest.raises(InvalidSequence, match="starts the sequence 'Warm EXAMA' already"):
        drip.apply(one_step("warmexama", name="Another"))


def test_adding_the_same_lead_again_changes_nothing(drip: Dripline, warm: Sequence) -> None:
    drip.apply(warm)
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
    before = drip.records(phone=LEAD)

    again = drip.add_lead(phone="012-345 6789", name="Aina", triggers=["WARMEXAMA"])
    assert (again.added, again.updated, again.enrolled) == (0, 0, 0)
    assert drip.records(phone=LEAD) == before


def test_a_lead_that_finished_is_not_enrolled_again(drip: Dripline) -> None:
    drip.apply(one_step("WARMEXAMA"))
    drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"])
    drip.tick()

    assert drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"]).enrolled == 0
    assert drip.apply(one_step("WARMEXAMA")).enrolled == 0


def test_a_lead_without_an_address_for_the_channel_is_not_enrolled_and_why_can_be_asked(url: str) -> None:
    channels = {"smtp": FakeChannel(address_kind=AddressKind.EMAIL)}
    with Dripline(url, channels=channels) as drip:
        drip.apply(one_step("WARMEXAMA", channel="smtp"))
        drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"])

        missed = drip.leads.timelines(phone=LEAD)[0].not_enrolled[0]
        assert missed.reason == "the lead has no e-mail address, which its channel needs"
        assert drip.add_lead(phone=LEAD, email="aina@example.com").enrolled == 1
        assert drip.leads.timelines(phone=LEAD)[0].not_enrolled == ()


def test_a_lead_that_opted_out_is_not_enrolled_and_why_can_be_asked(drip: Dripline, warm: Sequence) -> None:
    drip.apply(warm)
    drip.opt_out(phone=LEAD)

    assert drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"]).enrolled == 0
    assert drip.leads.timelines(phone=LEAD)[0].not_enrolled[0].reason == "the lead opted out"


def test_asking_for_nobody_says_what_to_give(drip: Dripline) -> None:
    with pytest.raises(InvalidInput, match="give a phone or an e-mail address"):
        drip.opt_out()


def test_one_person_written_two_ways_is_one_lead(drip: Dripline, warm: Sequence) -> None:
    drip.apply(warm)
    for written in ("0123456789", "+60 12-345 6789", "60123456789", "006012 345 6789"):
        drip.add_lead(phone=written, triggers=["WARMEXAMA"])

    assert drip.reports.counts()["leads"] == 1
    assert len(drip.records(phone=LEAD)) == 4


def test_a_lead_known_by_mail_gains_the_phone_that_comes_with_the_same_address(drip: Dripline) -> None:
    drip.add_lead(email="Aina@Example.com", name="Aina")
    drip.add_lead(phone=LEAD, email="aina@example.com")

    assert drip.reports.counts()["leads"] == 1
    assert drip.leads.with_address(phone=LEAD)[0].name == "Aina"


def test_what_a_lead_leaves_out_stays_as_it_was(drip: Dripline) -> None:
    drip.add_lead(phone=LEAD, name="Aina", attributes={"niche": "EXAMA", "city": "Johor"})
    drip.add_lead(phone=LEAD, attributes={"city": "Melaka"})

    assert drip.leads.with_address(phone=LEAD)[0].attributes == {"niche": "EXAMA", "city": "Melaka"}


def test_one_bad_lead_leaves_the_database_as_it_was(drip: Dripline) -> None:
    with pytest.raises(InvalidInput):
        drip.add_lead(phone="12", name="Aina", triggers=["WARMEXAMA"])

    assert drip.reports.counts() == {"leads": 0, "enrollments": 0}


def test_racing_imports_enroll_each_lead_once(url: str, warm: Sequence) -> None:
    leads = [NewLead(f"6012345{number:04d}", triggers=("WARMEXAMA",)) for number in range(200)]
    with Dripline(url) as first, Dripline(url) as second:
        first.apply(warm)
        with ThreadPoolExecutor(2) as pool:
            racing = [pool.submit(drip.add_leads, leads) for drip in (first, second)]

        assert sum(task.result().enrolled for task in racing) == 200
        assert first.reports.counts() == {"leads": 200, "enrollments": 200, "active": 200, "pending": 600}
        assert first.verify() == []


def test_an_unknown_variable_is_found_when_the_sequence_is_applied(drip: Dripline) -> None:
    sequence = Sequence("Typo", trigger="WARM", steps=[Step("Hi {{ name }}"), Step("Hi {{ nmae }}", "1h")])

    with pytest.raises(InvalidTemplate, match=r"Step 2 of 'Typo' uses \{\{ nmae \}\}, which no lead has"):
        drip.apply(sequence)
    assert drip.reports.counts() == {"leads": 0, "enrollments": 0}


@pytest.mark.parametrize("knows", ["a lead", "a fallback", "a default"])
def test_a_variable_is_known_from_a_lead_or_a_fallback(drip: Dripline, knows: str, fake: FakeChannel) -> None:
    if knows == "a lead":
        drip.add_lead(phone=LEAD, attributes={"niche": "EXAMA"})
    variables = {"niche": "EXAMA"} if knows == "a fallback" else {}
    text = "{{ niche | default('EXAMA') }}!" if knows == "a default" else "{{ niche }}!"
    drip.apply(Sequence("Niche", trigger="WARM", steps=[Step(text)], variables=variables))
    drip.add_lead(phone=LEAD, triggers=["WARM"])
    drip.tick()

    assert fake.accepted[0].text == "EXAMA!"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("Hi {{ name|truncate(2) }}", "a text is cut to 3 characters or more, as its end takes so many"),
        ("{{ 'a' * 1000000000000 }}", "* takes numbers: join texts by writing one after the other"),
        ("{{ 1 // 0 }}", "integer division or modulo by zero"),
        (
            "{{ name|replace('i', name)|replace('i', name)|replace('i', name)|replace('i', name) }}",
            "it makes a text of more than 20,000 characters: shorten it",
        ),
    ],
)
def test_whatever_a_template_raises_fails_its_own_message_and_holds_up_nobody(
    drip: Dripline, fake: FakeChannel, template: str, why: str
) -> None:
    drip.apply(Sequence("Odd", trigger="ODD", steps=[Step(template)]))
    drip.apply(Sequence("Plain", trigger="PLAIN", steps=[Step("hello")]))
    drip.add_lead(phone="60123456780", name="iiiiiiiiiiiiiiiiiiii", triggers=["ODD"])
    drip.add_lead(phone=LEAD, triggers=["PLAIN"])
    report = drip.tick()

    assert (report.sent, report.failed) == (1, 1)
    assert fake.accepted[0].text == "hello"
    assert drip.records()[0].reason == f"The template cannot be rendered for this lead: {why}"


def test_a_template_that_is_nested_too_deep_is_refused(drip: Dripline) -> None:
    nested = "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}"
    with pytest.raises(InvalidTemplate, match="its brackets nest deeper than 10"):
        drip.apply(Sequence("Deep", trigger="DEEP", steps=[Step(nested)]))


def test_leads_that_were_made_by_hand_are_brought_into_their_form(drip: Dripline, warm: Sequence) -> None:
    """Written in three ways it is one person; a trigger is one however it is written."""
    drip.apply(warm)
    drip.add_leads([NewLead("+60 12-345 6789", triggers=("warmexama",)), NewLead(LEAD, email="Aina@Example.com")])
    drip.add_leads([NewLead(None, email=" aina@example.com", triggers=("WARMEXAMA ",))])

    assert [(lead.phone, lead.email) for lead in drip.leads.with_address(phone=LEAD)] == [(LEAD, "aina@example.com")]
    assert drip.reports.counts()["leads"] == 1
    assert drip.tick().sent == 1
    with pytest.raises(InvalidPhone):
        drip.add_leads([NewLead("60123456781"), NewLead("12")])
    assert drip.reports.counts()["leads"] == 1


def test_an_empty_field_of_a_lead_that_was_made_by_hand_is_none(drip: Dripline) -> None:
    drip.add_leads([NewLead(LEAD, email="", zone="")])

    assert [(lead.email, lead.zone) for lead in drip.leads.with_address(phone=LEAD)] == [(None, None)]


def test_a_lead_without_a_variable_that_has_no_fallback_fails_with_the_reason(drip: Dripline) -> None:
    drip.add_lead(phone="60123456780", attributes={"niche": "EXAMA"})
    drip.apply(Sequence("Niche", trigger="WARM", steps=[Step("{{ niche }}!"), Step("Two", "1h")]))
    drip.add_lead(phone=LEAD, triggers=["WARM"])

    assert drip.tick().failed == 1
    first, second = drip.records(phone=LEAD)
    assert (first.status, second.status) == ("failed", "active")
    assert first.reason == "The template cannot be rendered for this lead: it has no niche, and there is no fallback"


def test_a_channel_that_is_not_configured_is_refused_at_apply(drip: Dripline) -> None:
    with pytest.raises(Exception, match="goes through 'whatsapp', which is not configured here"):
        drip.apply(one_step("WARM", channel="whatsapp"))


def test_due_records_wait_for_a_channel_that_this_process_lacks(url: str) -> None:
    with Dripline(url, channels={"mine": FakeChannel()}) as drip:
        drip.apply(one_step("WARM", channel="mine"))
        drip.add_lead(phone=LEAD, triggers=["WARM"])
    with Dripline(url) as without:
        report = without.tick()

        assert (report.sent, report.waiting) == (0, {"mine": 1})
        assert [record.status for record in without.records(phone=LEAD)] == ["active"]
