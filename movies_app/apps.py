from django.apps import AppConfig


class MoviesAppConfig(AppConfig):
    name = "movies_app"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "movies"
