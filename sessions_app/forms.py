"""The forms of the pages: what a member fills in, cleaned. Called by `pages` and `owner_pages`."""

from django import forms

NAME_LENGTH = 80


class ExportForm(forms.Form):
    """What comes beside the files of an export; those are judged by `movies_app.archive`."""

    leave_out_texts = forms.BooleanField(label="Leave out my reviews and tags", required=False)


class UploadForm(ExportForm):
    """An export, the name that its page bears, and the link of somebody to compare it with at once, if any."""

    display_name = forms.CharField(label="Name on the page (optional)", max_length=NAME_LENGTH, required=False)
    compare_with = forms.CharField(required=False)


class RenewForm(ExportForm):
    """A newer export, and whether it may lack many of the films."""

    may_lose_films = forms.BooleanField(label="Yes, replace them all the same", required=False)


class NameForm(forms.Form):
    """Another name for the page, or none."""

    display_name = forms.CharField(label="Name on the page", max_length=NAME_LENGTH, required=False)


class DeleteForm(forms.Form):
    """The box to tick before everything goes."""

    confirm = forms.BooleanField(label="Yes, delete everything behind this link")
