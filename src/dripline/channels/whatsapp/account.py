"""What Meta says of an account: its templates, its quality, its limits, its standing. Codes and names of ours only."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime

from dripline.channels.http.foreign_json import Object, as_object, as_objects, text_of
from dripline.core.events.inbound import AccountNotice, ProviderEvent, TemplateChanged

TEMPLATE_STATUS = "message_template_status_update"

_ABOUT = {
    "account_alerts": ("entity_type", "entity_id", "alert_type"),
    "account_review_update": (),
    "account_settings_update": (),
    "account_update": (),
    "business_capability_update": (),
    "business_status_update": (),
    "message_template_components_update": ("message_template_name", "message_template_language"),
    "message_template_quality_update": ("message_template_name", "message_template_language"),
    "payment_configuration_update": ("configuration_name",),
    "phone_number_name_update": ("display_phone_number",),
    "phone_number_quality_update": ("display_phone_number",),
    "security": ("display_phone_number",),
    "template_category_update": ("message_template_name", "message_template_language"),
    "template_correct_category_detection": ("message_template_name", "message_template_language"),
}
"""The fields that are about an account, and what in each names the thing that it is about. Whatever field is none of
these may hold what people wrote, as echoes and histories do: of that nothing is told."""

_FACT_NAMES = (
    "event", "decision", "status", "alert_type", "alert_status", "alert_severity", "entity_type", "rejection_reason",
    "current_limit", "old_limit", "max_daily_conversation_per_phone", "max_daily_conversations_per_business",
    "max_phone_numbers_per_business", "max_phone_numbers_per_waba", "previous_quality_score", "new_quality_score",
    "previous_category", "new_category", "correct_category", "message_template_name", "message_template_language",
    "waba_ban_state", "waba_ban_date", "violation_type", "restriction_type", "expiration",
)  # fmt: skip
"""What is shown of a notice, in this order: codes, counts and the names of our templates."""

_INSIDE = ("ban_info", "violation_info", "restriction_info", "alert_info")

_WORD = re.compile(r"[\w .+-]{1,100}")
"""What may be shown of a text: a code or a name, and no sentence of anybody's."""

_LONG_NUMBER = re.compile(r"\d{7,}")

_GOOD = frozenset({
    "ACCOUNT_RECONNECTED", "APPROVED", "FIRST_PARTY_ACCOUNT_LINKED", "GREEN", "NONE", "ONBOARDING", "PARTNER_ADDED",
    "REINSTATE", "REINSTATED", "RESOLVED", "THROUGHPUT_UPGRADE", "UNFLAGGED", "UPGRADE", "VERIFIED", "VERIFIED_ACCOUNT",
})  # fmt: skip

_SAYS_HOW_IT_IS = ("event", "decision", "alert_status", "new_quality_score", "waba_ban_state")


def account_events(field: str, value: Object, entry: Object, at: datetime) -> Iterator[ProviderEvent]:
    """Yield what a change says of an account, if it says that; `entry` is what it came in."""
    if field == TEMPLATE_STATUS:
        template, status = text_of(value.get("message_template_name")), text_of(value.get("event")).upper()
        if template and status:
            yield TemplateChanged(
                _key(field, value, at),
                template=template,
                language=text_of(value.get("message_template_language")),
                status=status,
                reason=_why(value),
                at=at,
            )
    elif field in _ABOUT:
        subject = [text_of(entry.get("id")), *(text_of(value.get(name)) for name in _ABOUT[field])]
        yield AccountNotice(
            _key(field, value, at),
            what=field,
            subject=" ".join(filter(None, subject)),
            text=", ".join(_details(value)),
            is_good=_is_good(value),
            at=at,
        )


def _why(value: Object) -> str:
    """Return why a template changed; Meta writes NONE where there is nothing to say."""
    said = text_of(value.get("reason"))
    return "" if said == "NONE" else said


def _details(value: Object) -> Iterator[str]:
    for name, given in _facts(value):
        said = given if isinstance(given, str) else str(given)
        if _WORD.fullmatch(said) and not _LONG_NUMBER.search(said):
            yield f"{name.replace('_', ' ')} {said}"


def _facts(value: Object) -> Iterator[tuple[str, object]]:
    inside = [fact for name in _INSIDE for fact in (as_object(value.get(name)), *as_objects(value.get(name)))]
    for name in _FACT_NAMES:
        for holder in (value, *inside):
            given = holder.get(name)
            if isinstance(given, str | int) and not isinstance(given, bool) and given != "":
                yield name, given


def _is_good(value: Object) -> bool:
    said = [text_of(given).upper() for name, given in _facts(value) if name in _SAYS_HOW_IT_IS]
    return bool(said) and all(one in _GOOD for one in said)


def _key(name: str, value: Object, at: datetime) -> str:
    """Return the key of an event that Meta gives no id."""
    content = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    return f"{name}:{int(at.timestamp())}:{content[:16]}"
