import pytest

from tests.browser.conftest import find_chromium


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("EASEL_REQUIRE_BROWSER", raising=False)
    return monkeypatch


def test_without_a_browser_its_tests_are_skipped_with_the_reason(bare_machine):
    with pytest.raises(pytest.skip.Exception, match="none of chromium, chromium-browser, google-chrome is installed"):
        find_chromium()


def test_where_a_browser_is_required_its_absence_fails(bare_machine):
    bare_machine.setenv("EASEL_REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="none of chromium"):
        find_chromium()
