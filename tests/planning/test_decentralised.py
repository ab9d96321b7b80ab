"""Dec-POMDPs: published optimal values, and exhaustive search over all pairs of policies."""

import itertools

import numpy as np
import pytest

from marl_edu.games import DecPOMDP, MarkovGame, dec_tiger, matching_pennies, random_game
from marl_edu.planning import decentralised_optimum, decentralised_value

PUBLISHED = {2: -4.0, 3: 5.190812}
"""Dec-Tiger, undiscounted (FACTS: Nair et al. 2003 and later papers)."""


@pytest.mark.parametrize("horizon", PUBLISHED)
def test_dec_tigers_published_values(horizon):
    found = decentralised_optimum(dec_tiger(), horizon)
    assert abs(found.value - PUBLISHED[horizon]) < 1e-6
    assert abs(decentralised_value(dec_tiger(), found.policies) - found.value) < 1e-9
    assert found.policies_tried == 3 ** (2**horizon - 1)


def random_model(rng, n_states=3, n_actions=(2, 2), n_observations=(2, 2), discount=0.8):
    game = random_game(2, n_states, n_actions, rng, discount=discount, cooperative=True)
    game = game.replace(start=rng.dirichlet(np.ones(n_states)))
    shape = (*n_actions, n_states, *n_observations)
    table = rng.dirichlet(np.ones(np.prod(n_observations)), size=shape[:3]).reshape(shape)
    return DecPOMDP(game, table)


def walked(model, policies):
    """The value of a pair of policies by following every course of events."""
    game, total = model.game, 0.0

    def follow(s, seen, t, weight):
        nonlocal total
        if t == len(policies[0]):
            return
        places = [
            int(np.ravel_multi_index(h, [n] * t)) if t else 0 for h, n in zip(seen, model.n_observations, strict=True)
        ]
        a = tuple(int(policies[i][t][places[i]]) for i in range(2))
        total += weight * game.rewards[(0, s, *a)]
        for then, p in enumerate(game.transitions[(s, *a)]):
            for o in np.ndindex(*model.n_observations):
                chance = p * model.observation_probabilities[(*a, then, *o)]
                follow(then, [(*seen[0], o[0]), (*seen[1], o[1])], t + 1, weight * game.discount * chance)

    for s, p in enumerate(game.start):
        follow(s, [(), ()], 0, p)
    return total


@pytest.mark.parametrize("seed", range(6))
def test_search_finds_what_trying_all_pairs_finds(seed):
    rng = np.random.default_rng(seed)
    model = random_model(rng, n_observations=(2, 3) if seed % 2 else (2, 2))
    tables = [
        [[np.array(p[:1]), np.array(p[1:])] for p in itertools.product(range(2), repeat=1 + n)]
        for n in model.n_observations
    ]
    best = max(walked(model, pair) for pair in itertools.product(*tables))
    found = decentralised_optimum(model, 2)
    assert abs(found.value - best) < 1e-9
    assert abs(walked(model, found.policies) - best) < 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_value_of_given_policies_is_the_sum_over_all_courses_of_events(seed):
    rng = np.random.default_rng(seed)
    model = random_model(rng)
    policies = [[rng.integers(2, size=2**t) for t in range(3)] for _ in range(2)]
    assert abs(decentralised_value(model, policies) - walked(model, policies)) < 1e-10


def test_three_steps_ahead_agrees_with_the_walk_too():
    model = random_model(np.random.default_rng(9))
    found = decentralised_optimum(model, 3)
    assert abs(walked(model, found.policies) - found.value) < 1e-9


def test_samples_have_the_stated_frequencies():
    tiger, rng = dec_tiger(), np.random.default_rng(0)
    heard = np.zeros((2, 2))
    for _ in range(4_000):
        then, rewards, seen = tiger.sample(0, (0, 0), rng)
        assert then == 0 and rewards.tolist() == [-2, -2]
        heard[seen] += 1 / 4_000
    assert np.abs(heard - [[0.7225, 0.1275], [0.1275, 0.0225]]).max() < 0.03


def test_dec_tigers_rewards_and_resets():
    game = dec_tiger().game
    assert game.rewards[0, 0].tolist() == [[-2, -101, 9], [-101, -50, -100], [9, -100, 20]]
    assert game.rewards[0, 1].tolist() == [[-2, 9, -101], [9, 20, -100], [-101, -100, -50]]
    assert game.transitions[1, 0, 0].tolist() == [0, 1] and game.transitions[1, 0, 2].tolist() == [0.5, 0.5]
    assert dec_tiger().observation_probabilities[0, 1, 0].tolist() == [[0.25, 0.25], [0.25, 0.25]]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: DecPOMDP(matching_pennies(), np.ones((2, 2, 1, 1, 1))), "zero-sum; expected a cooperative"),
        (lambda: DecPOMDP(dec_tiger().game, np.ones((3, 3, 2))), "shape"),
        (lambda: DecPOMDP(dec_tiger().game, np.full((3, 3, 2, 2, 2), 0.3)), "sums to 1.2; expected 1"),
        (lambda: DecPOMDP(dec_tiger().game, np.full((3, 3, 2, 2, 2), np.nan)), "is nan; expected a probability"),
        (lambda: DecPOMDP("tiger", 1), "game"),
        (lambda: decentralised_optimum(dec_tiger(), 4), "14,348,907 policies"),
        (lambda: decentralised_optimum(dec_tiger(), 9), r"about 10\^243 policies"),
        (lambda: decentralised_optimum(dec_tiger(), 25), "too many policies to count"),
        (lambda: decentralised_optimum(dec_tiger(), 0), "horizon"),
        (lambda: decentralised_optimum(dec_tiger().game, 2), "expected a DecPOMDP"),
        (lambda: decentralised_value(dec_tiger(), [[[0]], [[3]]]), r"policies\[1\]\[0\]"),
        (lambda: decentralised_value(3, [[[0]], [[0]]]), "model is 3; expected a DecPOMDP"),
        (lambda: decentralised_value(None, None), "model is None; expected a DecPOMDP"),
        (lambda: decentralised_value(dec_tiger().game, [[[0]], [[0]]]), "expected a DecPOMDP"),
        (lambda: decentralised_value(dec_tiger(), None), "policies is None; expected two lists"),
        (lambda: decentralised_value(dec_tiger(), 3), "policies is 3; expected two lists"),
        (lambda: decentralised_value(dec_tiger(), "ab"), "policies is 'ab'; expected two lists"),
        (lambda: decentralised_value(dec_tiger(), [3, 4]), r"policies is \[3, 4\]; expected two lists"),
        (lambda: decentralised_value(dec_tiger(), [[], []]), "expected two lists"),
        (lambda: decentralised_value(dec_tiger(), [[[0]], [[0], [0, 0]]]), "expected two lists"),
        (lambda: decentralised_value(dec_tiger(), [[None], [[0]]]), r"policies\[0\]\[0\]"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_one_agent_with_a_blind_partner():
    game = MarkovGame(np.ones((1, 2, 1, 1)), [[[[1], [3]]]] * 2, 1)
    model = DecPOMDP(game, np.ones((2, 1, 1, 1, 1)))
    assert decentralised_optimum(model, 5).value == 15
