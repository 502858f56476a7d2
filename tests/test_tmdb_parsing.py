"""TMDB's JSON, whole, with holes and with nonsense, and what is kept of it."""

import contextlib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from movies_app.tmdb_facts import Collection, CollectionParts, CrewMember, Facts, Part, Person, SearchResult
from movies_app.tmdb_parsing import MAX_PARTS, BrokenAnswer, read_collection, read_facts, read_search

DIRECTOR, WRITER, ACTOR = Person(1, "Ada Crane"), Person(2, "Ivo Falk"), Person(3, "Rosa Sato")
FILM: dict[str, Any] = {
    "id": 603,
    "imdb_id": "tt0133093",
    "title": "The Small Lantern",
    "original_title": "Die kleine Laterne",
    "original_language": "de",
    "release_date": "1999-03-31",
    "runtime": 136,
    "genres": [{"id": 28, "name": "Action"}, {"id": 878, "name": "Science Fiction"}],
    "credits": {
        "cast": [{"id": 4, "name": "Otto Dahl", "order": 1}, {"id": 3, "name": "Rosa Sato", "order": 0}],
        "crew": [
            {"id": 2, "name": "Ivo Falk", "department": "Writing", "job": "Screenplay"},
            {"id": 1, "name": "Ada Crane", "department": "Directing", "job": "Director"},
            {"id": 1, "name": "Ada Crane", "department": "Writing", "job": "Screenplay"},
            {"id": 9, "name": "Nobody", "department": "Production", "job": "Producer"},
        ],
    },
    "production_countries": [{"iso_3166_1": "DE", "name": "Germany"}, {"iso_3166_1": "US", "name": "America"}],
    "origin_country": ["AT"],
    "spoken_languages": [{"iso_639_1": "de", "english_name": "German"}],
    "production_companies": [{"id": 5, "name": "Calder Pictures"}],
    "keywords": {"keywords": [{"id": 6, "name": "lantern"}, {"id": 7, "name": "night"}]},
    "belongs_to_collection": {"id": 8, "name": "The Lantern Collection"},
    "poster_path": "/aB3-x_9.jpg",
    "vote_average": 8.2,
    "vote_count": 26_000,
    "popularity": 83,
    "budget": 63_000_000,
    "revenue": 2_923_706_026,
}
FACTS = Facts(
    media_type="movie",
    tmdb_id=603,
    imdb_id="tt0133093",
    title="The Small Lantern",
    original_title="Die kleine Laterne",
    original_language="de",
    release_date=date(1999, 3, 31),
    runtime=136,
    genres=("Action", "Science Fiction"),
    directors=(DIRECTOR,),
    cast=(ACTOR, Person(4, "Otto Dahl")),
    crew=(CrewMember(2, "Ivo Falk", "Screenplay"), CrewMember(1, "Ada Crane", "Screenplay")),
    countries=("DE", "US"),
    languages=("de",),
    studios=("Calder Pictures",),
    keywords=("lantern", "night"),
    collection=Collection(8, "The Lantern Collection"),
    poster_path="/aB3-x_9.jpg",
    vote_average=8.2,
    vote_count=26_000,
    popularity=83.0,
    budget=63_000_000,
    revenue=2_923_706_026,
)
SERIES: dict[str, Any] = {
    "id": 87108,
    "name": "Nine Bells",
    "original_name": "Neun Glocken",
    "first_air_date": "2019-05-06",
    "created_by": [{"id": 1, "name": "Ada Crane"}, {"id": 2, "name": "Ivo Falk"}],
    "episode_run_time": [60],
    "number_of_episodes": 5,
    "origin_country": ["GB"],
    "external_ids": {"imdb_id": "tt7366338"},
    "keywords": {"results": [{"id": 6, "name": "bell"}]},
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(FILM)), inner, max_size=3),
    max_leaves=6,
)


def film(**changes: Any) -> Facts:
    """Return the facts of the film with changes to its JSON."""
    return read_facts(FILM | changes, media_type="movie")


def member(id_: int, **role: Any) -> dict[str, Any]:
    return {"id": id_, "name": f"Person {id_}", **role}


# ── Whole answers ─────────────────────────────────────────────────────────────────────────────
def test_everything_that_is_kept_of_a_film() -> None:
    assert read_facts(FILM, media_type="movie") == FACTS


def test_neither_the_order_of_keys_nor_unknown_ones_matter() -> None:
    answer = {"x_new": [{"id": "?"}], **dict(reversed(FILM.items()))}
    assert read_facts(answer, media_type="movie") == FACTS


def test_everything_that_is_kept_of_a_series() -> None:
    facts = read_facts(SERIES, media_type="tv")
    assert (facts.tmdb_id, facts.title, facts.original_title) == (87108, "Nine Bells", "Neun Glocken")
    assert (facts.release_date, facts.runtime, facts.imdb_id) == (date(2019, 5, 6), 300, "tt7366338")
    assert (facts.directors, facts.countries, facts.keywords) == ((DIRECTOR, WRITER), ("GB",), ("bell",))


