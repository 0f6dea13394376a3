"""The channels of the command line: those that are configured, those of plug-ins, and the sample's."""

from dripline.channels.contract import Channel, FindChannel
from dripline.config.channels import plugin_finder
from dripline.config.settings import Settings
from dripline.engine.clock import SystemClock

SAMPLE = "sample"
"""The channel of a database that `dripline demo --serve` filled."""


def finder(settings: Settings) -> FindChannel:
    """Return what finds the channel of another package by its name, and the sample's.

    The name of the sample's channel is nobody else's: what goes through it reaches nobody.
    """
    plugged_in = plugin_finder(settings)

    def find(name: str) -> Channel | None:
        if name != SAMPLE:
            return plugged_in(name)
        from dripline.simulate.demo_shop.channel import SampleChannel

        return SampleChannel(SystemClock())

    return find
