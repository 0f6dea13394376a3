"""The names under which other programs and people keep phones, addresses and names, in the languages of their lists.

Our own names count before these, and of these the one that says most surely where a message goes: a number for
WhatsApp before a mobile phone, a mobile phone before any phone.
"""

import re
import unicodedata

from dripline.core.attribute import attribute_name
from dripline.errors import InvalidLead
from dripline.importing.meaning import LEFT_OUT, OWN_NAMES, Meaning, Meanings, Part, folded

WHATSAPP = (
    "whatsapp, whatsapp number, whatsapp no, whatsapp phone, wa, wa number, no wa, no whatsapp, nombor whatsapp, "
    "nomor whatsapp, nomor wa, numero whatsapp, número whatsapp, whatsapp 号码, whatsapp号码, رقم الواتساب, واتساب, "
    "व्हाट्सएप, व्हाट्सएप नंबर"
)
MOBILE = (
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
    "name, full name, fullname, customer name, contact name, lead name, display name, nama, nama penuh, nama lengkap, "
    "nama pelanggan, nome, nome completo, nombre, nombre completo, 姓名, 名字, 名称, الاسم, الاسم الكامل, नाम, पूरा नाम"
)
FIRST = "first name, given name, firstname, billing first name, nama depan, nama pertama, primeiro nome, primer nombre"
LAST = (
    "last name, family name, surname, lastname, billing last name, nama belakang, nama akhir, sobrenome, apellido, "
    "apellidos"
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


_RANKS = {Part.PHONE: _ranked(WHATSAPP, MOBILE, PHONE), Part.EMAIL: _ranked(EMAIL), Part.NAME: _ranked(NAME)}
_FIRST, _LAST = _ranked(FIRST), _ranked(LAST)


def own_columns(names: tuple[str, ...]) -> dict[int, Part]:
    """Return the positions of columns that are a lead's own fields by their names.

    Our own names are all there are, however often: whoever reads the list says that one is there twice. Of the names of
    others the likeliest one is taken for a field that no column of ours has.
    """
    found = {at: OWN_NAMES[folded(name)] for at, name in enumerate(names) if folded(name) in OWN_NAMES}
    for part, ranks in _RANKS.items():
        if part not in found.values():
            others = [(plain(name), at) for at, name in enumerate(names) if at not in found]
            known = [(ranks[name], at) for name, at in others if name in ranks]
            if known:
                found[min(known)[1]] = part
    return found


def names_to_join(names: tuple[str, ...]) -> tuple[int, ...]:
    """Return the positions of a first and a last name, where no column holds both."""
    if Part.NAME in own_columns(names).values():
        return ()
    first = next((at for at, name in enumerate(names) if plain(name) in _FIRST), None)
    last = next((at for at, name in enumerate(names) if plain(name) in _LAST), None)
    return tuple(at for at in (first, last) if at is not None)


def guess(names: tuple[str, ...]) -> Meanings:
    """Return what the importer takes columns for by their names; what it cannot use, or has already, is left out."""
    own = own_columns(names)
    found: list[Meaning] = []
    for at, name in enumerate(names):
        meaning = Meaning(own[at]) if at in own else _attribute(name)
        found.append(LEFT_OUT if meaning in found else meaning)
    return tuple(found)


def _attribute(name: str) -> Meaning:
    try:
        return Meaning(Part.ATTRIBUTE, attribute=attribute_name(name))
    except InvalidLead:
        return LEFT_OUT
