"""When simulated worlds begin."""

from datetime import UTC, datetime

START = datetime(2026, 1, 1, tzinfo=UTC)
