"""Every number of the stats page. Called by the pages and the API."""

from movies_app.stats.computing import compute
from movies_app.stats.kept import cached, ranking
from movies_app.stats.ranked import KINDS

__all__ = ["KINDS", "cached", "compute", "ranking"]