def test_of_a_film_id_and_title_are_enough() -> None:
    facts = read_facts({"id": 7, "title": "Alone"}, media_type="movie")
    assert (facts.tmdb_id, facts.title, facts.original_title, facts.vote_count) == (7, "Alone", "Alone", 0)
    assert not any((facts.genres, facts.directors, facts.cast, facts.crew, facts.countries, facts.runtime))


@pytest.mark.parametrize("title", [{"title": "", "original_title": "Neun"}, {"original_title": "Neun"}])
def test_a_missing_title_is_the_original_one(title: dict[str, str]) -> None:
    assert read_facts({"id": 7, **title}, media_type="movie").title == "Neun"


@pytest.mark.parametrize(
    "answer",
    [
        *(None, [], "text", {}, {"id": 7}, {"title": "No id"}, {"id": "7", "title": "A text for an id"}),
        *({"id": 0, "title": "Zero"}, {"id": True, "title": "True"}, {"id": 7, "title": " \0"}),
        {"id": 2**31, "title": "No number of PostgreSQL's"},
    ],
)
def test_an_answer_without_id_or_title_is_none(answer: object) -> None:
    with pytest.raises(BrokenAnswer):
        read_facts(answer, media_type="movie")


# ── Single values ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        *(("runtime", 0, None), ("runtime", None, None), ("runtime", "136", None), ("runtime", 136.0, 136)),
        *(("runtime", 40_000, None), ("runtime", -1, None), ("runtime", 13.5, None), ("runtime", True, None)),
        *(("budget", 0, None), ("budget", 2**63, None), ("revenue", 0, None), ("revenue", None, None)),
        *(("release_date", "", None), ("release_date", None, None), ("release_date", "1999-02-30", None)),
        *(("release_date", "soon", None), ("release_date", 1999, None)),
        *(("imdb_id", None, None), ("imdb_id", "", None), ("imdb_id", "tt1\n", None), ("imdb_id", "nm0000001", None)),
        *(("poster_path", None, None), ("poster_path", "//evil.invalid/x.jpg", None), ("poster_path", "/a b", None)),
        *(("original_language", "", None), ("original_language", "cn", "cn"), ("original_language", 1, None)),
        *(("vote_average", 0, None), ("vote_average", 11, None), ("vote_average", "8", None), ("vote_average", 7, 7.0)),
        *(("vote_count", None, 0), ("vote_count", -3, 0), ("popularity", None, 0.0), ("popularity", -1, 0.0)),
        *(("genres", [], ()), ("genres", None, ()), ("genres", [{"id": 1}, "Action", {"name": "War"}], ("War",))),
        ("title", "  Two\0Words ", "TwoWords"),
    ],
)
def test_a_value_is_kept_or_unknown(key: str, value: object, kept: object) -> None:
    assert getattr(film(**{key: value}), key) == kept


@pytest.mark.parametrize("collection", [None, {}, {"id": 8}, {"name": "No id"}, [], "The Lantern Collection"])
def test_a_collection_has_id_and_name_or_is_none(collection: object) -> None:
    assert film(belongs_to_collection=collection).collection is None


def test_a_long_text_is_cut() -> None:
    assert film(title="x" * 10_000).title == "x" * 300


def test_names_come_once_and_not_without_end() -> None:
    names = [{"name": f"keyword {number // 2}"} for number in range(1_000)]
    assert film(keywords={"keywords": names}).keywords == tuple(f"keyword {number}" for number in range(40))


@pytest.mark.parametrize(
    ("produced", "origin", "kept"),
    [
        ([{"iso_3166_1": "FR"}], ["US"], ("FR",)),
        ([], ["US", "US", "GB"], ("US", "GB")),
        ([{"iso_3166_1": "France"}], ["US"], ("US",)),
        (None, "US", ()),
        (None, [None, 1, "usa"], ()),
    ],
)
def test_countries_are_where_it_was_produced_or_where_it_comes_from(
    produced: object, origin: object, kept: tuple[str, ...]
) -> None:
    assert film(production_countries=produced, origin_country=origin).countries == kept


@pytest.mark.parametrize(
    ("minutes", "episodes", "runtime"),
    [([60], 5, 300), ([], 5, None), ([60], None, None), ([60], 600, None), ([60], 50, 3_000), (60, 5, None)],
)
def test_a_series_lasts_as_long_as_its_episodes_where_that_is_plausible(
    minutes: object, episodes: object, runtime: int | None
) -> None:
    changed = SERIES | {"episode_run_time": minutes, "number_of_episodes": episodes}
    assert read_facts(changed, media_type="tv").runtime == runtime


# ── People ────────────────────────────────────────────────────────────────────────────────────
def test_directors_are_all_who_directed_each_once() -> None:
    crew = [member(2, job="Director"), member(1, job="Director"), member(3, job="Editor"), member(2, job="Director")]
    assert [person.id for person in film(credits={"crew": crew}).directors] == [2, 1]


