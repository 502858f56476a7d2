"""Make movies_app/world_map.json, the outlines that the stats page's map is drawn from.

The source is Natural Earth 4.1, "Admin 0 – Countries" at 1:50 million (naturalearthdata.com), which is in the public
domain, as the npm package `world-atlas` carries it (ISC licence). To make the file again:

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python docs/make_world_map.py package/countries-50m.json

The map has the Natural Earth projection (Tom Patterson; the polynomials are Šavrič, Jenny, Patterson, Petrovič and
Hurni, 2011): it looks good as a whole, and Europe, where countries are small, comes out a little larger than in an
equal-area map. It has no Antarctica and is cut at 168.3° W, through the Bering Strait, so that Russia is whole.

Countries are those of ISO 3166-1 and Kosovo. Natural Earth draws who holds a place; where that differs from the borders
that the United Nations recognise (Crimea, Northern Cyprus, Somaliland), those are drawn.
"""

import json
import math
import sys
from collections.abc import Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "movies_app" / "world_map.json"
WIDTH = 1000
CUT = -168.3
# In units of the picture: points that close to a line are left out, and islands that small.
TOLERANCE = 1.0
LEAST_AREA = 2.0

# ISO 3166-1: two letters and the number that Natural Earth gives. Without Antarctica.
ISO_CODES = """
AD020 AE784 AF004 AG028 AI660 AL008 AM051 AO024 AR032 AS016 AT040 AU036 AW533 AX248 AZ031 BA070 BB052 BD050 BE056 BF854
BG100 BH048 BI108 BJ204 BL652 BM060 BN096 BO068 BR076 BS044 BT064 BW072 BY112 BZ084 CA124 CD180 CF140 CG178 CH756 CI384
CK184 CL152 CM120 CN156 CO170 CR188 CU192 CV132 CW531 CY196 CZ203 DE276 DJ262 DK208 DM212 DO214 DZ012 EC218 EE233 EG818
EH732 ER232 ES724 ET231 FI246 FJ242 FK238 FM583 FO234 FR250 GA266 GB826 GD308 GE268 GG831 GH288 GL304 GM270 GN324 GQ226
GR300 GS239 GT320 GU316 GW624 GY328 HK344 HM334 HN340 HR191 HT332 HU348 ID360 IE372 IL376 IM833 IN356 IO086 IQ368 IR364
IS352 IT380 JE832 JM388 JO400 JP392 KE404 KG417 KH116 KI296 KM174 KN659 KP408 KR410 KW414 KY136 KZ398 LA418 LB422 LC662
LI438 LK144 LR430 LS426 LT440 LU442 LV428 LY434 MA504 MC492 MD498 ME499 MF663 MG450 MH584 MK807 ML466 MM104 MN496 MO446
MP580 MR478 MS500 MT470 MU480 MV462 MW454 MX484 MY458 MZ508 NA516 NC540 NE562 NF574 NG566 NI558 NL528 NO578 NP524 NR520
NU570 NZ554 OM512 PA591 PE604 PF258 PG598 PH608 PK586 PL616 PM666 PN612 PR630 PS275 PT620 PW585 PY600 QA634 RO642 RS688
RU643 RW646 SA682 SB090 SC690 SD729 SE752 SG702 SH654 SI705 SK703 SL694 SM674 SN686 SO706 SR740 SS728 ST678 SV222 SX534
SY760 SZ748 TC796 TD148 TF260 TG768 TH764 TJ762 TL626 TM795 TN788 TO776 TR792 TT780 TW158 TZ834 UA804 UG800 US840 UY858
UZ860 VA336 VC670 VE862 VG092 VI850 VN704 VU548 WF876 WS882 YE887 ZA710 ZM894 ZW716
"""
CODES = {code[2:]: code[:2] for code in ISO_CODES.split()}
# Without a number: whose they are.
BY_NAME = {"Kosovo": "XK", "N. Cyprus": "CY", "Somaliland": "SO"}
# Lands that are drawn with another country: their code, that country's, and a box of west, south, east, north.
PARTS = (
    ("UA", "RU", (32, 44, 37, 47)),  # Crimea
    ("GF", "FR", (-55, 2, -51, 6)),
    ("GP", "FR", (-62, 15, -60, 17)),
    ("MQ", "FR", (-62, 14, -60, 15)),
    ("RE", "FR", (55, -22, 56, -20)),
    ("YT", "FR", (44, -14, 46, -12)),
    ("SJ", "NO", (-10, 70, 40, 82)),
)
# Not drawn at this scale: longitude and latitude.
PLACES = {
    **{"BQ": (-68.3, 12.2), "CC": (96.8, -12.2), "CX": (105.6, -10.5), "GI": (-5.4, 36.1)},
    **{"TK": (-171.8, -9.2), "TV": (179.2, -8.5)},
}

Point = tuple[float, float]
# A closed line, as TopoJSON has it: numbers of arcs one after the other; ~number is that arc backwards.
Ring = list[int]


