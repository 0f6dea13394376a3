"""Who comes in, by what, and what they may do then."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from inspect import isawaitable, iscoroutinefunction
from operator import attrgetter

import pytest

from dripline import Dripline, Sender, Sequence, VirtualClock
from dripline.core.accounts.access import Actor, Role, Scope, User
from dripline.errors import InvalidAccess, InvalidSender, LoginFailed, NotAllowed
from support.use_cases import NOUNS, OWN, REQUIREMENTS, VERBS, use_cases

PASSWORD = "correct horse battery"
HERE = "192.0.2.1"

Ask = Callable[[str], list[tuple[object, ...]]]


def administrator(drip: Dripline) -> str:
    link = drip.accounts.setup_link()
    assert link is not None
    return drip.accounts.accept_link(link, email="Owner@Shop.example", name="Owner", password=PASSWORD)


def acting(drip: Dripline, *scopes: Scope) -> Dripline:
    return drip.as_actor(Actor("token test", scopes=frozenset(scopes)))


def called(case: Callable[[], object]) -> None:
    asked = case()
    if isawaitable(asked):
        asyncio.run(asyncio.wait_for(asked, timeout=60))


def test_every_use_case_says_what_it_needs(drip: Dripline) -> None:
    nouns = {name for name in dir(Dripline) if isinstance(vars(Dripline).get(name), cached_property)}
    methods = {name for name in dir(Dripline) if not name.startswith("_")} - nouns

    assert [path for path, _, need in use_cases() if need is None] == []
    assert {name for name in nouns if not name.startswith("_")} == {name for name in NOUNS if "." not in name}
    assert [path for path, kind in NOUNS.items() if type(attrgetter(path)(drip)) is not kind] == []
    assert methods == VERBS.keys() | OWN


@pytest.mark.parametrize("path", sorted(path for path, need in REQUIREMENTS.items() if need.scope is not None))
def test_nobody_does_what_they_have_no_right_to(drip: Dripline, path: str) -> None:
    need = REQUIREMENTS[path]
    others = drip.as_actor(Actor("token test", scopes=frozenset(Scope) - {need.scope, need.of_change}))

    with pytest.raises(NotAllowed, match=str(need.scope)):
        called(attrgetter(path)(others))


@pytest.mark.parametrize(("verb", "path"), sorted(VERBS.items()))
def test_a_verb_needs_what_its_use_case_needs(drip: Dripline, warm: Sequence, verb: str, path: str) -> None:
    need = REQUIREMENTS[path]
    others = drip.as_actor(Actor("token test", scopes=frozenset(Scope) - {need.scope, need.of_change}))
    given: dict[str, tuple[object, ...]] = {"add_leads": ([],), "apply": (warm,), "plan": (warm,), "preview": (warm,)}

    with pytest.raises(NotAllowed, match=str(need.scope)):
        getattr(others, verb)(*given.get(verb, ()))


def test_a_coroutine_stays_one() -> None:
    found = {path for path, case, _ in use_cases() if iscoroutinefunction(case)}

    assert found == {"senders.send_test", "senders.pair", "events.send_ping"}


def test_a_coroutine_that_fails_is_in_no_log(drip: Dripline) -> None:
    with pytest.raises(InvalidSender):
        asyncio.run(acting(drip, Scope.SENDERS_WRITE).senders.send_test("nope", phone="60123456789"))

    assert drip.accounts.audit() == []


def test_a_coroutine_that_succeeds_is_in_the_log(drip: Dripline) -> None:
    drip.senders.apply(Sender("mine", channel="console"))
    asyncio.run(acting(drip, Scope.SENDERS_WRITE).senders.send_test("mine", phone="60123456789"))

    assert [(deed.deed, dict(deed.details)) for deed in drip.accounts.audit()] == [("try_sender", {"name": "mine"})]


def test_a_change_is_in_the_log_with_who_and_what(drip: Dripline, warm: Sequence) -> None:
    acting(drip, Scope.SEQUENCES_WRITE).apply(warm)
    acting(drip, Scope.RECORDS_WRITE).pause(sequence="Warm EXAMA", reason="a holiday")

    last, first = drip.accounts.audit()
    assert (first.actor, first.deed, dict(first.details)) == ("token test", "apply", {"sequence": "Warm EXAMA"})
    assert (last.deed, dict(last.details)) == ("pause", {"sequence": "Warm EXAMA", "reason": "a holiday"})


def test_a_change_that_fails_is_in_no_log(drip: Dripline) -> None:
    with pytest.raises(ValueError, match="no sequence"):
        acting(drip, Scope.RECORDS_WRITE).pause(sequence="Nobody's")

    assert drip.accounts.audit() == []


def test_what_a_program_does_by_itself_is_in_no_log(drip: Dripline, warm: Sequence) -> None:
    drip.apply(warm)

    assert drip.accounts.audit() == []


def test_a_use_case_inside_another_asks_for_no_right_of_its_own(drip: Dripline) -> None:
    drip.add_lead(phone="60123456789")
    received = acting(drip, Scope.LEADS_WRITE).inbox.receive("STOP", phone="60123456789")

    assert received.stopped
    assert [deed.deed for deed in drip.accounts.audit()] == ["receive"]


def test_the_first_administrator_comes_in_by_a_link_that_works_once(drip: Dripline) -> None:
    link = drip.accounts.setup_link()
    assert link is not None
    session = drip.accounts.accept_link(link, email="owner@shop.example", name="Owner", password=PASSWORD)

    user = drip.accounts.user_of_session(session)
    assert user is not None
    assert (user.email, user.role) == ("owner@shop.example", Role.ADMIN)
    assert drip.accounts.setup_link() is None
    with pytest.raises(LoginFailed):
        drip.accounts.accept_link(link, email="thief@shop.example", name="Thief", password=PASSWORD)


def test_a_newer_setup_link_is_instead_of_the_older_one(drip: Dripline) -> None:
    older, newer = drip.accounts.setup_link(), drip.accounts.setup_link()
    assert older is not None
    assert newer is not None

    assert drip.accounts.access_link(older) is None
    assert drip.accounts.access_link(newer) is not None


def test_a_link_is_good_for_a_day(drip: Dripline, clock: VirtualClock) -> None:
    link = drip.accounts.setup_link()
    assert link is not None
    clock.advance(timedelta(hours=24))

    with pytest.raises(LoginFailed):
        drip.accounts.accept_link(link, email="owner@shop.example", name="Owner", password=PASSWORD)


def test_a_user_logs_in_and_out(drip: Dripline) -> None:
    administrator(drip)
    session = drip.accounts.log_in(" OWNER@shop.example", PASSWORD, origin=HERE)
    assert drip.accounts.user_of_session(session) is not None
    drip.accounts.log_out(session)

    assert drip.accounts.user_of_session(session) is None


def test_two_invitations_let_two_people_in(drip: Dripline) -> None:
    administrator(drip)
    links = [drip.accounts.invite("operator"), drip.accounts.invite("operator")]
    for number, link in enumerate(links):
        drip.accounts.accept_link(link, email=f"op{number}@shop.example", name="Op", password=PASSWORD)

    assert len(drip.accounts.users()) == 3


def test_the_log_names_a_lead_by_its_id_until_it_is_forgotten(drip: Dripline) -> None:
    shop = acting(drip, Scope.LEADS_WRITE)
    shop.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
    lead = drip.leads.with_address(phone="60123456789")[0]

    assert drip.accounts.audit()[0].lead_id == lead.id
    shop.leads.forget(phone="60123456789")
    told = repr(drip.accounts.audit())
    assert [deed.lead_id for deed in drip.accounts.audit()] == [None, None]
    assert [word for word in ("60123456789", "Aina") if word in told] == []


def test_a_session_ends_by_itself(drip: Dripline, clock: VirtualClock) -> None:
    session = administrator(drip)
    clock.advance(timedelta(days=14))

    assert drip.accounts.user_of_session(session) is None


def test_a_user_who_is_kept_out_is_out_at_once(drip: Dripline) -> None:
    administrator(drip)
    session = drip.accounts.accept_link(
        drip.accounts.invite("operator"), email="op@shop.example", name="Op", password=PASSWORD
    )
    user = drip.accounts.user_of_session(session)
    assert user is not None
    drip.accounts.change_user(user.id, role="operator", is_disabled=True)

    assert drip.accounts.user_of_session(session) is None
    with pytest.raises(LoginFailed):
        drip.accounts.log_in("op@shop.example", PASSWORD, origin=HERE)


def test_the_log_tells_who_let_a_user_in_again(drip: Dripline) -> None:
    administrator(drip)
    user = let_in(drip, "op@shop.example", "operator")
    for is_disabled in (True, False):
        acting(drip, Scope.ADMIN).accounts.change_user(user.id, role="operator", is_disabled=is_disabled)

    entries = [deed for deed in drip.accounts.audit() if deed.deed == "change_user"]
    assert [entry.details["is_disabled"] for entry in entries] == ["False", "True"]


def test_the_last_administrator_stays_one(drip: Dripline) -> None:
    administrator(drip)
    only = drip.accounts.users()[0]

    with pytest.raises(InvalidAccess, match="Nobody would be left"):
        drip.accounts.change_user(only.id, role="viewer")
    assert drip.accounts.users() == [only]


def test_a_new_password_ends_the_sessions_of_the_old_one(drip: Dripline) -> None:
    session = administrator(drip)
    drip.accounts.accept_link(
        drip.accounts.reset_password(drip.accounts.users()[0].id), email="", name="", password="another good one"
    )

    assert drip.accounts.user_of_session(session) is None
    with pytest.raises(LoginFailed):
        drip.accounts.log_in("owner@shop.example", PASSWORD, origin=HERE)


@pytest.mark.parametrize("password", ["short", "x" * 201, "owner@shop.example"])
def test_a_password_that_is_none_is_refused_and_the_link_stays(drip: Dripline, password: str) -> None:
    link = drip.accounts.setup_link()
    assert link is not None
    with pytest.raises(InvalidAccess, match="choose another"):
        drip.accounts.accept_link(link, email="owner@shop.example", name="Owner", password=password)

    assert drip.accounts.access_link(link) is not None


def test_a_token_lets_in_until_it_is_over_or_revoked(drip: Dripline, clock: VirtualClock) -> None:
    token, secret = drip.accounts.create_token(
        "shop", scopes=["leads:write"], expires_at=drip.now() + timedelta(days=1)
    )
    _, lasting = drip.accounts.create_token("crm", scopes=["leads:read"])

    actor = drip.accounts.actor_of_token(secret)
    assert actor is not None
    assert actor.scopes == {Scope.LEADS_WRITE}
    assert token.prefix == secret[: len(token.prefix)] != secret
    clock.advance(timedelta(days=1))
    assert drip.accounts.actor_of_token(secret) is None
    assert drip.accounts.revoke_token(drip.accounts.tokens()[0].id)
    assert drip.accounts.actor_of_token(lasting) is None


def test_nothing_that_lets_in_is_stored(drip: Dripline, ask: Ask) -> None:
    link = drip.accounts.setup_link()
    assert link is not None
    session = administrator(drip)
    invited = drip.accounts.invite("viewer")
    _, token = drip.accounts.create_token("shop", scopes=["leads:write"])

    stored = repr([ask(f"SELECT * FROM {table}") for table in ("users", "sessions", "access_links", "api_tokens")])
    assert [secret for secret in (link, session, invited, token, PASSWORD) if secret in stored] == []


def test_a_second_copy_of_a_request_gets_the_first_answer_and_changes_nothing(drip: Dripline) -> None:
    def act() -> tuple[int, str]:
        return 201, str(drip.add_lead(phone="60123456789").added)

    first, second = drip.accounts.once("k1", "add", act), drip.accounts.once("k1", "add", act)
    assert first == second
    assert drip.accounts.once("k2", "add", act).body == "0"


def test_a_request_that_failed_may_be_made_again(drip: Dripline) -> None:
    def fail() -> tuple[int, str]:
        raise InvalidAccess("no")

    with pytest.raises(InvalidAccess):
        drip.accounts.once("k1", "add", fail)
    assert drip.accounts.once("k1", "add", lambda: (200, "done")).body == "done"


def test_another_connection_is_its_own_and_sees_the_same(drip: Dripline) -> None:
    drip.add_lead(phone="60123456789")
    with drip.connect() as other:
        assert [lead.phone for lead in other.leads.with_address(phone="60123456789")] == ["60123456789"]


def test_a_database_in_memory_has_one_connection() -> None:
    with Dripline("sqlite://") as drip, pytest.raises(ValueError, match="memory"):
        drip.connect()


def let_in(drip: Dripline, email: str, role: str) -> User:
    """Somebody new in a role."""
    session = drip.accounts.accept_link(drip.accounts.invite(role), email=email, name="New", password=PASSWORD)
    user = drip.accounts.user_of_session(session)
    assert user is not None
    return user


def test_who_is_kept_out_leaves_nothing_that_works(drip: Dripline) -> None:
    administrator(drip)
    bad = let_in(drip, "b@shop.example", "admin")
    owner = drip.accounts.users()[1]
    theirs = drip.as_actor(bad.actor)
    _, first = theirs.accounts.create_token("b", scopes=["admin"])
    by_token = drip.accounts.actor_of_token(first)
    assert by_token is not None
    _, second = drip.as_actor(by_token).accounts.create_token("made by b", scopes=["leads:read"])
    links = [
        theirs.accounts.invite("admin"),
        drip.as_actor(by_token).accounts.invite("viewer"),
        theirs.accounts.reset_password(owner.id),
    ]
    _, others = drip.accounts.create_token("b", scopes=["leads:read"])
    open_to_all = drip.accounts.invite("operator")

    lost = drip.accounts.plan_change_user(bad.id, role="admin", is_disabled=True)
    change = drip.as_actor(owner.actor).accounts.change_user(bad.id, role="admin", is_disabled=True)

    assert change.revoked == lost
    assert (len(lost.tokens), len(lost.invitations), lost.sessions) == (2, 3, 1)
    assert [drip.accounts.actor_of_token(secret) for secret in (first, second)] == [None, None]
    assert [drip.accounts.access_link(link) for link in links] == [None] * 3
    assert drip.accounts.actor_of_token(others) is not None
    assert drip.accounts.access_link(open_to_all) is not None
    told = sorted(deed.deed for deed in drip.accounts.audit()[:7])
    assert told == ["change_user", "end_sessions", *["revoke_invitation"] * 3, *["revoke_token"] * 2]
    drip.accounts.change_user(bad.id, role="admin")
    assert [drip.accounts.actor_of_token(secret) for secret in (first, second)] == [None, None]


def test_who_gets_a_lesser_role_keeps_what_is_within_it(drip: Dripline) -> None:
    administrator(drip)
    lesser = let_in(drip, "b@shop.example", "admin")
    theirs = drip.as_actor(lesser.actor)
    _, writing = theirs.accounts.create_token("writes", scopes=["leads:write"])
    _, reading = theirs.accounts.create_token("reads", scopes=["leads:read"])
    links = [theirs.accounts.invite(role) for role in ("viewer", "operator")]

    revoked = drip.accounts.change_user(lesser.id, role="viewer").revoked

    assert ([token.name for token in revoked.tokens], len(revoked.invitations)) == (["writes"], 1)
    assert drip.accounts.actor_of_token(writing) is None
    assert drip.accounts.actor_of_token(reading) is not None
    assert [drip.accounts.access_link(link) is None for link in links] == [False, True]


def test_who_was_kept_out_a_moment_ago_makes_no_way_in(drip: Dripline) -> None:
    administrator(drip)
    bad = let_in(drip, "b@shop.example", "admin")
    theirs = drip.as_actor(bad.actor)
    drip.accounts.change_user(bad.id, role="admin", is_disabled=True)

    for way_in in (
        lambda: theirs.accounts.invite("admin"),
        lambda: theirs.accounts.create_token("b", scopes=["admin"]),
    ):
        with pytest.raises(NotAllowed, match="kept out"):
            way_in()


def test_open_links_are_seen_and_taken_back(drip: Dripline) -> None:
    administrator(drip)
    link = drip.as_actor(drip.accounts.users()[0].actor).accounts.invite("operator")
    seen = drip.accounts.invitations()

    assert [(one.role, one.created_by, one.email) for one in seen] == [("operator", "user owner@shop.example", None)]
    assert seen[0].id not in link
    assert drip.accounts.revoke_invitation(seen[0].id)
    assert not drip.accounts.revoke_invitation(seen[0].id)
    assert (drip.accounts.access_link(link), drip.accounts.invitations()) == (None, [])


def test_a_key_is_one_tokens_and_no_other_of_its_name(drip: Dripline) -> None:
    asked: list[str] = []
    for scope in ("leads:write", "reports:read"):
        actor = drip.accounts.actor_of_token(drip.accounts.create_token("crm", scopes=[scope])[1])
        assert actor is not None

        def act(scope: str = scope) -> tuple[int, str]:
            asked.append(scope)
            return 200, scope

        assert [drip.as_actor(actor).accounts.once("k1", "add", act).body for _ in range(2)] == [scope, scope]

    assert asked == ["leads:write", "reports:read"]
