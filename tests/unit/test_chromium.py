"""Where a Chromium comes from, in which order, with little programs in its place."""

from pathlib import Path

import pytest

from steadyscore.embedded.making import Say
from steadyscore.errors import SetupError
from tools.chromium import Source, find_chromium

WORKS, BROKEN = "#!/bin/sh\nexit 0\n", "#!/bin/sh\nexit 1\n"


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is not set."""
    monkeypatch.delenv("CHROMIUM", raising=False)


def program(path: Path, text: str = WORKS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def leaving(text: str) -> Source:
    """A source that unpacks this program."""

    def source(scratch: Path, _: Say) -> Path:
        (scratch / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)
        return program(scratch / "usr/lib/chromium/shell", text)

    return source


def fails(_: Path, __: Say) -> Path:
    raise SetupError("the network is far away")


def silent(_: str) -> None:
    """Nobody listens."""


def test_the_one_that_is_chosen_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "path" / "chromium")
    monkeypatch.setenv("CHROMIUM", str(program(tmp_path / "chosen")))

    assert find_chromium(tmp_path, silent, str(tmp_path / "path"), []) == tmp_path / "chosen"


def test_a_chosen_one_that_does_not_run_is_told_by_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", str(program(tmp_path / "chosen", BROKEN)))

    with pytest.raises(SetupError, match=r"CHROMIUM is .*, which does not run"):
        find_chromium(tmp_path, silent, "", [leaving(WORKS)])


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "chromium-headless-shell"])
def test_one_on_the_path_is_used_where_it_runs(tmp_path: Path, name: str) -> None:
    kept = program(tmp_path / "chromium" / "run")
    found = program(tmp_path / "path" / name)

    assert find_chromium(tmp_path, silent, str(found.parent), []) == found
    program(found, BROKEN)
    assert find_chromium(tmp_path, silent, str(found.parent), []) == kept


def test_sources_are_tried_in_order_and_what_works_is_kept_with_its_libraries(tmp_path: Path) -> None:
    said: list[str] = []
    told = '#!/bin/sh\necho "$LD_LIBRARY_PATH" > "$(dirname "$0")/told"\n'

    found = find_chromium(tmp_path, said.append, "", [fails, leaving(BROKEN), leaving(told)])

    assert said == [
        "that did not work: the network is far away",
        "that did not work: the Chromium that came of it does not run on this machine",
    ]
    assert find_chromium(tmp_path, silent, "", []) == found == tmp_path / "chromium" / "run"
    libraries = (tmp_path / "chromium/usr/lib/chromium/told").read_text(encoding="utf-8")
    assert libraries.startswith(str(tmp_path / "chromium/usr/lib/x86_64-linux-gnu"))


def test_where_none_can_be_had_every_reason_is_told_and_what_helps(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"(?s)no Chromium:.*far away.*install Chromium.*set CHROMIUM"):
        find_chromium(tmp_path, silent, "", [fails])
