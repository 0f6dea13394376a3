"""What mail servers' refusals are about: as real servers write them, with and without enhanced codes."""

import pytest

from dripline.channels.smtp_replies import Meaning, meaning

MAILBOX = [
    "550 5.1.1 no such user",
    "550 5.1.1 The email account that you tried to reach does not exist.",
    "550 no such user",
    "550 No such user here",
    "550 Unrouteable address",
    "550 unknown user",
    "550 Unknown recipient",
    "550 <a@example.com>: Recipient address rejected: User unknown in local recipient table",
    "550 mailbox unavailable",
    "550 Requested action not taken: mailbox unavailable",
    "550 invalid recipient",
    "550 That address does not exist",
    "550 sorry, no mailbox here by that name.",
    "551 5.1.6 moved",
    "551 not our customer",
    "553 5.1.3 bad address",
    "553 sorry, this recipient is invalid",
]
SENDER = [
    "550 relay not permitted",
    "550 rejected because 192.0.2.1 is in a black list at zen.example",
    "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
    "550 Sender verify failed",
    "550 Please turn on SMTP Authentication in your mail client",
    "553 Relaying disallowed as shop@mail.test",
    "550 5.1.7 The sender address is not valid",
    "550 5.1.8 Sender address rejected: Domain not found",
    "550 5.7.1 Relaying denied",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example",
    "554 5.7.1 account suspended",
    "550 5.7.26 This mail is unauthenticated: SPF and DKIM failed",
    "530 5.7.0 Authentication required",
    "503 AUTH first",
    "535 5.7.8 Authentication credentials invalid",
]
RATE = [
    "550 Sender rate overlimit - 120.0 / 1h",
    "550 5.4.5 Daily user sending limit exceeded",
    "550 5.4.6 Unusual sending rate detected",
    "550 sending quota exceeded, try tomorrow",
    "550 5.7.1 too many messages",
    "550 5.7.28 rate limited",
    "554 5.7.1 Daily message quota exceeded",
]
MAIL = [
    "550 5.7.1 policy",
    "554 5.7.1 spam",
    "550 5.2.1 The email account that you tried to reach is disabled",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 5.7.1 You are blocked by the recipient",
    "550 Requested action not taken",
    "554 5.6.0 message is malformed",
    "552 5.3.4 Message size exceeds fixed limit",
    "550 5.2.2 mailbox over quota",
    "550",
]
LATER = ["450 4.2.1 try later", "451 4.7.1 greylisted", "421 4.7.0 too busy", "452 4.2.2 full"]

CASES = [
    (reply, wanted)
    for replies, wanted in (
        (MAILBOX, Meaning.MAILBOX),
        (SENDER, Meaning.SENDER),
        (RATE, Meaning.RATE),
        (MAIL, Meaning.MAIL),
        (LATER, Meaning.LATER),
    )
    for reply in replies
]


@pytest.mark.parametrize(("reply", "wanted"), CASES)
def test_a_refusal_is_about_what_its_code_or_its_words_say(reply: str, wanted: Meaning) -> None:
    code, _, words = reply.partition(" ")
    assert meaning(int(code), words) == wanted
