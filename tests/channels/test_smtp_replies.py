"""What mail servers' refusals are about: as real servers write them, with and without enhanced codes."""

import pytest

from dripline.channels.smtp.replies import RefusalKind, is_busy_with_us, meaning, remedy

MAILBOX = [
    "550 5.1.1 no such user",
    "550 5.1.1 The email account that you tried to reach does not exist.",
    "550 5.1.1 The email account that you tried to reach does not exist. https://g.co/?p=NoSuchUser 1-2 - gsmtp",
    "550 5.1.1 <a@shop.test>: Recipient address rejected: User unknown in virtual mailbox table",
    "550 5.1.1 <a@shop.test>: Recipient address rejected: User unknown in relay recipient table",
    "550 5.1.1 <relay-sender@spf.test>: Recipient address rejected: User unknown in local recipient table",
    "550 5.1.1 Not our Customer",
    "550 5.1.1 Adresse d au moins un destinataire invalide. ofr_416",
    "550 5.1.1 unknown or illegal user: a@icloud.test",
    "550 5.1.2 Host unknown",
    "550 5.1.6 recipient no longer on server: a@icloud.test",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "556 5.1.10 Recipient address has null MX",
    "511 sorry, no mailbox here by that name (#5.1.1 - chkusr)",
    "550 #5.1.1 bad address",
    "550 no such user",
    "550 No such user here",
    "550 No Such User Here",
    "550 Unrouteable address",
    "550 unknown user",
    "550 Unknown user",
    "550 Unknown recipient",
    "550 <a@example.com>: Recipient address rejected: User unknown in local recipient table",
    "550 <authentic.sender@relay.test>: User unknown",
    "550 mailbox unavailable",
    "550 Requested action not taken: mailbox unavailable",
    "550 invalid recipient",
    "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550",
    "550 That address does not exist",
    "550 sorry, no mailbox here by that name.",
    "550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1",
    "550 User not found: a@163.test",
    "550 Message was not accepted -- invalid mailbox. Local mailbox a@mail.test is unavailable: user not found",
    "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.test) [0] - mta1234.mail.bf1.yahoo.com",
    "550 5.1.1 <a@shop.test>: undeliverable address: host mx said: 550 5.1.1 User unknown",
    "550 Callout verification failed:\n550 No such user here",
    "551 5.1.6 moved",
    "551 not our customer",
    "553 5.1.3 bad address",
    "553 sorry, this recipient is invalid",
]
SENDER = [
    # Exim 4.96 at RCPT TO, without enhanced codes
    "550 relay not permitted",
    "550 rejected because 192.0.2.1 is in a black list at zen.example",
    "550 rejected because 192.0.2.1 is in a black list at zen.spamhaus.org\n550 https://www.spamhaus.org/query/ip",
    "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
    "550 Sender verify failed",
    "550 Verification failed for <shop@mail.test>\nNo Such User Here\nSender verify failed",
    "550 Please turn on SMTP Authentication in your mail client",
    "550-mail.test [192.0.2.1] is currently not permitted to relay through this server. Perhaps you have not logged",
    "550 authentication required",
    "553 Relaying disallowed as shop@mail.test",
    "550 5.1.7 The sender address is not valid",
    "550 5.1.8 Sender address rejected: Domain not found",
    "550 5.1.8 Access denied, bad outbound sender AS(42004)",
    "501 5.1.7 Bad sender address syntax",
    "553 5.1.8 <shop@mail.test>... Domain of sender address does not exist",
    "550 5.1.1 Authentication required before sending",
    "503 AUTH first",
    "503 5.5.1 Authentication required",
    "530 5.7.0 Authentication required",
    "530 5.7.0 Must issue a STARTTLS command first.",
    "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
    "534 5.7.9 Application-specific password required.",
    "534 5.7.14 <https://accounts.google.com/signin/continue> Please log in via your web browser and then try again.",
    "535 5.7.8 Authentication credentials invalid",
    "535 5.7.8 Username and Password not accepted.",
    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
    "535 Authentication failed: account disabled",
    "538 5.7.11 Encryption required for requested authentication mechanism",
    "502 5.7.0 Please authenticate first",
    "525 5.7.1 Unauthorized IP address",
    # blocked
    "550 5.7.1 Relaying denied",
    "554 5.7.1 <a@shop.test>: Relay access denied",
    "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
    "550 5.7.64 TenantAttribution; Relay Access Denied",
    "550 5.7.1 Unable to relay for a@shop.test",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example",
    "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus. To request removal from this list",
    "550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit",
    "550 5.7.501 Access denied, spam abuse detected. Please contact Microsoft Support",
    "550 5.7.708 Access denied, traffic not accepted from this IP",
    "550 5.7.511 Access denied, banned sender [192.0.2.1]",
    "550 5.7.515 Access denied, sending domain MAIL.TEST does not meet the required authentication level",
    "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list",
    "550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1",
    "550 SC-001 (BAY004) Unfortunately, messages from 192.0.2.1 weren't sent. Their network is on our block list.",
    "550 csi.mimecast.org Poor Reputation Sender. - https://community.mimecast.com/docs/DOC-1369#550",
    "550 Access from ip address 192.0.2.1 blocked. Visit http://mail.ru/notspam/",
    "550 Suspected spam ip",
    "554 Bad DNS PTR resource record.",
    "550 5.1.1 <a@shop.test>: undeliverable address: host mx said: 554 5.7.1 blocked using zen.example",
    "550-JunkMail rejected - (mail.test) [192.0.2.1]:25 is in an RBL, see https://www.spamhaus.org",
    "550 HELO argument does not match calling host",
    # our address, our domain, our account
    "554 5.7.1 account suspended",
    "550 5.7.26 This mail is unauthenticated: SPF and DKIM failed",
    "550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup",
    "550 5.7.1 [192.0.2.1] The IP you're using to send mail is not authorized to send email directly to our servers.",
    "550 5.7.27 Sender address has null MX",
    "553 5.7.1 <shop@mail.test>: Sender address rejected: not owned by user info@mail.test",
    "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
    "554 5.2.252 SendAsDenied; shop@mail.test not allowed to send as info@mail.test",
    "550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.",
    "550 Unauthenticated senders not allowed",
    "554 Message rejected: Email address is not verified. The following identities failed the check",
    "554 Message rejected: Sending paused for this account.",
    "554 Access denied: User `arn:aws:iam::1:user/x' is not authorized to perform `ses:SendRawEmail' on resource",
    "550 5.7.1 Domain mail.test is not allowed to send: Free accounts are for test purposes only",
]
RATE = [
    "550 Sender rate overlimit - 120.0 / 1h",
    "550 5.4.5 Daily user sending limit exceeded",
    "550 5.4.5 Daily sending quota exceeded. Learn more at https://support.google.com/a/answer/166852 - gsmtp",
    "550 5.4.6 Unusual sending rate detected",
    "550 sending quota exceeded, try tomorrow",
    "550 5.7.1 too many messages",
    "550 5.7.28 rate limited",
    "550 5.7.705 Access denied, tenant has exceeded threshold",
    "554 5.7.1 Daily message quota exceeded",
    "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message",
    "550 Domain mail.test has exceeded the max emails per hour (120/100 (120%)) allowed. Message discarded: rate limit",
    "550 Ip frequency limited",
    "550 Too many invalid recipients",
    "550 too many unknown users, dictionary attack",
]
MAIL = [
    "550 5.7.1 policy",
    "554 5.7.1 spam",
    "550 5.2.1 The email account that you tried to reach is disabled",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
    "550 5.7.1 You are blocked by the recipient",
    "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required",
    "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction",
    "550 5.7.124 Sender not in allowed-senders list for this group",
    "550 5.7.505 Access denied, banned recipient",
    "550 5.1.0 Address rejected.",
    "550 #5.1.0 Address rejected.",
    "550 5.1.4 Destination mailbox address ambiguous",
    "550 5.1.0 no such user",
    "550 5.1.5 no such user",
    "550 5.1.9 no such user",
    "550 5.1.11 no such user",
    "550 5.7.1 No such user!",
    "550 5.5.0 Requested action not taken: mailbox unavailable",
    "550 5.0.0 user unknown",
    "550 account disabled",
    "550 User is inactive",
    "550 Requested action not taken",
    "554 5.6.0 message is malformed",
    "552 5.3.4 Message size exceeds fixed limit",
    "550 message size limit exceeded",
    "550 5.2.2 mailbox over quota",
    "550 Mail content denied. http://service.mail.qq.com/",
    "554 DT:SPM 163 smtp10",
    "550 5.2.0 Mail rejete. ofr_506",
    "550 permanent failure for one or more recipients (a@shop.test:blocked)",
    "550 Mailbox unavailable or access denied",
    "550 Requested action not taken: mailbox unavailable, blocked by policy",
    "550 Recipient not found or disabled",
    "550 5.1.1 <a@shop.test>: undeliverable address: host mx said: 550 5.2.1 mailbox disabled",
    "550 Administrative prohibition",
    "550 Access denied",
    "550 Go away",
    "550 no",
    "501 malformed",
    "550",
]
LATER = [
    "450 4.2.1 try later",
    "451 4.7.1 greylisted",
    "451 4.7.1 <a@shop.test>: Client host rejected: Greylisted, see http://postgrey.schweikert.ch/help/shop.test.html",
    "450 4.2.0 <a@shop.test>: Recipient address rejected: Greylisted",
    "450 4.1.1 <a@shop.test>: Recipient address rejected: unverified address: Address verification in progress",
    "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
    "452 4.2.2 full",
    "452 4.2.2 The email account that you tried to reach is over quota",
    "450 5.1.1 no such user",
    "550 5.1.1 <a@shop.test>: undeliverable address: host mx said: 451 4.7.1 greylisted",
]
BUSY = [
    "421 4.7.0 too busy",
    "421 Too many concurrent SMTP connections",
    "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints",
    "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address.",
    "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.",
    "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]",
    "450 4.7.25 Client host rejected: cannot find your hostname",
    "450 4.1.8 <shop@mail.test>: Sender address rejected: Domain not found",
    "454 4.7.1 <a@shop.test>: Relay access denied",
    "454 Throttling failure: Maximum sending rate exceeded.",
    "454 Throttling failure: Daily message quota exceeded.",
    "451 Authentication failed: Maximum credits exceeded",
    "451 Temporary local problem - the sender rate is over limit",
]

