"""Column headers, labels and values that imports recognise, in the client's four languages."""

from __future__ import annotations

import re
import unicodedata

_FIELDS = {
    "question": "question|frage|pregunta|text|texte|texto|prompt|enonce|aufgabe|stem",
    "type": "type|typ|art|tipo|question type|fragetyp",
    "correct": "correct|correct answer|correct answers|right|right answer|answer|answers|solution|"
    "key|richtig|richtige antwort|richtige antworten|losung|antwort|antworten|"
    "correct option|bonne reponse|bonnes reponses|reponse|reponses|reponse correcte|"
    "reponses correctes|correcte|juste|correcta|correctas|respuesta correcta|"
    "respuestas correctas|respuesta|respuestas|solucion",
    "explanation": "explanation|feedback|erklarung|erlauterung|begrundung|explication|explicacion|"
    "comment|kommentar|commentaire|comentario",
    "time_limit_s": "time|time limit|seconds|zeit|zeitlimit|sekunden|temps|duree|secondes|"
    "limite de temps|tiempo|limite de tiempo|segundos|duracion",
    "points": "points|score|punkte|puntos|puntuacion|bareme",
    "tolerance": "tolerance|toleranz|tolerancia|margin|marge|margen",
    "picture": "picture|image|bild|imagen|photo|foto|picture url|image url|image link|bild url",
    "alt": "alt|picture description|image description|bildbeschreibung|description de l image|"
    "descripcion de la imagen",
}
FIELDS = {word: name for name, words in _FIELDS.items() for word in words.split("|")}
"""Field names by header or label, in the form of `plain`."""

OPTION = re.compile(
    r"(?:(?:option|answer|choice|antwort|antwortmoglichkeit|auswahl|choix|reponse|opcion|respuesta)"
    r"\s*)?(?:(?P<number>1[0-2]|[1-9])|(?P<letter>[a-l]))"
)
"""The header of an option column, by number or letter."""

_TYPES = {
    "single": "single|single choice|quiz|multiple choice|one|einfachauswahl|eine richtig|"
    "choix unique|qcu|opcion unica|una",
    "multiple": "multiple|multiple select|several|checkbox|mehrfachauswahl|mehrere richtig|"
    "choix multiple|qcm|opcion multiple|varias",
    "boolean": "boolean|true false|true or false|wahr falsch|richtig falsch|vrai faux|"
    "verdadero falso",
    "number": "number|numeric|zahl|nombre|numero",
    "text": "text|short answer|open|open ended|type answer|texteingabe|kurzantwort|reponse courte|"
    "texte|respuesta corta|texto",
    "order": "order|puzzle|ordering|jumble|reihenfolge|sortieren|ordre|orden",
    "poll": "poll|survey|opinion|umfrage|abstimmung|sondage|encuesta",
    "slide": "slide|info|information|folie|diapositive|diapositiva",
}
TYPES = {word: kind for kind, words in _TYPES.items() for word in words.split("|")}

_TRUE = "true|wahr|richtig|vrai|verdadero|cierto|yes|ja|oui|si|t|w|v|1"
_FALSE = "false|falsch|faux|falso|no|nein|non|f|0"
TRUE, FALSE = (frozenset(words.split("|")) for words in (_TRUE, _FALSE))
# Where there are options, single digits and letters refer to those.
TRUE_WORDS = frozenset(word for word in TRUE if len(word) > 1)
FALSE_WORDS = frozenset(word for word in FALSE if len(word) > 1)

_EXTRA = re.compile(r"\s+[-–—].*|[(:\[].*", re.DOTALL)


def plain(text: str) -> str:
    """Normalise a header or word: fold case and accents, drop signs and trailing explanations.

    “Answer 1 – max 75 characters” becomes “answer 1”.
    """
    decomposed = unicodedata.normalize("NFKD", _EXTRA.sub("", text[:200].strip()).casefold())
    letters = (char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w ]+|_+", " ", "".join(letters)).split())


def truth(text: str) -> bool | None:
    """Parse a word for true or false; None if it is neither."""
    word = plain(text)
    if word in TRUE:
        return True
    return False if word in FALSE else None
