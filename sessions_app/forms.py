"""The forms of the pages: what a member fills in, cleaned. Called by `pages` and `owner_pages`."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

NAME_LENGTH = 80


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """The files chosen, as a list; `movies_app.archive` judges them."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        return list(data or [])


class ExportForm(forms.Form):
    """A newer export for a link that there is."""

    # The API's name for them; Django takes the field away before it sets its own attribute of that name.
    files = ManyFilesField(label="Your export: the ZIP, or its CSV files")  # type: ignore[assignment]
    leave_out_texts = forms.BooleanField(label="Leave out my reviews and tags", required=False)


class UploadForm(ExportForm):
    """An export, and the name that its page bears."""

    display_name = forms.CharField(label="Name on the page (optional)", max_length=NAME_LENGTH, required=False)


class NameForm(forms.Form):
    """Another name for the page, or none."""

    display_name = forms.CharField(label="Name on the page", max_length=NAME_LENGTH, required=False)


class DeleteForm(forms.Form):
    """The box to tick before everything goes."""

    confirm = forms.BooleanField(label="Yes, delete everything behind this link")
