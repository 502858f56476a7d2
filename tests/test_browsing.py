"""The films page in words: its headline, its filters, who is meant by a name, what is known of a film."""

from datetime import date
from typing import Any

import pytest

from movies_app import browsing, markup, posters
from movies_app.browsing import Link

EVERYTHING: dict[str, Any] = {
    "q": "sun", "tag": "cinema", "rewatch": False, "liked": True, "min_rating": 4.0, "watched_year": 2023,
    "year": 1961, "country": "FR", "director": "4", "genre": "TV Movie",
}  # fmt: skip
EVERYTHING_SAID = (
    "2 TV movie films directed by Agnès Varda, from France, of 1961, seen in 2023, without a rewatch, "
    "rated 4 stars or more, that are liked, tagged “cinema”, with “sun” in the title"
)
FILM: dict[str, Any] = {
    "media_type": "movie",
    "directors": [{"id": 4, "name": "Agnès Varda"}],
    "cast": [{"id": number, "name": f"Name {number}"} for number in range(14)],
    "crew": [
        {"id": 4, "name": "Agnès Varda", "job": "Writer"},
        {"id": 4, "name": "Agnès Varda", "job": "Novel"},
        {"id": 9, "name": "Michel Legrand", "job": "Original Music Composer"},
    ],
    "genres": ["Drama"],
    "countries": ["FR", "SU"],
    "languages": ["fr", "cn", "qq"],
    "studios": ["Ciné Tamaris"],
    "collection": {"id": 8, "name": "The Cléo Collection"},
    "keywords": [f"word {number}" for number in range(15)],
    "runtime": 90,
    "release_date": date(1962, 4, 11),
    "original_title": "Cléo de 5 à 7",
}
NOTHING = dict.fromkeys(FILM)


def headline(films: int, **filters: Any) -> str:
    return browsing.headline(films, browsing.told(filters, names={"director": "Agnès Varda"}))


# ── Filters ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("films", "filters", "said"),
    [
        (1600, {}, "All 1,600 films"),
        (1, {}, "One film"),
        (0, {}, "No films yet"),
        (42, {"director": "4"}, "42 films directed by Agnès Varda"),
        (1, {"genre": "Science Fiction"}, "1 science fiction film"),
        (0, {"genre": "TV Movie", "year": 1999}, "No TV movie film of 1999"),
        (1200, {"genre": "Drama", "decade": 1960}, "1,200 drama films of the 1960s"),
        (3, {"country": "us"}, "3 films from the United States"),
        (3, {"country": "FI"}, "3 films from Finland"),
        (3, {"country": "KY"}, "3 films from the Cayman Islands"),
        (3, {"country": "QQ"}, "3 films from QQ"),
        (3, {"language": "cn"}, "3 films in Cantonese"),
        (3, {"studio": "A24"}, "3 films made by A24"),
        (3, {"person": "Ana", "actor": "Bea"}, "3 films with Bea in the cast, that Ana worked on"),
        (3, {"collection": "The Cléo Collection"}, "3 films of The Cléo Collection"),
        (3, {"rating": 0.5}, "3 films rated half a star"),
        (3, {"min_rating": 4.5}, "3 films rated 4½ stars or more"),
        (3, {"min_rating": 5.0}, "3 films rated 5 stars"),
        (3, {"is_rated": False, "liked": False}, "3 films without a rating, that are not liked"),
        (3, {"rewatch": True, "year": 1961}, "3 films of 1961, with a rewatch"),
        (3, {"writer": "Ana", "editor": "Bea"}, "3 films written by Ana, edited by Bea"),
        (3, {"cinematographer": "Ana", "composer": "Bea"}, "3 films photographed by Ana, with music by Bea"),
        (3, {"keyword": "time loop"}, "3 films with the keyword “time loop”"),
        (3, {"against_tmdb": "higher"}, "3 films rated higher than at TMDB"),
        (3, {"against_tmdb": "same", "reviewed": True}, "3 films rated as at TMDB, with a review"),
        (
            3,
            {"without_tv": True, "without_shorts": True, "reviewed": False},
            "3 films without a review, without series, without shorts",
        ),
        (3, {"without_tv": False, "rewatches_only": False, "genre": "Drama"}, "3 drama films"),
        (3, {"seen_again": True}, "3 films seen more than once"),
        (3, {"seen_again": False, "watched_year": 2024}, "3 films seen once at most in 2024"),
        (3, {"rewatches_only": True}, "3 films seen as a rewatch"),
        (3, {"weekday": 1}, "3 films seen on Mondays"),
        (
            3,
            {"weekday": 7, "watched_year": 2024, "rewatches_only": True, "liked": True},
            "3 films seen on Sundays in 2024 as a rewatch, that are liked",
        ),
        (2, EVERYTHING, EVERYTHING_SAID),
    ],
)
def test_a_headline_says_which_films_these_are(films: int, filters: dict[str, Any], said: str) -> None:
    assert headline(films, **filters) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2024-03-03", "2024-03-09", "from 3 to 9 March 2024"),
        ("2024-03-03", "2024-03-03", "on 3 March 2024"),
        ("2024-02-01", "2024-02-29", "in February 2024"),
        ("2023-02-01", "2023-02-27", "from 1 to 27 February 2023"),
        ("2024-02-28", "2024-03-02", "from 28 February to 2 March 2024"),
        ("2023-12-31", "2024-01-01", "from 31 December 2023 to 1 January 2024"),
        ("2024-03-03", None, "since 3 March 2024"),
        (None, "2024-03-09", "until 9 March 2024"),
    ],
)
def test_days_are_told_as_short_as_can_be(first: str | None, last: str | None, said: str) -> None:
    days = {"watched_from": first and date.fromisoformat(first), "watched_to": last and date.fromisoformat(last)}
    (told,) = browsing.told(days, names={})
    assert headline(3, **days) == f"3 films seen {said}"
    assert (told.label, told.value) == ("Seen", said)
    assert {told.name, told.twin} == {"watched_from", "watched_to"}


