"""Measure how often a (title, year) finds its film: right, wrong, not found, and what `confidence` is worth.

`python -m benchmarks.matching` asks for films whose TMDB ids are known, in a small world in memory that imitates
TMDB's search. It needs two files that are not part of the project. Exits 1 on a miss, 2 without the files.
"""

import argparse
import csv
import dataclasses
import io
import random
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from movies_app import titles
from movies_app.matching import Match, match
from movies_app.tmdb_facts import MediaType, SearchResult

SHARED = Path(__file__).resolve().parents[2] / "shared"
SEED = 20260101
PAGE = 20
TARGET_RIGHT = 0.995
HIGH_CONFIDENCE = 0.9
BANDS = (0.0, 0.5, 0.75, 0.9, 0.95, 1.01)
# Years of TMDB after Letterboxd's, as measured on real exports.
OFFSETS, OFFSET_SHARES = (0, 1, -1), (0.945, 0.048, 0.0014)
SHOWN_NEXT_YEAR_TOO = 0.5  # films that some country saw a year later: `year` finds them there as well
CROWDED = 0.05  # films with a namesake a year off at most; measured: .0025 of the same year

WARNING = """\
What this world cannot tell:
- It has some thousand films where TMDB has a million, most of them obscure: the made-up namesakes stand for those.
- It has no votes. They are derived from popularity, 10 x its square, and blank popularity counts as 1.
- It has one title a film, no original titles: a film under its title of another language is not found here.
- Where popularity is blank, the date is the middle of Letterboxd's year, so the year cannot differ. Years differ only
  among the others, and in the sets below that shift them on purpose.
- Its titles come from where the questions come from. Titles that differ are met in the last set only."""

Id = tuple[MediaType, int]


@dataclass(frozen=True)
class Case:
    """A question and its answer."""

    title: str
    year: int | None
    id: Id


class World:
    """Films to search as at TMDB: all words of the query in the title, the year of any release, 20 in no good order."""

    def __init__(self, results: Iterable[SearchResult]) -> None:
        self.results: dict[Id, SearchResult] = {}
        self.years: dict[Id, set[int]] = defaultdict(set)
        self._with_word: dict[str, set[Id]] = defaultdict(set)
        self.add(results)

    def add(self, results: Iterable[SearchResult]) -> None:
        results = list(results)
        keys = titles.normalise_all([result.title for result in results])
        for result, key in zip(results, keys, strict=True):
            identity = (result.media_type, result.tmdb_id)
            self.results[identity] = result
            if result.year is not None:
                self.years[identity].add(result.year)
            for word in key.split(" "):
                self._with_word[word].add(identity)

    def search(self, query: str, *, media_type: MediaType, year: int | None) -> list[SearchResult]:
        words = titles.normalise_all([query])[0].split(" ")
        found = set.intersection(*(self._with_word.get(word, set()) for word in words))
        hits = [
            self.results[i] for i in sorted(found) if i[0] == media_type and (year is None or year in self.years[i])
        ]
        lot = random.Random(f"{SEED} {query} {year}")
        # Popular films come first, more or less, so that an obscure one may be off the page.
        hits.sort(key=lambda hit: -(hit.popularity + 1) * lot.uniform(0.2, 1))
        return hits[:PAGE]


@dataclass(frozen=True)
class QuestionSet:
    """Questions, and namesakes that join the world while they are asked."""

    name: str
    cases: Sequence[Case]
    crowd: Sequence[SearchResult] = ()
    is_judged: bool = True


@dataclass(frozen=True)
class Outcome:
    case: Case
    match: Match

    @property
    def is_right(self) -> bool:
        return (self.match.media_type, self.match.tmdb_id) == self.case.id

    @property
    def is_wrong(self) -> bool:
        return self.match.state != "unmatched" and not self.is_right

    @property
    def band(self) -> str:
        low, high = next((low, high) for low, high in pairwise(BANDS) if self.match.confidence < high)
        return f"{low:.2f} to {min(high, 1):.2f}"

    @property
    def is_series_on_film(self) -> bool:
        return self.match.media_type == "tv" and self.case.id[0] == "movie"

    @property
    def is_surely_wrong(self) -> bool:
        return self.is_wrong and self.match.state == "matched" and self.match.confidence >= HIGH_CONFIDENCE


def read_world(path: Path) -> list[SearchResult]:
    """Return the films of a world file; votes are made up of popularity."""
    with path.open(encoding="utf-8", newline="") as file:
        return [result_of(row) for row in csv.DictReader(file)]


