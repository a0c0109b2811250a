"""What is asserted in the helpers is told as fully as in the tests themselves."""

import pytest

pytest.register_assert_rewrite("tests.crash.promised", "tests.crash.trials")
