"""Film facts as members meet them: the bar and the numbers that fill in, in a browser and without script; each state's
words. TMDB is the fake, over real HTTP.
"""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from movies_app import keeping
from movies_app.models import Film
from sessions_app.models import UploadSession
from tests.builders import make_sessions, make_watched, upload
from tests.fake_tmdb.server import FakeTmdb
from tests.fake_tmdb.world import Entry, World
from tests.test_films_in_browser import PosterWatcher
from tests.test_pages import text_of
from tests.test_pages_in_browser import SHIFTS
from tests.tmdb_jobs import use, work_off

pytestmark = pytest.mark.django_db(transaction=True)

NOTICE = "This website uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise approved by TMDB."
NAMES = [f"Film Number {number}" for number in range(60)]
TWINS = [Entry(tmdb_id=9_000 + number, title="Twin", release_date="1999-05-01") for number in range(2)]
WORLD = World([*(Entry(tmdb_id=n + 1, title=name, release_date="1999-02-03") for n, name in enumerate(NAMES)), *TWINS])


@pytest.fixture
def fake(settings: Any) -> Iterator[FakeTmdb]:
    with FakeTmdb(WORLD) as fake:
        use(fake, settings)
        yield fake


def send(client: Client, *names: str) -> UUID:
    answer = upload(client, ("watched.csv", make_watched(*names)))
    assert answer.status == 201, answer.body
    return UUID(answer["session_id"])


def know(*names: str, **facts: Any) -> None:
    """Let TMDB's facts of films be there, as its job stores them."""
    known = {"runtime": 90, "genres": ["Drama"], "countries": ["FR"], "directors": [{"id": 1, "name": "Ana Lima"}]}
    now = timezone.now()
    Film.objects.filter(title__in=names).update(
        **{**known, "state": "matched", "fetched_at": now, "next_try_at": now + timedelta(days=100), **facts}
    )


def count(session_id: UUID, films: int) -> None:
    UploadSession.objects.get(pk=session_id).count_enriched(films)


def end(session_id: UUID, ending: str = "done", *, films: int) -> None:
    UploadSession.objects.get(pk=session_id).end_enrichment(
        UploadSession.Enrichment(ending), now=timezone.now(), enriched_count=films
    )


def facts_of(client: Client, session_id: UUID) -> str:
    """Return what the page says of film facts."""
    page = client.get(f"/stats/{session_id}").content.decode()
    found = re.search(r'Film facts</h2>(.*)<div class="chapter" id="again"', page, re.DOTALL)
    assert found
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", found[1])).strip()


# ── In a browser ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def opened(browser: Browser, site: str) -> Iterator[Callable[..., tuple[Page, PosterWatcher]]]:
    """Return a function that opens the page of a session in a window of its own."""
    contexts = []

    def open_page(session_id: UUID, **window: Any) -> tuple[Page, PosterWatcher]:
        context = browser.new_context(base_url=site, **window)
        contexts.append(context)
        page = context.new_page()
        watcher = PosterWatcher(page, site)
        page.goto(f"/stats/{session_id}")
        return page, watcher

    yield open_page
    for context in contexts:
        context.close()


def is_sound(page: Page) -> bool:
    """Tell whether nothing moved since the page was opened, nothing sticks out and axe finds nothing."""
    violations = Axe().run(page).response["violations"]
    assert [found["id"] for found in violations] == []
    return bool(page.evaluate(SHIFTS) == 0 and page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    ("width", "scheme", "place"),
    [
        *((390, "dark", place) for place in ("", "#facts", "#standing")),
        *((1280, "light", place) for place in ("", "#facts", "#films")),
        *((390, "light", ""), (1280, "dark", "")),
    ],
)
def test_numbers_fill_in_while_the_page_is_open_and_nothing_moves(
    opened: Any, client: Client, fake: FakeTmdb, width: int, scheme: Literal["dark", "light"], place: str
) -> None:
    session_id = send(client, *NAMES, "Nothing Like It", "Twin")
    page, watcher = opened(session_id, viewport={"width": width, "height": 844}, color_scheme=scheme)
    if place:
        page.locator(place).scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    expect(page.get_by_text("0 of 62 films looked up").first).to_be_attached()
    expect(page.locator("#tile-hours .numeral")).to_have_text("–")
    assert is_sound(page)
    know(*NAMES[:30])
    count(session_id, 30)
    expect(page.get_by_text("30 of 62 films looked up").first).to_be_attached()
    expect(page.locator("#tile-hours .numeral")).to_have_text("45", timeout=8_000)
    expect(page.locator("#genres")).to_contain_text("Drama leads, with 30 films")
    assert is_sound(page)
    work_off()
    expect(page.get_by_role("progressbar")).to_be_hidden(timeout=8_000)
    expect(page.locator("#standing")).to_contain_text("1 film is not in TMDB")
    expect(page.get_by_text("62 of 62 films looked up").first).to_be_attached()
    assert is_sound(page)
    assert page.evaluate("scrollY") == scrolled
    assert watcher.faults == []


