"""The columns of lists as other programs and people name them: which one is the phone, the address, the name."""

from pathlib import Path

import pytest

from dripline.importing.leads.leads_file import GoodRow, open_leads
from dripline.importing.leads.mapping import guess

LISTS = {
    "facebook": ("id,full_name,phone_number,email,lead_status", "1,Aina Zul,p:+60123456789,a@example.com,CREATED"),
    "outlook": (
        "First Name,Middle Name,Last Name,Mobile Phone,Home Phone,E-mail Address",
        "Aina,,Zul,0123456789,03-7956 1234,a@example.com",
    ),
    "google": (
        "First Name,Last Name,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Value",
        "Aina,Zul,a@example.com,Mobile,012-345 6789,03-7956 1234",
    ),
    "shopify": (
        "First Name,Last Name,Email,Default Address Phone,Phone",
        "Aina,Zul,a@example.com,0379561234,'+60123456789",
    ),
    "woocommerce": (
        "billing_first_name,billing_last_name,billing_email,billing_phone,billing_country",
        "Aina,Zul,a@example.com,0123456789,MY",
    ),
    "mailchimp": ('"Email Address","First Name","Last Name","Phone Number"', "a@example.com,Aina,Zul,0123456789"),
    "chatwoot": ("id,name,email,phone_number,identifier", "1,Aina Zul,a@example.com,+60123456789,x"),
    "hubspot": ("Record ID,First Name,Last Name,Email,Mobile Phone Number", "1,Aina,Zul,a@example.com,+60 12-345 6789"),
    "tiktok": (
        "lead_id,created_time,ad_name,Full name,Email,Phone number",
        "7,2026-11-01,One,Aina Zul,a@example.com,+60 12-345 6789",
    ),
    "brevo": ("CONTACT ID;EMAIL;FIRSTNAME;LASTNAME;SMS", "1;a@example.com;Aina;Zul;60123456789"),
    "odoo": (
        '"External ID","Complete Name","Email","Mobile","Country"',
        '__export__.res_partner_7,Aina Zul,a@example.com,"012-345 6789",Malaysia',
    ),
    "google form": (
        'Timestamp,Full Name (as in IC),"WhatsApp No. (eg. 0123456789)",Email Address',
        "11/1/2026 10:00:00,Aina Zul,0123456789,a@example.com",
    ),
    "line break": ('name,"phone\n(WhatsApp)",email', "Aina Zul,0123456789,a@example.com"),
    "malay": ("Nama,No. Telefon,E-mel,Minat", "Aina Zul,0123456789,a@example.com,EXAMA"),
    "indonesian": ("Nama Lengkap,Nomor HP,Alamat Email", "Aina Zul,+60123456789,a@example.com"),
    "arabic": ("الاسم,رقم الهاتف,البريد", "Aina Zul,+60123456789,a@example.com"),
    "chinese": ("姓名,手机号码,邮箱", "Aina Zul,+60123456789,a@example.com"),
    "hindi": ("नाम,मोबाइल नंबर,ईमेल", "Aina Zul,+60123456789,a@example.com"),
    "portuguese": ("Nome completo,Telefone Celular,E-mail", "Aina Zul,+60123456789,a@example.com"),
    "spanish": ("Nombre,Teléfono móvil,Correo electrónico", "Aina Zul,+60123456789,a@example.com"),
}


@pytest.mark.parametrize("program", LISTS)
def test_a_list_of_another_program_comes_in_as_it_is(program: str, tmp_path: Path) -> None:
    header, row = LISTS[program]
    path = tmp_path / "list.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    with open_leads(path, trigger="WARM") as leads:
        (read,) = leads

    assert isinstance(read, GoodRow), read
    assert (read.lead.phone, read.lead.email, read.lead.name) == ("60123456789", "a@example.com", "Aina Zul")


def test_our_own_name_counts_before_one_of_others(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone,WhatsApp,trigger\n0123456789,0167654321,WARM\n")
    with open_leads(path) as leads:
        (read,) = leads

    assert isinstance(read, GoodRow)
    assert (read.lead.phone, read.lead.attributes["whatsapp"]) == ("60123456789", "0167654321")


def test_the_number_that_messages_go_to_counts_before_others() -> None:
    assert [str(one) for one in guess(("Telefon", "No. WhatsApp", "Mobile", "E-mel"), (), region="MY")] == [
        "attribute telefon",
        "phone",
        "attribute mobile",
        "email",
    ]


def test_three_hundred_columns_of_which_few_hold_anything_are_a_list(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    empty = ",".join(f"Property {number}" for number in range(300))
    path.write_text(f"phone,trigger,{empty}\n0123456789,WARM,{',' * 299}\n0167654321,WARM,{'x,' * 299}x\n")
    with open_leads(path) as leads:
        first, second = leads

    assert isinstance(first, GoodRow)
    assert first.lead.attributes == {}
    assert not isinstance(second, GoodRow)
    assert "250" in second.reason


def test_what_is_taken_by_a_name_of_others_is_told(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("First Name,Last Name,No. Telefon,email\nAina,Zul,0123456789,a@example.com\n")
    with open_leads(path, trigger="WARM") as leads:
        assert leads.guessed == {"phone": ("No. Telefon",), "name": ("First Name", "Last Name")}
