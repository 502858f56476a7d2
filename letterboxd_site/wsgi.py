"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

# One thread per upload is as fast at these sizes, and leaves the other processors to other requests.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "letterboxd_site.settings")

application = get_wsgi_application()
