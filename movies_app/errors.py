"""What can be wrong with an export, as one tree; the doors turn it into HTTP.

ExportError
├── RefusedExport      seen before anything is written
└── UnreadableExport   seen while the tables are read, after the upload session was opened
"""


class ExportError(Exception):
    """The export cannot be imported.

    `detail` says what is wrong in a sentence a member understands, `code` is a stable word for programs,
    `file_name` the file it is about, `hint` what to do.
    """

    def __init__(self, detail: str, *, code: str, file_name: str | None = None, hint: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.file_name = file_name
        self.hint = hint


class RefusedExport(ExportError):
    """What was brought is not an export that can be read; nothing was written."""


class UnreadableExport(ExportError):
    """A table of the export cannot be read to its end."""
