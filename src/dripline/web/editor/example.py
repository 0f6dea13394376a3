"""A sequence to begin from: four messages over a day and a half, to whoever gains the trigger WARMEXAMA."""

from dripline.core.sequences.sequence import Sequence, Step
from dripline.web.editor.sequence_form import SequenceForm

WARM = SequenceForm.of(
    Sequence(
        "Warm EXAMA",
        trigger="WARMEXAMA",
        variables={"name": "friend"},
        steps=[
            Step("Hi {{ name }}! Thank you for asking about EXAMA. Who is it for: yourself, or your child?"),
            Step("{{ name }}, a quick one: most families take EXAMA for four weeks before the exam month.", "12h"),
            Step("{{ name }}, other parents tell us that revising goes better with it. Shall I send you more?", "12h"),
            Step("Last message from me, {{ name }}. Reply YES and I keep free postage for you until tonight.", "12h"),
        ],
    )
)
"""The example, as the editor shows it."""