# ── What Natural Earth says ───────────────────────────────────────────────────────────────────
def arcs_of(topology: Any) -> list[list[Point]]:
    """Decode the arcs to degrees of longitude and latitude."""
    (scale_x, scale_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        arc = []
        for delta_x, delta_y in deltas:
            x, y = x + delta_x, y + delta_y
            arc.append((x * scale_x + left, y * scale_y + bottom))
        arcs.append(arc)
    return arcs


def along(ring: Ring, arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """List the points of a ring or of a part of one."""
    points: list[Point] = []
    for arc in ring:
        line = arcs[arc] if arc >= 0 else arcs[~arc][::-1]
        points.extend(line[1:] if points else line)
    return points


def countries_of(topology: Any, arcs: list[list[Point]]) -> dict[str, list[Ring]]:
    """Sort all rings by country code."""
    countries: dict[str, list[Ring]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        code = CODES.get(country.get("id")) or BY_NAME.get(country["properties"]["name"])
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        if code:
            for ring in chain.from_iterable(polygons):
                countries.setdefault(owner(code, along(ring, arcs)), []).append(ring)
    return {code: joined(rings, arcs) for code, rings in sorted(countries.items())}


def owner(code: str, points: list[Point]) -> str:
    for part, holder, (west, south, east, north) in PARTS:
        if code == holder and all(west < x < east and south < y < north for x, y in points):
            return part
    return code


def joined(rings: list[Ring], arcs: list[list[Point]]) -> list[Ring]:
    """Take the borders between rings of one country away and string what is left together."""
    all_arcs = [arc for ring in rings for arc in ring]
    left = [arc for arc in all_arcs if ~arc not in all_arcs]
    result = []
    while left:
        ring = [left.pop(0)]
        while (end := along(ring[-1:], arcs)[-1]) != along(ring[:1], arcs)[0]:
            ring.append(left.pop(next(at for at, arc in enumerate(left) if along([arc], arcs)[0] == end)))
        result.append(ring)
    return result


# ── What is drawn ─────────────────────────────────────────────────────────────────────────────
def projected(point: Point) -> Point:
    """Project a place; x grows to the east from the middle, y to the south from the equator."""
    longitude = math.radians((point[0] - CUT) % 360 - 180)
    latitude = math.radians(point[1])
    square = latitude**2
    x = 0.8707 - 0.131979 * square + square**2 * (-0.013791 + square**2 * (0.003971 * square - 0.001529 * square**2))
    y = 1.007226 + square * (0.015085 + square**2 * (-0.044475 + 0.028874 * square - 0.005916 * square**2))
    return longitude * x, -latitude * y


def simplified(line: list[Point]) -> list[Point]:
    """Leave out the points that are hardly off a straight line (Douglas and Peucker)."""
    (x, y), (end_x, end_y) = line[0], line[-1]
    length = math.hypot(end_x - x, end_y - y)

    def distance(at: int) -> float:
        off_x, off_y = line[at][0] - x, line[at][1] - y
        return abs((end_x - x) * off_y - off_x * (end_y - y)) / length if length else math.hypot(off_x, off_y)

    farthest = max(range(1, len(line) - 1), key=distance, default=0)
    if not farthest or distance(farthest) < TOLERANCE:
        return [line[0], line[-1]]
    return simplified(line[: farthest + 1])[:-1] + simplified(line[farthest:])


def rounded(line: list[Point]) -> list[tuple[int, int]]:
    """Round to whole units; of neighbours that fall together one stays, and the end, which is the start, goes."""
    points = [(round(x), round(y)) for x, y in line]
    return [point for point, following in pairwise(points) if point != following]


def area(points: Sequence[Point]) -> float:
    return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairwise([*points, points[0]]))) / 2


def is_cut(ring: Ring, arcs: list[list[Point]]) -> bool:
    """Tell whether the map's edge goes through a ring: an island of the Aleutians, too small to matter."""
    return any(abs(x - next_x) > math.pi for (x, _), (next_x, _) in pairwise(along(ring, arcs)))


def path_of(points: list[tuple[int, int]]) -> str:
    steps = (f"{next_x - x} {next_y - y}" for (x, y), (next_x, next_y) in pairwise(points))
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def world(topology: Any) -> dict[str, Any]:
    """Return the view box, the outlines by country code, and the middle of those too small to have one."""
    degrees = arcs_of(topology)
    countries = countries_of(topology, degrees)
    raw = [[projected(point) for point in arc] for arc in degrees]
    countries = {code: [ring for ring in rings if not is_cut(ring, raw)] for code, rings in countries.items()}
    drawn = [point for rings in countries.values() for ring in rings for point in along(ring, raw)]
    west, north = min(x for x, _ in drawn), min(y for _, y in drawn)
    scale = WIDTH / (max(x for x, _ in drawn) - west)

    def placed(point: Point) -> Point:
        return (point[0] - west) * scale, (point[1] - north) * scale

    arcs = [simplified([placed(point) for point in arc]) for arc in raw]
    paths: dict[str, str] = {}
    dots = {code: placed(projected(place)) for code, place in PLACES.items()}
    for code, rings in countries.items():
        outlines = [points for ring in rings if (points := rounded(along(ring, arcs))) and area(points) >= LEAST_AREA]
        if outlines:
            paths[code] = "".join(map(path_of, outlines))
        else:
            dots[code] = middle([placed(point) for point in max((along(ring, raw) for ring in rings), key=area)])
    height = math.ceil((max(y for _, y in drawn) - north) * scale)
    whole = {code: (round(x), round(y)) for code, (x, y) in sorted(dots.items())}
    return {"view_box": f"0 0 {WIDTH} {height}", "outlines": paths, "dots": whole}


def middle(points: list[Point]) -> Point:
    longitudes, latitudes = zip(*points, strict=True)
    return (min(longitudes) + max(longitudes)) / 2, (min(latitudes) + max(latitudes)) / 2


def main(source: Path) -> None:
    topology = json.loads(source.read_text(encoding="utf-8"))
    TARGET.write_text(json.dumps(world(topology), indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        raise SystemExit("Which file? python docs/make_world_map.py package/countries-50m.json")
    main(Path(sys.argv[1]))
