"""The quiz model: eight question types, their limits and their validation."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from quiz.errors import ErrorCode, FieldProblem, QuizrunError
from quiz.limits import (
    DEFAULT_POINTS,
    DEFAULT_TIME_LIMIT_S,
    MAX_ACCEPTED,
    MAX_ACCEPTED_CHARS,
    MAX_ALT_CHARS,
    MAX_EXPLANATION_CHARS,
    MAX_OPTION_CHARS,
    MAX_OPTIONS,
    MAX_POINTS,
    MAX_PROMPT_CHARS,
    MAX_QUESTIONS,
    MAX_SOUND_TEXT_CHARS,
    MAX_TIME_LIMIT_S,
    MAX_TITLE_CHARS,
    MAX_URL_CHARS,
    MIN_OPTIONS,
    MIN_TIME_LIMIT_S,
)
from quiz.normalise import normalise

MAX_SOUND_MS = 10 * 60_000
MAX_REPORTED_PROBLEMS = 20

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

QuestionType = Literal["single", "multiple", "boolean", "number", "text", "order", "poll", "slide"]


def _printable(text: str) -> str:
    # PostgreSQL cannot store some of these characters, and players cannot see the others.
    if found := _UNPRINTABLE.search(text):
        raise ValueError(f"contains the control character U+{ord(found[0]):04X}")
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    return _printable(text)


Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE_CHARS), AfterValidator(_filled)]
Prompt = Annotated[str, Field(max_length=MAX_PROMPT_CHARS), AfterValidator(_printable)]
OptionText = Annotated[
    str, Field(min_length=1, max_length=MAX_OPTION_CHARS), AfterValidator(_filled)
]
Accepted = Annotated[
    str, Field(min_length=1, max_length=MAX_ACCEPTED_CHARS), AfterValidator(_filled)
]


def _distinct(options: list[str]) -> list[str]:
    first: dict[str, int] = {}
    for index, option in enumerate(options):
        if option in first:
            raise ValueError(f"option {index + 1} repeats option {first[option] + 1}")
        first[option] = index
    return options


Options = Annotated[
    list[OptionText],
    Field(min_length=MIN_OPTIONS, max_length=MAX_OPTIONS),
    AfterValidator(_distinct),
]


class Strict(BaseModel):
    """A model that rejects unknown fields: a misspelt `corect` must not drop the solution."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Media(Strict):
    """A picture shown with the question."""

    url: Annotated[str, Field(min_length=1, max_length=MAX_URL_CHARS)]
    alt: Annotated[str, Field(max_length=MAX_ALT_CHARS), AfterValidator(_printable)] = ""

    @field_validator("url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if not url.startswith(("https://", "http://", "/media/")):
            raise ValueError("must start with https://, http:// or /media/")
        if any(char.isspace() or unicodedata.category(char) == "Cc" for char in url):
            raise ValueError("must not contain white space")
        return url


class OptionPicture(Media):
    """A picture as an option. `alt` stands in for it wherever options are shown as text."""

    alt: Annotated[str, Field(min_length=1, max_length=MAX_OPTION_CHARS), AfterValidator(_filled)]


class Sound(Strict):
    """A sound played with the question. Always an upload, so it has been validated."""

    url: Annotated[str, Field(pattern=r"^/media/[0-9a-f]{64}$")]
    text: Annotated[str, Field(max_length=MAX_SOUND_TEXT_CHARS), AfterValidator(_printable)] = ""
    """A transcript or description, for players who cannot hear it."""
    duration_ms: Annotated[int, Field(ge=0, le=MAX_SOUND_MS, strict=True)] | None = None


_INVALID = object()
"""Stands in for a field that failed validation."""


class BaseQuestion(Strict):
    """The fields of all question types. The text may be blank if the picture has a description."""

    answerable: ClassVar[bool] = True
    scored: ClassVar[bool] = True
    """Whether there is a correct answer, so that points and streaks apply."""

    media: Media | None = None
    audio: Sound | None = None
    text: Prompt  # declared after `media`: its validator reads the picture
    explanation: (
        Annotated[str, Field(max_length=MAX_EXPLANATION_CHARS), AfterValidator(_printable)] | None
    ) = None
    time_limit_s: Annotated[int, Field(ge=MIN_TIME_LIMIT_S, le=MAX_TIME_LIMIT_S, strict=True)] = (
        DEFAULT_TIME_LIMIT_S
    )
    points: Annotated[int, Field(ge=0, le=MAX_POINTS, strict=True)] = DEFAULT_POINTS

    @property
    def time_limit_ms(self) -> int:
        """The time limit in milliseconds."""
        return self.time_limit_s * 1000

    @field_validator("text")
    @classmethod
    def _text_or_described_picture(cls, text: str, info: ValidationInfo) -> str:
        picture = info.data.get("media", _INVALID)
        if not text.strip() and picture is not _INVALID and not (picture and picture.alt.strip()):
            raise ValueError("is blank, and there is no picture with a description (alt)")
        return text


Index = Annotated[int, Field(strict=True)]


def _check_indices(correct: list[int], count: int) -> None:
    for index in correct:
        if not 0 <= index < count:
            raise ValueError(f"correct: {index} is not the index of one of the {count} options")
    if len(set(correct)) != len(correct):
        raise ValueError("correct: lists the same option twice")


class OptionsQuestion(BaseQuestion):
    """The fields of question types with options.

    `option_media` holds a picture or null for each option. A blank option takes the `alt` of its
    picture, so every option has text.
    """

    options: Options
    option_media: (
        Annotated[list[OptionPicture | None], Field(min_length=MIN_OPTIONS, max_length=MAX_OPTIONS)]
        | None
    ) = None

    @model_validator(mode="before")
    @classmethod
    def _name_pictures(cls, document: dict[str, Any]) -> dict[str, Any]:
        options, pictures = document.get("options"), document.get("option_media")
        if not isinstance(options, list) or not isinstance(pictures, list):
            return document
        named = [*map(_named, options, pictures), *options[len(pictures) :]]
        shown = pictures if any(picture is not None for picture in pictures) else None
        return {**document, "options": named, "option_media": shown}

    @field_validator("option_media")
    @classmethod
    def _one_each(cls, pictures: list[Any] | None, info: ValidationInfo) -> list[Any] | None:
        options = info.data.get("options")
        if pictures is not None and options is not None and len(pictures) != len(options):
            raise ValueError(f"needs a picture or null for each of the {len(options)} options")
        return pictures


def _named(option: Any, picture: Any) -> Any:

    if not isinstance(option, str) or option.strip():
        return option
    alt = picture.get("alt") if isinstance(picture, dict) else getattr(picture, "alt", None)
    return alt if isinstance(alt, str) else option


class SingleQuestion(OptionsQuestion):
    """Exactly one option is correct."""

    type: Literal["single"]
    correct: Annotated[list[Index], Field(min_length=1, max_length=1)]

    @model_validator(mode="after")
    def _indices(self) -> SingleQuestion:
        _check_indices(self.correct, len(self.options))
        return self


class MultipleQuestion(OptionsQuestion):
    """One or more options are correct; each wrong pick cancels a correct one."""

    type: Literal["multiple"]
    correct: Annotated[list[Index], Field(min_length=1, max_length=MAX_OPTIONS)]

    @model_validator(mode="after")
    def _indices(self) -> MultipleQuestion:
        _check_indices(self.correct, len(self.options))
        return self


class BooleanQuestion(BaseQuestion):
    """True (0) or false (1)."""

    type: Literal["boolean"]
    correct: Annotated[list[Index], Field(min_length=1, max_length=1)]

    @model_validator(mode="after")
    def _indices(self) -> BooleanQuestion:
        if self.correct[0] not in (0, 1):
            raise ValueError("correct: must be [0] for true or [1] for false")
        return self


class NumberSolution(Strict):
    """Correct when within `tolerance` of `value`, inclusive."""

    value: Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False, strict=True)]
    tolerance: Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False, strict=True)] = 0


