"""The films page in words: its headline, its filters, who is meant by a name, what is known of a film."""

from datetime import date
from typing import Any

import pytest

from movies_app import browsing, posters
from movies_app.browsing import Link

EVERYTHING: dict[str, Any] = {
    "q": "sun", "tag": "cinema", "rewatch": False, "liked": True, "min_rating": 4.0, "watched_year": 2023,
    "year": 1961, "country": "FR", "director": "4", "genre": "TV Movie",
}  # fmt: skip
EVERYTHING_SAID = (
    "2 TV movie films directed by Agnès Varda, from France, of 1961, seen in 2023, rated 4 stars or more, "
    "that are liked, not seen again, tagged “cinema”, with “sun” in the title"
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
        (3, {"rewatch": True, "year": 1961}, "3 films of 1961, seen again"),
        (2, EVERYTHING, EVERYTHING_SAID),
    ],
)
def test_a_headline_says_which_films_these_are(films: int, filters: dict[str, Any], said: str) -> None:
    assert headline(films, **filters) == said


def test_each_filter_is_told_with_its_value() -> None:
    told = browsing.told(EVERYTHING | {"year": None}, names={"director": "Agnès Varda"})
    assert [(one.label, one.value) for one in told] == [
        ("Genre", "TV Movie"),
        ("Director", "Agnès Varda"),
        ("Country", "France"),
        ("Seen", "2023"),
        ("Rated", "4 stars or more"),
        ("Liked", "yes"),
        ("Seen again", "no"),
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
    assert facts["Written by"].links == (Link("Agnès Varda", "person", "4"),)
    assert facts["Music"].links == (Link("Michel Legrand", "person", "9"),)
    assert facts["Countries"].links == (Link("France", "country", "FR"), Link("Soviet Union", "country", "SU"))
    assert [link.text for link in facts["Languages"].links] == ["French", "Cantonese", "qq"]
    assert facts["Studios"].links == (Link("Ciné Tamaris", "studio", "Ciné Tamaris"),)
    assert facts["Collection"].links == (Link("The Cléo Collection", "collection", "The Cléo Collection"),)
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
    assert browsing.paragraphs(review) == plain


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
