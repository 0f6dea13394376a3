"""What people wrote before anybody knew who they are becomes that of the lead who comes with one of their names."""

from collections.abc import Iterable

from dripline.store.database.database import Database
from dripline.store.database.transactions import keys


def link_messages(database: Database, leads: Iterable[object]) -> None:
    """Give leads what was written under their addresses, ids and chats, if anything was. Call inside a transaction."""
    if (who := keys(leads)) and database.run("has_unlinked_messages"):
        database.change("link_messages", leads=who)
