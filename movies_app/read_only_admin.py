"""What all lists and pages of the admin share: nothing is edited unless one says so, no table is counted out."""

import re
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import SuspiciousOperation
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

# Rows that a list counts and leafs through; who wants others searches or filters.
MOST_LISTED = 25_000
_WHOLE_ID = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])")
_NEVER_ASKED = {
    *("title", "review", "tags", "viewings", "metadata", "display_name", "manage_token_hash"),
    *("args", "lock", "queueing_lock"),
}
_DIGITS = re.compile(r"[0-9a-f]{1,32}")


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Leaf through the first `MOST_LISTED` rows, so that neither the count nor the last page reads a huge table."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:MOST_LISTED].count()

    @property
    def is_cut_off(self) -> bool:
        return self.count == MOST_LISTED


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list and a page for each row, for those who may view the model; nobody adds, edits or deletes there."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Keep what no page shows from being found out by asking the address for it, letter by letter."""
        return lookup.partition("__")[0] not in _NEVER_ASKED and bool(super().lookup_allowed(lookup, value, request))  # type: ignore[arg-type]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if "\0" in request.GET.urlencode().replace("%00", "\0"):
            raise SuspiciousOperation("NUL in the address")
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def outer_link(address: str | None, text: str = "") -> SafeString | str:
    """Return a link out of the admin, or a dash."""
    if not address:
        return "-"
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', address, text or address)


def id_range(text: str) -> tuple[UUID, UUID] | None:
    """Return the least and the greatest id that begin as `text` says, None where it is not the beginning of one.

    `text` may be a member's whole link. A range is found by the index of the key, a pattern is not.
    """
    text = text.strip().lower()
    link = _WHOLE_ID.search(text)
    digits = (link[0] if link else text).replace("-", "")
    if not _DIGITS.fullmatch(digits):
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
