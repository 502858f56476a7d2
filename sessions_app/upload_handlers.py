"""How the bytes of an upload are taken in: in memory only, within the limit. Named in settings.FILE_UPLOAD_HANDLERS."""

import io
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

# A body over the limit is read to its end, so that the answer reaches the browser, unless it is this much over.
DRAIN_FACTOR = 4


class InMemoryUploadHandler(FileUploadHandler):
    """Keep the files of one request in memory; stop at `MAX_UPLOAD_MB` for all of them together.

    A request over the limit has no files and `request.META["upload.too_large"]` set.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.received = 0
        self.limit = settings.MAX_UPLOAD_MB * 1024 * 1024
        self.request_length = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803
        self.request_length = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.buffer = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > self.limit:
            cast("HttpRequest", self.request).META["upload.too_large"] = True
            raise StopUpload(connection_reset=self.request_length > DRAIN_FACTOR * self.limit)
        self.buffer.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.buffer.seek(0)
        return InMemoryUploadedFile(
            file=self.buffer,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type or "",
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
