"""Where events may be posted: every form of an address that leads into one's own network is seen."""

import pytest

from dripline.core.events.target import URL_LIMIT, checked_target, is_public
from dripline.errors import InvalidSubscription

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
    "2606:4700:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8", "64:ff9b::808:808",
)  # fmt: skip

PRIVATE = {
    "this host": "0.0.0.0",  # noqa: S104  (it is refused)
    "this network": "0.1.2.3",
    "loopback": "127.0.0.1",
    "the rest of loopback": "127.255.255.254",
    "private 10": "10.0.0.1",
    "private 172": "172.16.0.1",
    "the end of private 172": "172.31.255.255",
    "private 192": "192.168.1.1",
    "behind a carrier": "100.64.0.1",
    "link-local": "169.254.0.1",
    "most clouds' metadata": "169.254.169.254",
    "Alibaba's metadata": "100.100.100.200",
    "Azure's metadata": "168.63.129.16",
    "Oracle's metadata": "192.0.0.192",
    "documentation": "192.0.2.1",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "loopback 6": "::1",
    "unspecified 6": "::",
    "private 6": "fc00::1",
    "AWS's metadata 6": "fd00:ec2::254",
    "link-local 6": "fe80::1",
    "link-local 6 with its zone": "fe80::1%eth0",
    "site-local 6": "fec0::1",
    "multicast 6": "ff02::1",
    "documentation 6": "2001:db8::1",
    "new documentation 6": "3fff::1",
    "Teredo": "2001:0:7f00:1::",
    "6to4 of loopback": "2002:7f00:1::",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped loopback in hexadecimal digits": "::ffff:7f00:1",
    "mapped metadata": "::ffff:169.254.169.254",
    "IPv4-compatible loopback": "::127.0.0.1",
    "NAT64 of loopback": "64:ff9b::127.0.0.1",
    "NAT64 of metadata": "64:ff9b::a9fe:a9fe",
    "NAT64 of one's own": "64:ff9b:1::1",
    "translated loopback": "::ffff:0:127.0.0.1",
    "discarded": "100::1",
    "unassigned 6": "4000::1",
    "public with a zone": "2606:4700::1%eth0",
    "no address": "example.com",
    "nothing": "",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE.values(), ids=PRIVATE)
def test_no_other_address_is(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://crm.example.com/", "file:///etc/passwd", "gopher://crm.example.com/", "crm.example.com", "//crm/", "",
        "http://", "http:///path", "http://[::1", "http://crm.example.com:99999/", "http://crm.example.com:x/",
        "http://user@crm.example.com/", "http://user:word@crm.example.com/", "http://:word@crm.example.com/",
        "http://@crm.example.com/", "http://crm.example.com:0/", "http://crm.example.com:22/",
        "http://crm.example.com:25/", "http://a b.example.com/", "http://crm.example.com/\r\nHost: x",
        "http://crm.example.com\\@127.0.0.1/", "http://crm.example.com/\x00", f"http://x/{'a' * URL_LIMIT}",
        "http://127.0.0.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/latest/",
        "http://localhost/", "http://LOCALHOST./", "http://db.localhost:8000/", "http://127.0.0.1./",
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_meant_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidSubscription) as refused:
        checked_target(url, allow_private=False)

    assert url == "" or url not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/drip?key=1",
        "http://crm.example.com:8080",
        "https://8.8.8.8/",
        "https://[2606:4700::1]/",
    ],
)
def test_any_other_url_is_taken_as_it_is(url: str) -> None:
    assert checked_target(f" {url}\n", allow_private=False) == url


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://[::1]:8000/", "http://localhost:8000/"])
def test_ones_own_network_is_taken_where_that_is_wanted(url: str) -> None:
    assert checked_target(url, allow_private=True) == url