def test_who_did_two_jobs_is_in_the_crew_twice_and_not_thrice() -> None:
    crew = [member(1, job="Writer"), member(1, job="Editor"), member(1, job="Writer"), member(1, job="Gaffer")]
    assert [(one.id, one.job) for one in film(credits={"crew": crew}).crew] == [(1, "Writer"), (1, "Editor")]


def test_the_cast_is_the_first_thirty_by_their_order_each_once() -> None:
    cast = [member(number, order=200 - number) for number in range(1, 150)]
    cast += [member(149, order=500), member(777), member(778, order="first")]
    assert [person.id for person in film(credits={"cast": cast}).cast] == list(range(149, 119, -1))


@pytest.mark.parametrize("row", [None, 5, {}, {"id": 5}, {"name": "No id"}, {"id": "5", "name": "X"}, {"id": 5.5}])
def test_a_person_without_id_or_name_is_left_out(row: object) -> None:
    facts = film(credits={"cast": [row, member(6, order=1)], "crew": [row]})
    assert [person.id for person in facts.cast] == [6]
    assert facts.crew == facts.directors == ()


# ── Searches ──────────────────────────────────────────────────────────────────────────────────
def test_a_search_keeps_tmdbs_order_and_leaves_out_what_has_no_id_or_title() -> None:
    rows = [{"id": 2, "title": "B", "popularity": 3}, {"id": 1}, None, {"title": "C"}, {"id": 1, "title": "A"}]
    assert read_search({"results": rows}, media_type="movie") == [
        SearchResult(2, "movie", "B", "B", None, 0, 3.0),
        SearchResult(1, "movie", "A", "A", None, 0, 0.0),
    ]


def test_a_series_is_found_by_its_own_names() -> None:
    (found,) = read_search({"results": [SERIES]}, media_type="tv")
    assert (found.title, found.original_title, found.year) == ("Nine Bells", "Neun Glocken", 2019)


@pytest.mark.parametrize("answer", [None, [], {}, {"results": None}, {"results": {}}])
def test_a_search_without_results_is_broken(answer: object) -> None:
    with pytest.raises(BrokenAnswer):
        read_search(answer, media_type="movie")


# ── Collections ───────────────────────────────────────────────────────────────────────────────
def test_a_collection_has_its_films_in_order_of_release() -> None:
    body = {
        "id": 8,
        "name": "The Lantern Collection",
        "overview": "Three films.",
        "parts": [
            {"id": 3, "title": "Not Shot Yet", "release_date": "", "media_type": "movie"},
            {"id": 2, "title": "Next Year", "release_date": "2999-01-02"},
            {"id": 4, "original_title": "Die große Laterne", "release_date": "2004-05-06"},
            {"id": 1, "title": "The Small Lantern", "release_date": "1999-03-31"},
            {"id": 1, "title": "The Small Lantern", "release_date": "1999-03-31"},
        ],
    }
    parts = (
        Part(1, "The Small Lantern", date(1999, 3, 31)),
        Part(4, "Die große Laterne", date(2004, 5, 6)),
        Part(2, "Next Year", date(2999, 1, 2)),
        Part(3, "Not Shot Yet", None),
    )
    assert read_collection(body) == CollectionParts(8, "The Lantern Collection", parts)


@pytest.mark.parametrize(
    "parts", [None, {}, "none", [None, "x", 7, {}, {"id": 1}, {"title": "x"}, {"id": 0, "title": "x"}]]
)
def test_what_is_no_film_is_no_part(parts: object) -> None:
    assert read_collection({"id": 8, "name": "x", "parts": parts}).parts == ()


def test_far_too_many_films_of_a_collection_are_cut() -> None:
    parts = [{"id": number, "title": "x"} for number in range(1, 2 * MAX_PARTS)]
    assert len(read_collection({"id": 8, "name": "x", "parts": parts}).parts) == MAX_PARTS


@pytest.mark.parametrize(
    "answer", [None, [], "x", {}, {"id": 8}, {"name": "x"}, {"id": "8", "name": "x"}, {"id": 8, "name": " "}]
)
def test_a_collection_without_id_or_name_is_broken(answer: object) -> None:
    with pytest.raises(BrokenAnswer, match="no id or no name"):
        read_collection(answer)


# ── Anything at all ───────────────────────────────────────────────────────────────────────────
@given(st.dictionaries(st.sampled_from(sorted(set(FILM) - {"id", "title"})), json_values))
def test_no_value_anywhere_breaks_a_film(changes: dict[str, Any]) -> None:
    facts = film(**changes)
    assert (facts.tmdb_id, facts.title) == (603, "The Small Lantern")
    assert facts.runtime is None or 1 <= facts.runtime < 2**15
    assert not any(f"\\x{code:02x}" in repr(facts) for code in range(32))
    assert not any(escape in repr(facts) for escape in (r"\t", r"\n", r"\r"))


@given(json_values)
def test_whatever_comes_is_read_or_broken(answer: object) -> None:
    for read in (read_facts, read_search):
        with contextlib.suppress(BrokenAnswer):
            assert read(answer, media_type="movie") is not None
    with contextlib.suppress(BrokenAnswer):
        assert read_collection(answer) is not None