def test_each_filter_is_told_with_its_value() -> None:
    told = browsing.told(EVERYTHING | {"year": None}, names={"director": "Agnès Varda"})
    assert [(one.label, one.value) for one in told] == [
        ("Genre", "TV Movie"),
        ("Director", "Agnès Varda"),
        ("Country", "France"),
        ("Seen", "in 2023"),
        ("Rewatched", "no"),
        ("Rated", "4 stars or more"),
        ("Liked", "yes"),
        ("Tag", "cinema"),
        ("Title", "sun"),
    ]


# ── People ────────────────────────────────────────────────────────────────────────────────────
ANA, ANA_TOO, AGNES = {"id": 1, "name": "Ana Lima"}, {"id": 2, "name": "Ana Lima"}, {"id": 3, "name": "Agnès Varda"}
FILMS = [[AGNES, ANA_TOO], [ANA_TOO, ANA_TOO], [ANA, AGNES, AGNES | {"name": "A. Varda"}]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ana", [(2, "Ana Lima", "2 films"), (1, "Ana Lima", "1 film")]),
        ("AGNES v", [(3, "Agnès Varda", "2 films")]),
        ("Zoe", []),
    ],
)
def test_people_are_found_by_part_of_their_name(text: str, found: list[tuple[int, str, str]]) -> None:
    assert [(one.id, one.name, one.films) for one in browsing.people_like(text, FILMS)] == found


def test_nobody_is_found_where_nobody_is_known() -> None:
    assert browsing.people_like("Ana", []) == ()
    assert browsing.name_of(1, []) is None


def test_a_person_is_called_as_in_the_first_film() -> None:
    assert browsing.name_of(3, FILMS) == "Agnès Varda"


# ── A film ────────────────────────────────────────────────────────────────────────────────────
def test_facts_lead_to_the_films_that_share_them() -> None:
    facts = {fact.label: fact for fact in browsing.facts_of(FILM, title="Cléo from 5 to 7")}
    assert facts["Directed by"].links == (Link("Agnès Varda", "director", "4"),)
    assert facts["Written by"].links == (Link("Agnès Varda", "writer", "4"),)
    assert facts["Music"].links == (Link("Michel Legrand", "composer", "9"),)
    assert facts["Countries"].links == (Link("France", "country", "FR"), Link("Soviet Union", "country", "SU"))
    assert [link.text for link in facts["Languages"].links] == ["French", "Cantonese", "qq"]
    assert facts["Studios"].links == (Link("Ciné Tamaris", "studio", "Ciné Tamaris"),)
    assert facts["Collection"].links == (Link("The Cléo Collection", "collection", "8"),)
    assert facts["Keywords"].links[0] == Link("word 0", "keyword", "word 0")
    assert (len(facts["Keywords"].links), len(facts["Keywords"].more)) == (12, 3)
    assert (len(facts["Cast"].links), len(facts["Cast"].more)) == (12, 2)
    assert [facts[name].links[0].text for name in ("Running time", "First shown", "Original title")] == [
        "1 h 30 min",
        "11 Apr 1962",
        "Cléo de 5 à 7",
    ]
    assert "Camera" not in facts


def test_what_is_not_known_is_not_told() -> None:
    assert browsing.facts_of(NOTHING, title="Cléo") == ()
    assert browsing.facts_of(NOTHING | {"original_title": "Cléo"}, title="Cléo") == ()
    assert browsing.facts_of(FILM | {"media_type": "tv"}, title="Cléo")[0].label == "Created by"


@pytest.mark.parametrize(
    ("review", "plain"),
    [
        ("One.\r\n\r\n\r\nTwo.\nThree", "One.\n\nTwo.\nThree"),
        ("Better <i>each</i> time.<br>Truly.", "Better each time.\nTruly."),
        ("<p>One</p><p>Two &amp; a <3</p>", "One\n\nTwo & a <3"),
        ("&lt;script&gt;", "<script>"),
        ("  ", ""),
    ],
)
def test_a_review_keeps_its_paragraphs_and_loses_its_markup(review: str, plain: str) -> None:
    assert markup.paragraphs(review) == plain


def test_addresses_are_of_tmdb_and_its_image_host() -> None:
    poster = posters.of_path("/a.jpg")
    assert poster
    assert (poster.small, poster.large) == (
        "https://image.tmdb.org/t/p/w185/a.jpg",
        "https://image.tmdb.org/t/p/w500/a.jpg",
    )
    assert posters.of_path(None) is None
    assert browsing.tmdb_url("tv", 7) == "https://www.themoviedb.org/tv/7"
    assert browsing.tmdb_url(None, None) == ""


def test_votes_are_told_where_there_are_any() -> None:
    assert browsing.votes(7.84, 1204) == "7.8 of 10, from 1,204 votes"
    assert browsing.votes(None, 0) == ""
