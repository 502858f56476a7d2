"""The two links of a comparison, as members paste them. Called by `compare_pages`."""

import re

from django import forms

from sessions_app.models import SAMPLE_ID

_ID = re.compile(
    r"(?<![0-9a-z-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z-])", re.IGNORECASE
)
_SAMPLE = re.compile(r"/sample/?(?:[?#]\S*)?$")
_LONGEST = 2_000
_TOO_LONG = "That is too long for a link. Please paste the address of one page."
_NO_LINK = "That is not the link of a page of this service. It looks like …/stats/ and a long number with dashes."
_SEVERAL = "Those are several links. Please paste one into each field."
SAME = "That is the same page as the other one. A comparison takes two."


class LinkField(forms.CharField):
    """The link of an upload session, cleaned to its id: whole or not, of whatever host and page, or the id alone."""

    default_error_messages = {"required": "Please paste a link here.", "max_length": _TOO_LONG}

    def clean(self, value: object) -> str:
        text = super().clean(value)
        found = {str(SAMPLE_ID)} if _SAMPLE.search(text) else {id_.lower() for id_ in _ID.findall(text)}
        if len(found) != 1:
            raise forms.ValidationError(_SEVERAL if found else _NO_LINK)
        return str(found.pop())


class LinksForm(forms.Form):
    """Two links of different pages."""

    one = LinkField(label="The link to one page", max_length=_LONGEST)
    other = LinkField(label="The link to the other page", max_length=_LONGEST)

    def clean(self) -> None:
        ids = [self.cleaned_data.get(name) for name in self.fields]
        if ids[0] is not None and ids[0] == ids[1]:
            self.add_error("other", SAME)


def id_in(text: str) -> str | None:
    """Return the id in a pasted link, None where there is not just one."""
    try:
        return LinkField(max_length=_LONGEST).clean(text)
    except forms.ValidationError:
        return None
