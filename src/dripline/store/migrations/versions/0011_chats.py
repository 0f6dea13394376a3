"""Chats: who opened which chat with a bot."""

from alembic import op

revision = "0011"
down_revision = "0010"

CHAT = {
    "sqlite": "attributes ->> 'telegram_chat_id'",
    "postgresql": "CAST(attributes AS json) ->> 'telegram_chat_id'",
}
"""A lead's chat, as each database reads it from the lead's attributes."""


def upgrade() -> None:
    """Let leads be found by their chat. Only those that have one are in the index: no other lead costs anything."""
    chat = CHAT[op.get_bind().dialect.name]
    op.get_bind().exec_driver_sql(f"CREATE INDEX leads_by_chat ON leads (({chat})) WHERE ({chat}) IS NOT NULL")
