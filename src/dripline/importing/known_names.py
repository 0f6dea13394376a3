"""The names under which other programs and people keep phones, addresses, names and opt-outs, in many languages.

Our own names count before these, and of these the one that says most surely where a message goes: a number for
WhatsApp before a mobile phone, a mobile phone before any phone.
"""

import re
import unicodedata
from collections.abc import Mapping

from dripline.importing.column_meaning import OWN_NAMES, ColumnMeaning, Part, folded

WHATSAPP = (
    "whatsapp, whatsapp number, whatsapp no, whatsapp phone, wa, wa number, no wa, no whatsapp, nombor whatsapp, "
    "nomor whatsapp, nomor wa, numero whatsapp, número whatsapp, whatsapp 号码, whatsapp号码, رقم الواتساب, واتساب, "
    "व्हाट्सएप, व्हाट्सएप नंबर"
)
MOBILE = (
    "sms, sms number, "
    "mobile, mobile phone, mobile number, mobile no, mobile phone number, cell, cell phone, cellphone, cell number, "
    "handphone, hand phone, hp, hp no, no hp, no handphone, no telefon bimbit, telefon bimbit, nomor hp, "
    "nomor handphone, celular, telefone celular, número de celular, numero de celular, móvil, movil, "
    "teléfono móvil, telemóvel, 手机, "
    "手机号, 手机号码, 手機, 手機號碼, جوال, الجوال, رقم الجوال, موبايل, رقم الموبايل, मोबाइल, मोबाइल नंबर"
)
PHONE = (
    "phone, phone number, phone no, phone 1 value, telephone, telephone number, telephone no, tel, tel no, "
    "contact number, contact no, contact phone, customer phone, billing phone, primary phone, default address phone, "
    "business phone, home phone, telefon, no telefon, nombor telefon, no tel, telepon, no telepon, nomor telepon, "
    "nomor telpon, no telp, telefone, número de telefone, numero de telefone, teléfono, telefono, número de teléfono, "
    "numero de telefono, 电话, 电话号码, 電話, 電話號碼, 联系电话, هاتف, الهاتف, رقم الهاتف, फ़ोन, फोन, फोन नंबर, "
    "फ़ोन नंबर, phone number whatsapp"
)
EMAIL = (
    "email, e mail, mail, email address, e mail address, e mail 1 value, billing email, contact email, customer email, "
    "primary email, emel, e mel, alamat emel, alamat e mel, surel, alamat email, alamat surel, correo, "
    "correo electrónico, correo electronico, endereço de email, endereço de e mail, 邮箱, 电子邮件, 电子邮箱, 電郵, "
    "電子郵件, البريد, البريد الإلكتروني, ईमेल, ईमेल पता"
)
NAME = (
    "name, full name, fullname, complete name, customer name, contact name, lead name, "
    "display name, saved name, public name, push name, "
    "nama, nama penuh, nama lengkap, "
    "nama pelanggan, nome, nome completo, nombre, nombre completo, 姓名, 名字, 名称, الاسم, الاسم الكامل, नाम, पूरा नाम"
)
FIRST = "first name, given name, firstname, billing first name, nama depan, nama pertama, primeiro nome, primer nombre"
LAST = (
    "last name, family name, surname, lastname, billing last name, nama belakang, nama akhir, sobrenome, apellido, "
    "apellidos"
)

OPT_OUT = (
    "opt out, opted out, optout, opted out of marketing, email opt out, sms opt out, whatsapp opt out, unsubscribed, "
    "unsubscribed from all email, unsubscribe, unsub time, unsubscribed at, do not contact, do not call, dnc, "
    "do not email, do not message, blacklisted, blocklisted, email blacklisted, sms blacklisted, email blocklisted, "
    "sms blocklisted, jangan hubungi, berhenti melanggan, berhenti berlangganan, jangan dihubungi, 已退订, 退订, 拒收, "
    "勿擾, opt out de marketing, não contatar, descadastrado, dado de baja, no contactar, إلغاء الاشتراك"
)

_BESIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NO_WORD = re.compile(r"[\s_\-./:#*]+")


def plain(name: str) -> str:
    """Return the name of a column without what stands beside it, such as ``No. Telefon (WhatsApp)``."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return _NO_WORD.sub(" ", _BESIDE.sub(" ", text)).strip()


def _ranked(*names: str) -> dict[str, int]:
    every = [plain(one) for part in names for one in part.split(",")]
    return {name: rank for rank, name in reversed([*enumerate(every)])}


_RANKS = {
    Part.PHONE: _ranked(WHATSAPP, MOBILE, PHONE),
    Part.EMAIL: _ranked(EMAIL),
    Part.NAME: _ranked(NAME),
    Part.OPT_OUT: _ranked(OPT_OUT),
}
COUNTRY = frozenset(
    _ranked(
        "country, country code, countrycode, country region, region, country name, billing country, "
        "default address country code, default address country, shipping country, negara, kode negara, kod negara, "
        "pais, país, 国家, 國家, 国家代码, الدولة, البلد, देश"
    )
)
"""The names of columns that say where the phone of a row is dialled."""

_FIRST, _LAST = _ranked(FIRST), _ranked(LAST)


def own_columns(names: tuple[str, ...], chosen: Mapping[int, ColumnMeaning] | None = None) -> dict[int, Part]:
    """Return the positions of columns that are a lead's own fields by their names.

    Our own names are all there are, however often: whoever reads the list says that one is there twice. Of the names of
    others the likeliest one is taken for a field that no column of ours has. What a person has `told` of some columns
    counts before all names: neither they nor the fields that they hold are looked for.
    """
    chosen = chosen or {}
    parts = {meaning.part for meaning in chosen.values()}
    free = {at: name for at, name in enumerate(names) if at not in chosen}
    named = {at: OWN_NAMES[folded(name)] for at, name in free.items() if folded(name) in OWN_NAMES}
    found = {at: part for at, part in named.items() if part not in parts}
    for part, ranks in _RANKS.items():
        if part not in found.values() and part not in parts:
            known = [(ranks[plain(name)], at) for at, name in free.items() if at not in found and plain(name) in ranks]
            if known:
                found[min(known)[1]] = part
    if Part.NAME not in found.values() and Part.NAME not in parts:
        found.update(dict.fromkeys(_first_and_last(free), Part.NAME))
    return found


def other_columns(part: Part, names: Mapping[int, str]) -> tuple[int, ...]:
    """Return the columns of these whose names say that they hold such a field too, the likeliest first."""
    ranks = _RANKS[part]
    return tuple(sorted((at for at in names if plain(names[at]) in ranks), key=lambda at: ranks[plain(names[at])]))


def _first_and_last(names: Mapping[int, str]) -> list[int]:
    """Return the positions of a first and a last name, of which a name is made."""
    first = next((at for at, name in names.items() if plain(name) in _FIRST), None)
    last = next((at for at, name in names.items() if plain(name) in _LAST), None)
    return [at for at in (first, last) if at is not None]
