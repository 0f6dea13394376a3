"""One record is followed through few files: how many a tick enters is held, and only ever lowered."""

from pathlib import Path

from trace_tick import trace_tick

FILES = 50
"""How many files of dripline one tick with one due record enters, once a first one has made what every pass needs."""


def test_a_record_is_followed_through_few_files(tmp_path: Path) -> None:
    walk = trace_tick(tmp_path)

    assert len(walk.functions) <= FILES, list(walk.functions)


OF_THE_RECORD = 20
"""How many of them the record itself is followed through, from its claim to its settlement."""


def test_the_walk_leads_from_claim_to_settled(tmp_path: Path) -> None:
    files = list(trace_tick(tmp_path).functions)

    way = ["store/records/claim.py", "core/messages/compose.py", "channels/fake.py", "store/records/settle.py"]

    assert [file for file in files if file in way] == way


def test_from_its_claim_to_its_settlement_a_record_is_followed_through_fewer(tmp_path: Path) -> None:
    files = list(trace_tick(tmp_path).functions)
    of_record = files[files.index("engine/sending/claims.py") : files.index("store/records/settle.py") + 1]

    assert len(of_record) <= OF_THE_RECORD, of_record
