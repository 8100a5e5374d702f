"""Several requests at a time."""

import threading
import time

import pytest

from .asking import request_under_way, wait_for
from .brightness_engine import SLOW_SECONDS, SLOW_WIDTH
from .conftest import RunningServer
from .pictures import png


class TestSharing:
    def test_the_server_answers_while_an_engine_works(self, fresh_server: RunningServer) -> None:
        with request_under_way(fresh_server, body=png(width=SLOW_WIDTH)):
            wait_for(lambda: fresh_server.engine.estimates == 1)
            start = time.perf_counter()
            fresh_server.client().health()
            assert time.perf_counter() - start < SLOW_SECONDS / 2

    def test_requests_that_went_away_do_not_hold_up_the_next(self, fresh_server: RunningServer) -> None:
        with request_under_way(fresh_server, body=png(width=SLOW_WIDTH)):
            wait_for(lambda: fresh_server.engine.estimates == 1)
            for _ in range(6):  # more than there are threads to wait in
                with request_under_way(fresh_server, body=png(width=SLOW_WIDTH)):
                    time.sleep(0.02)
            start = time.perf_counter()
            assert fresh_server.client().estimate_image(png()).faces
            assert time.perf_counter() - start < 2 * SLOW_SECONDS
        assert fresh_server.engine.estimates == 2

    def test_callers_at_the_same_time_each_get_their_own(self, server: RunningServer) -> None:
        found: dict[int, float] = {}

        def ask_for(brightness: int) -> None:
            estimate = server.client().estimate_image(png(brightness=brightness))
            found[brightness] = estimate.faces[0].pose["jawOpen"]

        threads = [threading.Thread(target=ask_for, args=(brightness,)) for brightness in range(50, 250, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert found == {brightness: pytest.approx(brightness / 255, abs=1e-4) for brightness in range(50, 250, 10)}

    def test_a_client_that_leaves_while_it_sends_is_forgotten(self, server: RunningServer) -> None:
        with request_under_way(server, announced=1000, sent=b"half"):
            pass
        assert server.client().estimate_image(png()).faces
