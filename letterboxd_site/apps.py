from django.apps import AppConfig
from django.core.checks import register

from letterboxd_site.checks import TMDB, check_environment, check_tmdb


class LetterboxdSiteConfig(AppConfig):
    name = "letterboxd_site"

    def ready(self) -> None:
        register(check_environment)
        register(check_tmdb, TMDB, deploy=True)
