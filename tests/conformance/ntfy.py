"""The example of a plug-in: where it is, its module, and the provider that it speaks to."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import cast

from typing_extensions import override

from dripline import Channel
from dripline.channels.http.client import HttpResponse
from dripline.conformance import HttpProvider, Request

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "dripline_ntfy.py"
TOKEN = "tk_" + "0123456789abcdef"


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dripline_ntfy", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Ntfy(HttpProvider):
    """Answers as ntfy does."""

    attributes = {"ntfy_topic": "aina"}  # noqa: RUF012  (never changed)
    secrets = (TOKEN,)

    @override
    def channel(self, timeout: float) -> Channel:
        made = example().NtfyChannel({"url": self.url, "token": TOKEN}, timeout)
        return cast("Channel", made)

    @override
    def accepted(self, number: int) -> HttpResponse:
        return HttpResponse(200, headers={"content-type": "application/json"}, body=b'{"id": "m%d"}' % number)

    @override
    def refused(self, request: Request) -> HttpResponse:
        return HttpResponse(403, headers={}, body=request.repeated.encode())
