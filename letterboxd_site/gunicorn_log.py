"""What gunicorn logs; named in the Procfile."""

from typing import Any

from gunicorn.glogging import Logger


class DiscreetLogger(Logger):
    """Say that a request was no HTTP without quoting it: it may hold a session's link or a token."""

    def warning(self, msg: object, *args: Any, **kwargs: Any) -> None:
        if str(msg).startswith("Invalid request"):
            msg, args = "Invalid request", ()
        super().warning(msg, *args, **kwargs)
