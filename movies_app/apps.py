from django.apps import AppConfig
from django.core.checks import register

from movies_app.checks import TMDB, check_tmdb


class MoviesAppConfig(AppConfig):
    name = "movies_app"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "movies"

    def ready(self) -> None:
        register(check_tmdb, TMDB, deploy=True)