def test_focus_and_what_is_unfolded_stay_when_numbers_fill_in(opened: Any, client: Client, fake: FakeTmdb) -> None:
    session_id = send(client, *NAMES)
    for number in range(12):
        know(NAMES[number], genres=[f"Genre {number}"])
    count(session_id, 12)
    page, watcher = opened(session_id)
    page.locator("#genres summary").click()
    know(*NAMES[12:30])
    count(session_id, 30)
    expect(page.locator("#genres h3")).to_contain_text("Drama leads", timeout=8_000)
    expect(page.locator("#genres summary")).to_be_focused()
    expect(page.locator("#genres table")).to_be_visible()
    assert watcher.faults == []


def test_a_bar_says_how_long_it_takes_and_waits_in_plain_words(opened: Any, client: Client, fake: FakeTmdb) -> None:
    session_id = send(client, *NAMES)
    page, _ = opened(session_id)
    rest = page.locator("[data-rest]")
    said = [rest.text_content()]
    for films in range(1, 6):
        count(session_id, films)
        expect(page.get_by_role("progressbar")).to_have_attribute("value", str(films), timeout=4_000)
        said.append(rest.text_content())
    assert {
        text for text in said if not re.fullmatch(r"a few seconds left|about \d+ (seconds|minutes?) left", str(text))
    } == set()
    assert page.locator("[data-said]").text_content() == ""
    count(session_id, 15)
    expect(page.locator("[data-said]")).to_have_text("15 of 60 films looked up")


def test_a_page_asks_with_its_etag_and_less_often_when_something_is_wrong(
    opened: Any, client: Client, fake: FakeTmdb
) -> None:
    session_id = send(client, *NAMES)
    page, _ = opened(session_id)
    with page.expect_response(lambda answer: answer.url.endswith("/status") and answer.status == 304) as known:
        pass
    assert known.value.request.headers["if-none-match"]
    asked: list[float] = []

    def refuse(route: Any) -> None:
        asked.append(page.evaluate("performance.now()"))
        route.fulfill(status=503)

    page.route("**/status", refuse)
    page.wait_for_timeout(6_500)
    assert len(asked) in {2, 3}
    page.unroute_all()
    know(*NAMES)
    end(session_id, films=60)
    expect(page.get_by_role("progressbar")).to_be_hidden(timeout=15_000)


def test_a_page_of_what_is_deleted_meanwhile_says_so(opened: Any, client: Client, fake: FakeTmdb) -> None:
    session_id = send(client, *NAMES)
    page, _ = opened(session_id)
    UploadSession.objects.all().delete()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("nothing here", re.IGNORECASE), timeout=8_000)


def test_a_look_that_ends_without_facts_hides_the_room_it_kept(
    opened: Any, client: Client, fake: FakeTmdb, settings: Any
) -> None:
    settings.TMDB_TOKEN = "not-the-token"
    session_id = send(client, *NAMES)
    page, watcher = opened(session_id)
    work_off()
    expect(page.locator("#standing")).to_contain_text("TMDB refuses this service’s key", timeout=8_000)
    expect(page.locator("#genres")).to_be_hidden()
    assert is_sound(page)
    assert watcher.faults == []


def test_without_script_the_bar_stands_and_a_link_looks_again(opened: Any, client: Client, fake: FakeTmdb) -> None:
    session_id = send(client, *NAMES)
    know(*NAMES[:30])
    count(session_id, 30)
    page, watcher = opened(session_id, java_script_enabled=False)
    expect(page.get_by_role("progressbar", name="30 of 60 films looked up")).to_be_visible()
    expect(page.locator("#tile-hours .numeral")).to_have_text("45")
    work_off()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.locator("#genres")).to_contain_text("60 films")
    assert watcher.faults == []


