"""The pace: never too many in a second, whatever the clock and the threads do."""

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from movies_app.pacing import Interrupted, Pace
from tests.fake_tmdb.clock import Clock

RATE = 35
BURST = 4


def make_pace(clock: Clock, *, rate: int = RATE, burst: int = BURST) -> Pace:
    return Pace(rate=rate, burst=burst, monotonic=clock.monotonic, sleep=clock.sleep)


def departures(pace: Pace, clock: Clock, number: int) -> list[float]:
    """Take so many tokens, one after the other, and return when each was there."""
    times = []
    for _ in range(number):
        pace.take()
        times.append(clock.now)
    return times


def busiest_second(times: Iterable[float]) -> int:
    """Return how many of the times lie in the busiest second, its ends included."""
    ordered = sorted(times)
    return max(sum(start <= one <= start + 1 for one in ordered) for start in ordered)


# ── The rate ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("rate", "burst"), [(1, 1), (2, 1), (7, 3), (35, 1), (35, 4), (35, 35), (40, 100)])
def test_no_second_holds_more_than_the_rate(rate: int, burst: int) -> None:
    clock = Clock()
    assert busiest_second(departures(make_pace(clock, rate=rate, burst=burst), clock, 5 * rate)) == rate


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 0.4)), min_size=30, max_size=60))
def test_neither_idle_times_nor_late_wakings_fill_a_second_further(waits: list[tuple[float, float]]) -> None:
    clock, lateness = Clock(), 0.0
    times: list[float] = []

    def sleep(seconds: float) -> None:
        clock.sleep(seconds + lateness)

    pace = Pace(rate=10, burst=BURST, monotonic=clock.monotonic, sleep=sleep)
    for idle, late in waits:
        clock.now += idle if idle > 2 else 0
        lateness = late
        pace.take()
        times.append(clock.now)
    assert busiest_second(times) <= 10


def test_many_threads_in_real_time_keep_the_rate() -> None:
    seen = threading.local()
    times: list[float] = []

    def monotonic() -> float:
        seen.at = time.monotonic()
        return float(seen.at)

    def take(_: int) -> None:
        pace.take()
        times.append(seen.at)  # the moment at which the pace let this thread go

    pace = Pace(rate=RATE, burst=BURST, monotonic=monotonic, sleep=time.sleep)
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(take, range(55)))
    assert len(times) == pace.taken == 55
    assert busiest_second(times) <= RATE


def test_the_rate_is_reached() -> None:
    clock = Clock()
    times = departures(make_pace(clock), clock, 10 * RATE + 1)
    assert times[-1] - times[0] == pytest.approx(10, abs=0.1)


def test_late_wakings_are_made_up_for() -> None:
    clock = Clock()
    pace = Pace(rate=RATE, burst=BURST, monotonic=clock.monotonic, sleep=lambda s: clock.sleep(s + 0.02))
    times = departures(pace, clock, 10 * RATE)
    assert times[-1] - times[0] < 10.5


def test_departures_are_even_from_the_first() -> None:
    clock = Clock()
    times = departures(make_pace(clock), clock, 10 * RATE)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) == pytest.approx(1 / RATE, abs=0.01)
    assert min(gaps) == pytest.approx(1 / RATE, abs=0.01)


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (35, 0)])
def test_a_pace_that_lets_nothing_go_is_a_mistake(rate: int, burst: int) -> None:
    with pytest.raises(ValueError, match="lets nothing go"):
        make_pace(Clock(), rate=rate, burst=burst)


# ── Slowing down ──────────────────────────────────────────────────────────────────────────────
def test_nobody_goes_during_a_pause() -> None:
    clock = Clock()
    pace = make_pace(clock)
    pace.slow_down(7)
    assert departures(pace, clock, 1)[0] >= 1_007


def test_after_a_pause_the_rate_is_half() -> None:
    clock = Clock()
    pace = make_pace(clock)
    pace.slow_down(7)
    times = departures(pace, clock, 60)
    assert sum(one <= times[0] + 1 for one in times) == pytest.approx(RATE / 2, abs=1.5)


def test_the_rate_recovers_within_half_a_minute() -> None:
    clock = Clock()
    pace = make_pace(clock)
    pace.slow_down(1)
    times = departures(pace, clock, 40 * RATE)
    assert 22 <= sum(10 < one - times[0] <= 11 for one in times) <= 26
    assert sum(30 < one - times[0] <= 31 for one in times) >= RATE - 1
    assert busiest_second(times) <= RATE


def test_requests_refused_in_the_same_breath_halve_the_rate_once() -> None:
    clock = Clock()
    pace = make_pace(clock)
    for pause in (2, 1, 3, 2):
        pace.slow_down(pause)
    times = departures(pace, clock, 40)
    assert times[0] >= 1_003
    assert sum(one <= times[0] + 1 for one in times) >= RATE // 2


def test_refusal_after_refusal_slows_down_further_but_not_to_nothing() -> None:
    clock = Clock()
    pace = make_pace(clock)
    for _ in range(50):
        pace.slow_down(0.01)
        clock.now += 0.02
    start = clock.now
    assert departures(pace, clock, 2)[-1] - start < 2


# ── Being told to stop ────────────────────────────────────────────────────────────────────────
def test_an_event_ends_a_long_pause_at_once() -> None:
    stop = threading.Event()
    pace = Pace(rate=RATE, burst=BURST, monotonic=time.monotonic, sleep=stop.wait)
    pace.slow_down(60)
    started = time.monotonic()
    with ThreadPoolExecutor(12) as threads:
        waiting = [threads.submit(pace.take) for _ in range(12)]
        stop.set()
        assert [type(future.exception()) for future in waiting] == [Interrupted] * 12
    assert time.monotonic() - started < 5
    assert pace.taken == 0


def test_what_the_sleep_raises_passes_and_leaves_the_turn_to_others() -> None:
    clock, troubles = Clock(), [KeyError("told to stop")]

    def sleep(seconds: float) -> None:
        if troubles:
            raise troubles.pop()
        clock.sleep(seconds)

    pace = Pace(rate=RATE, burst=BURST, monotonic=clock.monotonic, sleep=sleep)
    pace.slow_down(1)
    with pytest.raises(KeyError, match="told to stop"):
        pace.take()
    pace.take()
    assert pace.taken == 1
