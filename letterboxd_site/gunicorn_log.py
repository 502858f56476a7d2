"""What gunicorn logs; named in the Procfile."""

import sys
from typing import Any

from gunicorn.glogging import Logger


class DiscreetLogger(Logger):
    """Say that a request went wrong without quoting it: it may hold a session's link or a token."""

    def warning(self, msg: object, *args: Any, **kwargs: Any) -> None:
        if str(msg).startswith("Invalid request"):
            msg, args = "Invalid request", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: object, *args: Any, **kwargs: Any) -> None:
        if str(msg).startswith("Error handling request"):
            kind = sys.exc_info()[0]
            self.error("Error handling a request: %s", kind.__name__ if kind else "unknown")
        else:
            super().exception(msg, *args, **kwargs)
