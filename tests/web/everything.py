"""A sequence that has everything a sequence can have."""

from dripline import Sequence, Step
from dripline.core.sequences.content import Media, Template, Variant
from dripline.core.sequences.policy import Policy
from dripline.core.time.send_window import SendWindow

EVERYTHING = Sequence(
    "Everything",
    trigger="ALL",
    senders=["jb-1", "pool"],
    variables={"niche": "your exam", "offer": " 10 %: <b>"},
    policy=Policy(
        on_failure="stop",
        on_unknown="hold",
        unknown_after="90s",
        when_late="skip",
        late_grace="2h",
        min_gap="3h",
        on_reply="pause",
        on_trigger_lost="exit",
        re_entry="restart",
        re_entry_gap="36h",
    ),
    window=SendWindow.read("Mon-Fri 09:00-12:00; Sat 10:00-11:00", "2026-12-25; 2026-02-17..2026-02-18"),
    zone="Asia/Tokyo",
    goal="BOUGHT",
    then="ALL",
    may_loop=True,
    group="funnel",
    cold=True,
    steps=[
        Step(
            "\n  Hi {{ name }} & <you>,\n\n'quoted' \"text\"  \n",
            "1d",
            subject="About {{ niche }}",
            html="<p>Hi &amp; {{ name }}</p>\n",
            window=SendWindow.read("08:00-20:00", "2026-05-01"),
            media=Media("document", "https://shop.example.com/p.pdf", filename="Prices.pdf"),
            template=Template(
                "warm_1",
                language="ms",
                parameters=["{{ name }}", "two\nlines", " {{ offer }}"],
                header=Media("image", "https://shop.example.com/a.jpg"),
                buttons=["{{ niche }}"],
            ),
            variants={"sms": Variant("Short\n", subject="S"), "console": Variant("Other")},
        ),
        Step("Plain"),
        Step("Two", "90m", template=Template("warm_2", header="Hello {{ name }}"), subject="x"),
        Step("Three", "1s", media=Media("image", "{{ niche }}", filename="odd.jpg")),
    ],
)
