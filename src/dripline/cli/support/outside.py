"""Where this installation is reached from outside, as the settings say."""

from dripline.config.settings import Settings
from dripline.web.security.outside import Outside


def outside() -> Outside:
    """Return where this is reached from outside, and by which proxies, as far as that is configured.

    Raises:
        InvalidSettings: It cannot be used.
    """
    web = Settings.load().web
    return Outside() if web is None else Outside.of(web.url, web.trusted_proxies)
