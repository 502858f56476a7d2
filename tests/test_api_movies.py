"""The API's pages of movies: what a movie shows, pages, orderings, filters, and how many queries they take."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from movies_app.models import Film
from tests.builders import (
    DIARY,
    LIKES,
    REVIEWS,
    WATCHED,
    Answer,
    check_error,
    get,
    make_csv,
    make_film_known,
    make_watched,
    make_zip,
    movies_of,
    upload,
)
from tests.films_by_hand import page_of

# In page order: three dated viewings, newest first, then two marked days, then no date at all.
TITLES = ["Echo", "Delta", "Alpha", "50% Off_Road", "bravo", "Ĉarlie"]
ORDERED = {
    "position": TITLES,
    "-position": TITLES[::-1],
    "year": ["Alpha", "50% Off_Road", "Echo", "bravo", "Delta", "Ĉarlie"],
    "-year": ["Delta", "bravo", "Echo", "50% Off_Road", "Alpha", "Ĉarlie"],
    "rating": ["Delta", "Echo", "Alpha", "50% Off_Road", "bravo", "Ĉarlie"],
    "-rating": ["Alpha", "Echo", "Delta", "50% Off_Road", "bravo", "Ĉarlie"],
}
MOVIE_FIELDS = {
    *("id", "position", "title", "year", "rating", "watched_date", "date_source", "letterboxd_uri", "rewatch", "liked"),
    *("tags", "review", "viewings", "tmdb_enriched", "tmdb_state"),
}
TMDB_FIELDS = {
    *("tmdb_id", "runtime", "release_date", "vote_average", "poster_url", "genres", "directors", "cast", "crew"),
    *("countries", "languages", "studios", "keywords", "collection", "media_type", "imdb_id", "original_title"),
    *("original_language", "vote_count", "popularity", "budget", "revenue"),
}
ANN, BOB = {"id": 7, "name": "Ann Ant"}, {"id": 8, "name": "Bob"}


def make_collection() -> bytes:
    """Return a ZIP of six movies that differ in everything that can be filtered."""
    watched = [
        ("2020-01-01", "Alpha", "1990", "https://boxd.it/aa"),
        ("2020-01-01", "bravo", "2001", "https://boxd.it/bb"),
        ("", "Ĉarlie", "", "https://boxd.it/cc"),
        ("2020-01-01", "Delta", "2010", "https://boxd.it/dd"),
        ("2020-01-01", "Echo", "2000", "https://boxd.it/ee"),
        ("2020-01-02", "50% Off_Road", "1999", "https://boxd.it/ff"),
    ]
    diary = [
        ("2022-01-02", "Alpha", "1990", "https://boxd.it/1aaaaa", "5", "", 'cinema, "3D", a\\b', "2021-12-31"),
        ("2023-01-02", "Delta", "2010", "https://boxd.it/1ddddd", "0.5", "Yes", "Cinema", "2023-01-01"),
        ("2021-01-02", "Echo", "2000", "https://boxd.it/1eeeee", "4", "", "", "2021-01-01"),
        ("2024-01-02", "Echo", "2000", "https://boxd.it/2eeeee", "3", "Yes", "été", "2024-01-01"),
    ]
    reviews = [("2024-01-02", "Echo", "2000", "https://boxd.it/2eeeee", "3", "Yes", "Again.", "", "2024-01-01")]
    likes = [("2020-01-01", "Alpha", "1990", "https://boxd.it/aa")]
    return make_zip(
        {
            "watched.csv": make_csv(WATCHED, watched),
            "diary.csv": make_csv(DIARY, diary),
            "reviews.csv": make_csv(REVIEWS, reviews),
            "likes/films.csv": make_csv(LIKES, likes),
        }
    )


@pytest.fixture
def collection(api: Client) -> Answer:
    """Return the answer to the upload of the collection; of three films TMDB facts are known."""
    answer = upload(api, ("collection.zip", make_collection()))
    assert answer["total_movies"] == 6
    make_film_known(
        "Alpha", genres=["Drama", "Science Fiction"], directors=[ANN], cast=[BOB], countries=["SE", "DK"],
        media_type="movie", tmdb_id=603, imdb_id="tt0000603", original_title="Alfa", original_language="sv",
        runtime=136, release_date="1990-03-30", vote_average=8.2, vote_count=12, popularity=3.5, poster_path="/p.jpg",
        crew=[{"id": 9, "name": "Cy", "job": "Editor"}], languages=["sv"], studios=["Svensk"], keywords=["letters"],
        collection={"id": 5, "name": "Greek"}, budget=1_000,
    )  # fmt: skip
    make_film_known(
        "Delta", genres=["Drama"], directors=[BOB, ANN], cast=[], countries=["US"], media_type="tv", runtime=30,
        vote_average=7.5, vote_count=50,
    )  # fmt: skip
    make_film_known(
        "Echo", genres=[], directors=[{"id": 77, "name": "8"}], cast=[ANN], countries=["GB"], media_type="movie",
        runtime=40, vote_average=6.0, vote_count=900,
    )  # fmt: skip
    return answer


def titles_of(page: dict[str, Any]) -> list[str]:
    return [movie["title"] for movie in page["results"]]


# ── A movie ───────────────────────────────────────────────────────────────────────────────────
def test_a_movie_shows_what_the_member_brought(api: Client, collection: Answer) -> None:
    movie = movies_of(api, collection)[0]
    assert set(movie) == MOVIE_FIELDS | TMDB_FIELDS
    del movie["id"]
    assert {name: movie[name] for name in movie.keys() & MOVIE_FIELDS} == {
        **{"position": 1, "title": "Echo", "year": 2000, "rating": 3.0, "watched_date": "2024-01-01"},
        **{"date_source": "diary", "letterboxd_uri": "https://boxd.it/ee", "rewatch": True, "liked": False},
        **{"tags": ["été"], "review": "Again.", "tmdb_enriched": True, "tmdb_state": "matched"},
        "viewings": [
            {
                **{"date": "2024-01-01", "logged_date": "2024-01-02", "rating": 3.0, "rewatch": True, "tags": ["été"]},
                **{"uri": "https://boxd.it/2eeeee", "review": "Again."},
            },
            {
                **{"date": "2021-01-01", "logged_date": "2021-01-02", "rating": 4.0, "rewatch": False, "tags": []},
                **{"uri": "https://boxd.it/1eeeee", "review": None},
            },
        ],
    }


def test_what_tmdb_knows_is_null_until_known(api: Client, collection: Answer) -> None:
    movie = movies_of(api, collection)[3]
    assert {movie[name] for name in TMDB_FIELDS} == {None}
    assert movie["tmdb_enriched"] is False


def test_what_tmdb_knows_stands_flat_on_each_movie(api: Client, collection: Answer) -> None:
    movie = movies_of(api, collection)[2]
    assert {name: movie[name] for name in TMDB_FIELDS | {"tmdb_enriched"}} == {
        **{"media_type": "movie", "imdb_id": "tt0000603", "original_title": "Alfa", "original_language": "sv"},
        **{"vote_count": 12, "popularity": 3.5, "budget": 1_000, "revenue": None, "keywords": ["letters"]},
        **{
            "collection": {"id": 5, "name": "Greek"},
            "tmdb_id": 603,
            "runtime": 136,
            "release_date": "1990-03-30",
            "vote_average": 8.2,
            "tmdb_enriched": True,
        },
        **{"genres": ["Drama", "Science Fiction"], "directors": [ANN], "cast": [BOB], "countries": ["SE", "DK"]},
        **{"crew": [{"id": 9, "name": "Cy", "job": "Editor"}], "languages": ["sv"], "studios": ["Svensk"]},
        "poster_url": "https://image.tmdb.org/t/p/w342/p.jpg",
    }


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────
def test_a_page_says_how_many_there_are_and_where_the_next_is(api: Client, collection: Answer) -> None:
    page = page_of(api, collection["session_id"], page=2, per_page=2)
    address = f"http://testserver/api/session/{collection['session_id']}/movies"
    assert set(page) == {"count", "page", "per_page", "next", "previous", "results"}
    assert (page["count"], page["page"], page["per_page"]) == (6, 2, 2)
    assert page["next"] == f"{address}?page=3&per_page=2"
    assert page["previous"] == f"{address}?page=1&per_page=2"
    assert titles_of(page) == TITLES[2:4]


def test_a_page_is_a_hundred_movies_unless_asked_otherwise(api: Client) -> None:
    answer = upload(api, ("watched.csv", make_watched(*(f"Film {n:03}" for n in range(101)))))
    page = page_of(api, answer["session_id"])
    assert (len(page["results"]), page["per_page"], page["previous"]) == (100, 100, None)
    assert len(page_of(api, answer["session_id"], page=2)["results"]) == 1


@pytest.mark.parametrize("per_page", [1, 2, 4, 6, 500])
@pytest.mark.parametrize(
    "query", [*({"ordering": name} for name in (*ORDERED, "title", "-title")), {"q": "a"}, {"min_rating": "0.5"}]
)
def test_following_next_shows_every_movie_once_and_previous_leads_back(
    api: Client, collection: Answer, query: dict[str, str], per_page: int
) -> None:
    page = page_of(api, collection["session_id"], per_page=per_page, **query)
    forwards = [titles_of(page)]
    while page["next"]:
        assert query.items() <= dict(parse_qsl(urlsplit(page["next"]).query)).items()
        page = api.get(page["next"]).json()
        forwards.append(titles_of(page))
    assert all(forwards)
    titles = [title for one in forwards for title in one]
    assert titles == titles_of(page_of(api, collection["session_id"], per_page=500, **query))
    assert len(set(titles)) == len(titles) == page["count"]
    backwards = [titles_of(page)]
    while page["previous"]:
        page = api.get(page["previous"]).json()
        backwards.append(titles_of(page))
    assert backwards[::-1] == forwards


@pytest.mark.parametrize("ordering", ["position", "-position", "title", "-rating"])
@pytest.mark.parametrize("number", [4, 1_000_000])
def test_a_page_past_the_end_is_empty(api: Client, collection: Answer, ordering: str, number: int) -> None:
    page = page_of(api, collection["session_id"], page=number, per_page=2, ordering=ordering)
    assert (page["count"], page["results"], page["next"]) == (6, [], None)
    assert f"page={number - 1}" in page["previous"]


@pytest.mark.parametrize(
    "query",
    [
        *("per_page=0", "per_page=501", "per_page=-1", "per_page=x", "page=0", "page=-1", "page=1.5"),
        *("page=1000001", "page=99999999999999999999", "ordering=id", "ordering=film__tmdb_id", "ordering=--title"),
        *(
            "min_rating=x",
            "min_rating=0",
            "min_rating=5.5",
            "min_rating=nan",
            "min_rating=inf",
            "year=1869",
            "year=2101",
        ),
        *("year=x", "watched_year=99999", "rewatch=maybe", "liked=2", "country=USA", "q=%00", "tag=a%00b", "genre=%00"),
        *("rating=4.3", "rating=0", "is_rated=perhaps", "decade=1995", "weekday=0", "weekday=8", "weekday=Monday"),
        *("watched_from=2023-02-29", "watched_to=3 March", "against_tmdb=better", "rewatches_only=x", "seen_again=x"),
        *("without_tv=maybe", "without_shorts=maybe", "reviewed=x", "language=abcd", "keyword=%00", "writer=%00"),
        *(f"q={'x' * 201}", f"director={'9' * 201}", f"tag={'x' * 1001}"),
    ],
)
def test_a_parameter_that_cannot_be_is_400_and_named(api: Client, collection: Answer, query: str) -> None:
    answer = get(api, f"/api/session/{collection['session_id']}/movies?{query}")
    check_error(answer, 400, "invalid")
    assert query.partition("=")[0] in answer["detail"]


@pytest.mark.parametrize(
    "query",
    [
        *("per_page=", "page=", "rewatch=", "nonsense=1", "session_id=2", "watched_from=", "weekday=", "rating="),
        *("against_tmdb=", "rewatches_only=", "without_tv=", "without_tv=false", "rewatches_only=false"),
    ],
)
def test_blank_and_unknown_parameters_are_passed_over(api: Client, collection: Answer, query: str) -> None:
    assert get(api, f"/api/session/{collection['session_id']}/movies?{query}")["count"] == 6


# ── Orderings ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("ordering", ORDERED)
def test_an_ordering_puts_unknown_values_last_and_ties_in_page_order(
    api: Client, collection: Answer, ordering: str
) -> None:
    assert titles_of(page_of(api, collection["session_id"], ordering=ordering)) == ORDERED[ordering]


@pytest.mark.parametrize("ordering", ["title", "-title"])
def test_an_ordering_by_title_takes_small_letters_and_capitals_alike(
    api: Client, collection: Answer, ordering: str
) -> None:
    titles = [
        title for title in titles_of(page_of(api, collection["session_id"], ordering=ordering)) if title.isascii()
    ]
    assert titles == sorted(titles, key=str.casefold, reverse=ordering == "-title")


# ── Filters ───────────────────────────────────────────────────────────────────────────────────
FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"q": "a"}, ["Delta", "Alpha", "50% Off_Road", "bravo", "Ĉarlie"]),
    ({"q": "ALPHA"}, ["Alpha"]),
    ({"q": "Ĉar"}, ["Ĉarlie"]),
    ({"q": "%"}, ["50% Off_Road"]),
    ({"q": "_"}, ["50% Off_Road"]),
    ({"q": "\\"}, []),
    ({"q": "' OR 1=1 --"}, []),
    ({"genre": "Drama"}, ["Delta", "Alpha"]),
    ({"genre": "Science Fiction"}, ["Alpha"]),
    ({"genre": "drama"}, []),
    ({"genre": '"Drama"'}, []),
    ({"director": "7"}, ["Delta", "Alpha"]),
    ({"director": "Ann Ant"}, ["Delta", "Alpha"]),
    ({"director": "8"}, ["Delta"]),  # a number is an id, not a name
    ({"director": "Ann"}, []),
    ({"director": "٧"}, []),
    ({"director": "9" * 200}, []),
    ({"actor": "8"}, ["Alpha"]),
    ({"actor": "Ann Ant"}, ["Echo"]),
    ({"country": "SE"}, ["Alpha"]),
    ({"country": "se"}, ["Alpha"]),
    ({"country": "ß"}, []),
    ({"tag": "cinema"}, ["Alpha"]),
    ({"tag": "Cinema"}, ["Delta"]),
    ({"tag": '"3D"'}, ["Alpha"]),
    ({"tag": "a\\b"}, ["Alpha"]),
    ({"tag": "été"}, ["Echo"]),
    ({"min_rating": "3"}, ["Echo", "Alpha"]),
    ({"min_rating": "0.5"}, ["Echo", "Delta", "Alpha"]),
    ({"min_rating": "3.25"}, ["Alpha"]),
    ({"year": 1999}, ["50% Off_Road"]),
    ({"year": 1870}, []),
    ({"watched_year": 2021}, ["Echo", "Alpha"]),
    ({"watched_year": 2024}, ["Echo"]),
    ({"watched_year": 2020}, []),  # a marked day is no viewing
    ({"rewatch": "true"}, ["Echo", "Delta"]),
    ({"rewatch": "false"}, ["Alpha", "50% Off_Road", "bravo", "Ĉarlie"]),
    ({"watched_year": 2021, "min_rating": 4}, ["Echo", "Alpha"]),  # Echo had four stars then
    ({"watched_year": 2024, "min_rating": 4}, []),
    ({"watched_year": 2024, "tag": "été"}, ["Echo"]),
    ({"watched_year": 2021, "tag": "été"}, []),
    ({"watched_year": 2021, "reviewed": "true"}, []),
    ({"watched_year": 2021, "ordering": "-rating"}, ["Alpha", "Echo"]),
    ({"watched_from": "2021-01-01", "watched_to": "2021-12-31"}, ["Echo", "Alpha"]),
    ({"watched_from": "2021-01-02", "watched_to": "2021-12-30"}, []),
    ({"watched_from": "2021-01-01", "watched_to": "2021-01-01", "rewatches_only": "true"}, []),
    ({"weekday": 7}, ["Delta"]),
    ({"weekday": 1, "watched_year": 2024}, ["Echo"]),
    ({"weekday": 5, "rewatches_only": "true"}, []),
    ({"rewatches_only": "true"}, ["Echo", "Delta"]),
    ({"seen_again": "true"}, ["Echo"]),
    ({"seen_again": "true", "watched_year": 2024}, []),
    ({"reviewed": "true"}, ["Echo"]),
    ({"rating": 3}, ["Echo"]),
    ({"is_rated": "false"}, ["50% Off_Road", "bravo", "Ĉarlie"]),
    ({"decade": 1990}, ["Alpha", "50% Off_Road"]),
    ({"person": "7"}, ["Echo", "Delta", "Alpha"]),
    ({"editor": "9"}, ["Alpha"]),
    ({"editor": "Cy"}, ["Alpha"]),
    ({"writer": "9"}, []),
    ({"language": "SV"}, ["Alpha"]),
    ({"studio": "Svensk"}, ["Alpha"]),
    ({"keyword": "letters"}, ["Alpha"]),
    ({"keyword": "Letters"}, []),
    ({"collection": "5"}, ["Alpha"]),
    ({"collection": "Greek"}, ["Alpha"]),
    ({"without_tv": "true"}, ["Echo", "Alpha", "50% Off_Road", "bravo", "Ĉarlie"]),
    ({"without_shorts": "true"}, ["Delta", "Alpha", "50% Off_Road", "bravo", "Ĉarlie"]),
    ({"against_tmdb": "higher"}, []),  # too few votes
    ({"against_tmdb": "lower"}, ["Delta"]),
    ({"against_tmdb": "same"}, ["Echo"]),
    ({"liked": "true"}, ["Alpha"]),
    ({"liked": "false", "rewatch": "true"}, ["Echo", "Delta"]),
    ({"q": "a", "genre": "Drama", "min_rating": 4}, ["Alpha"]),
    ({"q": "a", "ordering": "-position", "per_page": 2}, ["Ĉarlie", "bravo"]),
    ({"genre": "Drama", "ordering": "year"}, ["Alpha", "Delta"]),
]


@pytest.mark.parametrize(("query", "titles"), FILTERS, ids=[str(query) for query, _ in FILTERS])
def test_a_filter_keeps_the_movies_that_fit(
    api: Client, collection: Answer, query: dict[str, Any], titles: list[str]
) -> None:
    page = page_of(api, collection["session_id"], **query)
    assert titles_of(page) == titles
    assert page["count"] == (5 if "per_page" in query else len(titles))


def test_a_movie_has_the_rating_of_the_viewings_that_count(api: Client, collection: Answer) -> None:
    rated = {
        year: page_of(api, collection["session_id"], watched_year=year)["results"][0]["rating"] for year in (2021, 2024)
    }
    assert rated == {2021: 4.0, 2024: 3.0}


def test_a_search_takes_small_letters_and_capitals_of_every_script_alike(api: Client) -> None:
    names = ["Été 85", "Жить", "Ĉarlie"]
    answer = upload(api, ("watched.csv", make_watched(*names)))
    assert [titles_of(page_of(api, answer["session_id"], q=name.swapcase())) for name in names] == [
        [name] for name in names
    ]


def test_a_filter_never_shows_another_members_movies(api: Client, collection: Answer) -> None:
    other = upload(api, ("watched.csv", make_watched("Alpha", "Hidden")))
    assert titles_of(page_of(api, collection["session_id"], q="hidden")) == []
    assert page_of(api, other["session_id"], q="a")["count"] == 1


# ── Queries ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("size", [5, 300])
@pytest.mark.parametrize(
    ("query", "number"),
    [({}, 2), ({"ordering": "-position"}, 2), ({"ordering": "title"}, 2), ({"q": "f"}, 3), ({"genre": "Drama"}, 3)],
)
def test_a_page_takes_two_queries_and_a_filtered_one_a_third_to_count(
    api: Client, size: int, query: dict[str, str], number: int
) -> None:
    answer = upload(api, ("watched.csv", make_watched(*(f"Film {n}" for n in range(size)))))
    with CaptureQueriesContext(connection) as queries:
        page_of(api, answer["session_id"], per_page=500, **query)
    assert len(queries) == number
    assert {one["sql"].split(" ", 1)[0] for one in queries} == {"SELECT"}


def test_an_unfiltered_page_is_a_range_of_an_index(api: Client, collection: Answer) -> None:
    with CaptureQueriesContext(connection) as queries:
        page_of(api, collection["session_id"], page=3, per_page=2)
    assert '"position" BETWEEN 5 AND 6' in queries[-1]["sql"]
    assert "OFFSET" not in queries[-1]["sql"]


def test_movies_of_a_film_that_tmdb_forgot_are_shown_without_facts(api: Client, collection: Answer) -> None:
    Film.objects.update(**dict.fromkeys(("genres", "directors", "cast", "countries", "fetched_at", "tmdb_id")))
    assert page_of(api, collection["session_id"], genre="Drama")["count"] == 0
    assert all(movie["genres"] is None and movie["tmdb_enriched"] is False for movie in movies_of(api, collection))
