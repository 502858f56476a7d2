"""A fake TMDB for the tests of a module that names this file in `pytest_plugins` and brings a `WORLD`."""

from collections.abc import Iterator

import pytest

from tests.fake_tmdb.server import FakeTmdb


@pytest.fixture(scope="module")
def running_fake(request: pytest.FixtureRequest) -> Iterator[FakeTmdb]:
    with FakeTmdb(request.module.WORLD) as fake:
        yield fake


@pytest.fixture
def fake(running_fake: FakeTmdb) -> FakeTmdb:
    """Give a good day to every test, with counts from zero."""
    running_fake.reset()
    return running_fake
