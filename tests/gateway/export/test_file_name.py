from __future__ import annotations

from urllib.parse import unquote

import pytest

from gateway.export.file_name import attachment


@pytest.mark.parametrize(
    ("title", "plain", "name"),
    [
        ("Capitals", "Capitals", "Capitals"),
        ("Größe & Äpfel", "Groe & Apfel", "Größe & Äpfel"),
        ("../../etc/passwd", "etc passwd", "etc passwd"),
        ('a"b; filename=evil.exe', "a b filename=evil.exe", "a b filename=evil.exe"),
        ("クイズ", "quiz", "クイズ"),
        ("100%", "100", "100"),
        ("...", "quiz", "quiz"),
        ("\u202egpj.exe", "gpj.exe", "gpj.exe"),
        ("line\nbreak", "line break", "line break"),
        ("x" * 200, "x" * 80, "x" * 80),
    ],
)
def test_a_file_name_is_safe_and_close_to_the_title(title: str, plain: str, name: str) -> None:
    header = attachment(title, "csv", "2026-11-26")
    assert header.isascii()
    assert header.isprintable()
    first, second = header.removeprefix("attachment; ").split("; filename*=UTF-8''")
    assert first == f'filename="{plain} 2026-11-26 results.csv"'
    assert unquote(second) == f"{name} 2026-11-26 results.csv"


def test_file_names_are_translated() -> None:
    header = attachment("Capitales", "xlsx", "2026-11-26", "résultats")
    first, second = header.removeprefix("attachment; ").split("; filename*=UTF-8''")
    assert first == 'filename="Capitales 2026-11-26 resultats.xlsx"'
    assert unquote(second) == "Capitales 2026-11-26 résultats.xlsx"
