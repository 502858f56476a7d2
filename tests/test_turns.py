"""Work that takes its turns: one works, one waits, the next is told to come back, and nobody's place is lost."""

from threading import Event, Thread

import pytest
from django.test import Client

from movies_app import compare
from movies_app.turns import Busy, Turns
from tests.builders import check_error, get
from tests.test_compare_page import address_of, api_of, both
from tests.test_pages import text_of


def test_one_works_one_waits_and_the_next_is_sent_away() -> None:
    turns, entered, leave, done = Turns(), Event(), Event(), []

    def work(name: str) -> None:
        with turns.one():
            entered.set()
            leave.wait(10)
            done.append(name)

    first = Thread(target=work, args=("first",))
    first.start()
    assert entered.wait(10)
    second = Thread(target=work, args=("second",))
    second.start()
    while turns._places._value:  # until the second waits
        second.join(0.01)
    with pytest.raises(Busy), turns.one():
        pass
    leave.set()
    first.join(10)
    second.join(10)
    assert done == ["first", "second"]


def test_who_fails_gives_the_turn_back() -> None:
    turns = Turns(most=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), turns.one():
            raise ZeroDivisionError
    with turns.one():
        pass


@pytest.mark.django_db
def test_a_comparison_that_too_many_ask_for_is_answered_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = both(client)
    monkeypatch.setattr(compare, "_TURNS", Turns(most=0))
    page = client.get(address_of(*pair))
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "A full house" in text_of(page)
    answer = get(client, api_of(*pair))
    check_error(answer, 503, "busy")
    assert answer.headers["Retry-After"] == "5"
