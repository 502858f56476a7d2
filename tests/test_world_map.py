"""The world map: places lie in their countries, shades follow the numbers, and what no map of today has is named."""

import gzip
import json
import re
import runpy
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from movies_app import chart_countries, world_map
from movies_app.chart_parts import Row, Section, Table, TableRow
from movies_app.scope import Links

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "movies_app" / "world_map.json"
SCRIPT = runpy.run_path(str(ROOT / "docs" / "make_world_map.py"))

Ring = list[tuple[int, int]]


def shaded(counts: Mapping[str, int]) -> world_map.WorldMap:
    return world_map.shaded(counts, Links("/stats/a"))


# ── Outlines ──────────────────────────────────────────────────────────────────────────────────
def rings_of(path: str) -> list[Ring]:
    """Read a path that has nothing but `M x y l dx dy … z`."""
    assert re.fullmatch(r"(M-?\d+ -?\d+l(-?\d+[ -]?)+z)+", path), path
    rings = []
    for part in path.split("z")[:-1]:
        numbers = [int(number) for number in re.findall(r"-?\d+", part)]
        ring = [(numbers[0], numbers[1])]
        for delta_x, delta_y in zip(numbers[2::2], numbers[3::2], strict=True):
            ring.append((ring[-1][0] + delta_x, ring[-1][1] + delta_y))
        rings.append(ring)
    return rings


RINGS = {outline.code: rings_of(outline.path) for outline in world_map.outlines() if not outline.is_dot}


def on_map(longitude: float, latitude: float) -> tuple[float, float]:
    """Place a point as the script does; two of its dots, whose places are known, tell the scale."""
    dots, places, projected = json.loads(FILE.read_text())["dots"], SCRIPT["PLACES"], SCRIPT["projected"]
    (west, north), (east, _), (x, y) = (
        projected(places["BQ"]),
        projected(places["TK"]),
        projected((longitude, latitude)),
    )
    scale = (dots["TK"][0] - dots["BQ"][0]) / (east - west)
    return dots["BQ"][0] + (x - west) * scale, dots["BQ"][1] + (y - north) * scale


def is_inside(point: tuple[float, float], rings: list[Ring]) -> bool:
    """Count the sides to the right of a point: an odd number is inside."""
    x, y = point
    sides = [side for ring in rings for side in pairwise([*ring, ring[0]])]
    crossed = [
        x < left + (y - top) * (right - left) / (bottom - top)
        for (left, top), (right, bottom) in sides
        if (top > y) != (bottom > y)
    ]
    return sum(crossed) % 2 == 1


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "code"),
    [
        ("Dijon", 5.0, 47.3, "FR"),
        ("Kansas", -98.0, 38.5, "US"),
        ("Fairbanks", -147.7, 64.8, "US"),
        ("the middle of Kamchatka", 159.0, 56.0, "RU"),
        ("Chukotka beyond 180°", -175.0, 66.8, "RU"),
        ("Simferopol on Crimea", 34.1, 45.0, "UA"),
        ("Kyiv", 30.5, 50.4, "UA"),
        ("Hargeisa in Somaliland", 44.1, 9.6, "SO"),
        ("French Guiana", -53.0, 4.0, "GF"),
        ("Svalbard", 16.0, 78.5, "SJ"),
        ("Pristina", 21.1, 42.6, "XK"),
        ("Lesotho, all around which is South Africa", 28.3, -29.6, "LS"),
        ("Taichung", 121.0, 24.0, "TW"),
        ("Seville", -5.5, 37.5, "ES"),
        ("Alice Springs", 133.9, -23.7, "AU"),
        ("Christchurch", 171.9, -43.3, "NZ"),
    ],
)
def test_a_place_lies_in_its_country_and_in_no_other(place: str, longitude: float, latitude: float, code: str) -> None:
    point = on_map(longitude, latitude)
    assert [country for country, rings in RINGS.items() if is_inside(point, rings)] == [code], place


def test_all_outlines_are_within_the_picture_and_none_goes_across_its_edge() -> None:
    width, height = (int(number) for number in shaded({}).view_box.split()[2:])
    for rings in RINGS.values():
        for ring in rings:
            assert all(0 <= x <= width and 0 <= y <= height for x, y in ring)
            assert max(abs(x - next_x) for (x, _), (next_x, _) in pairwise([*ring, ring[0]])) < width / 4


