"""The sample's shop: a tuition centre that prepares for EXAMA, its senders and what it writes.

Leads go from COLD over WARM to HOT: each sequence that comes to its end fires the trigger of the next.
"""

from dataclasses import replace

from dripline.core.senders.sender import Pace, Sender
from dripline.core.sequences.policy import OnFailure, OnReply, OnTriggerLost, OnUnknown, Policy, ReEntry, WhenLate
from dripline.core.sequences.sequence import Sequence, Step
from dripline.core.workspace import Workspace

CHANNEL = "sample"
"""The channel that everything goes through. It reaches nobody."""

ZONE = "Asia/Kuala_Lumpur"

COLD, WARM, HOT = "COLDEXAMA", "WARMEXAMA", "HOTEXAMA"
CLASS, TRIAL, BULLETIN, HOLIDAY, DRAFT = "CLASS", "TRIALCLASS", "BULLETIN", "HOLIDAYCAMP", "SPMINTENSIVE"
ENROLLED = "ENROLLED"
"""The goal: the family has paid."""

FRONT_DESK, LINA, FARID = "Front desk", "Cikgu Lina", "Cikgu Farid"
ENROLMENT_DESK, BRANCH, NEW_NUMBER = "Enrolment desk", "Shah Alam branch", "New number"

ENQUIRIES = "enquiries"
"""The pool of those who answer enquiries."""

BULLETIN_NAME, HOLIDAY_NAME = "Parents' bulletin", "Holiday camp"

_FULL = 3_000
"""How many leads the caps of the new number are meant for; with fewer they are lower, so that they are felt."""

_WARM_UP = (20, 40, 60, 80, 100, 150, 200)
_LEAST_CAP = 2

_DAYTIME = "09:00-20:00"

WORKSPACE = Workspace(zone=ZONE, min_gap="2h", daily_cap=3)


