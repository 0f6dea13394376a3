"""What a person or a program can ask of dripline: one method, one use case, one transaction; a file for each noun."""

from dripline.app.bulk import BulkCases
from dripline.app.checks import CheckCases
from dripline.app.drafts import DraftCases
from dripline.app.exports import ExportCases
from dripline.app.imports import ImportCases
from dripline.app.pairing import PairingCases
from dripline.app.processing import ProcessorCases
from dripline.app.rights import Guarded
from dripline.app.setup import SetupCases
from dripline.app.sources import SourceCases
from dripline.app.trying import TryingCases
from dripline.app.ways_in import WaysInCases


class Dripline(
    ProcessorCases,
    DraftCases,
    SetupCases,
    PairingCases,
    TryingCases,
    CheckCases,
    BulkCases,
    ImportCases,
    ExportCases,
    WaysInCases,
    SourceCases,
    Guarded,
):
    """One open database and the channels that this process has.

    Any number of them, in any number of processes, may be open on one database. Calls from several threads take turns.

    Raises:
        DatabaseProblem: The database cannot be opened as it is; it was left as it was.
        InvalidSettings: The URL or the region cannot be read.
    """
