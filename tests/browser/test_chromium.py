import pytest

from tests.browser.conftest import find_chromium


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("EASEL_REQUIRE_BROWSER", raising=False)
    return monkeypatch


def test_missing_browser_skips_the_browser_tests_with_a_reason(bare_machine):
    with pytest.raises(pytest.skip.Exception, match="none of chromium, chromium-browser, google-chrome is installed"):
        find_chromium()


def test_missing_browser_fails_if_one_is_required(bare_machine):
    bare_machine.setenv("EASEL_REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="none of chromium"):
        find_chromium()
