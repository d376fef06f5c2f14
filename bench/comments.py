"""Five thousand comments in three languages with a campaign of eight hundred: what is found, seconds, memory.

`python -m bench.comments [COMMENTS] [COPIES]` prints JSON. Each copy of the campaign has a few words of its own, as people edit
what they were sent; the others are sentences drawn from a vocabulary of each language.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time

from participate.synthesis import campaigns

CAMPAIGN = (
    "Nous demandons que l’éclairage de la rue des oliviers soit réparé avant la rentrée scolaire de septembre "
    "parce que nos enfants rentrent dans le noir et que la commune l’avait promis l’an dernier"
)
LETTERS = {
    "fr": "abcdefghijlmnopqrstuvéèà",
    "ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "ary-Latn": "abdfghijklmnoqrstwxyz379",
}
COMMON = {
    "fr": "je pense que la commune doit faire plus pour les habitants de ce quartier",
    "ar": "نطلب من الجماعة أن تهتم أكثر بسكان هذا الحي لأن",
    "ary-Latn": "bghina ljama3a tdir chi 7aja l nas dyal had l7ouma",
}


def comments(count: int, copies: int, seed: int = 1) -> list[campaigns.Text]:
    """Return the texts in the order in which people wrote them."""
    dice = random.Random(seed)
    pools = {
        lang: ["".join(dice.choices(letters, k=dice.randint(3, 9))) for _ in range(2500)]
        for lang, letters in LETTERS.items()
    }
    texts = []
    for _number in range(count - copies):
        lang = dice.choice(tuple(LETTERS))
        words = [*COMMON[lang].split(), *dice.choices(pools[lang], k=dice.randint(12, 60))]
        texts.append((" ".join(words), lang))
    for _number in range(copies):
        words = CAMPAIGN.split()
        for _ in range(dice.randint(0, 4)):
            words[dice.randrange(len(words))] = dice.choice(pools["fr"])
        texts.append((" ".join(words), "fr"))
    dice.shuffle(texts)
    return [
        campaigns.Text(f"R{number:05d}", words, lang, number, 1, None)
        for number, (words, lang) in enumerate(texts)
    ]


def main(count: int = 5000, copies: int = 800) -> None:
    """Print what was found and what it took."""
    listed = comments(count, copies)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    found = campaigns.find(listed)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "comments": count,
                "copies": copies,
                "campaigns": [one.texts for one in found],
                "found": max((one.texts for one in found), default=0),
                "seconds": round(took, 2),
                "memory_mib": round(after / 1024),
                "memory_more_mib": round((after - before) / 1024),
            }
        )
    )


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3]))
