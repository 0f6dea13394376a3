"""The API: what a token may ask, what it is answered, and that each write is done once."""

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import iter_route_contexts
from site_of import Site, site

from dripline import Dripline, Sender, Sequence
from dripline.core.accounts.access import Scope

LEAD = {"phone": "0123456789", "name": "Aina", "triggers": ["warmexama"]}

OPEN = {
    "/healthz",
    "/readyz",
    "/login",
    "/problems",
    "/welcome/{secret}",
    "/hooks/{channel}",
    "/hooks/{channel}/{hook}",
    "/unsubscribe/{token}",
}


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    with site(drip) as opened:
        yield opened


def test_a_lead_that_is_posted_with_a_trigger_is_enrolled_at_once(shop: Site) -> None:
    answer = shop.client.post("/api/v1/leads", json=LEAD, headers=shop.token("leads:write"))

    assert (answer.status_code, answer.json()) == (200, {"added": 1, "updated": 0, "enrolled": 1})
    assert [record.status for record in shop.drip.records(phone="60123456789")] == ["active", *["pending"] * 3]


def test_a_second_copy_of_a_write_gets_the_first_answer(shop: Site) -> None:
    headers = {**shop.token("leads:write"), "idempotency-key": "order-17"}
    first = shop.client.post("/api/v1/leads", json=LEAD, headers=headers)
    second = shop.client.post("/api/v1/leads", json=LEAD, headers=headers)
    other = shop.client.post("/api/v1/leads", json={**LEAD, "name": "B"}, headers=headers)

    assert first.json() == second.json() == {"added": 1, "updated": 0, "enrolled": 1}
    assert other.status_code == 409


def test_a_lead_that_cannot_be_one_is_a_problem_that_says_what_to_do(shop: Site) -> None:
    answer = shop.client.post("/api/v1/leads", json={"phone": "12"}, headers=shop.token())

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "12" in answer.json()["detail"]
    assert shop.drip.reports.counts()["leads"] == 0


def test_a_token_does_what_its_scope_says_and_nothing_else(shop: Site) -> None:
    headers = shop.token(Scope.LEADS_WRITE)
    refused: list[str] = []
    for route, path in paths(shop):
        for method in route:
            answer = shop.client.request(method, path, headers=headers, json=body_of(path))
            if answer.status_code != 403:
                refused.append(f"{method} {path}")

    assert sorted(refused) == [
        "DELETE /api/v1/leads/60123456789",
        "DELETE /api/v1/leads/60123456789/triggers/x",
        "DELETE /api/v1/notes/1",
        "GET /api/v1/imports/1",
        "POST /api/v1/imports",
        "POST /api/v1/imports/1/undo",
        "POST /api/v1/imports/1/undo/plan",
        "POST /api/v1/imports/plan",
        "POST /api/v1/leads",
        "POST /api/v1/leads/60123456789/exit",
        "POST /api/v1/leads/60123456789/merge",
        "POST /api/v1/leads/60123456789/messages/handled",
        "POST /api/v1/leads/60123456789/notes",
        "POST /api/v1/leads/60123456789/opt-in",
        "POST /api/v1/leads/60123456789/opt-out",
        "POST /api/v1/leads/60123456789/reply",
        "POST /api/v1/leads/60123456789/triggers",
    ]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/leads", "GET, POST"),
        ("/api/v1/leads/60123456789", "DELETE, GET"),
        ("/api/v1/records/retry", "POST"),
        ("/api/v1/records/7", "GET"),
        ("/api/v1/openapi.json", "GET"),
    ],
)
def test_an_address_says_what_can_be_asked_of_it(shop: Site, path: str, allowed: str) -> None:
    answer = shop.client.request("PATCH", path, headers=shop.token())

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/api/v1/sequences/Nothing", "/api/v1/senders/nobody/events"])
def test_what_is_not_there_is_said_to_be_so(shop: Site, path: str) -> None:
    answer = shop.client.get(path, headers=shop.token())

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "There is no se" in answer.json()["detail"]


def test_what_is_not_written_as_described_is_told_apart_from_what_a_rule_refuses(shop: Site) -> None:
    unreadable = shop.client.post("/api/v1/leads", json={"phone": 12}, headers=shop.token())
    refused = shop.client.post("/api/v1/leads", json={"phone": "12"}, headers=shop.token())

    assert (unreadable.status_code, refused.status_code) == (400, 422)


def test_failed_records_are_sent_again_and_the_others_say_why_not(shop: Site) -> None:
    shop.drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    record = shop.drip.records()[0].id
    answer = shop.client.post("/api/v1/records/retry", json={"records": [record]}, headers=shop.token())

    assert answer.json() == {
        "records": [],
        "refused": [{"record_id": record, "reason": "it has not failed: it is active"}],
    }


