"""The server alone: `dripline serve`."""

from dripline.cli.support.options import Create, Db, Host, Kit, Migrate, Port


def serve(
    db: Db = None,
    create: Create = False,
    migrate: Migrate = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    kit: Kit = False,
) -> None:
    """Serve the dashboard, the API and the webhooks that providers post to, until Ctrl-C, beside workers.

    Nothing is open without logging in. Where nobody can log in yet, it prints a link for the first account.

    Example: dripline serve --db postgresql://shop@db.example.com/shop --port 8000
    """
    from dripline.cli.serving import serve_until_stopped
    from dripline.cli.support.logs import log_to_stderr
    from dripline.cli.support.outside import outside
    from dripline.cli.support.session import open_dripline

    log_to_stderr()
    seen = outside()
    with open_dripline(db, create=create, migrate=migrate) as drip:
        serve_until_stopped(drip, (host, port), seen, kit=kit)
