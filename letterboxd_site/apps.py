from django.apps import AppConfig
from django.core.checks import register

from letterboxd_site.checks import check_environment


class LetterboxdSiteConfig(AppConfig):
    name = "letterboxd_site"

    def ready(self) -> None:
        register(check_environment)