def test_every_country_has_a_name_and_is_drawn_once() -> None:
    codes = [outline.code for outline in world_map.outlines()]
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if chart_countries.name(code) == code] == []


@pytest.mark.parametrize("code", ["AD", "GI", "GP", "HK", "MO", "MT", "PF", "SG", "TV", "VA"])
def test_a_country_too_small_to_be_seen_is_a_dot(code: str) -> None:
    (country,) = shaded({code: 3}).countries
    assert country.kind == "step-5 dot"
    assert re.fullmatch(r"M\d+ \d+a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", country.path)


def test_the_outlines_are_small_on_the_wire() -> None:
    assert len(gzip.compress(FILE.read_bytes())) < 12_000


def test_the_script_takes_the_border_between_lands_of_one_country_away() -> None:
    arcs = [[(0, 0), (0, 1)], [(0, 1), (-1, 1), (-1, 0), (0, 0)], [(0, 1), (1, 1), (1, 0), (0, 0)]]
    joined = SCRIPT["joined"]([[0, 1], [~0, ~2]], arcs)
    assert [SCRIPT["along"](ring, arcs) for ring in joined] == [
        [(0, 1), (-1, 1), (-1, 0), (0, 0), (1, 0), (1, 1), (0, 1)]
    ]


def test_without_a_file_the_script_says_how_to_call_it() -> None:
    with pytest.raises(SystemExit, match="Which file"):
        runpy.run_path(str(ROOT / "docs" / "make_world_map.py"), run_name="__main__")


# ── Shades ────────────────────────────────────────────────────────────────────────────────────
def kinds(counts: Mapping[str, int]) -> dict[str, str]:
    """Return the classes by title."""
    return {country.title: country.kind for country in shaded(counts).countries}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, {}),
        ({"FR": 0}, {}),
        ({"FR": 1}, {"France: 1 film": "step-5"}),
        ({"FR": 1, "JP": 2}, {"France: 1 film": "step-1", "Japan: 2 films": "step-5"}),
        (
            {"FR": 1, "JP": 2, "IT": 3},
            {"France: 1 film": "step-1", "Japan: 2 films": "step-3", "Italy: 3 films": "step-5"},
        ),
        (
            {"US": 900, "GB": 199, "FR": 59, "JP": 4, "IT": 3},
            {
                **{"France: 59 films": "step-3", "United Kingdom: 199 films": "step-4", "Italy: 3 films": "step-1"},
                **{"Japan: 4 films": "step-2", "United States: 900 films": "step-5"},
            },
        ),
    ],
)
def test_more_films_have_a_stronger_shade(counts: dict[str, int], expected: dict[str, str]) -> None:
    assert kinds(counts) == expected


@pytest.mark.parametrize(
    ("most", "texts"),
    [
        (1, ["1"]),
        (3, ["1", "2", "3"]),
        (6, ["1", "2", "3", "4–6"]),
        (30, ["1", "2–3", "4–7", "8–19", "20–30"]),
        (900, ["1–3", "4–19", "20–59", "60–199", "200–900"]),
        (5000, ["1–4", "5–29", "30–199", "200–899", "900–5,000"]),
    ],
)
def test_the_legend_has_round_numbers(most: int, texts: list[str]) -> None:
    assert [band.text for band in shaded({"US": most}).bands] == texts


@pytest.mark.parametrize("most", [*range(1, 130), 999, 1000, 1001, 12_345])
def test_the_legend_has_a_shade_for_every_number(most: int) -> None:
    bands = shaded({"US": most}).bands
    spans = [[int(number.replace(",", "")) for number in band.text.split("–")] for band in bands]
    assert spans[0][0] == 1
    assert spans[-1][-1] == most
    assert all(following[0] == span[-1] + 1 for span, following in pairwise(spans))
    assert sorted({band.kind for band in bands}) == [band.kind for band in bands]


def test_the_legend_and_the_map_have_the_same_shades() -> None:
    counts = dict(zip(["FR", "JP", "IT", "US", "DE", "SE", "BR", "IN"], [1, 2, 5, 9, 15, 39, 40, 99], strict=True))
    for band in shaded(counts).bands:
        first, last = int(band.text.split("–")[0]), int(band.text.split("–")[-1])
        inside = [f"{chart_countries.name(code)}: " for code, films in counts.items() if first <= films <= last]
        shown = [title for title, kind in kinds(counts).items() if kind == band.kind]
        assert len(inside) == len(shown)
        assert all(title.startswith(tuple(inside)) for title in shown)