def senders(leads: int) -> tuple[Sender, ...]:
    """Return the senders of a shop with so many leads."""
    desk = Pace(gap="60s-100s", burst=20, hourly_cap=400)
    evenings_off = replace(desk, quiet="21:00-08:00", zone=ZONE)
    warm_up = [max(_LEAST_CAP, cap * leads // _FULL) for cap in _WARM_UP]
    return (
        _sender(FRONT_DESK, desk, pool=ENQUIRIES),
        _sender(LINA, evenings_off, pool=ENQUIRIES),
        _sender(FARID, evenings_off, pool=ENQUIRIES),
        _sender(ENROLMENT_DESK, desk),
        _sender(BRANCH, Pace(gap="10s-30s", burst=5)),
        _sender(NEW_NUMBER, Pace(gap="30s-50s", burst=2, daily_cap=2 * warm_up[-1], warm_up=warm_up)),
    )


def _sender(name: str, pace: Pace, *, pool: str | None = None) -> Sender:
    return Sender(name, channel=CHANNEL, account=name.casefold().replace(" ", "-"), pool=pool, pace=pace)


def sequences() -> tuple[Sequence, ...]:
    """Return the sequences: the three in a row, those beside them, one that is paused and one without leads."""
    return (*_in_a_row(), *_beside(), bulletin())


def _in_a_row() -> tuple[Sequence, ...]:
    stays = {"name": "friend", "niche": "EXAMA"}
    return (
        Sequence(
            "COLD EXAMA",
            trigger=COLD,
            steps=[Step(_COLD[0]), Step(_COLD[1], "12h"), Step(_COLD[2], "12h")],
            senders=[ENQUIRIES],
            variables=stays,
            window=_DAYTIME,
            goal=ENROLLED,
            then=WARM,
            group="EXAMA",
        ),
        Sequence(
            "WARM EXAMA",
            trigger=WARM,
            steps=[Step(_WARM[0]), *(Step(message, "12h") for message in _WARM[1:])],
            senders=[ENQUIRIES],
            variables=stays,
            window=_DAYTIME,
            goal=ENROLLED,
            then=HOT,
            group="EXAMA",
        ),
        Sequence(
            "HOT EXAMA",
            trigger=HOT,
            steps=[Step(_HOT[0]), Step(_HOT[1], "6h"), Step(_HOT[2], "12h")],
            senders=[ENROLMENT_DESK],
            variables=stays,
            policy=Policy(when_late=WhenLate.SKIP, on_unknown=OnUnknown.HOLD, on_reply=OnReply.PAUSE),
            window="09:00-21:00",
            goal=ENROLLED,
            group="EXAMA",
        ),
    )


def _beside() -> tuple[Sequence, ...]:
    friend = {"name": "friend"}
    restarts = Policy(
        on_failure=OnFailure.STOP, on_trigger_lost=OnTriggerLost.EXIT, re_entry=ReEntry.RESTART, re_entry_gap="0s"
    )
    return (
        Sequence(
            "Class reminders",
            trigger=CLASS,
            # The day of the class has no stand-in: it fails for whoever has none, and says so.
            steps=[Step(_CLASS[0]), Step(_CLASS[1], "20h")],
            senders=[BRANCH],
            variables=friend,
            policy=restarts,
        ),
        Sequence(
            "Weekend trial class",
            trigger=TRIAL,
            steps=[Step(_TRIAL[0]), Step(_TRIAL[1], "24h")],
            senders=[NEW_NUMBER],
            variables=friend,
            window="Mon-Sun 08:00-22:00",
        ),
        Sequence(HOLIDAY_NAME, trigger=HOLIDAY, steps=[Step(_HOLIDAY)], senders=[ENQUIRIES], variables=friend),
        Sequence(
            "SPM intensive (draft)",
            trigger=DRAFT,
            steps=[Step(_DRAFT[0]), Step(_DRAFT[1], "2d"), Step(_DRAFT[2], "3d", window="Sat,Sun 10:00-17:00")],
            senders=[ENQUIRIES],
            variables=friend,
        ),
    )


def bulletin(*, messages: int = 3) -> Sequence:
    """Return the bulletin, which goes by no sender, with so many messages: it loses its last one on the way."""
    steps = [Step(_BULLETIN[0]), *(Step(message, "12h") for message in _BULLETIN[1:messages])]
    return Sequence(
        BULLETIN_NAME,
        trigger=BULLETIN,
        steps=steps,
        channel=CHANNEL,
        variables={"name": "friend"},
        policy=Policy(on_reply=OnReply.CONTINUE),
    )


_COLD = (
    (
        "Salam {{ name }}, Cikgu Lina here from EXAMA Tuition. You asked about our {{ niche }} classes at the school "
        "carnival. May I know which form your child is in?"
    ),
    (
        "Hi {{ name }}, a short one: our {{ niche }} groups have eight students at most, so that nobody hides at the "
        "back. Would evenings or weekends suit your family better?"
    ),
    (
        "{{ name }}, we keep two seats for a free assessment every week. It takes 30 minutes and you get a written "
        "report. Shall I keep one for you?"
    ),
)

_WARM = (
    (
        "Hi {{ name }} 😊 Terima kasih for asking about {{ niche }}! I am Cikgu Lina and I will look after you here. "
        "Who is it for: yourself, or your anak?"
    ),
    (
        "{{ name }}, this is how {{ niche }} works: two classes a week, one past-year paper every Friday, and a call "
        "to you every month on how it goes."
    ),
    (
        'Puan Rohani told us: "My son sits down to revise without me chasing him. Alhamdulillah!" Every child is '
        "different, {{ name }}, so tell me a little about yours."
    ),
    "{{ name }}, the {{ niche }} timetable for the new term is out. Shall I send you the one for Form 4 or Form 5?",
)

_HOT = (
    "Good news {{ name }}: three seats are left in the {{ niche }} evening group. I can hold one until tomorrow.",
    "{{ name }}, the registration fee is waived if you enrol this week. Reply YES and I will send you the form.",
    (
        "Last message from me, {{ name }}, promise 🙏 After tonight the seat goes to the next family on the list. "
        "All the best for the exam, whatever you decide!"
    ),
)

_CLASS = (
    "Hi {{ name }}, see you on {{ class_day }} at 8 p.m.! Please bring the Paper 2 booklet.",
    "{{ name }}, was the class on {{ class_day }} all right? The recording is in the student portal.",
)

_TRIAL = (
    "Hi {{ name }}, your trial class is booked. We are on the second floor, above the stationery shop.",
    "{{ name }}, how was the trial class? The report of the teacher is ready at the counter.",
)

_HOLIDAY = "{{ name }}, the school holiday camp is back: five mornings of Mathematics and Science, lunch included."

_DRAFT = (
    "Hi {{ name }}, SPM is closer than it looks. Our intensive runs for six weekends.",
    "{{ name }}, here is what the intensive covers, week by week.",
    "{{ name }}, the early price ends on Sunday.",
)

_BULLETIN = (
    "Parents' bulletin: the mock exam is on the last Saturday of the month. Selamat belajar, {{ name }}!",
    "Parents' bulletin: how to read the mock exam report, in five lines.",
    "Parents' bulletin: the new timetable, and who teaches what.",
)