def result_of(row: dict[str, str]) -> SearchResult:
    popularity = float(row["popularity"] or 1)
    return SearchResult(
        tmdb_id=int(row["tmdb_id"]),
        media_type=media_type_of(row["media_type"]),
        title=row["title"],
        original_title=row["title"],
        release_date=date.fromisoformat(row["release_date"]) if row["release_date"] else None,
        vote_count=round(10 * popularity**2),
        popularity=popularity,
    )


def media_type_of(text: str) -> MediaType:
    return "tv" if text == "tv" else "movie"


def read_cases(path: Path) -> dict[str, Case]:
    """Return the cases of a file by their Letterboxd link."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["letterboxd_uri"]: Case(
                row["name"],
                int(row["year"]) if row["year"] else None,
                (media_type_of(row["media_type"]), int(row["tmdb_id"])),
            )
            for row in csv.DictReader(file)
        }


def world_as_cases(results: Iterable[SearchResult], *, lot: random.Random) -> list[Case]:
    """Ask for films themselves, by years that differ as often as Letterboxd's do."""
    return [
        Case(r.title, r.year - lot.choices(OFFSETS, OFFSET_SHARES)[0], (r.media_type, r.tmdb_id))
        for r in results
        if r.year is not None
    ]


def cases_of_exports(folder: Path, known: dict[str, Case]) -> tuple[list[Case], int]:
    """Return known films under other names or years than in the cases, and how many films both have."""
    cases, seen = set(), set()
    for path in sorted(folder.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for row in rows_of_films(archive):
                if row["Letterboxd URI"] in known:
                    case = known[row["Letterboxd URI"]]
                    seen.add(case.id)
                    year = int(row["Year"]) if row["Year"] else None
                    cases.add(dataclasses.replace(case, title=row["Name"], year=year))
    return sorted(cases - set(known.values()), key=repr), len(seen)


def rows_of_films(archive: zipfile.ZipFile) -> Iterator[dict[str, str]]:
    """Yield the rows of those files whose links are the films' own."""
    for name in archive.namelist():
        if name.rpartition("/")[2] in {"watched.csv", "ratings.csv", "watchlist.csv", "films.csv"}:
            with archive.open(name) as file:
                rows = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))
                yield from (row for row in rows if row.get("Letterboxd URI") and row.get("Name"))


def add_releases(world: World, cases: Iterable[Case], *, known_premieres: float, lot: random.Random) -> None:
    """Let TMDB know more release dates than the first: Letterboxd's of most films asked for, and later ones."""
    for case in cases:
        if case.year is not None and lot.random() < known_premieres:
            world.years[case.id].add(case.year)
    for identity, result in world.results.items():
        if result.media_type == "movie" and result.year is not None and lot.random() < SHOWN_NEXT_YEAR_TOO:
            world.years[identity].add(result.year + 1)


def namesakes(cases: Iterable[Case], *, lot: random.Random) -> list[SearchResult]:
    """Make up obscure films, and as many series, that are called like films asked for."""
    made: list[SearchResult] = []
    for case in cases:
        if case.year is not None and lot.random() < CROWDED:
            votes = int(26 ** lot.random()) - 1
            year, media_type = case.year + lot.choice(OFFSETS), media_type_of(lot.choice(["movie", "tv"]))
            number = 90_000_000 + len(made)
            opening = date(year, 7, 1)
            made.append(SearchResult(number, media_type, case.title, case.title, opening, votes, votes / 10))
    return made


def report(questions: QuestionSet, outcomes: Sequence[Outcome]) -> bool:
    """Print how a set went; return whether the targets are met."""
    films = [outcome for outcome in outcomes if outcome.case.id[0] == "movie"]
    wrong, right = sum(o.is_wrong for o in films), sum(o.is_right for o in films)
    sure, series = sum(o.is_surely_wrong for o in films), sum(o.is_series_on_film for o in films)
    flagged = [o for o in films if o.match.state == "ambiguous"]
    searches = sum(o.match.searches for o in outcomes) / len(outcomes)
    is_met = right >= TARGET_RIGHT * len(films) and not sure and not series
    print(f"\n{questions.name}: {len(films):,} films, {len(outcomes) - len(films)} series")
    print(f"  films right {right:,} ({right / len(films):.2%}), wrong {wrong}, unmatched {len(films) - right - wrong}")
    print(f"  of these ambiguous: {sum(o.is_right for o in flagged)} right, {sum(o.is_wrong for o in flagged)} wrong")
    print(f"  wrong with confidence of {HIGH_CONFIDENCE} or more: {sure}; series on films: {series}")
    print(f"  series right: {sum(o.is_right for o in outcomes) - right}; searches per title: {searches:.3f}")
    if questions.is_judged:
        print(f"  {TARGET_RIGHT:.1%} right, none surely wrong, no series on a film:  {'PASS' if is_met else 'MISS'}")
    return is_met


