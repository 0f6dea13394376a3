"""Every channel of dripline's own keeps the rules that it asks of others'."""

from collections.abc import Iterator

import pytest
from providers import Gateway, MailServer, Meta, Printed, Receiver, Telegram, Twilio, TwilioWhatsApp
from typing_extensions import override

from dripline.channels.plugins import BUILT_IN
from dripline.conformance import ChannelConformance, HttpProvider, Provider

OVER_HTTP: dict[str, type[HttpProvider]] = {
    "webhook": Receiver,
    "whatsapp": Meta,
    "gowa": Gateway,
    "sms": Twilio,
    "twilio_whatsapp": TwilioWhatsApp,
    "telegram": Telegram,
}


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
    assert {*OVER_HTTP, "smtp", "console"} == BUILT_IN
