"""Credentials of senders: encrypted in the database, each used by its own sender, replaced, locked, taken away."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dripline import Actor, Dripline, Pace, SecretSource, SenderStatus, VirtualClock
from dripline.core.accounts.access import Role
from dripline.errors import ChannelNotConfigured, InvalidCredential, InvalidSender, KeyMissing, NotAllowed
from support.connecting import (
    ACCOUNT,
    KEY,
    NEW_KEY,
    OTHER_TOKEN,
    Keys,
    accepting,
    at_the_prompt,
    cloud,
    greet,
    opened,
    sender_of,
    tokens,
)
from support.endpoint import Endpoint, serving
from support.secrets_of_tests import APP_SECRET, MAIL, META, TELEGRAM, secrets_in

MINUTE = timedelta(minutes=1)


@pytest.fixture
def meta() -> Iterator[Endpoint]:
    with serving() as endpoint:
        yield accepting(endpoint)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def shop(url: str, clock: VirtualClock, keys: Keys) -> Iterator[Dripline]:
    with opened(url, clock, keys) as drip:
        yield drip


def connect(drip: Dripline, endpoint: Endpoint, name: str = "jb-1", token: str = META) -> None:
    drip.senders.connect(name, "whatsapp", cloud(endpoint, token), account=ACCOUNT)


def test_each_sender_sends_with_its_own_token(shop: Dripline, meta: Endpoint) -> None:
    connect(shop, meta, "jb-1", META)
    connect(shop, meta, "jb-2", OTHER_TOKEN)
    greet(shop, "jb-1", "ONE")
    greet(shop, "jb-2", "TWO")
    shop.add_lead(phone="60123456789", triggers=["ONE"])
    shop.add_lead(phone="60123456780", triggers=["TWO"])
    report = shop.tick()

    assert report.sent == 2
    assert sorted(tokens(meta)) == sorted([META, OTHER_TOKEN])


def test_what_is_kept_tells_no_secret(url: str, shop: Dripline, meta: Endpoint) -> None:
    connect(shop, meta)
    found = shop.senders.credential("jb-1")
    rows = at_the_prompt(url, "SELECT * FROM sender_credentials")

    assert len(rows) == 1
    assert secrets_in(repr(rows).encode()) == []
    assert secrets_in(repr(found).encode()) == []
    assert found.secrets == {
        "token": SecretSource.STORED,
        "app_secret": SecretSource.STORED,
        "verify_token": SecretSource.STORED,
    }
    assert found.plain == {"base_url": cloud(meta)["base_url"]}


def test_to_replace_a_credential_keeps_limits_leads_and_address(shop: Dripline, meta: Endpoint) -> None:
    pace = Pace(gap="10s", daily_cap=50)
    shop.senders.connect("jb-1", "whatsapp", cloud(meta), account=ACCOUNT, pool="sales", pace=pace)
    before = shop.senders.webhook("jb-1")
    greet(shop, "jb-1")
    shop.add_lead(phone="60123456789", triggers=["HI"])
    shop.senders.connect("jb-1", "whatsapp", cloud(meta, OTHER_TOKEN), account="107")
    shop.tick()

    assert tokens(meta) == [OTHER_TOKEN]
    assert meta.paths == ["/v23.0/107/messages"]
    assert sender_of(shop, "jb-1").pace == pace
    assert sender_of(shop, "jb-1").pool == "sales"
    assert shop.senders.webhook("jb-1") == before


def test_another_process_uses_a_replaced_credential_from_its_next_look_on(
    url: str, shop: Dripline, clock: VirtualClock, meta: Endpoint
) -> None:
    connect(shop, meta)
    greet(shop, "jb-1")
    shop.add_lead(phone="60123456789", triggers=["HI"])
    with opened(url, clock) as other:
        other.tick()
        connect(shop, meta, token=OTHER_TOKEN)
        clock.advance(timedelta(hours=1))
        other.tick()

    assert tokens(meta) == [META, OTHER_TOKEN]


def test_a_lost_key_pauses_its_sender_and_no_other(
    url: str, shop: Dripline, clock: VirtualClock, meta: Endpoint, keys: Keys
) -> None:
    connect(shop, meta, "jb-1", META)
    keys.text = NEW_KEY
    connect(shop, meta, "jb-2", OTHER_TOKEN)
    greet(shop, "jb-1", "ONE")
    greet(shop, "jb-2", "TWO")
    shop.add_lead(phone="60123456789", triggers=["ONE"])
    shop.add_lead(phone="60123456780", triggers=["TWO"])
    with opened(url, clock, keys) as later:
        report = later.tick()
        states = {state.sender.name: state for state in later.senders.all()}

    assert (report.sent, tokens(meta)) == (1, [OTHER_TOKEN])
    assert states["jb-2"].status is SenderStatus.ACTIVE
    assert states["jb-1"].status is SenderStatus.PAUSED
    assert states["jb-1"].reason == (
        "its credential cannot be read, since the key that encrypted it is not here: put the key back, or connect it "
        "again: dripline senders connect jb-1"
    )


def test_a_sender_goes_on_when_its_key_is_back(
    url: str, shop: Dripline, clock: VirtualClock, meta: Endpoint, keys: Keys
) -> None:
    connect(shop, meta)
    greet(shop, "jb-1")
    shop.add_lead(phone="60123456789", triggers=["HI"])
    keys.text = ""
    with opened(url, clock, keys) as later:
        assert later.tick().sent == 0
        keys.text = f"{NEW_KEY} {KEY}"
        clock.advance(MINUTE)
        later.tick()
        clock.advance(MINUTE)

        assert later.tick().sent + len(tokens(meta)) >= 1
        assert tokens(meta) == [META]


def test_whom_a_person_paused_stays_paused(shop: Dripline, meta: Endpoint, clock: VirtualClock) -> None:
    connect(shop, meta)
    shop.senders.pause("jb-1", reason="on leave")
    connect(shop, meta, token=OTHER_TOKEN)
    clock.advance(MINUTE)
    shop.tick()

    assert shop.senders.all()[0].reason_code == "paused_by_person"


def test_a_broken_lane_goes_on_with_its_new_credential(shop: Dripline, meta: Endpoint, clock: VirtualClock) -> None:
    """Not at once: another processor may still have the old one, and break it again."""
    connect(shop, meta)
    greet(shop, "jb-1")
    shop.add_lead(phone="60123456789", triggers=["HI"])
    meta.status, meta.body = 401, b'{"error": {"code": 190, "message": "expired"}}'
    shop.tick()
    meta.status = 200
    accepting(meta)
    connect(shop, meta, token=OTHER_TOKEN)
    at_once = shop.tick().sent
    clock.advance(timedelta(seconds=5))

    assert (at_once, shop.tick().sent) == (0, 1)


def test_the_credential_of_another_sender_is_not_taken(
    url: str, shop: Dripline, clock: VirtualClock, meta: Endpoint
) -> None:
    connect(shop, meta, "jb-1", META)
    connect(shop, meta, "jb-2", OTHER_TOKEN)
    at_the_prompt(url, "UPDATE sender_credentials SET sealed = (SELECT max(sealed) FROM sender_credentials)")
    with opened(url, clock) as other:
        problems = [one.problem for one in other.senders.credentials()]

    assert problems.count(None) == 1


def test_what_is_disconnected_is_deleted_and_goes_by_nothing(shop: Dripline, meta: Endpoint) -> None:
    connect(shop, meta)
    greet(shop, "jb-1")
    shop.add_lead(phone="60123456789", triggers=["HI"])
    assert shop.senders.disconnect("jb-1")
    report = shop.tick()

    assert (report.sent, tokens(meta)) == (0, [])
    assert shop.senders.credentials() == []
    assert not shop.senders.disconnect("jb-1")
    with pytest.raises(InvalidCredential, match="no credential of its own"):
        shop.senders.credential("jb-1")


@pytest.mark.parametrize(
    ("channel", "credential", "told"),
    [
        ("whatsapp", {}, "The field 'token' cannot be used: it is needed"),
        ("whatsapp", {"token": f"{META} {META}"}, "The WhatsApp token cannot be used"),
        ("whatsapp", {"token": META, "base_url": META}, "looks like an access token of Meta, and is shown"),
        ("whatsapp", {"token": META, "app_secret": "short"}, "16 characters or more"),
        ("whatsapp", {"token": META, META: "x"}, "has no field"),
        ("telegram", {"token": TELEGRAM, "base_url": "http://x:y@z"}, "a URL with a password"),
        ("smtp", {"host": "x", "sender": "a@example.com", "port": MAIL}, "The field 'port' cannot be used"),
        ("console", {"token": META}, "have no credentials of their own"),
        ("whatsapp", {"token": " "}, "has 1 to 4,096 characters"),
        ("whatsapp", {"token": "env:NOWHERE"}, "is a reference, and nothing here reads those"),
    ],
)
def test_what_cannot_be_used_is_refused_without_its_secret(
    shop: Dripline, channel: str, credential: dict[str, str], told: str
) -> None:
    with pytest.raises(InvalidCredential) as refused:
        shop.senders.connect("jb-1", channel, credential, account=ACCOUNT)

    assert told in str(refused.value)
    assert secrets_in(str(refused.value).encode()) == []
    assert shop.senders.all() == []


def test_an_account_is_needed_and_is_no_secret(shop: Dripline, meta: Endpoint) -> None:
    with pytest.raises(InvalidCredential, match="needs its Phone number ID"):
        shop.senders.connect("jb-1", "whatsapp", cloud(meta))
    with pytest.raises(InvalidCredential, match="looks like an access token"):
        shop.senders.connect("jb-1", "whatsapp", cloud(meta), account=META)


def test_a_sender_keeps_its_channel(shop: Dripline, meta: Endpoint) -> None:
    connect(shop, meta)
    with pytest.raises(InvalidSender, match="speaks through 'whatsapp'"):
        shop.senders.connect("jb-1", "telegram", {"token": TELEGRAM})


def test_a_sequence_without_senders_is_refused_where_only_senders_are_connected(shop: Dripline, meta: Endpoint) -> None:
    from dripline import Sequence, Step

    connect(shop, meta)
    with pytest.raises(ChannelNotConfigured, match="only by senders with credentials of their own"):
        shop.apply(Sequence("Warm", trigger="WARM", channel="whatsapp", steps=[Step("Hi")]))


def test_only_an_administrator_connects_and_nobody_from_afar_gives_a_reference(shop: Dripline, meta: Endpoint) -> None:
    operator = shop.as_actor(Actor("user op", scopes=Role.OPERATOR.scopes))
    admin = shop.as_actor(Actor("user admin", scopes=Role.ADMIN.scopes))
    with pytest.raises(NotAllowed):
        connect(operator, meta)
    with pytest.raises(InvalidCredential, match="only the command line may give"):
        admin.senders.connect("jb-1", "whatsapp", {"token": "file:/etc/passwd"}, account=ACCOUNT)
    connect(admin, meta)

    deeds = [(deed.deed, deed.details) for deed in shop.accounts.audit()]
    assert deeds == [("connect_sender", {"name": "jb-1", "channel": "whatsapp", "account": ACCOUNT})]


def test_rotating_encrypts_everything_with_the_first_key(
    url: str, shop: Dripline, clock: VirtualClock, meta: Endpoint, keys: Keys
) -> None:
    connect(shop, meta, "jb-1", META)
    connect(shop, meta, "jb-2", OTHER_TOKEN)
    old = {one.key_id for one in shop.senders.credentials()}
    keys.text = f"{NEW_KEY} {KEY}"
    done = shop.senders.rotate_credentials()
    keys.text = NEW_KEY
    with opened(url, clock, keys) as later:
        found = later.senders.credentials()

    assert (done.changed, done.unreadable) == (2, ())
    assert {one.key_id for one in found} == {done.key_id} != old
    assert [one.problem for one in found] == [None, None]
    assert shop.senders.rotate_credentials().changed == 0


def test_rotating_names_whose_key_is_lost(shop: Dripline, meta: Endpoint, keys: Keys) -> None:
    connect(shop, meta)
    keys.text = NEW_KEY
    done = shop.senders.rotate_credentials()

    assert (done.changed, done.unreadable) == (0, ("jb-1",))


def test_without_a_key_nothing_is_kept(shop: Dripline, meta: Endpoint, keys: Keys) -> None:
    keys.text = ""
    with pytest.raises(KeyMissing):
        connect(shop, meta)
    keys.text = "short"
    with pytest.raises(KeyMissing, match="32 random characters or more"):
        connect(shop, meta)

    assert shop.senders.all() == []


def test_a_server_needs_a_key_that_is_set_and_a_file_has_its_own(url: str, clock: VirtualClock, meta: Endpoint) -> None:
    with Dripline(url, clock=clock) as drip:
        if url.startswith("sqlite"):
            connect(drip, meta)
            assert drip.senders.credential("jb-1").problem is None
        else:
            with pytest.raises(KeyMissing, match="set DRIPLINE_CREDENTIALS_KEY"):
                connect(drip, meta)


def test_what_is_made_up_for_the_provider_is_shown_to_administrators_alone(shop: Dripline, meta: Endpoint) -> None:
    connect(shop, meta)
    webhook = shop.senders.webhook("jb-1")
    viewer = shop.as_actor(Actor("user v", scopes=Role.OPERATOR.scopes))

    assert webhook.url == f"https://drip.example.com{webhook.path}"
    assert set(webhook.secrets) == {"verify_token"}
    assert APP_SECRET not in repr(webhook)
    with pytest.raises(NotAllowed):
        viewer.senders.webhook("jb-1")


def test_a_secret_that_a_person_brought_does_not_come_out(shop: Dripline, meta: Endpoint) -> None:
    brought = cloud(meta) | {"verify_token": "a-word-of-a-person"}
    shop.senders.connect("jb-1", "whatsapp", brought, account=ACCOUNT)
    before = shop.senders.webhook("jb-1").secrets
    connect(shop, meta)
    kept = shop.senders.webhook("jb-1").secrets
    shop.senders.rotate_credentials()

    assert (before, kept) == ({}, {})
    assert shop.senders.webhook("jb-1").secrets == {}


def test_that_somebody_looked_at_what_was_made_up_is_in_the_log(shop: Dripline, meta: Endpoint, keys: Keys) -> None:
    connect(shop, meta)
    admin = shop.as_actor(Actor("user admin", scopes=Role.ADMIN.scopes))
    made_up = admin.senders.webhook("jb-1").secrets
    keys.text = f"{NEW_KEY} {KEY}"
    shop.senders.rotate_credentials()

    assert shop.senders.webhook("jb-1").secrets == made_up != {}
    assert [(deed.deed, deed.details) for deed in shop.accounts.audit()] == [("show_webhook", {"name": "jb-1"})]