def test_a_record_is_moved_and_passed_over(shop: Site) -> None:
    shop.drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    record, at = shop.drip.records()[0].id, "2026-01-02T00:00:00Z"
    moved = shop.client.post(f"/api/v1/records/{record}/reschedule", json={"at": at}, headers=shop.token())
    skipped = shop.client.post(f"/api/v1/records/{record}/skip", json={}, headers=shop.token())

    assert (moved.json()["records"], skipped.json()["records"]) == ([record], [record])
    assert [one.status for one in shop.drip.records()][:2] == ["skipped", "active"]


def test_somebody_is_let_in_and_given_another_role(shop: Site) -> None:
    shop.come_in()
    headers = shop.token(Scope.ADMIN)
    path = shop.client.post("/api/v1/invitations", json={"role": "operator"}, headers=headers).json()["path"]
    shop.client.post(path, data={"email": "aina@shop.example", "name": "Aina", "password": "correct horse battery"})
    user = next(one for one in shop.drip.accounts.users() if one.email == "aina@shop.example")
    answer = shop.client.put(f"/api/v1/users/{user.id}", json={"role": "viewer"}, headers=headers)

    assert (user.role, answer.json()["role"]) == ("operator", "viewer")


def test_nothing_is_open_without_coming_in(shop: Site) -> None:
    opened: list[str] = []
    for method, route in routes(shop):
        path = re.sub(r"{(\w+_id)(:int)?}", "1", route).replace("{", "").replace("}", "")
        answer = shop.client.request(method, path, json=body_of(route), follow_redirects=False)
        is_led_away = answer.status_code == 303 and answer.headers["location"].startswith("/login")
        if answer.status_code != 401 and not is_led_away:
            opened.append(f"{method} {route} {answer.status_code}")

    assert opened == []


@pytest.mark.parametrize("given", [{}, {"authorization": "Bearer drip_nobody"}, {"authorization": "Basic eDp5"}])
def test_a_call_without_a_good_token_is_told_to_bring_one(shop: Site, given: dict[str, str]) -> None:
    answer = shop.client.get("/api/v1/leads", headers=given)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_list_comes_a_page_at_a_time(shop: Site) -> None:
    headers = shop.token()
    for number in range(5):
        shop.drip.add_lead(phone=f"6012345678{number}", triggers=["WARMEXAMA"])
    first = shop.client.get("/api/v1/leads?size=3", headers=headers).json()
    second = shop.client.get(f"/api/v1/leads?size=3&cursor={first['next']}", headers=headers).json()

    assert [len(first["rows"]), len(second["rows"]), second["next"]] == [3, 2, None]


def test_a_record_tells_its_why(shop: Site) -> None:
    shop.drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    listed = shop.client.get("/api/v1/records?due=true", headers=shop.token()).json()["rows"]
    found = shop.client.get(f"/api/v1/records/{listed[0]['id']}", headers=shop.token()).json()

    assert (len(listed), found["record"]["step"]) == (1, 1)
    assert "goes at the processor's next pass" in found["why"]


def test_the_report_adds_up(shop: Site) -> None:
    shop.drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    shop.drip.tick()
    told = shop.client.get("/api/v1/reports/overview", headers=shop.token()).json()["records"]

    assert told.pop("should") == sum(told.values()) == 4
    assert (told["sent"], told["remaining"]) == (1, 3)


def test_each_figure_of_a_step_lists_its_records(shop: Site) -> None:
    shop.drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    shop.drip.tick()
    shop.drip.inbox.receive("How much?", phone="+60123456789")
    (told,) = shop.client.get("/api/v1/reports/sequences", headers=shop.token()).json()
    step = told["steps"][0]
    asked = {"sequence": told["sequence"], "step_id": step["step_id"], "result": "replied"}
    listed = shop.client.get("/api/v1/records", params=asked, headers=shop.token()).json()["rows"]

    assert (step["step"], step["sent"], step["delivered"], step["shares"]["replied"]) == (1, 1, None, 1)
    assert len(listed) == step["replied"] == told["all"]["replied"] == 1
    one = shop.client.get(f"/api/v1/reports/sequences/{told['sequence']}", headers=shop.token()).json()
    assert one == told


