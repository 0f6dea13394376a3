"""Send windows as a column holds them: JSON."""

import json
from functools import lru_cache

from dripline.core.time.send_window import SendWindow


@lru_cache(maxsize=4_096)
def window_of(text: str | None) -> SendWindow | None:
    """Read a window; there are few, so that a batch makes each once."""
    return None if text is None else SendWindow.from_json(json.loads(text))


def written_window(window: SendWindow | None) -> str | None:
    """Write a window as `window_of` reads it."""
    return None if window is None else json.dumps(window.as_json(), ensure_ascii=False)