def test_countries_without_films_are_one_land_and_those_with_films_are_not_in_it() -> None:
    bare, world = shaded({}), shaded({"US": 3, "HK": 1})
    (america,) = (country.path for country in world.countries if "dot" not in country.kind)
    assert america in bare.land
    assert world.land == bare.land.replace(america, "")


@pytest.mark.parametrize(
    ("counts", "code"), [({"US": 3}, "US"), ({"DE": 4, "XG": 30}, "XG"), ({"DE": 30, "XG": 4}, "DE"), ({"BU": 2}, "BU")]
)
def test_a_country_leads_to_its_films_and_of_two_on_one_land_to_those_of_the_larger(
    counts: dict[str, int], code: str
) -> None:
    assert [country.url for country in shaded(counts).countries] == [f"/stats/a/films?country={code}"]


def test_of_dots_that_overlap_the_one_of_more_films_lies_on_top() -> None:
    titles = [country.title for country in shaded({"HK": 33, "MO": 1, "CN": 40}).countries]
    assert titles == ["China: 40 films", "Macau: 1 film", "Hong Kong: 33 films"]


# ── Countries of the past ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"DE": 30, "XG": 4}, "Germany: 30 films, East Germany: 4 films"),
        ({"XG": 1}, "East Germany: 1 film"),
        ({"BU": 2}, "Burma: 2 films"),
        ({"ZR": 2, "CD": 1}, "Zaire: 2 films, DR Congo: 1 film"),
    ],
)
def test_a_country_that_is_part_of_one_of_today_is_shaded_there(counts: dict[str, int], expected: str) -> None:
    world = shaded(counts)
    assert [country.title for country in world.countries] == [expected]
    assert world.bands[-1].text.endswith(str(sum(counts.values())))
    assert world.elsewhere == ""


def test_a_country_that_fell_apart_is_shaded_nowhere_and_named() -> None:
    world = shaded({"FR": 2, "SU": 1200, "XC": 5, "YU": 3, "CS": 2, "AN": 1})
    assert [country.title for country in world.countries] == ["France: 2 films"]
    assert [band.text for band in world.bands] == ["1", "2"]
    assert world.elsewhere == (
        "Soviet Union 1,200, Czechoslovakia 5, Yugoslavia 3, Serbia and Montenegro 2, Netherlands Antilles 1"
    )


def test_a_code_that_nobody_knows_is_named_too() -> None:
    assert shaded({"QQ": 1}).elsewhere == "QQ 1"


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ({}, "World map"),
        ({"FR": 1}, "World map of films by country: France 1"),
        (
            {"FR": 1200, "JP": 3, "IT": 2, "DE": 1, "SE": 1},
            "World map of films by country: France 1,200, Japan 3, Italy 2 and 2 more",
        ),
    ],
)
def test_the_picture_is_told_to_those_who_do_not_see_it(counts: dict[str, int], label: str) -> None:
    assert shaded(counts).label == label


# ── The card ──────────────────────────────────────────────────────────────────────────────────
def card(counts: dict[str, int], section: Section) -> str:
    return render_to_string("stats/_map.html", {"map": shaded(counts), "section": section})


def test_the_card_has_map_legend_rows_and_table_and_nothing_inline() -> None:
    table = Table(("Country", "Films"), (TableRow("France", ("4",)), TableRow("Soviet Union", ("2",))))
    rows = (Row("France", "100%", "4", "3.50", "/films?country=FR"),)
    html = card({"FR": 4, "SU": 2}, Section("France, 4 films", coverage="All 6", rows=rows, table=table))
    assert 'aria-label="World map of films by country: France 4, Soviet Union 2"' in html
    assert html.count("<title>France: 4 films</title>") == 1
    assert "Not on this map: Soviet Union 2" in html
    assert "<td>2</td>" in html
    assert " style=" not in html
    assert "<script" not in html


def test_a_card_without_countries_shows_the_bare_land_and_why() -> None:
    html = card({}, Section("No country known yet", empty="This fills in."))
    assert 'class="land"' in html
    assert "This fills in." in html
    assert "legend" not in html
    assert "<table" not in html