def test_a_sequence_is_planned_applied_and_shown(shop: Site) -> None:
    wanted = {"name": "Hot", "trigger": "HOT", "steps": [{"message": "Hi"}, {"message": "Two", "after": "12h"}]}
    planned = shop.client.post("/api/v1/plan", json=wanted, headers=shop.token())
    applied = shop.client.post("/api/v1/sequences", json=wanted, headers=shop.token())
    shown = shop.client.get("/api/v1/sequences/Hot", headers=shop.token()).json()

    assert (planned.status_code, applied.status_code) == (200, 200)
    assert [step["after"] for step in shown["steps"]] == ["0s", "12h"]


def test_an_edit_writes_over_nothing_that_was_not_read(shop: Site) -> None:
    address, headers = "/api/v1/sequences/Warm EXAMA", shop.token()
    read = shop.client.get(address, headers=headers)
    wanted = {"name": "Warm EXAMA", "trigger": "WARMEXAMA", "steps": [{"message": "Hi"}]}
    tagged = {**headers, "if-match": read.headers["etag"]}
    first = shop.client.post("/api/v1/sequences", json=wanted, headers=tagged)
    second = shop.client.post("/api/v1/sequences", json={**wanted, "steps": [{"message": "No"}]}, headers=tagged)

    assert (first.status_code, second.status_code) == (200, 412)
    assert [step.message for step in shop.drip.sequences.get("Warm EXAMA").sequence.steps] == ["Hi"]


def test_a_change_reaches_those_under_way_whom_it_is_to_reach(shop: Site) -> None:
    shop.drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    shop.drip.tick()
    steps = [{"message": step.message, "after": "6h"} for step in shop.drip.sequences.get("Warm EXAMA").sequence.steps]
    wanted = {"name": "Warm EXAMA", "trigger": "WARMEXAMA", "steps": [{**steps[0], "after": "0s"}, *steps[1:]]}
    answer = shop.client.post("/api/v1/sequences?reach=all", json=wanted, headers=shop.token())

    assert answer.json()["moved"] == 1


def test_a_thread_is_read_page_by_page_by_who_may_read_leads(shop: Site) -> None:
    address = "/api/v1/leads/60123456789/messages"
    shop.drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
    shop.drip.tick()
    shop.drip.inbox.receive("How much?", phone="60123456789")
    reading, writing = shop.token("leads:read"), shop.token("leads:write")
    latest = shop.client.get(address, params={"size": 2}, headers=reading).json()[0]
    before = shop.client.get(address, params={"cursor": latest["earlier"]}, headers=reading).json()[0]
    handled = shop.client.post(f"{address}/handled", headers=writing).json()

    assert {entry["kind"] for entry in latest["entries"]} <= {"wrote", "sent", "happened"}
    shown = [entry["text"] or entry["what"] for entry in before["entries"] + latest["entries"]]
    assert sorted(shown) == ["How much?", "One for Aina", "ended", "enrolled", "gained_trigger"]
    assert (before["planned"], handled) == ([], {"touched": 1})
    assert shop.client.get(address, headers=writing).status_code == 403
    assert shop.client.get(address, params={"cursor": "x"}, headers=reading).json()["code"] == "invalid_filter"
    assert shop.client.get("/api/v1/leads/60199999999/messages", headers=reading).status_code == 404


def test_a_lead_gains_and_loses_a_trigger_waits_and_goes_on(shop: Site) -> None:
    headers, lead = shop.token(), "/api/v1/leads/60123456789"
    shop.drip.add_lead(phone="60123456789", name="Aina")
    gained = shop.client.post(f"{lead}/triggers", json={"triggers": ["warmexama"]}, headers=headers).json()
    paused = shop.client.post(f"{lead}/pause", json={}, headers=headers).json()
    resumed = shop.client.post(f"{lead}/resume", json={}, headers=headers).json()
    shown = shop.client.get(f"{lead}/preview/Warm EXAMA", headers=headers).json()
    lost = shop.client.delete(f"{lead}/triggers/WARMEXAMA", headers=headers)

    assert (gained["enrolled"], paused["touched"], resumed["touched"]) == (1, 1, 1)
    assert [step["text"] for step in shown][:2] == ["One for Aina", "Two"]
    assert lost.status_code == 200
    assert shop.client.get(lead, headers=headers).json()[0]["triggers"] == []


def test_something_is_written_down_about_a_lead(shop: Site) -> None:
    shop.drip.add_lead(phone="60123456789")
    token = shop.token("leads:read", "leads:write")
    sent = shop.client.post("/api/v1/leads/60123456789/notes", json={"text": "Called"}, headers=token)
    note = shop.client.get("/api/v1/leads/60123456789", headers=token).json()[0]["notes"][0]
    dropped = shop.client.delete(f"/api/v1/notes/{note['id']}", headers=token)

    assert (sent.status_code, sent.json()) == (200, {"touched": 1})
    assert note["text"] == "Called"
    assert dropped.json() == {"touched": 1}


