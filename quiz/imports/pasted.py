"""Parse questions from pasted text: a question line, then a line for each option.

    1. Capital of France?
    a) Rome
    *b) Paris
    Explanation: Since 987.

Questions are separated by blank lines or by the next question line. Options begin with letters,
dashes, bullets or boxes; correct ones have an asterisk before or after them, `[x]`, or a line
`Answer: B`. Without options the question takes a typed answer. Fenced code is kept unchanged.
"""

from __future__ import annotations

import re

from quiz.errors import ErrorCode, QuizrunError
from quiz.imports.assembling import Parts, assemble
from quiz.imports.parsed import MAX_LINES, ParsedQuestion
from quiz.imports.table import too_many
from quiz.imports.words import FIELDS, plain
from quiz.limits import MAX_QUESTIONS

_FENCE = re.compile(r"\s*```")
_MARK = r"\(?[A-La-l][.)\]]|[-–—•+]|\*(?=\s)|\[(?P<box>[ xX*✓✔]?)\]"
_OPTION = re.compile(rf"\s*(?P<star>\*)?\s*(?:{_MARK})\s*(?P<text>\S.*)")
_STARRED = re.compile(r"\s*\*\s*(?P<text>\S.*)")
_NUMBERED = re.compile(r"\s*(?:\(?\d{1,3}[.):]|(?:Q|F|P)\s*\d{0,3}\s*[.:])\s+(?P<text>\S.*)")
_LABELLED = re.compile(r"\s*(?P<label>[^\W\d_][\w ’'-]{0,30}?)\s*[::]\s*(?P<text>.*)")


def questions_in_text(text: str) -> list[ParsedQuestion]:
    """Return the questions, each with its line (from 1). Raises `import_invalid` if too many."""
    lines = text.lstrip("\ufeff").splitlines()
    if len(lines) > MAX_LINES:
        raise QuizrunError(ErrorCode.IMPORT_INVALID, f"The text has more than {MAX_LINES:,} lines.")
    reader = _Reader()
    for number, line in enumerate(lines, start=1):
        reader.feed(number, line)
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self._questions: list[ParsedQuestion] = []
        self._parts: Parts | None = None
        self._fenced = False

    def feed(self, number: int, line: str) -> None:
        if self._fenced or _FENCE.match(line):
            if _FENCE.match(line):
                self._fenced = not self._fenced
            self._continue(number, line.rstrip())
        elif not line.strip():
            self._close()
        elif self._parts is not None and self._labelled(line):
            pass
        elif option := self._option(line):
            text, correct = option
            parts = self._current(number)
            if correct:
                parts.marked.add(len(parts.options))
            parts.options.append(text)
        else:
            self._question_line(number, line)

    def finish(self) -> list[ParsedQuestion]:
        self._close()
        return self._questions

    def _close(self) -> None:
        if self._parts is not None:
            self._questions.append(assemble(self._parts))
            if len(self._questions) > MAX_QUESTIONS:
                raise too_many()
        self._parts = None

    def _current(self, number: int) -> Parts:
        if self._parts is None:
            self._parts = Parts(number)
        return self._parts

    def _continue(self, number: int, line: str) -> None:
        parts = self._current(number)
        if parts.options:
            parts.options[-1] += f"\n{line}"
        else:
            parts.question = f"{parts.question}\n{line}" if parts.question else line

    def _question_line(self, number: int, line: str) -> None:
        numbered = _NUMBERED.fullmatch(line)
        complete = self._parts and (self._parts.options or self._parts.correct)
        if complete or (numbered and self._parts and self._parts.question):
            self._close()
        text = numbered["text"] if numbered else line
        parts = self._current(number)
        parts.question = f"{parts.question}\n{text.rstrip()}" if parts.question else text.strip()

    def _labelled(self, line: str) -> bool:
        labelled = _LABELLED.fullmatch(line)
        name = FIELDS.get(plain(labelled["label"])) if labelled else None
        if labelled is None or name in (None, "question") or self._parts is None:
            return False
        setattr(self._parts, "kind" if name == "type" else str(name), labelled["text"].strip())
        return True

    def _option(self, line: str) -> tuple[str, bool] | None:
        match = _OPTION.fullmatch(line)
        if match is None:
            starred = _STARRED.fullmatch(line)
            if starred is None or self._parts is None or not self._parts.question:
                return None
            return starred["text"].strip(), True
        text = match["text"].strip()
        bullet = line.lstrip().startswith("*")
        correct = bool(match["star"] or bullet or (match["box"] or " ").strip())
        if text.endswith("*") and len(text) > 1:
            text, correct = text[:-1].rstrip(), True
        if text.startswith("*") and len(text) > 1:
            text, correct = text[1:].lstrip(), True
        return text, correct
