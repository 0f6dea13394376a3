"""Every webhook that Meta shows in its own specification is read, and only what people wrote or decided is taken."""

import json
from typing import Any, cast

import pytest
import yaml

from dripline.channels.whatsapp.webhook import events_of
from support.prism import SPECS

SPEC = SPECS / "whatsapp-cloud-business-messaging-api_v23.0.yaml"

TAKEN = {
    "Reaction Message": [],
    "Group Create Message": [],
    "Group Settings Update": [],
    "Group Remove Participants": [],
    "System Message": ["NumberChanged"],
}
"""What is taken of an example that is not a reply: a thumb up is none, and groups are not ours."""


def test_every_webhook_that_meta_shows_is_read() -> None:
    if not SPEC.is_file():
        pytest.skip(f"the specification {SPEC.name} is not beside this checkout")
    document = cast("dict[str, Any]", yaml.load(SPEC.read_text(), Loader=yaml.CSafeLoader))
    post = document["paths"]["/whatsapp/webhooks"]["post"]
    examples = cast("dict[str, Any]", post["requestBody"]["content"]["application/json"]["examples"])
    taken = {
        name: [type(event).__name__ for event in events_of(json.dumps(example["value"], default=str).encode())]
        for name, example in examples.items()
    }

    assert len(taken) == 16
    assert taken == {name: TAKEN.get(name, ["Reply"]) for name in examples}
