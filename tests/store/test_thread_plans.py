"""However much people write, what one lead wrote, and what is old, is found by an index."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import psycopg
import pytest

from dripline import Dripline
from dripline.store.database.dialect import POSTGRESQL, SQLITE
from dripline.store.database.statements import compiled

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LEADS = json.dumps({"7": None, "8": None})
PARAMETERS: dict[str, object] = {
    "lead_id": 7, "below": 2**62, "page": 51, "leads": LEADS, "who": "Lina", "most": 1_000, "address": "60100000007",
    "pairs": json.dumps({"7": {"kept": 8}}),
}  # fmt: skip
STATEMENTS = (
    *("messages_of_lead", "has_unlinked_messages", "link_messages", "handle_messages", "remove_messages"),
    *("drop_double_messages", "move_messages", "forget_messages", "forget_messages_of_nobody"),
)
ROWS = {
    "sqlite": "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i FROM n)",
    "postgresql": "(SELECT i FROM generate_series(1, 50000) AS n (i))",
}
AT = {
    "sqlite": "datetime('2026-01-01', i || ' seconds')",
    "postgresql": "CAST('2026-01-01' AS timestamptz) + i * interval '1 second'",
}
STOCK = """
INSERT INTO leads (phone, name, attributes, created_at, updated_at)
SELECT '601' || (100000000 + i), 'Aina', '{}', :at, :at FROM :rows AS n WHERE i <= 2000;
INSERT INTO messages_in (lead_id, channel, account, writer, writer_kind, provider_id, at, kind, text, class)
SELECT CASE WHEN i % 50 > 0 THEN 1 + i % 2000 END, 'wa', '', '601' || (100000000 + i), 'phone', 'p' || i, :at, 'text',
  'Hi', 'reply'
FROM :rows AS n;
"""


def stock(kind: str) -> str:
    return STOCK.replace(":rows", ROWS[kind]).replace(":at", AT[kind])


def plans_in_sqlite(path: str) -> dict[str, str]:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(f"{stock('sqlite')}ANALYZE;")
        given = {**PARAMETERS, "now": str(NOW)[:19], "before": str(NOW)[:19]}
        return {
            name: "\n".join(row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {compiled(SQLITE)[name]}", given))
            for name in STATEMENTS
        }


def plans_in_postgresql(url: str) -> dict[str, str]:
    with psycopg.connect(url, autocommit=True, options="-c timezone=UTC") as database:
        for statement in (*stock("postgresql").split(";"), "ANALYZE leads", "ANALYZE messages_in"):
            database.execute(statement.encode())
        given = {**PARAMETERS, "now": NOW, "before": NOW}
        return {
            name: "\n".join(row[0] for row in database.execute(f"EXPLAIN {compiled(POSTGRESQL)[name]}".encode(), given))
            for name in STATEMENTS
        }


@pytest.mark.slow
def test_no_statement_reads_all_that_people_wrote(url: str) -> None:
    with Dripline(url):
        pass
    plans = plans_in_sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else plans_in_postgresql(url)
    scans = {
        name: plan
        for name, plan in plans.items()
        if any(line in f"{plan}\n" for line in ("SCAN m\n", "SCAN messages_in", "Seq Scan on messages_in"))
    }

    assert scans == {}
    assert "messages_of_leads" in plans["messages_of_lead"]
