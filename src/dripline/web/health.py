"""Whether this process is well, and its figures for Prometheus."""

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse, Response
from typing_extensions import override

from dripline.app import Dripline
from dripline.web.security.auth import ApiClient, pool_of

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def healthz() -> Response:
    """Answer that this process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def readyz(request: Request) -> Response:
    """Answer whether the database answers; a database that is away is 503."""
    with pool_of(request).acquire() as drip:
        drip.workspace.state()
    return PlainTextResponse("ok\n")


@router.get("/metrics")
def metrics(drip: ApiClient) -> Response:
    """Answer with the figures of the database, for a token that may read reports."""
    registry = CollectorRegistry()
    registry.register(_Figures(drip))
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


class _Figures(Collector):
    """What is asked for each time: every figure is of the database, so that any process tells the same."""

    def __init__(self, drip: Dripline) -> None:
        self._drip = drip

    @override
    def collect(self) -> list[GaugeMetricFamily]:
        report = self._drip.reports.overview()
        records = GaugeMetricFamily("dripline_records", "Step records by where they stand.", labels=["standing"])
        for standing, count in report.tally.many.items():
            records.add_metric([standing], count)
        return [
            records,
            GaugeMetricFamily("dripline_due", "Records that are active and due.", value=report.due.many),
            GaugeMetricFamily("dripline_lag_seconds", "How long something is due.", value=report.lag.total_seconds()),
            GaugeMetricFamily("dripline_leads", "Leads.", value=report.leads),
            GaugeMetricFamily("dripline_workers", "Processors at work.", value=len(self._drip.reports.workers())),
            GaugeMetricFamily("dripline_troubles", "What waits for a person.", value=len(self._drip.alerts.all())),
        ]
