"""Files to take away: written to the end before the first byte goes, so that a slow reader holds no connection."""

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import quote

from starlette.responses import StreamingResponse

_CHUNK = 1 << 16


def csv_download(lines: Iterable[str], name: str) -> StreamingResponse:
    """Return lines of CSV as a file, marked so that spreadsheets read it as UTF-8."""
    file = TemporaryFile()  # noqa: SIM115  (closed when the last byte has gone)
    try:
        file.write(b"\xef\xbb\xbf")
        for line in lines:
            file.write(line.encode())
        file.seek(0)
    except BaseException:
        file.close()
        raise
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return StreamingResponse(_chunks(file), media_type="text/csv; charset=utf-8", headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
