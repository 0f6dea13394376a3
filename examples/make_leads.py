"""Writes leads.csv and leads-without-email.csv: a lead list as people have it, the same bytes every time.

Run it as ``python examples/make_leads.py [FOLDER]``. Names and numbers are made up by counting; nothing is random.
"""  # noqa: INP001 - a script that stands alone, not a module of a package

import csv
import io
import sys
from pathlib import Path

ROWS = 1_000

COLUMNS = ("name", "phone", "email", "niche", "target_status", "trigger")

BAD_PHONES = {136: "6.01E+10", 411: "12345", 728: "ask her sister"}
"""By row, counted from 0: digits lost to a spreadsheet, too few digits, no digits."""

REPEAT_EVERY = 40
"""Every fortieth row is a person who stands five rows above, written in another way."""

SONS = ("Muhammad Amirul", "Ahmad Faizal", "Mohd Hafiz", "Khairul Anuar", "Azlan", "Irfan Danish", "Zulkifli")
DAUGHTERS = ("Siti Nurhaliza", "Nur Aisyah", "Farah Nabila", "Aina Sofea", "Rohani", "Noraini", "Wan Azizah", "Puteri")
FATHERS = ("Ahmad", "Osman", "Rahman", "Ismail", "Yusof", "Hassan", "Abdullah", "Salleh", "Karim", "Mahmud", "Idris")
NEIGHBOURS = ("Muhammad Amirul A/L Kumar", "Kavitha A/P Subramaniam", "Lim Mei Ling", "Tan Wei Jie", "Priya A/P Raju")

NICHES = ("EXAMA", "EXAMA", "VITAC", "EXAMA,VITAC")
TRIGGERS = (*["WARMEXAMA"] * 5, "COLDVITAC", "COLDVITAC", "warmexama ", "COLDEXAMA,WARMVITAC", "COLDEXAMA,WARMVITAC")
MAIL_DOMAINS = ("example.com", "example.org", "example.net")

Cells = tuple[str, ...]


def lead_rows() -> list[Cells]:
    """Return the rows of leads.csv below its header."""
    return [_repeated(number) if number % REPEAT_EVERY == REPEAT_EVERY - 1 else _row(number) for number in range(ROWS)]


def as_csv(columns: Cells, rows: list[Cells]) -> bytes:
    """Return the rows as Excel saves them: UTF-8 with its mark, CRLF, and the blank line that people leave behind."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return (text.getvalue() + "\r\n").encode("utf-8-sig")


def main() -> None:
    """Write both lists into the folder named on the command line, else beside this script."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    email = COLUMNS.index("email")
    rows = [COLUMNS, *lead_rows()]
    (folder / "leads.csv").write_bytes(as_csv(rows[0], rows[1:]))
    without = [cells[:email] + cells[email + 1 :] for cells in rows]
    (folder / "leads-without-email.csv").write_bytes(as_csv(without[0], without[1:]))


def _row(number: int) -> Cells:
    return (
        "" if _left_out(number, every=50) else _name(number),
        BAD_PHONES.get(number, _phone(number, style=number % 3)),
        "" if _left_out(number, every=4) else _email(number),
        "" if _left_out(number, every=12) else NICHES[number // 3 % len(NICHES)],
        "customer" if number % 6 == 1 else "prospect",
        "" if _left_out(number, every=9) else TRIGGERS[number % len(TRIGGERS)],
    )


def _left_out(number: int, *, every: int) -> bool:
    return number % every == every - 1


def _repeated(number: int) -> Cells:
    """The person five rows above, shouted and with the phone in another style."""
    name, _, email, *others = _row(number - 5)
    return (name.upper(), _phone(number - 5, style=(number - 5) % 3 + 1), email.upper(), *others)


def _name(number: int) -> str:
    son, daughter = SONS[number // 2 % len(SONS)], DAUGHTERS[number // 2 % len(DAUGHTERS)]
    father = FATHERS[number // 3 % len(FATHERS)]
    match number % 10:
        case 3:
            return f'{daughter} "Ina" binti {father}'
        case 6:
            return f"{father}, {son}"
        case 9:
            return NEIGHBOURS[number // 10 % len(NEIGHBOURS)]
        case 1 | 5 | 7:
            return f"{son} bin {father}"
        case _:
            return f"{daughter} binti {father}"


def _phone(number: int, *, style: int) -> str:
    last = f"{number * 7:04d}"
    return (f"012345{last}", f"+60 12-345 {last}", f"6012345{last}")[style % 3]


def _email(number: int) -> str:
    return f"lead{number + 1}@{MAIL_DOMAINS[number % len(MAIL_DOMAINS)]}"


if __name__ == "__main__":
    main()
