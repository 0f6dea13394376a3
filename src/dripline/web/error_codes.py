"""Every kind of problem that is answered over HTTP: its code, which never changes, and what it is called."""

import re
from dataclasses import dataclass, field
from http import HTTPStatus

from dripline.errors import DriplineError

PAGE = "/problems"
"""Where this server tells what each code means; docs/problems.md tells the same."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. `title` is the same for all of a kind, `text` says when it comes and what to do."""

    code: str
    title: str = field(kw_only=True)
    text: str = field(kw_only=True)

    @property
    def link(self) -> str:
        """The `type` of a problem of this kind: where it is told of."""
        return f"{PAGE}#{self.code}"


def _kind(code: str, title: str, text: str) -> Kind:
    return Kind(code, title=title, text=text)


_MEND = "Mend what `detail` names, and ask again: nothing was changed."
_ASK = "See the list of what is there, and write a name from it."
_LATER = "Ask again in a moment: nothing was changed."
_OPERATOR = "Whoever runs this has to look: the log says more."

KINDS = {
    kind.code: kind
    for kind in (
        # What is wrong with the request itself.
        _kind("not_as_described", "The request is not written as described", _MEND),
        _kind(
            "unknown_parameter", "There is no such query parameter", "Leave it out, or write one that `detail` names."
        ),
        _kind("unknown_field", "There is no such field", "Leave it out, or write one that `detail` names."),
        _kind(
            "no_token", "No token that lets anybody in", "Bring `Authorization: Bearer drip_…`, made in the settings."
        ),
        _kind("not_allowed", "Not allowed", "Use a token with the scope that `detail` names."),
        _kind("foreign_form", "Not a form of ours", "Open the page and send its form anew."),
        _kind("not_found", "There is none", "It never was, or is not any more: look at the list it would be in."),
        _kind("method_not_allowed", "Not a method of this address", "Use one that the header `Allow` names."),
        _kind(
            "idempotency_key_reused", "The key was used for another request", "Give each write an `Idempotency-Key`."
        ),
        _kind(
            "forgotten", "What was answered told of somebody who was forgotten", "The request was done: repeat nothing."
        ),
        _kind("changed_since_read", "It was changed since it was read", "Read it anew, then change it."),
        _kind("too_large", "Too large", "Send less at once."),
        _kind("unsupported_media_type", "No file is expected here", "Post JSON."),
        _kind("too_many_tries", "Too many tries", "Wait as long as `detail` says."),
        _kind("login_failed", "Nobody is let in by that", "Write the address and the password again."),
        # What a rule does not allow.
        _kind("invalid_input", "It cannot be used", _MEND),
        _kind("invalid_phone", "No phone number", "Write it with its country: +60123456789."),
        _kind("invalid_email", "No e-mail address", "Write one such as name@example.com."),
        _kind("invalid_trigger", "No trigger", _MEND),
        _kind("invalid_delay", "No wait", "Write `0s`, `90m`, `12h`, `3d` or `1d 6h`."),
        _kind("invalid_template", "A text that cannot be filled in", _MEND),
        _kind("invalid_sequence", "No sequence that can run", _MEND),
        _kind("no_such_sequence", "There is no such sequence", _ASK),
        _kind("invalid_sender", "No sender that can be used", _MEND),
        _kind("no_such_sender", "There is no such sender", _ASK),
        _kind("invalid_window", "No hours, or no time zone", "Write `Mon-Sat 09:00-20:00`, or `Asia/Kuala_Lumpur`."),
        _kind("invalid_workspace", "No setting of the workspace", _MEND),
        _kind("invalid_lead", "No lead that anybody could reach", _MEND),
        _kind("invalid_note", "No note", _MEND),
        _kind("invalid_settings", "A setting that cannot be used", _OPERATOR),
        _kind("invalid_credential", "No credential of a sender", _MEND),
        _kind("key_missing", "No key for credentials", _OPERATOR),
        _kind("invalid_access", "No user, token or password", _MEND),
        _kind("invalid_filter", "A filter or a cursor that cannot be used", _MEND),
        _kind("invalid_scenario", "A simulation that cannot be played", _MEND),
        _kind("invalid_import", "An import that is not there, or does not stand so", "Look at the list of imports."),
        _kind("invalid_subscription", "No subscription to events", _MEND),
        _kind("no_such_subscription", "There is no such subscription", _ASK),
        _kind("invalid_source", "No source of leads, or a post that cannot be read", _MEND),
        _kind("no_such_source", "There is no such source of leads", _ASK),
        _kind("invalid_file", "A file that cannot be read", _MEND),
        _kind("channel_not_configured", "A channel that is not configured", _OPERATOR),
        _kind("busy_lead", "A message to the lead is on its way", "Ask again in a minute."),
        _kind("pairing_failed", "The account was not linked", "Begin to link it anew."),
        # What this server cannot do now.
        _kind("output_lost", "The output cannot be written", _OPERATOR),
        _kind("loop_already_running", "A call inside a running loop", _OPERATOR),
        _kind("too_busy", "Too much at once", _LATER),
        _kind("database_problem", "The database cannot be used", _OPERATOR),
        _kind("database_away", "The database cannot be used now", _LATER),
        _kind("database_missing", "There is no database", _OPERATOR),
        _kind("database_unreachable", "The database cannot be reached", _LATER),
        _kind("database_locked", "Another program holds the database", _LATER),
        _kind("database_contended", "Another program was faster", _LATER),
        _kind("database_read_only", "The database may not be written", _OPERATOR),
        _kind("database_full", "There is no room left", _OPERATOR),
        _kind("database_too_new", "A newer version made the database", _OPERATOR),
        _kind("database_too_old", "An older version made the database", _OPERATOR),
        _kind("schema_changed", "Another version migrated the database", _OPERATOR),
        _kind("database_foreign", "Not a database of ours", _OPERATOR),
        _kind("internal_error", "Something went wrong here", "It was logged: ask again, or ask whoever runs this."),
    )
}
"""Every kind by its code."""

_OF_STATUS = {
    400: "not_as_described",
    401: "no_token",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    409: "idempotency_key_reused",
    410: "forgotten",
    412: "changed_since_read",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_input",
    429: "too_many_tries",
    503: "too_busy",
}


def of_status(status: int) -> Kind:
    """Return the kind of what is answered with a status and no error of ours."""
    other = "not_as_described" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal_error"
    return KINDS[_OF_STATUS.get(status, other)]


def of_error(error: type[DriplineError]) -> Kind:
    """Return the kind of an error of ours: that of the nearest class that has one."""
    codes = (re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() for kind in error.__mro__)
    return next((KINDS[code] for code in codes if code in KINDS), KINDS["internal_error"])
