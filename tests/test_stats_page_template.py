"""The stats page as members see it: whole with much and with little, safe with any text, sound in a browser."""

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from movies_app import chart_facts
from movies_app.scope import Links, Scope
from tests.chart_numbers import in_year, known, nothing, sample, without
from tests.test_charts import page_of
from tests.test_look import SHARING, rendered

SECTIONS = [
    *("ratings", "best-decades", "best", "drift", "years", "weekdays", "months", "weeks", "calendar", "streaks"),
    *("milestones", "year-on-year", "releases", "decades", "time", "genres", "languages", "countries", "studios"),
    *("keywords", "directors", "actors", "credits", "against", "extremes", "collections", "rewatches", "tags"),
    *("reviews", "share"),
]
MOVIE = {
    **{"position": 1, "title": "Tom & <Jerry>", "year": 1965, "rating": 3.5, "stars": "★★★½", "rewatch": True},
    **{"told_date": date(2024, 12, 30), "date_source": "diary", "liked": True},
}
MARKED = MOVIE | {"position": 2, "title": "Marked", "date_source": "marked"}
UNKNOWN = MOVIE | {
    **{"position": 1234, "title": "Unknown", "year": None, "rating": None, "stars": ""},
    **{"told_date": None, "date_source": "none"},
}
FIRST_PAGE = {
    **{"movies": [MOVIE, MARKED, UNKNOWN], "count": 1600, "number": 1, "pages": 32},
    **{"previous_url": None, "next_url": "?page=2#films"},
}
ONLY_PAGE = FIRST_PAGE | {"movies": [MARKED], "count": 1, "pages": 1, "next_url": None}


def context(numbers: dict[str, Any], **changed: Any) -> dict[str, Any]:
    urls = {
        "stats": "/stats/a",
        "films": "/stats/a/films",
        "receipt": "/stats/a/receipt",
        "manage": "/stats/a/manage",
        "api": "/api/session/a",
        "export": "/api/session/a/export",
    }
    standing = chart_facts.Standing(quiet="All 1,600 films have film facts.")
    return {
        **{"page": page_of(numbers), "name": "", "urls": urls, "films": FIRST_PAGE},
        **{"progress": None, "standing": standing, "sharing": SHARING, "description": "1,600 films"},
        **{"is_owner": False, "is_sample": False, "expires_on": date(2026, 3, 2)},
        **changed,
    }


@pytest.fixture
def full(static_files: object) -> str:
    return rendered("stats.html", context(known(), name="Ada"))


@pytest.fixture
def empty(static_files: object) -> str:
    return rendered("stats.html", context(nothing(), films=ONLY_PAGE))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# ── The whole page ────────────────────────────────────────────────────────────────────────────
def test_every_section_is_there_and_named_by_its_heading(full: str) -> None:
    named = re.findall(r'<section [^>]*id="([\w-]+)" aria-labelledby="([\w-]+)"', full)
    assert sorted(name for name, _ in named) == sorted(SECTIONS)
    assert [heading for _, heading in named if f'<h3 id="{heading}">' not in full] == []