CASES = [
    (reply, wanted)
    for replies, wanted in (
        (MAILBOX, RefusalKind.MAILBOX),
        (SENDER, RefusalKind.SENDER),
        (RATE, RefusalKind.RATE),
        (MAIL, RefusalKind.MAIL),
        (LATER, RefusalKind.LATER),
        (BUSY, RefusalKind.LATER),
    )
    for reply in replies
]


def split(reply: str) -> tuple[int, str]:
    return int(reply[:3]), reply[4:]


@pytest.mark.parametrize(("reply", "wanted"), CASES)
def test_a_refusal_is_about_what_its_code_or_its_words_say(reply: str, wanted: RefusalKind) -> None:
    assert meaning(*split(reply)) is wanted


@pytest.mark.parametrize("detail", range(13))
@pytest.mark.parametrize("words", ["no such user", "unknown"])
def test_five_codes_of_an_address_bar_and_no_other(detail: int, words: str) -> None:
    bars = meaning(550, f"5.1.{detail} {words}") is RefusalKind.MAILBOX
    assert bars == (detail in {1, 2, 3, 6, 10})


@pytest.mark.parametrize("subject", [0, 2, 3, 4, 5, 6, 7])
def test_a_code_of_anything_else_bars_nobody_whatever_the_words(subject: int) -> None:
    for detail in (0, 1, 2, 3, 6, 10):
        assert meaning(550, f"5.{subject}.{detail} no such user") is not RefusalKind.MAILBOX


