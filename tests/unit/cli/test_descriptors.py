import resource

import pytest

from bot.cli import run


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ((256, 1_000_000), (4_096, 1_000_000)),
        ((256, 1_024), (1_024, 1_024)),
        ((1_024, resource.RLIM_INFINITY), (4_096, resource.RLIM_INFINITY)),
        ((8_192, 8_192), None),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), None),
    ],
)
def test_soft_limit_of_open_files_is_raised_but_never_lowered(monkeypatch, limits, expected):
    was_set = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, values: was_set.append(values))
    run.raise_descriptor_limit()
    assert was_set == ([] if expected is None else [expected])
