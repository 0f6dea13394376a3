"""``python -m dripline`` is the command ``dripline``."""

from dripline.cli.main import main

main()
