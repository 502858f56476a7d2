"""The stairs of docs/architecture.md, held: who may import whom, what is pure, how long things may get.

Everything is read from the source, so imports under TYPE_CHECKING count like any other.
"""

import ast
import socket
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.stairs import DOORS, PURE_STEPS, STAIRS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("movies_app", "sessions_app", "letterboxd_site")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 30

STEP_OF = {module: number for number, step in enumerate(STAIRS) for module in step}

# Names of modules that say nothing, or that work behind the back.
FORBIDDEN_NAMES = {"services", "selectors", "utils", "helpers", "common", "misc", "managers", "signals"}
IMPURE_ROOTS = {"django", "rest_framework", "procrastinate", "psycopg", "environ", "os", "time", "socket", "logging"}
WALL_CLOCK = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "time.time"}


def is_generated(path: Path) -> bool:
    is_empty = path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip()
    return is_empty or "migrations" in path.parts


def module_of(path: Path) -> str:
    """Return the dotted name of a source file, the one of the whole package for a management command."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    package, _, rest = name.partition(".")
    return f"{package}.management" if rest.startswith("management.") else name


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


SOURCES = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")) if not is_generated(path)]
MODULES = {module_of(path) for path in SOURCES}
ALL_SOURCES = [
    *SOURCES,
    *(path for name in ("tests", "benchmarks") for path in sorted((ROOT / name).rglob("*.py"))),
]
every_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
every_pure_source = pytest.mark.parametrize(
    "path",
    [path for path in SOURCES if STEP_OF.get(module_of(path), PURE_STEPS) < PURE_STEPS],
    ids=lambda path: str(path.relative_to(ROOT)),
)


def own_imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, module) for each import of a module of ours, wherever it stands in the file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, resolved(alias.name)) for alias in node.names if is_own(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and is_own(node.module):
            yield from ((node.lineno, resolved(f"{node.module}.{alias.name}")) for alias in node.names)


def is_own(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in PACKAGES


def resolved(name: str) -> str:
    """Cut a dotted name down to the module in it: `movies_app.errors.ExportError` is `movies_app.errors`."""
    while "." in name:
        if name in MODULES:
            return name
        name = name.rpartition(".")[0]
    return name


def external_imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if not is_own(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and not is_own(node.module):
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for an attribute of a name, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def places(path: Path, wanted: Callable[[ast.AST], bool]) -> list[str]:
    name = path.relative_to(ROOT)
    return [f"{name}:{getattr(node, 'lineno', 0)}" for node in ast.walk(tree_of(path)) if wanted(node)]


# ── The stairs ────────────────────────────────────────────────────────────────────────────────
def test_every_module_has_a_step() -> None:
    assert sorted(MODULES - STEP_OF.keys()) == []


def test_every_step_has_its_modules() -> None:
    assert sorted(STEP_OF.keys() - MODULES) == []


@every_source
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    step = STEP_OF.get(module_of(path), len(STAIRS))
    wrong = [f"{path.name}:{line} {name}" for line, name in own_imports(path) if STEP_OF.get(name, len(STAIRS)) >= step]
    assert wrong == []


def test_no_imports_go_in_a_circle() -> None:
    below = {
        module: {name for path in SOURCES if module_of(path) == module for _, name in own_imports(path)}
        for module in MODULES
    }
    while leaves := [module for module, names in below.items() if not names & below.keys()]:
        for module in leaves:
            del below[module]
    assert sorted(below) == []


@every_source
def test_an_import_names_a_module_and_not_its_package(path: Path) -> None:
    assert [f"{path.name}:{line} {name}" for line, name in own_imports(path) if name in PACKAGES] == []


@every_source
def test_no_import_hides_in_a_function(path: Path) -> None:
    hidden = [
        f"{path.name}:{node.lineno}"
        for function in functions_of(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        or (
            isinstance(node, ast.Call)
            and dotted(node.func) in {"__import__", "import_module", "importlib.import_module"}
        )
    ]
    assert hidden == []


@every_source
def test_imports_are_absolute(path: Path) -> None:
    assert places(path, lambda node: isinstance(node, ast.ImportFrom) and node.level > 0) == []


@pytest.mark.parametrize(
    ("package", "may_import"),
    [
        ("movies_app", {"movies_app"}),
        ("sessions_app", {"movies_app", "sessions_app"}),
        ("letterboxd_site", {"letterboxd_site"}),
    ],
)
def test_a_package_imports_only_across_the_seam_downwards(package: str, may_import: set[str]) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in SOURCES
        if path.is_relative_to(ROOT / package)
        for line, name in own_imports(path)
        if name.split(".")[0] not in may_import
    ]
    assert wrong == []


@every_source
def test_no_module_has_a_name_that_says_nothing(path: Path) -> None:
    assert FORBIDDEN_NAMES.isdisjoint({path.stem, *path.relative_to(ROOT).parts})


# ── The pure core, the clock, the settings ────────────────────────────────────────────────────
@every_pure_source
def test_a_pure_module_imports_nothing_that_reaches_outside(path: Path) -> None:
    imports = external_imports(path)
    assert [f"{path.name}:{line} {name}" for line, name in imports if name.split(".")[0] in IMPURE_ROOTS] == []


@every_source
def test_only_doors_ask_the_clock(path: Path) -> None:
    if module_of(path) in DOORS or path.is_relative_to(ROOT / "letterboxd_site"):
        return
    clocks = {suffix for name in WALL_CLOCK for suffix in (name, f"datetime.{name}", f"dt.{name}")}
    assert places(path, lambda node: isinstance(node, ast.Attribute) and dotted(node) in clocks) == []


@every_source
def test_no_settings_are_read_at_import_time(path: Path) -> None:
    inside = {id(node) for function in functions_of(path) for line in function.body for node in ast.walk(line)}
    read = places(
        path,
        lambda node: (
            isinstance(node, ast.Attribute) and dotted(node).startswith("settings.") and id(node) not in inside
        ),
    )
    assert read == []


# ── Habits ────────────────────────────────────────────────────────────────────────────────────
@every_source
def test_nothing_is_saved_outside_the_models(path: Path) -> None:
    if path.name == "models.py":
        return
    assert places(path, lambda node: isinstance(node, ast.Call) and dotted(node.func).endswith(".save")) == []


@every_source
def test_only_the_use_case_catches_every_exception(path: Path) -> None:
    def is_broad(node: ast.AST) -> bool:
        if not isinstance(node, ast.ExceptHandler):
            return False
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return any(kind is None or dotted(kind) in {"Exception", "BaseException"} for kind in caught)

    found = places(path, is_broad)
    assert len(found) <= 1 if path == ROOT / "sessions_app/uploads.py" else found == []


@every_source
def test_nothing_works_behind_the_back(path: Path) -> None:
    """No signals, no generic keys, no `save` of our own, no ordering that queries get unasked."""
    hidden = {"django.dispatch", "django.db.models.signals", "django.contrib.contenttypes.fields"}
    assert [line for line, name in external_imports(path) if name in hidden] == []
    assert [function.lineno for function in functions_of(path) if function.name == "save"] == []
    meta = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef) and node.name == "Meta"]
    names = {
        target.id
        for node in meta
        for line in node.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name)
    }
    assert "ordering" not in names


@every_source
def test_a_module_opens_with_a_sentence(path: Path) -> None:
    if path.name != "apps.py" and "management" not in path.parts:
        assert ast.get_docstring(tree_of(path))


# ── Sizes ─────────────────────────────────────────────────────────────────────────────────────
def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in ALL_SOURCES}
    assert {name: length for name, length in lengths.items() if length > MAX_FILE_LINES} == {}


@every_source
def test_no_function_is_longer_than_30_lines(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    lengths = {
        f"{path.name}:{function.lineno} {function.name}": code_lines(function, lines) for function in functions_of(path)
    }
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    """Count the lines from `def` to the end that hold code: no docstring, no comment, no blank line."""
    assert function.end_lineno is not None
    numbers = set(range(function.lineno, function.end_lineno + 1))
    if ast.get_docstring(function) is not None:
        text = function.body[0]
        numbers -= set(range(text.lineno, (text.end_lineno or text.lineno) + 1))
    return sum(bool(lines[number - 1].strip()) and not lines[number - 1].lstrip().startswith("#") for number in numbers)


# ── The tests themselves ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.com", 80), ("0.0.0.0", 80)])
def test_no_test_reaches_beyond_this_machine(address: tuple[str, int]) -> None:
    with socket.socket() as one, pytest.raises(AssertionError, match="wanted to reach"):
        one.connect(address)
    with socket.socket() as other, pytest.raises(AssertionError, match="wanted to reach"):
        other.connect_ex(address)


def test_a_test_reaches_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
