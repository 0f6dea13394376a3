"""What the package tells an index of itself: its README, and where the project lives.

Whoever publishes says once where the repository is: `DRIPLINE_REPOSITORY=https://… python -m build`. The README's links
and pictures then lead there, since an index shows the README without the files beside it. Without an address they stay
relative, as they are in a clone.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?://|#)([^)]+)\)")
PAGES = {"Documentation": "/blob/main/docs/quickstart.md", "Changelog": "/blob/main/CHANGELOG.md", "Issues": "/issues"}


class RepositoryMetadata(MetadataHookInterface):
    """Fills in `readme` and `urls`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Write them for the address that is set, if one is."""
        address = os.environ.get("DRIPLINE_REPOSITORY", "").rstrip("/")
        text = (Path(self.root) / "README.md").read_text("utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": with_address(text, address) if address else text}
        if address:
            metadata["urls"] = {"Repository": address} | {name: address + path for name, path in PAGES.items()}


def with_address(text: str, address: str) -> str:
    """Return a page whose links and pictures lead to the repository."""

    def whole(link: re.Match[str]) -> str:
        picture, label, path = link.groups()
        return f"{picture}[{label}]({address}/{'raw' if picture else 'blob'}/main/{path})"

    return LINK.sub(whole, text)
