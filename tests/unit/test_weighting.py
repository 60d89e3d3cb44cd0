"""Weighting answers to all who passed: by hand, and on populations of which the truth is known."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import product
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.question import SCALES
from streams.weighting import LEAST, Traits, Weighted, rake, weighted_mean

OUT_OF_TEN = SCALES["satisfaction"]
Said = dict[Traits, Mapping[int, int]]
Numbers = dict[Traits, int]


def test_one_trait_is_weighted_to_its_share() -> None:
    """One in four passes by web, and half of those who answer do."""
    weights = rake({("web",): 50, ("post",): 50}, {("web",): 250, ("post",): 750})
    assert weights == pytest.approx({("web",): 0.5, ("post",): 1.5})


def test_two_traits_are_weighted_to_both_their_shares() -> None:
    answers: Numbers = {("web", "jong"): 40, ("web", "oud"): 10, ("post", "jong"): 10, ("post", "oud"): 40}
    passages: Numbers = {
        ("web", "jong"): 100,
        ("web", "oud"): 300,
        ("post", "jong"): 200,
        ("post", "oud"): 400,
    }
    weights = rake(answers, passages)
    held: dict[str, float] = defaultdict(float)
    for traits, weight in weights.items():
        for trait in traits:
            held[trait] += weight * answers[traits]
    assert held == pytest.approx({"web": 40, "post": 60, "jong": 30, "oud": 70})
    odds = {traits: weight * answers[traits] for traits, weight in weights.items()}
    ratio = odds["web", "jong"] * odds["post", "oud"] / odds["web", "oud"] / odds["post", "jong"]
    assert ratio == pytest.approx(16), "what goes together among the answers still does"


def test_a_weighted_mean_and_its_interval() -> None:
    """150 by web say 6, 150 by post 8; three in four pass by post: 7.5."""
    said: Said = {("web",): {6000: 150}, ("post",): {8000: 150}}
    found = weighted_mean(said, {("web",): 250, ("post",): 750}, OUT_OF_TEN)
    assert found is not None
    assert found.estimate.value == pytest.approx(7.5)
    squares = 150 * (0.5 * 1.5) ** 2 + 150 * (1.5 * 0.5) ** 2
    reach = 1.968 * (squares * 300 / 299) ** 0.5 / 300  # Student's t with 299 degrees of freedom
    assert found.estimate.high - found.estimate.value == pytest.approx(reach, rel=0.001)
    assert found.represented == 1


def test_too_few_answers_are_not_weighted() -> None:
    assert weighted_mean({("web",): {6000: LEAST - 1}}, {("web",): 900}, OUT_OF_TEN) is None
    assert weighted_mean({("web",): {6000: LEAST}}, {("web",): 900}, OUT_OF_TEN) is not None
    assert weighted_mean({}, {("web",): 900}, OUT_OF_TEN) is None
    assert weighted_mean({("web",): {6000: LEAST}}, {}, OUT_OF_TEN) is None


def test_nobody_stands_for_those_like_whom_nobody_answered() -> None:
    said: Said = {("web", "KCC"): {6000: 200}, ("post", "KCC"): {8000: 100}}
    passages: Numbers = {
        ("web", "KCC"): 300,
        ("post", "KCC"): 300,
        ("post", "JZ"): 200,
        ("telefoon", "KCC"): 200,
    }
    found = weighted_mean(said, passages, OUT_OF_TEN)
    assert found is not None
    assert found.represented == pytest.approx(0.6)
    assert found.estimate.value == pytest.approx(7.0)


def test_answers_of_which_no_passage_is_known_are_left_out() -> None:
    """They came before their event, or their passage was before the period."""
    said: Said = {("web",): {6000: 300}, ("",): {1000: 50}}
    found = weighted_mean(said, {("web",): 900}, OUT_OF_TEN)
    assert found is not None
    assert found.estimate.value == 6


cells = st.dictionaries(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), st.integers(1, 50), min_size=1)


@given(cells, cells)
def test_weights_are_one_on_average_and_never_negative(answers: dict[Traits, int], passages: dict[Traits, int]) -> None:
    weights = rake(answers, passages)
    assert weights.keys() == answers.keys() & passages.keys()
    if weights:
        assert sum(weights[traits] * answers[traits] for traits in weights) == pytest.approx(
            sum(answers[traits] for traits in weights)
        )
        assert min(weights.values()) >= 0


TOUCHPOINTS = {"vraag": (0.30, 0.0, 1.0), "aanvraag": (0.25, 0.3, 1.2), "aanvulling": (0.15, -1.2, 0.8)} | {
    "besluit": (0.20, -0.3, 1.4),
    "factuur": (0.10, -1.0, 0.5),
}
CHANNELS = {"web": (0.5, 0.4, 1.5), "telefoon": (0.3, 0.0, 0.7), "post": (0.2, -0.6, 0.5)}
DEPARTMENTS = {"KCC": (0.6, 0.2, 1.1), "VG": (0.4, -0.3, 0.9)}
PERSONAS = {"bewoner": (0.55, -0.5, 0.7), "aannemer": (0.25, 0.3, 1.0), "architect": (0.20, 0.7, 1.6)}
TIMELINESS = {"in_time": (0.8, 0.3, 1.2), "late": (0.2, -1.2, 0.6)}
"""Of each trait: how often it is met, what it adds to a score, and by how much it raises the chance of an answer."""

PASSAGES = 40_000


class Population:
    """All who passed, with what each of them would score. Who answers depends on their traits."""

    def __init__(self, seed: int) -> None:
        chance = Random(f"population {seed}")
        self.passages: Numbers = {}
        self.means: dict[Traits, float] = {}
        self.willing: dict[Traits, float] = {}
        for traits in product(TOUCHPOINTS, CHANNELS, DEPARTMENTS, PERSONAS, TIMELINESS):
            of = [
                trait[each]
                for trait, each in zip((TOUCHPOINTS, CHANNELS, DEPARTMENTS, PERSONAS, TIMELINESS), traits, strict=True)
            ]
            share, willing = 1.0, 0.3
            for met, _, answers in of:
                share *= met * chance.uniform(0.7, 1.3)  # traits go together in some way
                willing *= answers
            self.passages[traits] = max(1, round(PASSAGES * share))
            self.means[traits] = 7.0 + sum(adds for _, adds, _ in of)
            self.willing[traits] = min(willing, 0.95)
        self.scores = {traits: self._distribution(mean) for traits, mean in self.means.items()}
        self.truth = self._mean(self.passages)

    @staticmethod
    def _distribution(mean: float) -> list[float]:
        return [2.718 ** (-((score - mean) ** 2) / (2 * 1.5**2)) for score in range(1, 11)]

    def _mean(self, of: Mapping[Traits, float]) -> float:
        total = sum(of.values())
        means = {
            traits: sum(s * w for s, w in enumerate(weights, 1)) / sum(weights)
            for traits, weights in self.scores.items()
        }
        return sum(n * means[traits] for traits, n in of.items()) / total

    def answered(self, n: int, chance: Random) -> dict[Traits, Counter[int]]:
        """Let so many answer."""
        odds = {traits: passed * self.willing[traits] for traits, passed in self.passages.items()}
        said: dict[Traits, Counter[int]] = {}
        for traits, times in Counter(chance.choices([*odds], [*odds.values()], k=n)).items():
            scores = chance.choices(range(1, 11), self.scores[traits], k=times)
            said[traits] = Counter(1000 * score for score in scores)
        return said


def raw_mean(said: Mapping[Traits, Counter[int]]) -> float:
    total = sum(value * n for counts in said.values() for value, n in counts.items())
    return total / 1000 / sum(counts.total() for counts in said.values())


@pytest.mark.parametrize(("n", "near"), [(2500, 0.95), (800, 0.80)])
def test_what_goes_with_known_traits_is_mended(n: int, near: float) -> None:
    """200 times: hardly any bias is left, and nearly all results lie within 0.1 of the truth. Raw ones lie far off."""
    raw, weighted, held = [], [], 0
    for replication in range(200):
        population = Population(replication % 10)
        said = population.answered(n, Random(f"{n} answers, {replication}"))
        found = weighted_mean(said, population.passages, OUT_OF_TEN)
        assert found is not None
        raw.append(raw_mean(said) - population.truth)
        weighted.append(found.estimate.value - population.truth)
        held += found.estimate.low <= population.truth <= found.estimate.high
    assert fmean(raw) > 0.25
    assert abs(fmean(weighted)) <= 0.05
    assert fmean(abs(off) <= 0.1 for off in weighted) >= near
    assert held / 200 >= 0.93


def test_what_goes_with_the_score_itself_is_not_mended() -> None:
    """The satisfied answer twice as often as others like them: no weight can know that."""
    population = Population(1)
    chance = Random("the satisfied")
    said = population.answered(6000, chance)
    lopsided = {
        traits: Counter(
            {value: n if value >= 8000 else sum(chance.random() < 0.5 for _ in range(n)) for value, n in counts.items()}
        )
        for traits, counts in said.items()
    }
    found = weighted_mean(lopsided, population.passages, OUT_OF_TEN)
    assert isinstance(found, Weighted)
    assert found.estimate.value - population.truth > 0.25
    assert found.estimate.low > population.truth, "its interval does not know either"