class NumberQuestion(BaseQuestion):
    """A typed number, correct within a tolerance."""

    type: Literal["number"]
    correct: NumberSolution


class TextSolution(Strict):
    """Correct when equal to one of these after `normalise`."""

    accepted: Annotated[list[Accepted], Field(min_length=1, max_length=MAX_ACCEPTED)]

    @field_validator("accepted")
    @classmethod
    def _comparable(cls, accepted: list[str]) -> list[str]:
        for text in accepted:
            if not normalise(text):
                raise ValueError(f"{text!r} has no characters to compare")
        return accepted


class TextQuestion(BaseQuestion):
    """A short typed answer."""

    type: Literal["text"]
    correct: TextSolution


class OrderQuestion(OptionsQuestion):
    """Options to put in order; `options` lists them in the correct one."""

    type: Literal["order"]


class PollQuestion(OptionsQuestion):
    """An opinion poll: no option is correct, and it earns no points."""

    scored: ClassVar[bool] = False
    type: Literal["poll"]


class Slide(BaseQuestion):
    """Something to read, with nothing to answer."""

    answerable: ClassVar[bool] = False
    scored: ClassVar[bool] = False
    type: Literal["slide"]


Question = Annotated[
    SingleQuestion
    | MultipleQuestion
    | BooleanQuestion
    | NumberQuestion
    | TextQuestion
    | OrderQuestion
    | PollQuestion
    | Slide,
    Field(discriminator="type"),
]


