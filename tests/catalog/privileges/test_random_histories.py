"""
Random histories of roles, grants and owners end in the replay as on a server: refusals, lists, answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.catalog.privileges.histories import PRELUDE, histories

if TYPE_CHECKING:
    from tests.catalog.privileges.support import Judge

pytestmark = [pytest.mark.postgres, pytest.mark.oracle]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_statement_does_what_the_server_does(judge: Judge, data: st.DataObject) -> None:
    statements = data.draw(histories(judge.version, judge.database), label="history")

    with judge.trial(PRELUDE) as model:
        judge.compare(model, statements)
