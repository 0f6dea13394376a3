"""The database's schema as it is shown: each change of it, and what brings a database to this program's."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One migration: the version that it leads to, and what it is for."""

    version: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Migration:
    """What brings a database to this program's schema: from which version to which, and the changes between them."""

    database: str
    found: str = field(kw_only=True)
    newest: str = field(kw_only=True)
    changes: tuple[SchemaChange, ...] = field(kw_only=True)