@pytest.mark.parametrize("reply", SENDER)
def test_each_refusal_of_us_says_what_to_do(reply: str) -> None:
    told = remedy(*split(reply))
    assert any(word in told for word in ("set ", "send through", "ask its operator", "have us taken off"))
    assert "\n" not in told


@pytest.mark.parametrize(
    ("reply", "remedied"),
    [
        ("550 relay not permitted", "username and password"),
        ("535 5.7.8 Username and Password not accepted.", "username and password"),
        ("550 rejected because 192.0.2.1 is in a black list at zen.example", "taken off it"),
        ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example", "server"),
        ("550 Sender verify failed", "From address"),
        ("550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)", "HELO"),
        ("554 5.7.1 account suspended", "operator"),
        ("550 5.4.5 Daily user sending limit exceeded", "caps"),
        ("554 No SMTP service", "operator"),
    ],
)
def test_what_to_do_is_what_the_refusal_asks_for(reply: str, remedied: str) -> None:
    assert remedied in remedy(*split(reply))


@pytest.mark.parametrize(("reply", "of_us"), [*((one, True) for one in BUSY), *((one, False) for one in LATER)])
def test_a_refusal_for_now_is_of_us_or_of_one_mailbox(reply: str, *, of_us: bool) -> None:
    assert is_busy_with_us(*split(reply)) is of_us
