"""Mail and chats: HTML beside a step's text, and who opened which chat with a bot."""

from pathlib import Path

from alembic import op

from dripline.store.dialect import schema_statements

revision = "0013"
down_revision = "0008"

CHAT = {
    "sqlite": "attributes ->> 'telegram_chat_id'",
    "postgresql": "CAST(attributes AS json) ->> 'telegram_chat_id'",
}
"""A lead's chat, as each database reads it from the lead's attributes."""


def upgrade() -> None:
    """Add the column; steps that are there have none, and go as plain text as before. Let leads be found by their chat.

    Only leads that have one are in the index: no other lead costs anything.
    """
    for statement in schema_statements(op.get_bind().dialect.name, Path(__file__)):
        op.get_bind().exec_driver_sql(statement)
    chat = CHAT[op.get_bind().dialect.name]
    op.get_bind().exec_driver_sql(f"CREATE INDEX leads_by_chat ON leads (({chat})) WHERE ({chat}) IS NOT NULL")