def report_shares(of: str, outcomes: Iterable[Outcome]) -> None:
    """Print how many were right by method or by band of confidence."""
    right, wrong = Counter[str](), Counter[str]()
    for outcome in outcomes:
        if outcome.match.state != "unmatched":
            name = outcome.match.method or "" if of == "method" else outcome.band
            (right if outcome.is_right else wrong)[name] += 1
    print(f"  {of:<20}{'right':>8}{'wrong':>8}{'share':>9}")
    for name in sorted(right | wrong):
        print(f"  {name:<20}{right[name]:>8,}{wrong[name]:>8}{right[name] / (right[name] + wrong[name]):>9.2%}")


def list_failures(outcomes: Iterable[Outcome], world: World) -> None:
    for outcome in outcomes:
        if not outcome.is_right:
            found, case = outcome.match, outcome.case
            taken = world.results.get((found.media_type or "movie", found.tmdb_id or 0))
            answer = f"{taken.title!r} {taken.year} as {found.method} {found.confidence}" if taken else "not found"
            true = world.results[case.id]
            print(f"    {case.title!r} {case.year}: {found.state}, {answer}; is {case.id} {true.title!r} {true.year}")


def question_sets(cases: dict[str, Case], results: list[SearchResult], *, exports: Path) -> list[QuestionSet]:
    """Return what is asked: the cases in halves, the rest of the world, and two sets that are meant to be hard."""
    lot = random.Random(SEED)
    shuffled = lot.sample(sorted(cases.values(), key=repr), len(cases))
    half, asked = len(shuffled) // 2, {case.id for case in shuffled}
    others = world_as_cases((r for r in results if (r.media_type, r.tmdb_id) not in asked), lot=lot)
    crowd = namesakes([*shuffled, *others], lot=lot)
    renamed, seen = cases_of_exports(exports, cases)
    return [
        QuestionSet("Half to develop on", shuffled[:half]),
        QuestionSet("Held-out half", shuffled[half:]),
        QuestionSet("The world's other films, their years off as often as real ones", others),
        QuestionSet(
            f"All of these among {len(crowd)} made-up obscure namesakes, half of them series",
            [*shuffled, *others],
            crowd,
            is_judged=False,
        ),
        QuestionSet(
            "Those namesakes that are films, asked for themselves",
            [Case(r.title, r.year, (r.media_type, r.tmdb_id)) for r in crowd if r.media_type == "movie"],
            crowd,
            is_judged=False,
        ),
        QuestionSet(f"Other names and years in exports, of {seen:,} films of the cases", renamed, is_judged=False),
    ]


def run(cases: dict[str, Case], results: list[SearchResult], *, exports: Path, known_premieres: float) -> bool:
    """Measure set by set, each in a world of its own; return whether every judged one meets its targets."""
    verdicts = []
    sets = question_sets(cases, results, exports=exports)
    dated = [case for some in sets if some.is_judged for case in some.cases]
    for questions in sets:
        if not questions.cases:
            continue
        world = World([*results, *questions.crowd])
        add_releases(world, dated, known_premieres=known_premieres, lot=random.Random(SEED))
        outcomes = [Outcome(case, match(case.title, case.year, search=world.search)) for case in questions.cases]
        is_met = report(questions, outcomes)
        list_failures(outcomes, world)
        if len(questions.cases) > len(cases):
            report_shares("method", outcomes)
            report_shares("confidence", outcomes)
        verdicts.append(is_met or not questions.is_judged)
    return all(verdicts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=Path, default=SHARED / "facts/matches.csv")
    parser.add_argument("--world", type=Path, default=SHARED / "facts/matches-world.csv")
    parser.add_argument("--exports", type=Path, default=SHARED / "exports", help="a folder of ZIPs, optional")
    parser.add_argument("--known-premieres", type=float, default=0.75, help="share that a search by year finds")
    options = parser.parse_args()
    for path in (options.cases, options.world):
        if not path.is_file():
            print(f"{path} is not there: this needs known matches and their world, which are no part of the project.")
            return 2
    print(WARNING)
    print(f"- How often a search by year knows Letterboxd's earlier date is a guess: {options.known_premieres:.0%}.")
    cases, results = read_cases(options.cases), read_world(options.world)
    is_met = run(cases, results, exports=options.exports, known_premieres=options.known_premieres)
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
