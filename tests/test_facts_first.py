"""The migrations that make the table of films anew: every film stays as it was, and new ones follow the last."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from movies_app.models import Film

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER, LATER = (
    [("movies_app", name)] for name in ("0007_ids_between_commas", "0008_facts_first", "0010_names_apart")
)
FILMS = "SELECT to_jsonb(films) - ARRAY['line_of_facts', 'line_of_more'] FROM films ORDER BY id"
FRONT = """
    SELECT attname FROM pg_attribute WHERE attrelid = 'films'::regclass AND attnum > 0 AND NOT attisdropped
    ORDER BY attnum LIMIT 4
"""
AROUND = """
    SELECT indexdef FROM pg_indexes WHERE tablename = 'films'
    UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'films'::regclass
    UNION ALL SELECT concat_ws(' ', column_name, data_type, is_nullable, column_default, is_identity)
        FROM information_schema.columns WHERE table_name = 'films' AND column_name NOT LIKE 'line_of%'
    ORDER BY 1
"""


def rows(query: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [value for (value,) in cursor.fetchall()]


@pytest.fixture
def _before() -> Iterator[None]:
    MigrationExecutor(connection).migrate(BEFORE)
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.usefixtures("_before")
def test_films_stay_as_they_were() -> None:
    known = {"genres": ["Drama", "Crime"], "directors": [{"id": 7, "name": "Ada"}], "tmdb_id": 5, "is_locked": True}
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO films (title_key, title, year) VALUES ('a', 'A', 1999), ('b', 'B\tb', NULL)")
    Film.objects.filter(title="A").update(**known, fetched_at="2026-01-01T00:00:00Z", media_type="movie")
    films, around = rows(FILMS), rows(AROUND)
    for state in (AFTER, BEFORE, AFTER, LATER, AFTER, LATER):
        MigrationExecutor(connection).migrate(state)
        assert rows(FILMS) == films
        assert rows(AROUND) == around
    assert rows(FRONT) == ["id", "fetched_at", "line_of_facts", "line_of_more"]
    first, second = Film.objects.order_by("pk")
    assert first.line_of_facts.split("\t")[:4] == [str(first.pk), "movie", "5", "Drama\x1fCrime"]
    assert second.line_of_facts is None
    assert Film.objects.create(title_key="c", title="C").pk > second.pk
