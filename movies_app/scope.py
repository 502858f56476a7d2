"""What of an upload session counts, and where that stands in addresses. Pure.

Doors read a `Scope` from the address; `stats` computes within it, `Links` keep it in every address of a page.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

# A film of at most so many minutes is a short: the Academy's rule.
SHORT_MINUTES = 40
MIN_RATED, MOST_MIN_RATED = 3, 50
# Of fewer votes TMDB's average is nobody's opinion.
MIN_VOTES = 50
FIRST_YEAR, LAST_YEAR = 1870, 2100


@dataclass(frozen=True, slots=True)
class Scope:
    """What counts: viewings of a `year`, of films that are no series, no shorts, viewings marked as a rewatch.

    Of whatever averages are ranked, those with at least `min_rated` rated films are.
    """

    year: int | None = None
    without_tv: bool = False
    without_shorts: bool = False
    rewatches_only: bool = False
    min_rated: int = MIN_RATED

    @property
    def is_by_viewings(self) -> bool:
        """Whether only some viewings count, so that films are told of as they were then."""
        return self.year is not None or self.rewatches_only

    @property
    def params(self) -> dict[str, str]:
        """What stands in the address of a stats page: nothing where all counts."""
        return {name: _text(value) for name, value in asdict(self).items() if value != getattr(ALL, name)}

    @property
    def filters(self) -> dict[str, Any]:
        """What finds the films that count among all: for them `year` is that of the release."""
        flags = {name: True for name in ("without_tv", "without_shorts", "rewatches_only") if getattr(self, name)}
        return ({"watched_year": self.year} if self.year is not None else {}) | flags


ALL = Scope()


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that a page of an upload session leads to; `stats` is its stats page, without a query."""

    stats: str
    scope: Scope = ALL

    def page(self, **changes: Any) -> str:
        """Return the stats page with another scope: `page(year=2024)`."""
        return _address(self.stats, replace(self.scope, **changes).params)

    def films(self, **filters: Any) -> str:
        """Return the films that fit filters of the films page within the scope."""
        return _address(
            f"{self.stats}/films", {name: _text(value) for name, value in (self.scope.filters | filters).items()}
        )

    def film(self, position: int) -> str:
        """Return the page of a film."""
        return f"{self.stats}/films/{position}"

    def ranking(self, kind: str, *, by: str = "films", **changes: Any) -> str:
        """Return the whole ranking of a kind, such as `directors`, by `films` or `rating`."""
        params = replace(self.scope, **changes).params | ({} if by == "films" else {"by": by})
        return _address(f"{self.stats}/rankings/{kind}", params)

    def review(self, year: int) -> str:
        """Return the year in review."""
        return _address(f"{self.stats}/{year}", replace(self.scope, year=None).params)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _address(path: str, params: dict[str, str]) -> str:
    return f"{path}?{urlencode(params)}" if params else path