@pytest.mark.parametrize("which", ["full", "empty"])
def test_a_page_has_one_heading_unique_ids_and_nothing_inline(which: str, request: pytest.FixtureRequest) -> None:
    html = request.getfixturevalue(which)
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert len(re.findall(r"<h1\b", html)) == 1
    assert html.count('rel="stylesheet"') <= 3
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|{[{%#]|>None<|\(\w+=", html)


class Pictures(HTMLParser):
    """Collects the attributes of each picture that stands in no other picture."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.depth, self.found = 0, list[dict[str, str | None]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "svg":
            self.found += [dict(attrs)] if not self.depth else []
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "svg"


def test_every_picture_says_what_it_shows_or_is_hidden_beside_its_text(full: str) -> None:
    pictures = Pictures(full)
    assert pictures.depth == 0
    told = [svg for svg in pictures.found if svg.get("role") == "img" and svg.get("aria-label")]
    hidden = [svg for svg in pictures.found if svg.get("aria-hidden") == "true"]
    assert len(told) == len(["drift", "against"])
    # Their bars are links, each with its own words; of many bars the table has the links.
    few, many = ["ratings", "years", "weekdays"], ["months", "weeks", "releases", "countries"]
    assert len(pictures.found) - len(told) - len(hidden) == len(few)
    assert len(re.findall('<figure class="chart[^>]*role="group" aria-label="[^"]+', full)) == len(few + many)
    assert len(re.findall('<figure aria-label="\\w+ 2024: ', full)) == 12


def test_every_chart_has_its_numbers_as_a_table(full: str) -> None:
    # The countries are so few that the rows below the map tell them all.
    charts = full.count('<figure class="chart') - full.count('<figure class="chart world"')
    assert full.count("<summary>As a table</summary>") == charts + len(["calendar", "genres"])
    assert '<a href="/stats/a/films?rating=4">4 stars</a></th><td>350</td><td>25%</td>' in full
    assert "Saturday</a></th><td>150</td><td>20%</td>" in full


def test_every_bar_day_and_country_leads_to_films_and_of_many_only_the_table_takes_the_keys(full: str) -> None:
    shapes = re.findall(r"<a([^>]*)><title>[^<]+</title><path", full)
    assert {bool(re.search(' href="/stats/a/films[?]', shape)) for shape in shapes} == {True}
    assert sum('tabindex="-1"' not in shape for shape in shapes) == 10 + 3 + 7
    for url in ("watched_from=2024-07-01&amp;watched_to=2024-07-31", "weekday=6", "year=1983", "country=US"):
        assert len(re.findall(f'href="/stats/a/films[?]{url}"', full)) >= 2, url


def test_each_chart_by_date_tells_its_coverage(full: str) -> None:
    assert full.count("948 of 1,600 films have a date") == 8
    assert "Days on which films were only marked as watched are left out." in full


def test_texts_of_members_are_escaped(full: str) -> None:
    for text in ("A &lt;Home&gt; Movie", "Tom &amp; &lt;Jerry&gt;", "🎬 &lt;b&gt;", "with &lt;i&gt;a train&lt;/i&gt;"):
        assert text in full
    assert not re.search("<b>|<i>|<Home>|<Jerry>", full)


# ── What is missing, and what is chosen ───────────────────────────────────────────────────────
def test_without_dates_one_card_stands_for_all_charts_by_date(empty: str) -> None:
    assert "No viewing has a date yet" in empty
    assert not re.search('id="(?:months|weeks|calendar|streaks|milestones)"', empty)


def test_what_is_missing_tells_what_would_fill_it(empty: str) -> None:
    bare = re.findall(
        r'<section class="card[^"]* bare" id="([\w-]+)".*?</header>\s*<p class="muted[^>]*>([^<]+)', empty, re.S
    )
    assert [name for name, text in bare if len(text) > 30] == [
        *("ratings", "undated", "releases", "rewatches", "tags", "reviews")
    ]
    assert 'role="img"' not in re.sub(r'<span class="(?:stars|mark)" role="img"', "", empty)


@pytest.mark.usefixtures("static_files")
def test_a_year_leads_to_others_and_back_to_all() -> None:
    html = rendered("stats.html", context(sample() | {"year": 2023}, name="Ada"))
    assert "Ada’s 2023" in html
    assert html.count('href="/stats/a?year=2023" aria-current="page"') == 1
    assert '<a class="ticket" href="/stats/a/2023">' in html
    assert '<a href="/stats/a">All years</a>' in html
    assert '<a href="/stats/a?year=2022#calendar">2022</a>' in html
    assert 'id="years"' not in html


@pytest.mark.usefixtures("static_files")
def test_a_year_without_viewings_is_one_sentence_and_a_way_back() -> None:
    numbers = nothing() | {"year": 2019, "years": [2024, 2023]}
    numbers["overview"]["films"] = 0
    page = page_of(numbers, links=Links("/stats/a", Scope(year=2019)))
    html = rendered("stats.html", context(numbers, page=page))
    assert "The diary of this export has no entry of that year." in html
    assert re.findall('<section class="([^"]*)|<h2[^>]*>([^<]*)', html) == [
        ("nowhere card", ""),
        ("", "No film in 2019"),
    ]
    assert 'href="/stats/a">Show all years</a>' in html


@pytest.mark.parametrize("genre", ["Drama", None])
@pytest.mark.usefixtures("static_files")
def test_years_have_a_column_for_what_leads_them_only_where_something_does(genre: str | None) -> None:
    html = rendered(
        "stats.html", context(known() | {"year_on_year": [in_year(2024, 9, genre=genre), in_year(2023, 9)]})
    )
    assert 'id="year-on-year"' in html
    assert ("Led by" in html, 'class="leaders"' in html) == (bool(genre), bool(genre))


@pytest.mark.usefixtures("static_files")
def test_an_export_without_films_is_a_friendly_card_and_no_board_of_lights() -> None:
    numbers = nothing()
    numbers["overview"]["films"] = 0
    html = rendered("stats.html", context(numbers))
    assert "the reel is missing" in html
    assert 'href="/">Upload another export</a>' in html
    assert not re.search('marquee|class="tiles|0 films|id="films"', html)


@pytest.mark.usefixtures("static_files")
def test_what_is_left_out_is_told_and_every_link_keeps_it() -> None:
    scope = Scope(without_tv=True, without_shorts=True, min_rated=5)
    html = rendered("stats.html", context(known(), page=page_of(known(), links=Links("/stats/a", scope))))
    told = text_of(html)
    assert "Series and films of 40 minutes or less are left out, as far as TMDB knows them." in told
    assert "Without series , on: count them again" in told
    assert "Rewatches only , off" in told
    assert 'href="/stats/a?without_shorts=true&amp;min_rated=5#counting" class="on"' in html
    assert 'href="/stats/a">Count everything</a>' in html
    films = re.findall(r'href="(/stats/a/films\?[^"]*)"', html)
    assert [url for url in films if "without_tv=true&amp;without_shorts=true" not in url] == []
    pages = [url for url in re.findall(r'href="/stats/a(?:\?([^"]*))?"', html) if "year" in url]
    assert pages
    assert [url for url in pages if "&amp;without_tv=true&amp;without_shorts=true&amp;min_rated=5" not in url] == []
    assert 'href="/stats/a?without_tv=true&amp;without_shorts=true&amp;min_rated=10#people">10</a>' in html


@pytest.mark.usefixtures("static_files")
def test_rewatches_take_the_room_that_tags_leave() -> None:
    html = rendered("stats.html", context(without(sample(), "tags")))
    assert re.findall(r'<section class="card ([^"]*)" id="(rewatches|tags)"', html) == [
        ("two", "rewatches"),
        ("bare", "tags"),
    ]


@pytest.mark.usefixtures("static_files")
def test_the_owner_alone_is_led_to_the_owners_page() -> None:
    assert "/stats/a/manage" in rendered("stats.html", context(sample(), is_owner=True))
    assert "/stats/a/manage" not in rendered("stats.html", context(sample()))


@pytest.mark.usefixtures("static_files")
def test_a_sample_says_that_it_is_made_up_and_does_not_expire() -> None:
    html = rendered("stats.html", context(sample(), is_sample=True))
    assert "A made-up member" in html
    assert "2 March 2026" not in html


# ── The films ─────────────────────────────────────────────────────────────────────────────────
def test_a_film_tells_its_rating_its_marks_and_where_its_day_comes_from(full: str) -> None:
    rows = {row[0]: text_of(row[1]) for row in re.findall(r'<tr id="film-(\d+)">(.*?)</tr>', full, re.DOTALL)}
    assert {number: text.split() for number, text in rows.items()} == {
        "1": ["Tom", "&amp;", "&lt;Jerry&gt;", "1965", "♥", "↻", "★★★½", "30", "Dec", "2024"],
        "2": ["Marked", "1965", "♥", "↻", "★★★½", "marked", "30", "Dec", "2024"],
        "1234": ["Unknown", "♥", "↻", "–", "–"],
    }


def test_a_film_leads_to_its_page_of_the_session(full: str) -> None:
    assert '<a href="/stats/a/films/1234">Unknown</a>' in full
    assert "boxd.it" not in full


def test_films_are_paged_by_plain_links(full: str, empty: str) -> None:
    assert 'href="?page=2#films" rel="next"' in full
    assert 'rel="prev"' not in full
    assert 'aria-label="Pages of films"' not in empty
