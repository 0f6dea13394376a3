"""Leads that are handed in: by whom, in which forms, and what becomes of them."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from httpx2 import Response
from site_of import Site, site
from standardwebhooks.webhooks import Webhook

from dripline import Dripline, EventSigning, FakeChannel, Sequence, VirtualClock
from dripline.core.leads.attribute import Value
from dripline.web.webhooks.lead_intake import BODY_LIMIT

PHONE = "60123456789"
THANKS = "https://shop.example/thanks"
HTML = {"accept": "text/html,*/*"}

Json = dict[str, object]


@pytest.fixture
def shop(url: str, clock: VirtualClock, warm: Sequence) -> Iterator[Site]:
    posting = EventSigning("what-secrets-are-made-of-" + "0f1e2d3c4b5a")
    with Dripline(url, clock=clock, channels={"console": FakeChannel()}, posting=posting) as drip:
        drip.apply(warm)
        with site(drip) as opened:
            yield opened


def key_of(shop: Site, *, names_triggers: bool = False, return_url: str | None = None) -> str:
    """Make the source `website`, and return its URL with its key."""
    made = shop.drip.sources.create(
        "website",
        triggers=["WARMEXAMA"],
        names_triggers=names_triggers,
        keeps=["niche", "target_status", "device"],
        return_url=return_url,
    )
    return f"/intake/website?key={made.key}"


def hand_in(shop: Site, url: str, lead: Json) -> Response:
    return shop.client.post(url, json=lead)


def attributes(shop: Site) -> dict[str, Value]:
    return dict(shop.drip.leads.with_address(phone=PHONE)[0].attributes)


def test_a_lead_that_is_handed_in_is_enrolled_at_once_and_only_once(shop: Site) -> None:
    url = key_of(shop)
    first = hand_in(shop, url, {"phone": "012-345 6789", "name": "Aina"})
    second = hand_in(shop, url, {"phone": "012-345 6789", "name": "Aina"})

    told = {"triggers": ["WARMEXAMA"], "left_out": []}
    assert (first.status_code, first.json()) == (200, {"added": 1, "updated": 0, "enrolled": 1, **told})
    assert second.json() == {"added": 0, "updated": 0, "enrolled": 0, **told}
    assert len(shop.drip.records(phone=PHONE)) == 4


@pytest.mark.parametrize("phone", ["60129990006.0", "6.0129990006e10", "60129990006", '"60129990006.0"'])
def test_a_phone_that_is_a_number_is_that_phone_and_no_other(shop: Site, phone: str) -> None:
    headers = {"content-type": "application/json"}
    body = f'{{"phone": {phone}, "name": "Float"}}'
    answer = shop.client.post(key_of(shop), content=body, headers=headers)

    assert answer.json()["added"] == 1
    assert [lead.phone for lead in shop.drip.leads.with_address(phone="60129990006")] == ["60129990006"]


@pytest.mark.parametrize("phone", ["60129990006.5", "6.01299900061234567e19", "1e400", "601299900060", "true"])
def test_a_number_that_is_no_phone_is_refused(shop: Site, phone: str) -> None:
    answer = shop.client.post(key_of(shop), content=f'{{"phone": {phone}}}')

    assert answer.status_code == 422
    assert shop.drip.reports.counts()["leads"] == 0


def test_the_fields_of_the_system_before_are_taken_as_they_are(shop: Site) -> None:
    lead: Json = {
        "name": "Aina",
        "phone": PHONE,
        "niche": "EXSTART,ITADRESS",
        "target_status": "prospect",
        "trigger": "coldvitac, warmexama",
        "device": "jb-1",
        "device_id": 7,
    }
    told = hand_in(shop, key_of(shop, names_triggers=True), lead).json()

    assert told["triggers"] == ["WARMEXAMA", "COLDVITAC"]
    assert told["left_out"] == ["device_id"]
    assert attributes(shop) == {"niche": "EXSTART,ITADRESS", "target_status": "prospect", "device": "jb-1"}


@pytest.mark.parametrize(
    "lead",
    [
        {"full_name": "Aina Zul", "phone_number": "p:+60123456789", "Email Address": "a@example.com"},
        {"First Name": "Aina", "Last Name": "Zul", "WhatsApp": "012-345 6789", "E-mel": "a@example.com"},
        {"name": "Aina Zul", "phone": "", "Mobile": 60123456789.0, "mail": "a@example.com"},
    ],
)
def test_a_lead_of_another_program_is_read_by_the_names_of_its_fields(shop: Site, lead: Json) -> None:
    assert hand_in(shop, key_of(shop), lead).status_code == 200

    (stored,) = shop.drip.leads.with_address(phone=PHONE)
    assert (stored.name, stored.email) == ("Aina Zul", "a@example.com")


def test_attributes_may_stand_by_themselves(shop: Site) -> None:
    lead: Json = {"phone": PHONE, "attributes": {"Niche": "EXAMA", "shoe": 42}, "triggers": ["X"], "email": None}
    told = hand_in(shop, key_of(shop), lead).json()

    assert told["left_out"] == ["shoe", "triggers"]
    assert attributes(shop) == {"niche": "EXAMA"}


def test_a_website_may_not_name_triggers_of_its_own(shop: Site) -> None:
    told = hand_in(shop, key_of(shop), {"phone": PHONE, "trigger": "VIP"}).json()

    assert (told["triggers"], told["left_out"]) == (["WARMEXAMA"], ["trigger"])


def test_a_form_is_thanked_for(shop: Site) -> None:
    answer = shop.client.post(key_of(shop), data={"phone": PHONE, "name": "Aina"}, headers=HTML)

    assert (answer.status_code, "Thank you" in answer.text) == (200, True)
    assert shop.drip.leads.with_address(phone=PHONE)[0].name == "Aina"


def test_a_form_in_parts_is_read_without_its_files(shop: Site) -> None:
    files = {"phone": (None, PHONE), "niche": (None, "EXAMA"), "photo": ("me.png", b"\x89PNG")}
    answer = shop.client.post(key_of(shop), files=files)

    assert answer.json()["left_out"] == []
    assert attributes(shop) == {"niche": "EXAMA"}


def test_a_browser_is_led_to_the_page_of_the_source_and_to_no_other(shop: Site) -> None:
    url = key_of(shop, return_url=THANKS)

    def led(**fields: str) -> tuple[int, str | None]:
        data = {"phone": PHONE, **fields}
        answer = shop.client.post(url, data=data, headers=HTML, follow_redirects=False)
        return answer.status_code, answer.headers.get("location")

    assert led() == led(redirect=THANKS) == (303, THANKS)
    assert led(redirect="https://evil.example/") == led(redirect=f"{THANKS}/../x") == (422, None)


@pytest.mark.parametrize("key", ["", "0" * 64, "ä", "%00"])
def test_whoever_proves_nothing_is_refused_and_counted(shop: Site, key: str) -> None:
    key_of(shop)
    answer = hand_in(shop, f"/intake/website?key={key}", {"phone": PHONE})
    other = hand_in(shop, f"/intake/nowhere?key={key}", {"phone": PHONE})

    assert answer.status_code == other.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == other.json()
    assert {(one.channel, one.posts) for one in shop.drip.inbox.refused_posts()} == {
        ("intake", 1),
        ("intake website", 1),
    }
    assert shop.drip.reports.counts()["leads"] == 0


def test_a_post_that_is_signed_needs_no_key(shop: Site, clock: VirtualClock) -> None:
    made = shop.drip.sources.create("crm", triggers=["WARMEXAMA"])
    assert made.secret is not None
    body, at = json.dumps({"phone": PHONE}), clock.now()

    def posted(secret: str, content: str) -> int:
        signature = f"v1,old {Webhook(secret).sign('msg_1', at, body)}"
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
        return shop.client.post("/intake/crm", content=content, headers=headers).status_code

    other = shop.drip.sources.create("other").secret
    assert other is not None
    assert [posted(made.secret, body), posted(made.secret, body + " "), posted(other, body)] == [200, 401, 401]
    clock.advance(timedelta(minutes=6))
    assert posted(made.secret, body) == 401


@pytest.mark.parametrize(
    ("scope", "name", "status"),
    [("leads:write", "website", 200), ("leads:read", "website", 403), ("leads:write", "nowhere", 404)],
)
def test_a_token_that_may_add_leads_may_hand_them_in(shop: Site, scope: str, name: str, status: int) -> None:
    key_of(shop)
    answer = shop.client.post(f"/intake/{name}", json={"phone": PHONE}, headers=shop.token(scope))

    assert answer.status_code == status
    assert shop.drip.reports.counts()["leads"] == (status == 200)


def test_a_token_that_is_none_is_refused(shop: Site) -> None:
    url = key_of(shop)

    assert shop.client.post(url, json={"phone": PHONE}, headers={"authorization": "Bearer drip_x"}).status_code == 401


@pytest.mark.parametrize(
    ("lead", "told"),
    [
        ({"phone": "12"}, "The phone '12' cannot be one: write it with its country"),
        ({"name": "Aina"}, "neither a phone nor an e-mail address: give at least one"),
        ({"phone": {"number": PHONE}}, "The field phone is no text: write it as one"),
        ({"phone": [PHONE, "60123456780"]}, "The field phone was given 2 times: give it once"),
        ({"phone": PHONE, "name": "\x00"}, "The name holds a character that is not text: remove it"),
        ({"phone": PHONE, "attributes": "EXAMA"}, "The field attributes holds no fields of its own"),
        ({"phone": PHONE, "zone": "Mars/North"}, "Mars/North"),
        ([], "The body cannot be read"),
    ],
)
def test_what_cannot_be_a_lead_is_a_problem_that_names_it(shop: Site, lead: object, told: str) -> None:
    answer = shop.client.post(key_of(shop), json=lead)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"\xff", "application/json"),
        (b"[" * 60_000, "application/json"),
        (b'{"phone": ' + b"[" * 900 + b"]" * 900 + b"}", "application/json"),
        (b"\xff=\xff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(300)), "application/x-www-form-urlencoded"),
        (b"phone=1", "multipart/form-data"),
        (b"--x\r\nphone", "multipart/form-data; boundary=x"),
        (b"--x\r\ncontent-disposition: form-data\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_no_body_is_a_failure_of_ours(shop: Site, body: bytes, kind: str) -> None:
    answer = shop.client.post(key_of(shop), content=body, headers={"content-type": kind})

    assert answer.status_code == 422, answer.text


def test_a_post_that_is_too_large_is_refused(shop: Site) -> None:
    answer = hand_in(shop, key_of(shop), {"phone": PHONE, "name": "x" * BODY_LIMIT})

    assert answer.status_code == 413


def test_a_source_is_made_by_a_form_and_its_key_works_as_shown(shop: Site) -> None:
    shop.come_in()
    shown = shop.post("/settings/intake", name="Website", triggers="warmexama", keeps="niche", return_url=THANKS).text
    url = re.search(r"curl -X POST &#39;http://testserver(\S+)&#39;|curl -X POST 'http://testserver(\S+)'", shown)
    assert url is not None
    answer = shop.client.post(url[1] or url[2], json={"phone": PHONE})

    assert answer.json()["enrolled"] == 1
    assert "?key=" not in shop.page("/settings/intake").replace("?key=…", "")
    deeds = [(one.actor, one.deed) for one in shop.drip.accounts.audit()][:2]
    assert deeds == [("source website", "add_lead"), ("user owner@shop.example", "create_source")]


def test_a_source_that_was_dropped_takes_nothing_more(shop: Site) -> None:
    shop.come_in()
    url = key_of(shop)
    shop.post("/settings/intake/website/drop")

    assert hand_in(shop, url, {"phone": PHONE}).status_code == 401
    assert "No lead sources yet" in shop.page("/settings/intake")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "web site"}, "letters, digits and hyphens"),
        ({"name": "website"}, "There is a source website already"),
        ({"name": "x", "triggers": "two words"}, "holds a space"),
        ({"name": "x", "keeps": "name"}, "one of the lead&#39;s own fields"),
        ({"name": "x", "return_url": "javascript:alert(1)"}, "The page after the form cannot be used"),
    ],
)
def test_a_source_that_cannot_be_one_is_refused_in_words(shop: Site, fields: dict[str, str], told: str) -> None:
    key_of(shop)
    shop.come_in()
    answer = shop.post("/settings/intake", **fields)

    assert answer.status_code == 422
    assert told in answer.text


def test_nothing_that_lets_anybody_in_is_stored(shop: Site, ask: Callable[[str], list[tuple[object, ...]]]) -> None:
    key = key_of(shop).partition("key=")[2]

    assert key not in str(ask("SELECT * FROM lead_sources"))
