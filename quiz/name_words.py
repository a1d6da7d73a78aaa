"""The words of generated names: kind adjectives, and animals that are not used as insults.

Speakers of each language must review additions: no pair may offend. German adjectives are stems,
whose ending depends on the noun's gender; French and Spanish ones have a masculine and a feminine
form.
"""

# ruff: noqa: SIM905  (words in lines are easier to read)

from __future__ import annotations

ENGLISH_ADJECTIVES = (
    "Brave Bright Calm Cheerful Clever Cosy Curious Daring Eager Fair Friendly Gentle Golden Happy "
    "Honest Jolly Kind Lively Lucky Merry Mighty Neat Nimble Noble Patient Playful Polite Proud "
    "Quick Quiet Silver Sparkling Sunny Swift Warm Wise Witty"
).split()
ENGLISH_ANIMALS = (
    "Badger Butterfly Cricket Crane Deer Dolphin Dragonfly Eagle Falcon Finch Firefly "
    "Flamingo Fox Gecko Giraffe Hamster Hare Hedgehog Heron Kangaroo Kingfisher Koala Ladybird "
    "Lion Lynx Meerkat Otter Owl Panda Penguin Puffin Rabbit Raven Robin Seahorse Seal Sparrow "
    "Squirrel Starfish Swan Tiger Turtle Unicorn Wolf Zebra"
).split()

GERMAN_ADJECTIVES = (
    "fair fein fleißig flink freundlich froh fröhlich geduldig golden gut heiter höflich klug "
    "kühn lebhaft leise lieb lustig mild munter mutig nett neugierig pfiffig ruhig sanft schlau "
    "schnell silbern sonnig stark stolz tapfer treu wach weise witzig"
).split()
GERMAN_ANIMALS = {
    "er": (
        "Adler Biber Dachs Delfin Falke Fink Flamingo Fuchs Gecko Hamster Hase Igel Kranich Koala "
        "Lachs Löwe Luchs Marder Marienkäfer Otter Panda Papagei Pinguin Rabe Reiher Schwan "
        "Seestern Spatz Star Tiger Wolf"
    ).split(),
    "e": (
        "Amsel Biene Eule Giraffe Grille Hummel Libelle Lerche Möwe Nachtigall Robbe "
        "Schildkröte Schwalbe"
    ).split(),
    "es": "Einhorn Eichhörnchen Erdmännchen Känguru Lama Reh Seepferdchen Zebra".split(),
}

FRENCH_ADJECTIVES = (
    ("agile", "agile"),
    ("aimable", "aimable"),
    ("brave", "brave"),
    ("calme", "calme"),
    ("charmant", "charmante"),
    ("content", "contente"),
    ("courageux", "courageuse"),
    ("curieux", "curieuse"),
    ("discret", "discrète"),
    ("doré", "dorée"),
    ("doux", "douce"),
    ("fidèle", "fidèle"),
    ("fier", "fière"),
    ("futé", "futée"),
    ("gentil", "gentille"),
    ("habile", "habile"),
    ("heureux", "heureuse"),
    ("honnête", "honnête"),
    ("joyeux", "joyeuse"),
    ("loyal", "loyale"),
    ("malin", "maligne"),
    ("noble", "noble"),
    ("paisible", "paisible"),
    ("patient", "patiente"),
    ("poli", "polie"),
    ("rapide", "rapide"),
    ("rieur", "rieuse"),
    ("rusé", "rusée"),
    ("sage", "sage"),
    ("serein", "sereine"),
    ("tranquille", "tranquille"),
    ("vaillant", "vaillante"),
    ("vif", "vive"),
)
FRENCH_ANIMALS = (
    (
        "Aigle Castor Cerf Colibri Cygne Dauphin Écureuil Faucon Flamant Grillon Hamster Hérisson "
        "Héron Hippocampe Hibou Kangourou Koala Lièvre Lion Loup Lynx Macareux Moineau "
        "Panda Papillon Pinson Renard Tigre Zèbre"
    ).split(),
    (
        "Abeille Antilope Chouette Cigale Cigogne Coccinelle Gazelle Girafe Hirondelle Libellule "
        "Licorne Loutre Marmotte Mésange Mouette Panthère Tortue"
    ).split(),
)

SPANISH_ADJECTIVES = (
    ("ágil", "ágil"),
    ("alegre", "alegre"),
    ("amable", "amable"),
    ("atento", "atenta"),
    ("audaz", "audaz"),
    ("cordial", "cordial"),
    ("curioso", "curiosa"),
    ("dorado", "dorada"),
    ("feliz", "feliz"),
    ("fiel", "fiel"),
    ("fuerte", "fuerte"),
    ("genial", "genial"),
    ("gentil", "gentil"),
    ("honesto", "honesta"),
    ("ingenioso", "ingeniosa"),
    ("jovial", "jovial"),
    ("justo", "justa"),
    ("leal", "leal"),
    ("listo", "lista"),
    ("noble", "noble"),
    ("paciente", "paciente"),
    ("rápido", "rápida"),
    ("risueño", "risueña"),
    ("sabio", "sabia"),
    ("sereno", "serena"),
    ("simpático", "simpática"),
    ("sincero", "sincera"),
    ("sonriente", "sonriente"),
    ("tranquilo", "tranquila"),
    ("valiente", "valiente"),
    ("veloz", "veloz"),
)
SPANISH_ANIMALS = (
    (
        "Búho Canguro Castor Ciervo Cisne Colibrí Delfín Erizo Flamenco Gorrión Grillo Halcón "
        "Hámster Jilguero Koala León Lince Panda Pingüino Tejón Tigre Unicornio Zorro"
    ).split(),
    (
        "Abeja Alondra Ardilla Cebra Cigüeña Gacela Garza Gaviota Golondrina Jirafa "
        "Libélula Liebre Nutria Pantera Tortuga"
    ).split(),
)