# ── What is said ──────────────────────────────────────────────────────────────────────────────
def test_films_that_tmdb_lacks_and_namesakes_are_told_with_their_titles(client: Client, fake: FakeTmdb) -> None:
    session_id = send(client, "Film Number 1", "Twin", *(f"Nothing {number}" for number in range(30)))
    work_off()
    said = facts_of(client, session_id)
    assert "2 of 32 films have film facts" in said
    assert "30 films are not in TMDB" in said
    assert len(re.findall(r"Nothing \d", said)) == 25
    assert "and 5 more" in said
    assert "1 film has namesakes in TMDB; the likeliest was taken." in said
    assert "Twin (1999)" in said
    assert said.endswith(NOTICE)


def test_when_all_is_known_one_line_says_so(client: Client, fake: FakeTmdb) -> None:
    session_id = send(client, *NAMES[:3])
    work_off()
    page = client.get(f"/stats/{session_id}")
    assert '<p class="muted" id="standing">All 3 films have film facts.</p>' in page.content.decode()
    assert "3 of 3" not in text_of(page)


def test_without_a_token_the_page_says_what_it_would_show_and_that_nothing_is_wrong(client: Client) -> None:
    session_id = send(client, *NAMES[:3])
    said = facts_of(client, session_id)
    assert "Film facts are off on this server" in said
    assert "Nothing is wrong with the upload" in said
    assert NOTICE not in said
    assert 'id="genres"' not in client.get(f"/stats/{session_id}").content.decode()


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("wrong_token", "TMDB refuses this service’s key Its operator can see that."),
        ("unreachable", "TMDB did not answer The rest is fetched later"),
        ("done", "The rest is looked up later"),
    ],
)
def test_each_ending_is_told_in_plain_words(client: Client, fake: FakeTmdb, ending: str, words: str) -> None:
    session_id = send(client, *NAMES[:3])
    know(*NAMES[:1])
    end(session_id, ending, films=1)
    said = facts_of(client, session_id)
    assert words in said
    assert "1 of 3 films has film facts." in said
    assert said.endswith(NOTICE)


def test_a_session_from_before_film_facts_is_looked_up_at_its_next_visit(client: Client, fake: FakeTmdb) -> None:
    (session,) = make_sessions(1, movies=2)
    assert "0 of 2 films looked up" in text_of(client.get(f"/stats/{session.pk}"))
    work_off()
    assert "2 films are not in TMDB" in facts_of(client, session.pk)


def test_about_has_the_notice_always(client: Client) -> None:
    assert NOTICE in text_of(client.get("/about"))


def test_what_others_wait_for_lengthens_the_estimate(client: Client, fake: FakeTmdb, settings: Any) -> None:
    settings.TMDB_REQUESTS_PER_SECOND = 2
    first = send(client, *NAMES[:50])
    assert "about 50 seconds left" in text_of(client.get(f"/stats/{first}"))
    second = send(client, *NAMES[:20], *(f"Nothing {number}" for number in range(10)))
    assert "about 1 minute left" in text_of(client.get(f"/stats/{first}"))
    assert "about 1 minute left" in text_of(client.get(f"/stats/{second}"))


# ── What it costs ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("films", "queries"), [(["Film Number 1"], 5), (["Film Number 1", "Twin", *(f"Nothing {n}" for n in range(40))], 6)]
)
def test_a_page_with_facts_costs_few_queries_however_many_films(
    client: Client, fake: FakeTmdb, films: list[str], queries: int
) -> None:
    session_id = send(client, *films)
    work_off()
    assert queries_of(client, session_id) == 2
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/stats/{session_id}", headers={"Host": "localhost"})  # not kept, of numbers that are
    others = re.compile('"cache"|SAVEPOINT|BEGIN|COMMIT')
    assert len([query for query in asked if not others.search(query["sql"])]) == queries


def test_a_page_that_fills_costs_few_queries_and_its_numbers_are_kept_for_seconds(
    client: Client, fake: FakeTmdb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOVING_SECONDS", 8)
    session_id, _ = send(client, *NAMES), send(client, "Twin")
    know(*NAMES[:30])
    count(session_id, 30)
    assert queries_of(client, session_id) == 6
    count(session_id, 40)
    assert queries_of(client, session_id, is_warm=True) == 6
    time.sleep(8)
    assert queries_of(client, session_id, is_warm=True) > 6


def queries_of(client: Client, session_id: UUID, *, is_warm: bool = False) -> int:
    """Return how many queries a look at the page takes, once its numbers are kept."""
    if not is_warm:
        client.get(f"/stats/{session_id}")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/stats/{session_id}")
    return len(queries)
