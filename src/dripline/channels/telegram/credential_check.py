"""What Telegram says of a sender's credential: is the token good, which bot is it, does it post to us?

Source: Telegram, Bot API 10.1 (getMe, getWebhookInfo), as of 2026-06.
"""

from dripline.channels.http.client import HttpResponse
from dripline.channels.http.foreign_json import answered, as_object, text_of
from dripline.core.outcome import RetryLater, Unknown
from dripline.core.senders.credential import CredentialFact, FactCode, fails, holds, not_known

Got = HttpResponse | RetryLater | Unknown

_REFUSED = frozenset({401, 404})


def bot_facts(answer: Got, account: str | None) -> list[CredentialFact]:
    """Return what the answer to getMe says of the token, and of the account that the sender names."""
    if not isinstance(answer, HttpResponse):
        return [not_known(FactCode.LOGIN, answer.error), not_known(FactCode.ACCOUNT, answer.error)]
    body = answered(answer.body)
    bot = as_object(body.get("result"))
    number = bot.get("id")
    if not answer.is_success or not isinstance(number, int):
        text = f"Telegram error {answer.status}: {text_of(body.get('description')) or 'without a word'}"
        state = fails if answer.status in _REFUSED else not_known
        return [state(FactCode.LOGIN, text), not_known(FactCode.ACCOUNT, "not asked")]
    name = f"the bot is @{text_of(bot.get('username')) or number}"
    if account is not None and account != str(number):
        return [holds(FactCode.LOGIN, "the token is good"), fails(FactCode.ACCOUNT, f"{name}, not {account}")]
    return [holds(FactCode.LOGIN, "the token is good"), holds(FactCode.ACCOUNT, name)]


def webhook_fact(answer: Got, webhook: str | None) -> CredentialFact:
    """Return what the answer to getWebhookInfo says of where Telegram posts to."""
    if not isinstance(answer, HttpResponse):
        return not_known(FactCode.WEBHOOK, answer.error)
    info = as_object(answered(answer.body).get("result"))
    url = text_of(info.get("url"))
    if not answer.is_success:
        return not_known(FactCode.WEBHOOK, f"Telegram answered {answer.status}")
    if not url:
        return fails(FactCode.WEBHOOK, "Telegram posts nowhere: call setWebhook with our address")
    if webhook is None:
        return not_known(FactCode.WEBHOOK, "where the dashboard is reached is not set (web.url)")
    if url != webhook:
        return fails(FactCode.WEBHOOK, "Telegram posts to another address")
    problem = text_of(info.get("last_error_message"))
    return holds(FactCode.WEBHOOK, f"Telegram posts to us{f', and was last refused: {problem}' if problem else ''}")
