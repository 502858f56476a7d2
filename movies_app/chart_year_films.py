"""The scenes of the year in review about people and single films: who was seen most, where the crowd thinks otherwise,
the odd ones, old friends, words.

Pure; `chart_year` calls it. A scene that has nothing to tell is None.
"""

from collections.abc import Sequence
from dataclasses import replace

from movies_app import chart_words as words
from movies_app import posters
from movies_app.chart_parts import Numbers
from movies_app.chart_year_parts import (
    Bar,
    Bars,
    Card,
    Figure,
    Quote,
    Scene,
    Years,
    card_of,
    covered,
    in_stars,
    scale_of,
)

# Of whom fewer films were seen is nobody of the year.
_FEWEST_SEEN = 2
_OTHERS, _AGAIN, _TAGS = 6, 3, 12
# Of fewer films nobody is kinder than the crowd or harder to please, and neither by a smaller difference.
_FEWEST_IN_CROWD, _SAME_STARS = 5, 0.1
_FRONT = (("directors", "director"), ("actors", "actor"))
_BEHIND = (
    *(("writers", "writer", "Screenplay"), ("cinematographers", "cinematographer", "Camera")),
    *(("composers", "composer", "Music"), ("editors", "editor", "Editing")),
)


# ── People ────────────────────────────────────────────────────────────────────────────────────
def people(years: Years) -> Scene | None:
    """Show the director and the actor of the year, and who else was seen at least twice."""
    front = [(*role, seen) for role in _FRONT if (seen := _seen_often(years, role[0]))]
    if not front:
        return None
    lists = [
        Bars(f"Other {kind}", _bars(years, role, seen[1:_OTHERS]), years.links.ranking(kind))
        for kind, role, seen in front
        if seen[1:]
    ]
    behind = [
        replace(bar, note=label)
        for kind, role, label in _BEHIND
        for bar in _bars(years, role, _seen_often(years, kind)[:1])
    ]
    return Scene(
        key="people",
        eyebrow="People",
        headline=_most_seen(front[0][0], front[0][2]),
        cards=tuple(_person(years, seen, kind, role) for kind, role, seen in front),
        lists=(*lists, Bars("Behind the camera", tuple(behind))) if behind else tuple(lists),
        coverage=covered(years.now["directors"]["films"], years, "a director"),
    )


def _seen_often(years: Years, kind: str) -> list[Numbers]:
    return [person for person in years.now[kind]["most_seen"] if person["films"] >= _FEWEST_SEEN]


def _bars(years: Years, role: str, seen: Sequence[Numbers]) -> tuple[Bar, ...]:
    return tuple(
        Bar(person["name"], years.films(**{role: person["id"]}), words.number(person["films"])) for person in seen
    )


def _equals(seen: Sequence[Numbers]) -> int:
    """Count those who lead."""
    return sum(person["films"] == seen[0]["films"] for person in seen)


def _most_seen(kind: str, seen: Sequence[Numbers]) -> str:
    """Name the one who leads; of several how many they are."""
    equals, times = _equals(seen), _times(seen[0]["films"])
    return f"{seen[0]['name']}, {times}" if equals == 1 else f"{equals} {kind} seen {times}"


def _person(years: Years, seen: Sequence[Numbers], kind: str, role: str) -> Card:
    """Show the one who was seen most with the film that stands for them."""
    person, film = seen[0], seen[0]["film"]
    films = words.counted(person["films"], "film")
    return Card(
        title=person["name"],
        year="",
        url=years.films(**{role: person["id"]}),
        poster=posters.of_url(film["poster_url"]),
        label=f"Most seen {role}" if _equals(seen) == 1 else f"Among the most seen {kind}",
        value=f"{films}, {words.average(person['average_rating'])} stars on average" if person["rated"] else films,
        note=f"{film['title']} among them",
    )


# ── The crowd, the odd ones ───────────────────────────────────────────────────────────────────
def crowd(years: Years) -> Scene | None:
    """Show where verdicts are furthest from those of TMDB's members."""
    found = years.now["against_tmdb"]
    apart = [
        _apart(years, found[side][0], label)
        for side, label in (("above", "Furthest above"), ("below", "Furthest below"))
        if found[side]
    ]
    if not apart:
        return None
    films = found["films"]
    sides = (("higher", "rated higher"), ("lower", "rated lower"), ("same", "just the same"))
    return Scene(
        key="crowd",
        eyebrow="Against the crowd",
        headline=_temper(found["average_difference"]) if films >= _FEWEST_IN_CROWD else "A mind of its own",
        texts=(_averages(found),),
        figures=tuple(
            Figure(words.number(found[side]), label, years.films(against_tmdb=side))
            for side, label in sides
            if found[side]
        ),
        cards=tuple(apart),
    )


