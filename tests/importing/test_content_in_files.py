"""Pictures, templates and other channels' words as a person writes them; what is wrong is named in one sentence."""

from pathlib import Path

import pytest

from dripline import Media, Step, Template, Variant
from dripline.errors import InvalidFile
from dripline.importing.setup.setup_file import read_setup

HEAD = "name: Warm\ntrigger: WARM\nsteps:\n  - message: Hi\n"


def step_of(tmp_path: Path, *lines: str) -> Step:
    file = tmp_path / "warm.yaml"
    file.write_text(HEAD + "".join(f"    {line}\n" for line in lines))
    return read_setup(file).sequences[0].steps[0]


def test_everything_is_read(tmp_path: Path) -> None:
    step = step_of(
        tmp_path,
        "document: https://shop.example.com/{{ niche }}.pdf",
        "filename: Prices.pdf",
        "template:",
        "  name: warm_1",
        "  language: ms",
        '  parameters: ["{{ name }}", EXAMA]',
        "  image: https://shop.example.com/a.jpg",
        '  buttons: ["{{ code }}"]',
        "variants:",
        "  sms: Short",
        "  smtp:",
        "    message: Long",
        "    subject: About it",
    )
    assert step.media == Media("document", "https://shop.example.com/{{ niche }}.pdf", filename="Prices.pdf")
    assert step.template == Template(
        "warm_1",
        language="ms",
        parameters=["{{ name }}", "EXAMA"],
        header=Media("image", "https://shop.example.com/a.jpg"),
        buttons=["{{ code }}"],
    )
    assert step.variants == {"sms": Variant("Short"), "smtp": Variant("Long", subject="About it")}


def test_a_template_without_parameters_is_its_name(tmp_path: Path) -> None:
    assert step_of(tmp_path, "template: warm_1").template == Template("warm_1")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["image: https://a.example", "video: https://b.example"], "shows one thing: keep one of image, video"),
        (["image: /home/me/a.jpg"], "begin it with https://"),
        (["image: https://a.example", "filename: a.jpg"], "Only a document has a filename"),
        (["image: ''"], "The key image is empty: write image: https://"),
        (["template: two words"], "The template's name 'two words' cannot be used"),
        (["template: [a]"], "step 1, template: This is the wrong kind of value: write template: warm_exama_1"),
        (["template:", "  nam: a"], "step 1, template: There is no key 'nam': write name"),
        (["template:", "  language: ms"], "step 1, template: The key name is missing: add name: warm_exama_1"),
        (["template:", "  name: a", "  header: x", "  image: https://a.example"], "keep one of header and image"),
        (["variants:", "  sms: [a]"], "step 1, variants, sms: This is the wrong kind of value"),
        (["variants:", "  sms:", "    text: a"], "step 1, variants, sms: There is no key 'text'"),
        (["variants: Short"], "The key variants holds the wrong kind of value: write variants:, and below it"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, lines: list[str], told: str) -> None:
    with pytest.raises(InvalidFile) as refused:
        step_of(tmp_path, *lines)
    assert told in str(refused.value)