class Quiz(Strict):
    """A whole quiz in the native format."""

    title: Title
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] = "en"
    questions: Annotated[list[Question], Field(min_length=1, max_length=MAX_QUESTIONS), FailFast()]

    @property
    def slides(self) -> tuple[int, ...]:
        """The indices of the slides among `questions`."""
        return tuple(
            index for index, question in enumerate(self.questions) if question.type == "slide"
        )

    @property
    def scored_questions(self) -> frozenset[int]:
        """The indices of the questions that have a correct answer."""
        return frozenset(index for index, question in enumerate(self.questions) if question.scored)


_QUESTIONS = TypeAdapter(Annotated[list[Question], FailFast()])


def parse_quiz(document: Any) -> Quiz:
    """Validate `document` (decoded JSON).

    Raises `QuizrunError` (`quiz_invalid`). The message names the first faulty question, counted
    from 1, and its field; `problems` lists every fault, up to `MAX_REPORTED_PROBLEMS`.
    """
    try:
        return Quiz.model_validate(document)
    except ValidationError as error:
        raise _quiz_invalid(_problems(error, document)) from None


def _problems(error: ValidationError, document: Any) -> list[FieldProblem]:
    # Validation fails fast, at the first faulty question, and is resumed after it here: a document
    # of nothing but mistakes would otherwise yield tens of thousands of errors.
    problems = [_problem(loc, message) for loc, message in _details(error)]
    while len(problems) <= MAX_REPORTED_PROBLEMS and "question" in problems[-1]:
        start = problems[-1]["question"] + 1
        try:
            _QUESTIONS.validate_python(document["questions"][start:])
            break
        except ValidationError as more:
            problems += [
                _problem(("questions", start + int(loc[0]), *loc[1:]), message)
                for loc, message in _details(more)
            ]
    return problems


def _details(error: ValidationError) -> list[tuple[tuple[int | str, ...], str]]:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return [(item["loc"], item["msg"]) for item in details]


def _quiz_invalid(problems: list[FieldProblem]) -> QuizrunError:
    first, more = problems[0], len(problems) - 1
    where = f"Question {first['question'] + 1}" if "question" in first else "The quiz"
    sentence = f"{where}, {first['field']}: {first['message']}."
    if more >= MAX_REPORTED_PROBLEMS:
        sentence += f" (There are more than {MAX_REPORTED_PROBLEMS} problems.)"
    elif more:
        sentence += f" ({more} more {'problem' if more == 1 else 'problems'}.)"
    return QuizrunError(ErrorCode.QUIZ_INVALID, sentence, problems=problems[:MAX_REPORTED_PROBLEMS])


def _problem(loc: tuple[int | str, ...], message: str) -> FieldProblem:
    text = message.removeprefix("Value error, ").rstrip(".")
    if len(loc) >= 2 and loc[0] == "questions" and isinstance(loc[1], int):
        # loc[2], if present, is the discriminator (`single`), not a field of the document
        path = [str(part) for part in loc[3:]]
        if not path and text.startswith("correct: "):
            path, text = ["correct"], text.removeprefix("correct: ")
        return {"question": loc[1], "field": ".".join(path) or "type", "message": text}
    return {"field": ".".join(str(part) for part in loc) or "document", "message": text}
