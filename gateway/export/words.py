"""Translations of the words in exported files."""

from __future__ import annotations

from typing import Literal

from quiz.extra_time import NO_LIMIT, NORMAL

Language = Literal["en", "de", "fr", "es"]

_WORDS: dict[str, tuple[str, str, str, str]] = {
    "results": ("results", "Ergebnisse", "résultats", "resultados"),
    "standings": ("Standings", "Rangliste", "Classement", "Clasificación"),
    "matrix": ("Matrix", "Matrix", "Matrice", "Matriz"),
    "answers": ("Answers", "Antworten", "Réponses", "Respuestas"),
    "questions": ("Questions", "Fragen", "Questions", "Preguntas"),
    "run": ("Run", "Durchgang", "Session", "Partida"),
    "rank": ("Rank", "Rang", "Rang", "Puesto"),
    "nickname": ("Nickname", "Name", "Pseudo", "Apodo"),
    "score": ("Score", "Punktestand", "Score", "Puntuación"),
    "correct_answers": ("Correct answers", "Richtige Antworten", "Bonnes réponses", "Aciertos"),
    "question": ("Question", "Frage", "Question", "Pregunta"),
    "text": ("Text", "Text", "Texte", "Texto"),
    "answer": ("Answer", "Antwort", "Réponse", "Respuesta"),
    "correct": ("Correct", "Richtig", "Correct", "Correcta"),
    "points": ("Points", "Punkte", "Points", "Puntos"),
    "time": ("Time (s)", "Zeit (s)", "Temps (s)", "Tiempo (s)"),
    "extra_time": ("Extra time", "Mehr Zeit", "Temps supplémentaire", "Tiempo adicional"),
    "no_limit": ("no limit", "ohne Limit", "sans limite", "sin límite"),
    "type": ("Type", "Art", "Type", "Tipo"),
    "solution": ("Solution", "Lösung", "Solution", "Solución"),
    "share": ("Share correct", "Anteil richtig", "Part correcte", "Proporción de aciertos"),
    "mean_time": ("Mean time (s)", "Mittlere Zeit (s)", "Temps moyen (s)", "Tiempo medio (s)"),
    "mean_points": ("Mean points", "Mittlere Punkte", "Points moyens", "Puntos medios"),
    "counts": ("Answers by option", "Antworten je Option", "Réponses par option",
               "Respuestas por opción"),
    "true": ("True", "Wahr", "Vrai", "Verdadero"),
    "false": ("False", "Falsch", "Faux", "Falso"),
    "single": ("Single choice", "Eine Antwort", "Choix unique", "Opción única"),
    "multiple": ("Multiple choice", "Mehrere Antworten", "Choix multiple", "Opción múltiple"),
    "boolean": ("True or false", "Wahr oder falsch", "Vrai ou faux", "Verdadero o falso"),
    "number": ("Number", "Zahl", "Nombre", "Número"),
    "typed": ("Text", "Text", "Texte", "Texto"),
    "order": ("Order", "Reihenfolge", "Ordre", "Orden"),
    "poll": ("Poll", "Umfrage", "Sondage", "Encuesta"),
    "slide": ("Slide", "Folie", "Diapositive", "Diapositiva"),
    "quiz": ("Quiz", "Quiz", "Quiz", "Quiz"),
    "date": ("Date", "Datum", "Date", "Fecha"),
    "time_zone": ("Time zone", "Zeitzone", "Fuseau horaire", "Zona horaria"),
    "players": ("Players", "Mitspielende", "Joueurs", "Jugadores"),
    "legend": ("Legend", "Legende", "Légende", "Leyenda"),
    "right": ("✓ correct", "✓ richtig", "✓ juste", "✓ correcta"),
    "partly": ("◐ partly correct", "◐ teilweise richtig", "◐ en partie juste",
               "◐ en parte correcta"),
    "wrong": ("✗ incorrect", "✗ falsch", "✗ faux", "✗ incorrecta"),
    "none": ("– no answer", "– keine Antwort", "– pas de réponse", "– sin respuesta"),
    "correction": ("Correction", "Korrektur", "Correction", "Corrección"),
    "by": ("by", "von", "par", "por"),
    "original": ("as in the quiz", "wie im Quiz", "comme dans le quiz",
                 "como en el quiz"),
    "key": ("different solution", "andere Lösung", "autre solution",
            "otra solución"),
    "everybody": ("full points for every answer", "volle Punkte für jede Antwort",
                  "tous les points pour chaque réponse", "todos los puntos por cada respuesta"),
    "void": ("does not count", "zählt nicht", "ne compte pas", "no cuenta"),
}  # fmt: skip
LANGUAGES: tuple[Language, ...] = ("en", "de", "fr", "es")


class Words:
    """The words of one language: `words("rank")`."""

    def __init__(self, language: Language) -> None:
        self._place = LANGUAGES.index(language)

    def __call__(self, key: str) -> str:
        """Return the words for `key`."""
        return _WORDS[key][self._place]

    def type(self, kind: str) -> str:
        """Return the name of a question type."""
        return self("typed" if kind == "text" else kind)

    def extra_time(self, percent: int) -> str | None:
        """Format a player's time limit (percent) as a factor; None for the normal limit."""
        if percent == NORMAL:
            return None
        if percent == NO_LIMIT:
            return self("no_limit")
        factor = f"{percent / 100:g}×"
        return factor if self._place == 0 else factor.replace(".", ",")


ENGLISH = Words("en")
