"""`python -m dashboards`: write every dashboard anew, in each language."""

from pathlib import Path

from dashboards.all_boards import BOARDS, drawn
from dashboards.language import LANGUAGES

_HERE = Path(__file__).parent

for language in LANGUAGES:
    folder = _HERE / language
    folder.mkdir(exist_ok=True)
    for name in BOARDS:
        (folder / f"{name}.json").write_text(drawn(name, language), encoding="utf-8")
