"""The pictures to share: what stands on them, that they are sound files, drawn once, and gone with their session."""

import html
import itertools
import re
import struct
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from movies_app import cards, stats
from movies_app.chart_pictures import CARD, FORMATS, STORY, Format, description, picture_of
from movies_app.lettering import BOLD, drawable, width
from movies_app.made_up import Habits, make_export, make_zip
from sessions_app import uploads
from sessions_app.models import UploadSession
from tests.builders import DIARY, RATINGS, WATCHED, make_csv, make_film_known, upload
from tests.test_year_page import days_of, diary

pytestmark = pytest.mark.django_db

KIND = "image/png"
SIZES = {"card": (1_200, 630), "story": (1_080, 1_920)}
MOST_BYTES = 300_000
# Members as different as they come: how they are called, and what they bring.
MEMBERS: dict[str, tuple[str, dict[str, bytes]]] = {
    "many films": ("Ada", make_export(films=1_600, seed=1)),
    "no name": ("", make_export(films=300, seed=2)),
    "a long name": (
        "Maximiliane Featherstonehaugh-Montgomery of Nether Wallop, the Younger",
        make_export(films=40, seed=3),
    ),
    "a name without a break": ("W" * 80, make_export(films=40, seed=4)),
    "a name in Japanese": ("千葉 弟弟", make_export(films=40, seed=5)),
    "a name of emoji": ("🎬🍿", make_export(films=40, seed=6)),
    "five films": ("Bo", make_export(films=5, seed=7)),
    "one film": ("Bo", make_export(films=1, seed=8)),
    "no ratings and no diary": ("Bo", {"watched.csv": make_export(films=60, seed=9)["watched.csv"]}),
    "a name of markup": ('<b>&"\'</b>]]>', make_export(films=40, seed=10)),
    "titles in Chinese, Japanese and Korean": (
        "Kim",
        {
            "ratings.csv": make_csv(
                RATINGS,
                [
                    ("2024-01-01", title, "2001", f"https://boxd.it/{number}", rating)
                    for number, (title, rating) in enumerate(
                        [("千と千尋の神隠し", "5"), ("霸王别姬", "5"), ("기생충", "4.5"), ("🎬", "4"), ("جدایی", "4")]
                    )
                ],
            )
        },
    ),
    "long titles": (
        "Bo",
        {
            "ratings.csv": make_csv(
                RATINGS,
                [("2024-01-01", "Night " * 25 + str(n), "1964", f"https://boxd.it/{n}", "5") for n in range(6)],
            )
        },
    ),
}  # fmt: skip


def send(client: Client, member: str) -> str:
    name, files = MEMBERS[member]
    answer = upload(client, ("export.zip", make_zip(files)), display_name=name)
    assert answer.status == 201, answer.body
    return str(answer["session_id"])


