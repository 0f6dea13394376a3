"""Every channel of dripline's own keeps the rules that it asks of others'."""

from collections.abc import Iterator

import pytest
from providers import OVER_HTTP, MailServer, Printed
from typing_extensions import override

from dripline.channels.registry import BUILT_IN_NAMES
from dripline.conformance import ChannelConformance, Provider


class TestOverHttp(ChannelConformance):
    @pytest.fixture(params=list(OVER_HTTP))
    @override
    def provider(self, request: pytest.FixtureRequest) -> Iterator[Provider]:
        with OVER_HTTP[request.param]() as provider:
            yield provider


class TestMail(ChannelConformance):
    @pytest.fixture
    @override
    def provider(self) -> Iterator[Provider]:
        with MailServer() as provider:
            yield provider


class TestConsole(ChannelConformance):
    @pytest.fixture
    @override
    def provider(self) -> Provider:
        return Printed()


def test_every_channel_is_held_to_the_rules() -> None:
    assert {*OVER_HTTP, "smtp", "console"} == BUILT_IN_NAMES
