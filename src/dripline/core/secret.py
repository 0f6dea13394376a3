"""Secrets in texts: found by their names and their shapes, and left out of whatever is told."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from itertools import chain
from urllib.parse import quote, quote_plus, unquote

SHORTEST = 4
"""From how many characters on a secret is left out of texts: a shorter one could be a part of any word."""

SHORTEST_FORM = 8
"""The same for what a secret is in base64: its beginning and end, which depend on what stands beside it, are cut."""

_NAMES = re.compile(r"token|secret|passw|credential|api_?key|private_?key|authorization|bearer", re.IGNORECASE)

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "an access token of Meta": re.compile(r"\bEAA[A-Za-z0-9]{20,}"),
    "a bot's token": re.compile(r"\b[0-9]{6,12}:[A-Za-z0-9_-]{30,}"),
    "a secret of Standard Webhooks": re.compile(r"\bwhsec_[A-Za-z0-9+/=]{16,}"),
    "a login": re.compile(r"\b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{16,}"),
    "a URL with a password": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]*:[^\s/@]+@", re.IGNORECASE),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}

_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^:/?#\s]*:(.+)@", re.IGNORECASE)

_PASSWORD_WORD = re.compile(r"password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)", re.IGNORECASE)
"""A password in a URL's query or in libpq's words; `sslpassword` ends so too."""

_REFERENCE = re.compile(r"(env|file|keyring):(?!//)(.*)", re.DOTALL)
"""Says where a secret is; ``file://…`` is an address, as a setting of a plug-in may be."""

_WORD = re.compile(r"[A-Za-z][A-Za-z _-]{0,29}|[A-Za-z][A-Za-z0-9 _-]{0,11}")
"""What a person writes as a key, rather than what a provider makes."""


class Redactor:
    """Leaves secrets out of texts, as they are and as HTTP, mail, JSON and URLs write them.

    `named`: what is told in the place of each secret, such as ``the token``.
    """

    def __init__(self, named: Mapping[str, str]) -> None:
        forms = {form: f"({name})" for secret, name in named.items() for form in forms_of(secret)}
        # The longest first: one secret may be a part of another, or of its own form.
        self._forms = sorted(forms.items(), key=lambda form: -len(form[0]))

    def out_of(self, text: str) -> str:
        """Return a text without the secrets."""
        for form, replacement in self._forms:
            if form in text:
                text = text.replace(form, replacement)
        return text


def forms_of(secret: str) -> set[str]:
    """Return a secret in every form in which it may be repeated; none of one that is too short to be told apart."""
    if len(secret) < SHORTEST:
        return set()
    plain = {secret, unquote(secret), quote(secret), quote(secret, safe=""), quote_plus(secret)}
    plain |= {json.dumps(secret)[1:-1]}
    plain |= {json.dumps(secret, ensure_ascii=False)[1:-1]}
    packed = {form for form in _in_base64(secret.encode()) if len(form) >= SHORTEST_FORM}
    urlsafe = {form.replace("+", "-").replace("/", "_") for form in packed}
    quoted = {quote(form, safe="") for form in packed}
    return plain | packed | urlsafe | quoted | {form.replace("/", r"\/") for form in chain(plain, packed)}


def names_a_secret(key: str) -> bool:
    """Return whether a key is called as one that holds a secret."""
    return _NAMES.search(key) is not None


def passwords_in(written: str) -> set[str]:
    """Return what may be passwords in how a database is named: in a URL, in its query, or in libpq's words."""
    found = {password_in(written) or ""}
    for match in _PASSWORD_WORD.finditer(written):
        # Up to the next field of a query, or all of a word; in quotation marks as they are, and as libpq reads them.
        plain = match[1].removeprefix("'").removesuffix("'")
        found |= {plain, re.sub(r"\\(.)", r"\1", plain), re.split("[&#]", plain)[0]}
    return found - {""}


def password_in(url: str) -> str | None:
    """Return the password in a URL such as ``postgresql://shop:PASSWORD@host/shop``, as it is written there."""
    found = _PASSWORD.match(url.strip())
    return None if found is None else found[1]


def kind_of_secret(text: str) -> str | None:
    """Return what kind of secret a text holds, by the shapes that providers give to theirs; None if none is seen."""
    return next((kind for kind, shape in _SHAPES.items() if shape.search(text)), None)


def reference_in(given: str) -> tuple[str, str] | None:
    """Return the kind and the place of a reference to a secret: ``env:NAME`` or the like; None of a secret itself."""
    found = _REFERENCE.fullmatch(given.strip())
    return None if found is None else (found[1], found[2].strip())


def is_reference(given: str) -> bool:
    """Return whether a text says where a secret is, and is none itself."""
    return reference_in(given) is not None


def shown_key(key: str) -> str:
    """Return a key as an error may repeat it: in quotation marks if it is a word, and not at all otherwise."""
    return repr(key) if _WORD.fullmatch(key) else "(not shown, it could be a secret)"


def _in_base64(secret: bytes) -> set[str]:
    """Return what is the same of a secret in base64 wherever it stands: three bytes are four characters."""
    forms = set[str]()
    for before in range(3):
        packed = b64encode(bytes(before) + secret).decode().rstrip("=")
        first = -(-before * 8 // 6)
        last = (before + len(secret)) * 8 // 6
        forms.add(packed[first:last])
    return forms