def checked(png: bytes) -> tuple[int, int]:
    """Read a PNG whole, checksums and pixels, and return its size."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, pixels, kinds = 8, b"", []
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert int.from_bytes(png[at + 8 + length : at + 12 + length]) == zlib.crc32(kind + content)
        kinds.append(kind)
        pixels += content if kind == b"IDAT" else b""
        at += 12 + length
    assert (kinds[0], kinds[-1]) == (b"IHDR", b"IEND")
    wide, high, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (8, 6)
    assert len(zlib.decompress(pixels)) == high * (4 * wide + 1)
    return wide, high


def tags_of(page: Any) -> dict[str, str]:
    """Return the tags by which other sites show a link."""
    found = re.findall(r'<meta (?:property|name)="((?:og|twitter):[\w:]+)" content="([^"]*)">', page.content.decode())
    assert len(found) == len(dict(found))
    return {name: html.unescape(value) for name, value in found}


# ── The files ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("member", MEMBERS)
def test_every_member_has_sound_pictures(client: Client, member: str) -> None:
    session_id = send(client, member)
    years = client.get(f"/api/session/{session_id}/stats").json()["years"][:1]
    for folder, shape in itertools.product(("", *(f"{year}/" for year in years)), FORMATS):
        answer = client.get(f"/stats/{session_id}/{folder}{shape}.png")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, KIND)
        assert checked(answer.content) == SIZES[shape]
        assert len(answer.content) < MOST_BYTES


def test_a_picture_is_drawn_once_for_each_state(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, real = [], cards.png

    def counting(*arguments: Any, **options: Any) -> bytes:
        drawn.append(options["shape"])
        return real(*arguments, **options)

    monkeypatch.setattr(cards, "png", counting)
    session_id = send(client, "five films")
    pictures = [client.get(f"/stats/{session_id}/card.png?v={n}").content for n in range(3)]
    assert (drawn, len(set(pictures))) == (["card"], 1)
    UploadSession.objects.get(pk=session_id).rename("Ada")
    assert client.get(f"/stats/{session_id}/card.png").content != pictures[0]
    assert drawn == ["card", "card"]


def test_a_kept_picture_costs_few_queries(client: Client) -> None:
    session_id = send(client, "many films")
    client.get(f"/stats/{session_id}/card.png")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/stats/{session_id}/card.png")
    assert len(queries) == 2


def test_a_known_picture_is_not_sent_again(client: Client) -> None:
    address = f"/stats/{send(client, 'five films')}/card.png"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"
    head = client.head(address)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


# ── Where there is none ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("how", ["deleted", "expired", "purged"])
def test_a_picture_goes_with_its_session_at_once(client: Client, how: str) -> None:
    session_id = send(client, "five films")
    addresses = [f"/stats/{session_id}/{shape}.png" for shape in FORMATS]
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    session = UploadSession.objects.get(pk=session_id)
    if how == "deleted":
        uploads.delete(session)
    else:
        UploadSession.objects.filter(pk=session_id).update(expires_at=timezone.now() - timedelta(seconds=1))
    if how == "purged":
        list(uploads.purge(now=timezone.now()))
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE '%kept-%'")
        assert (cursor.fetchone()[0] == 0) == (how != "expired")


@pytest.mark.parametrize(
    "path", ["1999/card.png", "12/card.png", "2400/story.png", "poster.png", "card.svg", "card.png/"]
)
def test_what_there_is_no_picture_of_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/stats/{send(client, 'five films')}/{path}").status_code == 404


def test_an_export_without_films_has_no_picture(client: Client) -> None:
    answer = upload(client, ("watched.csv", make_csv(WATCHED, [])))
    assert client.get(f"/stats/{answer['session_id']}/card.png").status_code == 404


def test_nothing_but_looking_is_possible(client: Client) -> None:
    assert client.post(f"/stats/{send(client, 'five films')}/card.png").status_code == 405


# ── What stands on them ───────────────────────────────────────────────────────────────────────
def numbers_of(client: Client, member: str, year: int | None = None) -> dict[str, Any]:
    query = {"year": year} if year else {}
    numbers: dict[str, Any] = client.get(f"/api/session/{send(client, member)}/stats", query).json()
    return numbers


@pytest.mark.parametrize("shape", [CARD, STORY], ids=lambda shape: shape.name)
@pytest.mark.parametrize("member", MEMBERS)
def test_nothing_stands_beyond_its_room(client: Client, member: str, shape: Format) -> None:
    picture = picture_of(numbers_of(client, member), name=MEMBERS[member][0], site="stats.example.org", shape=shape)
    assert len(picture.title.lines) <= shape.title_lines
    assert all(width(line, size=picture.title.size, weight=BOLD) <= shape.title_room for line in picture.title.lines)
    assert picture.title.lines[-1].endswith("films")
    if picture.rows:
        assert 1 <= len(picture.rows.rows) <= shape.most_rows
        for row in picture.rows.rows:
            assert width(row.name, size=shape.row_size) + width(row.value, size=shape.row_size * 0.9) <= shape.row_room
    if picture.bars:
        bars = re.findall(r"M([\d.]+) .*?h([\d.]+)", picture.bars.path + picture.bars.top)
        assert len(bars) >= 3
        assert max(float(left) + float(wide) for left, wide in bars) <= shape.bars_width


def test_a_picture_tells_what_the_page_does(client: Client) -> None:
    session_id = send(client, "many films")
    told = client.get(f"/api/session/{session_id}/stats").json()
    picture = picture_of(told, name="Ada", site="stats.example.org", shape=STORY)
    assert picture.title.lines == ("Ada’s films",)
    assert [(one.value, one.label) for one in picture.figures[:2]] == [
        (f"{told['overview']['films']:,}", "films"),
        (f"{told['overview']['average_rating']:.2f}", "average rating"),
    ]
    assert picture.rows is not None
    assert picture.rows.title == "Best rated"
    best = told["best_rated"][: len(picture.rows.rows)]
    assert len(best) == STORY.most_rows
    rows = zip(picture.rows.rows, best, strict=True)
    assert all(drawable(film["title"]).startswith(row.name.rstrip("…")) for row, film in rows)
    assert picture.bars is not None
    assert (picture.bars.title, len(picture.bars.ticks)) == ("How the ratings fall", 10)


def test_a_year_is_told_by_its_months(client: Client) -> None:
    session_id = upload(client, diary(*days_of(2024, 30)), display_name="Ada")["session_id"]
    told = client.get(f"/api/session/{session_id}/stats", {"year": 2024}).json()
    picture = picture_of(told, name="Ada", site="", shape=CARD)
    assert picture.eyebrow == "Year in review"
    assert picture.title.lines == ("Ada’s 2024 in films",)
    assert picture.bars is not None
    assert [tick.text for tick in picture.bars.ticks] == list("JFMAMJJASOND")
    assert description(told) == "30 films, 4.00 average rating"


def test_hours_are_told_only_when_they_are_known_of_most_films(client: Client) -> None:
    answer = upload(client, ("watched.csv", make_csv(WATCHED, [("2024-01-01", n, "1999", "") for n in "ABC"])))
    session_id = UploadSession.objects.get(pk=answer["session_id"]).pk
    told = []
    for title in "ABC":
        make_film_known(title, runtime=90, genres=["Drama"])
        told.append(description(stats.compute(session_id=session_id)))
    assert told == ["3 films", "3 films, 3 hours in 2 films", "3 films, 4 hours"]


def test_a_title_that_cannot_be_written_gives_its_place_to_the_next(client: Client) -> None:
    told = numbers_of(client, "titles in Chinese, Japanese and Korean")
    picture = picture_of(told, name="Kim", site="", shape=STORY)
    assert picture.rows is not None
    assert {row.name for row in picture.rows.rows} == {"千と千尋の神隠し", "霸王别姬", "기생충"}


@pytest.mark.parametrize("member", ["a name of markup", "long titles"])
def test_what_members_write_is_never_markup(client: Client, member: str) -> None:
    told = numbers_of(client, member)
    picture = picture_of(told, name=MEMBERS[member][0], site="", shape=CARD)
    svg = render_to_string("pictures/card.svg", {"picture": picture})
    assert "<b>" not in svg
    assert not re.search(r"<(image|script|style|a|use|foreignObject)\b", svg)


def test_reviews_tags_and_the_link_are_on_no_picture(client: Client) -> None:
    export = make_export(films=60, seed=12, habits=Habits(reviewed=1, tagged=1))
    session_id = upload(client, ("export.zip", make_zip(export)), display_name="Ada")["session_id"]
    told = client.get(f"/api/session/{session_id}/stats").json()
    assert told["tags"]["top"]
    for shape in FORMATS.values():
        svg = render_to_string(
            f"pictures/{shape.name}.svg",
            {"picture": picture_of(told, name="Ada", site="stats.example.org", shape=shape)},
        )
        assert session_id[:8] not in svg
        assert [row["tag"] for row in told["tags"]["top"] if f">{row['tag']}<" in svg] == []


# ── Links that are pasted elsewhere ───────────────────────────────────────────────────────────
def test_a_pasted_link_shows_the_picture_of_the_page(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://stats.example.org"
    session_id = send(client, "many films")
    tags = tags_of(client.get(f"/stats/{session_id}"))
    assert tags["og:title"] == tags["twitter:title"] == "Ada’s films"
    assert tags["og:url"] == f"https://stats.example.org/stats/{session_id}"
    assert re.fullmatch(rf"https://stats\.example\.org/stats/{session_id}/card\.png\?v=[0-9a-f]{{8}}", tags["og:image"])
    assert tags["twitter:image"] == tags["og:image"]
    assert tags["twitter:card"] == "summary_large_image"
    assert (int(tags["og:image:width"]), int(tags["og:image:height"])) == SIZES["card"]
    told = client.get(f"/api/session/{session_id}/stats").json()
    assert tags["og:description"] == description(told)
    assert client.get(tags["og:image"].removeprefix("https://stats.example.org")).headers["Content-Type"] == KIND


@pytest.mark.parametrize("path", ["/2024", "?year=2024"])
def test_a_year_has_a_picture_of_its_own(client: Client, path: str) -> None:
    session_id = upload(client, diary(*days_of(2024, 30), *days_of(2023, 12)), display_name="Ada")["session_id"]
    page = client.get(f"/stats/{session_id}{path}")
    tags = tags_of(page)
    assert tags["og:title"] == "Ada’s 2024 in films"
    assert tags["og:url"] == f"http://testserver/stats/{session_id}{path}"
    assert tags["og:image"].startswith(f"http://testserver/stats/{session_id}/2024/card.png?v=")
    saved = re.findall(r'href="([^"]+)" download="([^"]+)"', page.content.decode())
    assert [(address.partition("?")[0], file) for address, file in saved[:2]] == [
        (f"/stats/{session_id}/2024/card.png", "letterboxd-stats-2024.png"),
        (f"/stats/{session_id}/2024/story.png", "letterboxd-stats-2024-story.png"),
    ]


def test_the_address_of_a_picture_changes_with_what_is_on_it(client: Client) -> None:
    session_id = send(client, "five films")
    before = tags_of(client.get(f"/stats/{session_id}"))["og:image"]
    assert tags_of(client.get(f"/stats/{session_id}"))["og:image"] == before
    UploadSession.objects.get(pk=session_id).rename("Ada")
    assert tags_of(client.get(f"/stats/{session_id}"))["og:image"] != before


def test_pages_show_pictures_from_their_own_host(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://stats.example.org"
    page = client.get(f"/stats/{send(client, 'five films')}").content.decode()
    sources = re.findall(r'<img src="([^"]+/card\.png[^"]*)"', page)
    assert len(sources) == 1
    assert sources[0].startswith("/stats/")


def test_the_first_page_shows_the_picture_of_the_sample(client: Client) -> None:
    call_command("load_sample", verbosity=0)
    tags = tags_of(client.get("/"))
    assert tags["og:url"] == "http://testserver/"
    assert client.get(tags["og:image"].removeprefix("http://testserver")).headers["Content-Type"] == KIND


@pytest.mark.parametrize(
    "query", ["?rewatches_only=true", "?year=2024&rewatches_only=true", "/2024?rewatches_only=true"]
)
def test_what_is_said_of_a_picture_is_what_stands_on_it_whatever_counts_on_the_page(client: Client, query: str) -> None:
    days = [*days_of(2024, 30), *days_of(2023, 5)]
    rows = [(day, f"A{n}", "1999", f"https://boxd.it/{n}", "4", "Yes" * (n < 3), "", day) for n, day in enumerate(days)]
    session_id = upload(client, ("diary.csv", make_csv(DIARY, rows)))["session_id"]
    page = client.get(f"/stats/{session_id}{query}")
    said = re.search(r'<img src="/stats/[^"]+card\.png[^"]*"[^>]* alt="([^"]*)"', page.content.decode())
    films = "30 films" if "2024" in query else "35 films"
    assert said
    assert films in html.unescape(said[1])
    assert films in tags_of(page)["og:image:alt"]
