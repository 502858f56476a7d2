"""The stats page as members see it: whole with much and with little, safe with any text, sound in a browser."""

import gzip
import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from movies_app import chart_facts, charts, made_up
from tests.test_charts import nothing, sample, without
from tests.test_charts_facts import known
from tests.test_look import check_look, rendered

SECTIONS = [
    *("ratings", "drift", "best", "best-decades", "years", "weekdays", "months", "weeks", "calendar", "streaks"),
    *("milestones", "releases", "decades", "time", "genres", "countries", "directors", "rewatches", "tags", "reviews"),
]
MOVIE = {
    **{"position": 1, "title": "Tom & <Jerry>", "year": 1965, "rating": 3.5, "stars": "★★★½", "rewatch": True},
    **{"watched_date": date(2024, 12, 30), "date_source": "diary", "letterboxd_uri": None, "liked": True},
}
MARKED = MOVIE | {"position": 2, "title": "Marked", "date_source": "marked", "letterboxd_uri": "https://boxd.it/2"}
UNKNOWN = MOVIE | {
    **{"position": 1234, "title": "Unknown", "year": None, "rating": None, "stars": ""},
    **{"watched_date": None, "date_source": "none"},
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
    }
    standing = chart_facts.Standing(quiet="All 1,600 films have film facts.")
    return {
        **{"page": charts.page_of(numbers), "name": "", "urls": urls, "films": FIRST_PAGE},
        **{"progress": None, "standing": standing},
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
    assert len(told) == len(["ratings", "years", "weekdays", "months", "weeks", "releases", "drift", "countries"]) + 12
    assert len(told) + len(hidden) == len(pictures.found)


def test_every_chart_has_its_numbers_as_a_table(full: str) -> None:
    # The countries are so few that the rows below the map tell them all.
    charts = full.count('<figure class="chart') - full.count('<figure class="chart world"')
    assert full.count("<summary>As a table</summary>") == charts + len(["calendar", "genres"])
    assert '<th scope="row">4 stars</th><td>350</td><td>25%</td>' in full
    assert "Saturday</th><td>150</td><td>20%</td>" in full


def test_each_chart_by_date_tells_its_coverage(full: str) -> None:
    assert full.count("948 of 1,600 films have a date") == 7
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
    assert '<a href="/stats/a">All years</a>' in html
    assert '<a href="/stats/a?year=2022#calendar">2022</a>' in html
    assert 'id="years"' not in html


@pytest.mark.usefixtures("static_files")
def test_a_year_without_viewings_is_one_sentence_and_a_way_back() -> None:
    html = rendered("stats.html", context(nothing() | {"year": 2019, "years": [2024, 2023]}))
    assert "No viewing is dated 2019." in html
    assert re.findall("<section|<h2", html) == []
    assert '<a href="/stats/a">Show all years</a>' in html


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


def test_films_are_paged_by_plain_links(full: str, empty: str) -> None:
    assert 'href="?page=2#films" rel="next"' in full
    assert 'rel="prev"' not in full
    assert 'aria-label="Pages of films"' not in empty


# ── In a browser, with real numbers ───────────────────────────────────────────────────────────
def upload(client: Client, *, films: int) -> str:
    content = made_up.make_zip(made_up.make_export(films=films, seed=7))
    answer = client.post("/api/upload", {"files": SimpleUploadedFile("a.zip", content), "display_name": "Ada"})
    return f"/stats/{answer.json()['session_id']}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("static_files")
def test_a_page_of_1600_films_is_small_on_the_wire(client: Client) -> None:
    html = client.get(upload(client, films=1600)).content
    assert len(gzip.compress(html, 6)) < 25_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_is_sound_in_every_width_and_light(
    browser: Browser, client: Client, site: str, width: int, scheme: Any
) -> None:
    opened = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 844})
    page = opened.new_page()
    for path in (upload(client, films=200), upload(client, films=1)):
        page.goto(site + path)
        check_look(page)
        for details in page.locator("details").all():
            details.locator("summary").click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert Axe().run(page).violations_count == 0
    opened.close()


def test_letters_in_charts_keep_their_size_on_a_phone(page: Page, client: Client, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site + upload(client, films=200))
    sizes = (
        "[...document.querySelectorAll('.chart text')].map(text => [text.getCTM().a, getComputedStyle(text).fontSize])"
    )
    assert {(scale, size) for scale, size in page.evaluate(sizes)} == {(1, "11px"), (1, "12px")}


def test_a_bar_tells_its_value_to_pointer_and_keys(page: Page, client: Client, site: str) -> None:
    page.goto(site + upload(client, films=200))
    label = page.locator(".value-label")
    expect(label).to_be_hidden()
    page.locator("#ratings .bar.top path").first.hover()
    expect(label).to_have_text(re.compile(r"^[\w½ ]*stars?: \d+ films$"))
    page.mouse.move(0, 0)  # or the page scrolls another chart under the pointer
    page.locator("#weekdays svg").first.focus()
    page.keyboard.press("ArrowRight")
    expect(label).to_have_text(re.compile(r"^Monday: \d+ viewings$"))
    page.keyboard.press("ArrowRight")
    expect(label).to_have_text(re.compile(r"^Tuesday: "))
    page.keyboard.press("Escape")
    expect(label).to_be_hidden()


def test_without_script_years_tables_and_pages_work(browser: Browser, client: Client, site: str) -> None:
    opened = browser.new_context(java_script_enabled=False)
    page = opened.new_page()
    page.goto(site + upload(client, films=200))
    page.locator("#weekdays summary").click()
    expect(page.locator("#weekdays").get_by_role("row", name="Monday")).to_be_visible()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("page 2 of")).to_be_visible()
    page.get_by_role("navigation", name="Year of the calendar").get_by_role("link").nth(1).click()
    expect(page).to_have_url(re.compile(r"\?year=\d{4}#calendar$"))
    expect(page.locator("#years")).to_have_count(0)
    opened.close()
