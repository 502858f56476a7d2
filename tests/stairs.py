"""Who may import whom, as docs/architecture.md tells it; `test_architecture` holds it."""

# From the bottom up. A module imports only from steps below its own; a new module gets its place here.
# `management` stands for all commands of an app.
STAIRS: list[set[str]] = [
    # pure: no Django, no settings, no clock
    {
        *("movies_app.errors", "movies_app.titles", "movies_app.cells", "movies_app.receipt"),
        *("movies_app.made_up_words", "movies_app.markup", "movies_app.roles", "movies_app.scope"),
        *("movies_app.chart_words", "movies_app.chart_shapes", "movies_app.chart_countries", "movies_app.posters"),
        *("movies_app.tmdb_facts", "movies_app.pacing", "movies_app.averages", "movies_app.lettering"),
        *("movies_app.taste", "movies_app.pairing", "movies_app.takeout_files"),
        "movies_app.turns",
    },
    {
        *("movies_app.tmdb_parsing", "movies_app.matching", "movies_app.line_of_facts"),
        *("movies_app.archive", "movies_app.made_up_films", "movies_app.chart_parts", "movies_app.world_map"),
        *("movies_app.browsing", "movies_app.stats.answers", "movies_app.digest"),
    },
    {
        *("movies_app.tmdb", "movies_app.tables", "movies_app.made_up_member", "movies_app.stats.seen"),
        *("movies_app.chart_year_parts", "movies_app.chart_scope", "movies_app.chart_pictures"),
        "movies_app.comparing",
        # the sections of the stats page: beside one another, none knows another
        *("movies_app.chart_dates", "movies_app.chart_calendar", "movies_app.chart_again", "movies_app.chart_films"),
        *("movies_app.chart_collections", "movies_app.chart_crowd", "movies_app.chart_facts"),
        *("movies_app.chart_made_of", "movies_app.chart_people", "movies_app.chart_ratings", "movies_app.chart_years"),
        "movies_app.chart_compare",
    },
    {
        *("movies_app.parsing", "movies_app.merging", "movies_app.made_up", "movies_app.stats.ranked"),
        *("movies_app.charts", "movies_app.chart_rankings"),
        *("movies_app.chart_year_films", "movies_app.chart_year_when", "movies_app.chart_year_which"),
    },
    {
        *("movies_app.outcomes", "movies_app.chart_year"),
        # one topic each, as above
        *("movies_app.stats.overview", "movies_app.stats.ratings", "movies_app.stats.dates"),
        *("movies_app.stats.streaks", "movies_app.stats.milestones", "movies_app.stats.releases"),
        *("movies_app.stats.rewatches", "movies_app.stats.tags", "movies_app.stats.reviews", "movies_app.stats.best"),
        *("movies_app.stats.runtimes", "movies_app.stats.made_of", "movies_app.stats.people"),
        *("movies_app.stats.against_tmdb", "movies_app.stats.extremes", "movies_app.stats.collections_seen"),
        "movies_app.stats.year_on_year",
    },
    {"movies_app.stats.numbers"},
    # the workshop
    {"movies_app.filters", "movies_app.checks"},
    {"movies_app.models", "movies_app.apps"},
    {"movies_app.lines"},
    {
        *("movies_app.storage", "movies_app.catalogue", "movies_app.read_only_admin"),
        *("movies_app.stats.computing", "movies_app.keeping"),
    },
    {
        *("movies_app.importing", "movies_app.enrichment", "movies_app.stats.kept"),
        *("movies_app.cards", "movies_app.takeout", "movies_app.compare"),
    },
    {"movies_app.stats", "movies_app.film_admin", "movies_app.asking_by_hand"},
    {"movies_app.serializers", "movies_app.management", "movies_app.admin"},
    # ── the seam: only downwards ──
    # the door
    {"sessions_app.models", "sessions_app.apps"},
    {"sessions_app.jobs", "sessions_app.ownership"},
    {"sessions_app.uploads", "sessions_app.enriching", "sessions_app.scopes"},
    {
        "sessions_app.tasks",
        "sessions_app.serializers",
        "sessions_app.forms",
        "sessions_app.films_forms",
        "sessions_app.compare_forms",
    },
    {
        *("sessions_app.incoming", "sessions_app.throttling"),
        *("sessions_app.authentication", "sessions_app.upload_handlers"),
    },
    {"sessions_app.api_errors", "sessions_app.sharing"},
    {
        *("sessions_app.api", "sessions_app.views", "sessions_app.pages", "sessions_app.error_pages"),
        "sessions_app.compare_api",
    },
    {
        "sessions_app.owner_pages",
        "sessions_app.films_pages",
        "sessions_app.staff_site",
        "sessions_app.ranking_pages",
        "sessions_app.year_pages",
        "sessions_app.picture_pages",
        "sessions_app.compare_pages",
    },
    {"sessions_app.urls", "sessions_app.management", "sessions_app.admin"},
    # the site: no app imports it
    {"letterboxd_site.local_postgres_programs"},
    {"letterboxd_site.local_postgres"},
    {
        "letterboxd_site.settings",
        "letterboxd_site.request_log",
        "letterboxd_site.gunicorn_log",
        "letterboxd_site.urls",
        "letterboxd_site.wsgi",
    },
    {"letterboxd_site.checks", "letterboxd_site.local_run"},
    {"letterboxd_site.apps", "letterboxd_site.admin_app"},
]
PURE_STEPS = 6

# Where a request, a command or a job comes in: they ask the clock and pass the answer on.
DOORS = {
    "movies_app.film_admin",
    "movies_app.management",
    "sessions_app.api",
    "sessions_app.compare_api",
    "sessions_app.compare_pages",
    "sessions_app.pages",
    "sessions_app.owner_pages",
    "sessions_app.films_pages",
    "sessions_app.ranking_pages",
    "sessions_app.year_pages",
    "sessions_app.picture_pages",
    "sessions_app.staff_site",
    "sessions_app.admin",
    "sessions_app.throttling",
    "sessions_app.views",
    "sessions_app.tasks",
    "sessions_app.management",
}