def _averages(found: Numbers) -> str:
    own, crowd, films = found["member_average"], found["tmdb_average"], words.counted(found["films"], "film")
    return f"{words.average(own)} stars on average, against {words.average(crowd)} at TMDB for the same {films}."


def _temper(difference: float) -> str:
    if abs(difference) < _SAME_STARS:
        return "Of one mind with the crowd"
    return f"{in_stars(difference)} {'kinder' if difference > 0 else 'stricter'} than the crowd"


def _apart(years: Years, entry: Numbers, label: str) -> Card:
    film = entry["film"]
    return replace(
        card_of(film, years.links, is_rated=False, label=label),
        value=f"{words.points(film['rating'])} against {entry['tmdb']:.1f}",
        scale=scale_of(film["rating"], entry["tmdb"]),
    )


def odd(years: Years) -> Scene | None:
    """Show the longest, the shortest, the oldest and the least known film."""
    extremes, oldest = years.now["extremes"], years.now["releases"]["oldest"]
    longest, shortest, unknown = (extremes[name][:1] for name in ("longest", "shortest", "least_known"))
    told = [("The longest", entry["film"], words.length(entry["minutes"])) for entry in longest]
    told += [
        ("The shortest", entry["film"], words.length(entry["minutes"])) for entry in shortest if shortest != longest
    ]
    told += [("The oldest", oldest, "")] if oldest else []
    told += [
        ("The least known", entry["film"], f"{words.counted(entry['votes'], 'vote')} at TMDB") for entry in unknown
    ]
    if not longest or longest == shortest:
        return None
    return Scene(
        key="odd",
        eyebrow="The odd ones",
        headline=f"From {words.length(shortest[0]['minutes'])} to {words.length(longest[0]['minutes'])}",
        cards=tuple(card_of(film, years.links, label=label, value=value) for label, film, value in told),
        coverage=covered(years.now["runtimes"]["films"], years, "a running time"),
    )


# ── Old friends, words ────────────────────────────────────────────────────────────────────────
def again(years: Years) -> Scene | None:
    """Show what was seen again."""
    found = years.now["rewatches"]
    flagged, most_seen = found["flagged"], found["most_seen"]
    if not flagged and not most_seen:
        return None
    figures = (
        Figure(words.number(flagged), words.named(flagged, "rewatch", "rewatches"), years.films(rewatches_only=True)),
        Figure(
            words.number(found["films_seen_again"]),
            f"{words.named(found['films_seen_again'], 'film')} seen twice or more in {years.year}",
            years.films(seen_again=True),
        ),
    )
    headline = f"{words.counted(flagged, 'visit')} to old friends"
    if most_seen and (len(most_seen) == 1 or most_seen[0]["viewings"] > most_seen[1]["viewings"]):
        headline = f"{most_seen[0]['film']['title']}, {_times(most_seen[0]['viewings'])}"
    return Scene(
        key="again",
        eyebrow="Old friends",
        headline=headline,
        figures=tuple(figure for figure in figures if figure.value != "0"),
        cards=tuple(
            card_of(entry["film"], years.links, value=_times(entry["viewings"])) for entry in most_seen[:_AGAIN]
        ),
    )


def _times(count: int) -> str:
    return {2: "twice", 3: "three times"}.get(count, f"{words.number(count)} times")


def in_words(years: Years) -> Scene | None:
    """Show what was written about the films, and how they were tagged."""
    reviews, tags = years.now["reviews"], years.now["tags"]
    if not reviews["reviews"] and not tags["top"]:
        return None
    written = Figure(
        words.number(reviews["words"]),
        f"words in {words.counted(reviews['reviews'], 'review')}",
        years.films(reviewed=True),
    )
    longest = reviews["longest"][0] if reviews["longest"] else None
    return Scene(
        key="words",
        eyebrow="In words",
        headline="What was written" if reviews["reviews"] else f"{words.counted(tags['distinct'], 'tag')} in use",
        numeral=written if reviews["reviews"] else None,
        quote=Quote(longest["excerpt"], card_of(longest["film"], years.links)) if longest else None,
        tags=tuple(
            Figure(words.number(tag["films"]), tag["tag"], years.films(tag=tag["tag"])) for tag in tags["top"][:_TAGS]
        ),
    )
