"""No test of a change waits for the check that follows it."""

import pytest

from tests.doubles import TinyWorkbench


@pytest.fixture(autouse=True)
def unchecked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No check after a change, which would ask the model for some passages once more; that there is one, is noted."""
    checked: list[str] = []
    monkeypatch.setattr(TinyWorkbench, "check", lambda *_: checked.append("checked"))
    return checked
