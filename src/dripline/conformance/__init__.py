"""Tests that every channel has to pass; run them on yours with pytest.

class MyProvider(HttpProvider):
    def channel(self, timeout: float) -> Channel:
        return MyChannel({"url": self.url, "token": "s3cret-token"}, timeout=timeout)

    def accepted(self, number: int) -> HttpResponse:
        return HttpResponse(200, headers={}, body=b'{"id": "%d"}' % number)


class TestMyChannel(ChannelConformance):
    @pytest.fixture
    def provider(self) -> Iterator[Provider]:
        with MyProvider() as provider:
            yield provider
"""

from dripline.conformance.checks import ChannelConformance
from dripline.conformance.http_provider import HttpProvider, Request
from dripline.conformance.provider import Behaviour, Posted, Provider

__all__ = ["Behaviour", "ChannelConformance", "HttpProvider", "Posted", "Provider", "Request"]
