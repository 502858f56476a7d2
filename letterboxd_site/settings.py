"""The one settings file: every value that differs between places comes from the environment.

`.env.example` lists the variables; a `.env` file beside `manage.py` is read when there is one.
"""

import secrets
from pathlib import Path

import environ

from letterboxd_site import local_postgres

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DATA_DIR = BASE_DIR / env.str("DATA_DIR", default="var")


def _local_secret_key(path: Path) -> str:
    """Return the key kept at `path`, made at the first call; only the embedded default uses it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


# ── Where the data lives ─────────────────────────────────────────────────────────────────────
_embedded_url = local_postgres.database_url(DATA_DIR)
_database_url = env.str("DATABASE_URL", default="") or _embedded_url
_database = env.db_url_config(_database_url)

# One connection per thread, kept, and checked before each request. psycopg's pool checks too, but after a restart of
# the database it meets its dead connections one by one with growing pauses: with four of them the first request fails.
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Without a limit of its own the database cache forgets a third of its entries at 300, the upload counts among them.
CACHES = {"default": {"OPTIONS": {"MAX_ENTRIES": 100_000}, **env.cache_url("CACHE_URL", default="dbcache://cache")}}

# ── Safety ───────────────────────────────────────────────────────────────────────────────────
DEBUG = env.bool("DEBUG", default=False)
HTTPS = env.bool("HTTPS", default=False)
_needs_own_key = _database_url == _embedded_url and not env.str("SECRET_KEY", default="")
SECRET_KEY = _local_secret_key(DATA_DIR / "secret_key") if _needs_own_key else env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_METHODS = ("GET", "POST", "DELETE", "OPTIONS")
CORS_ALLOW_HEADERS = ("accept", "authorization", "content-type", "if-none-match")
CORS_EXPOSE_HEADERS = ("ETag", "Retry-After")

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# Nothing to other sites, the link of a page is secret. With "no-referrer" browsers send our own forms without an origin
# too, and Django takes each for a forged one.
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "sessions_app.error_pages.forged"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
# How many proxies in front are ours: the address that counts is the one the outermost of them saw.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ── The admin: for staff alone, so its cookie goes to its own addresses alone ────────────────
ADMIN_PATH = (env.str("ADMIN_PATH", default="").strip("/") or "admin") + "/"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "staff"
SESSION_COOKIE_PATH = f"/{ADMIN_PATH}"
SESSION_COOKIE_AGE = 12 * 3_600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# The other storage keeps messages in a cookie of the whole site.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# ── What a member may bring, and how long it stays ───────────────────────────────────────────
SESSION_LIFETIME_DAYS = env.int("SESSION_LIFETIME_DAYS", default=30)
MAX_UPLOAD_MB = env.int("MAX_UPLOAD_MB", default=50)
UPLOADS_PER_HOUR = env.int("UPLOADS_PER_HOUR", default=30)
DATA_UPLOAD_MAX_NUMBER_FILES = 40
DATA_UPLOAD_MAX_NUMBER_FIELDS = 120  # a form of the admin has a field for each permission and each row chosen
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
FILE_UPLOAD_HANDLERS = ["sessions_app.upload_handlers.InMemoryUploadHandler"]

# ── TMDB: without a token the pages do without film facts ────────────────────────────────────
TMDB_TOKEN = env.str("TMDB_TOKEN", default="")
TMDB_BASE_URL = env.str("TMDB_BASE_URL", default="https://api.themoviedb.org/3/")
TMDB_REQUESTS_PER_SECOND = env.int("TMDB_REQUESTS_PER_SECOND", default=35)
TMDB_IS_DEMO = env.bool("TMDB_IS_DEMO", default=False)

# The address members reach the service at, for links in answers; empty: the address they came by.
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")

# ── The application ──────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "letterboxd_site.admin_app.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "procrastinate.contrib.django",
    "movies_app",
    "sessions_app",
    "letterboxd_site",
]
MIDDLEWARE = [
    "letterboxd_site.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # For the admin. They ask for nothing until a view does, so members' pages and polls do not pay for them.
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "letterboxd_site.urls"
WSGI_APPLICATION = "letterboxd_site.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "sessions_app.api_errors.answer",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Letterboxd stats",
    "DESCRIPTION": "Upload a Letterboxd export, follow its import, read its movies, delete it.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "/static/favicon.svg",
}

# ── Logs: the first 8 hex digits of a session and the route's pattern, never a path ──────────
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"route_only": {"()": "letterboxd_site.request_log.RouteOnly"}},
    "formatters": {
        "line": {
            "()": "letterboxd_site.request_log.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {
        "nothing": {"class": "logging.NullHandler"},
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["route_only"],
        },
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # Its warnings quote the referer, which may be a member's link.
        "django.security.csrf": {"level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": ["nothing"], "propagate": False},
        "procrastinate": {"level": "WARNING"},
        # They would log the addresses of requests, titles and all.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
