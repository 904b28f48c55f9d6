import subprocess
import sys
from pathlib import Path

COMMAND = Path(__file__).parents[2] / "screenshots" / "make.py"


def drawn(*names: str, target: Path) -> dict[str, bytes]:
    subprocess.run([sys.executable, COMMAND, "--to", target, *names], check=True)
    return {path.name: path.read_bytes() for path in target.iterdir()}


def test_pictures_are_the_same_when_they_are_drawn_again(tmp_path: Path) -> None:
    once, again = tmp_path / "once", tmp_path / "again"
    once.mkdir()
    again.mkdir()
    first = drawn("main", "narrow", target=once)
    assert sorted(first) == ["main.svg", "narrow.svg"]
    assert drawn("main", "narrow", target=again) == first


def test_an_unknown_picture_is_refused_with_the_names_there_are() -> None:
    done = subprocess.run(
        [sys.executable, COMMAND, "nothing"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "nothing" in done.stderr
    assert "quick-switcher" in done.stderr