def test_a_source_is_made_that_hands_leads_in(shop: Site) -> None:
    token = shop.token(Scope.ADMIN)
    wanted = {"name": "website", "triggers": ["warmexama"], "keeps": ["niche"]}
    made = shop.client.post("/api/v1/sources", json=wanted, headers=token).json()
    post = shop.client.post(f"/intake/website?key={made['key']}", json={"phone": "60123456789", "niche": "EXAMA"})
    listed = shop.client.get("/api/v1/sources", headers=token).json()
    dropped = shop.client.delete("/api/v1/sources/website", headers=token).json()

    assert post.json()["triggers"] == ["WARMEXAMA"]
    assert [(one["name"], one["taken"]) for one in listed] == [("website", 1)]
    assert made["key"] not in str(listed)
    assert dropped == {"touched": 1}


def test_a_sender_is_tried_and_its_answer_told(shop: Site) -> None:
    shop.drip.senders.apply(Sender("jb-1", channel="console"))
    token = shop.token("senders:write")
    sent = shop.client.post("/api/v1/senders/jb-1/try", json={"to": "60123456789"}, headers=token).json()
    refused = shop.client.post("/api/v1/senders/jb-9/try", json={"to": "60123456789"}, headers=token)

    assert (sent["is_accepted"], sent["error"]) == (True, None)
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "There is no sender 'jb-9': look at the list of senders.",
    )


def test_the_metrics_are_for_a_token(shop: Site) -> None:
    answer = shop.client.get("/metrics", headers=shop.token("reports:read"))

    assert answer.status_code == 200
    assert "dripline_leads 0.0" in answer.text


def routes(shop: Site) -> list[tuple[str, str]]:
    """Every method and path of the app but those that are open on purpose."""
    found = [(route.path, route.methods or ()) for route in iter_route_contexts(shop.app.routes)]
    assert len(found) > 60
    shut = [(str(path), methods) for path, methods in found if path not in OPEN and path != "/static"]
    return [(method, path) for path, methods in shut for method in sorted(methods) if method != "HEAD"]


def paths(shop: Site) -> list[tuple[list[str], str]]:
    described = shop.client.get("/api/v1/openapi.json", headers=shop.token()).json()["paths"]
    names = {
        "{address}": "60123456789",
        "{record_id}": "1",
        "{enrollment_id}": "1",
        "{token_id}": "1",
        "{user_id}": "1",
        "{invitation_id}": "1",
        "{name}": "x",
        "{sequence}": "x",
        "{trigger}": "x",
        "{subscription_id}": "1",
        "{delivery_id}": "1",
        "{note_id}": "1",
        "{import_id}": "1",
    }
    found: list[tuple[list[str], str]] = []
    for path, methods in described.items():
        for name, value in names.items():
            path = path.replace(name, value)  # noqa: PLW2901  (filled in name by name)
        assert "{" not in path
        found.append(([method.upper() for method in methods], path))
    return found


BODIES: list[tuple[tuple[str, ...], dict[str, object]]] = [
    (("/credentials/try", "/credential"), {"channel": "whatsapp", "fields": {}}),
    (("/unknown/plan", "/unknown/settle"), {"resolution": "sent"}),
    (("/evidence", "/evidence/plan"), {"lines": []}),
    (("/users/1", "/users/1/plan"), {"role": "viewer"}),
    (("/sequences", "/plan"), {"name": "x", "trigger": "X", "steps": [{"message": "Hi"}]}),
    (("/sources",), {"name": "x"}),
    (("/rename",), {"to": "y"}),
    (("/senders",), {"name": "x", "channel": "console"}),
    (("/tokens",), {"name": "x", "scopes": ["leads:read"]}),
    (("/reply", "/notes"), {"text": "Hi"}),
    (("/try",), {"to": "60123456789"}),
    (("/triggers",), {"triggers": ["X"]}),
    (("/reschedule",), {"at": "2027-01-01T00:00:00Z"}),
    (("/retry", "/send-now", "/cancel"), {"records": [1]}),
    (("/invitations",), {"role": "viewer"}),
    (("/leads",), dict(LEAD)),
    (("/subscriptions",), {"url": "https://shop.example/events", "types": ["lead.enrolled"]}),
]
"""What a call has to bring, by how its address ends."""


def body_of(path: str) -> dict[str, object]:
    return next((body for ends, body in BODIES if path.endswith(ends)), dict[str, object]())
