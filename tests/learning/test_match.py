"""Matches: the numbers of learners that play alone, luck that does not depend on the student, episodes and frames."""

import numpy as np
import pytest

from marl_edu.algorithm import HyperparameterError
from marl_edu.games import (
    CORRIDOR,
    CROSSING,
    MarkovGame,
    climbing,
    gridworld,
    matching_pennies,
    matrix_game,
    prisoners_dilemma,
    random_game,
)
from marl_edu.learning import FixedPartner, IndependentQLearning, JointActionLearning, Match, ModelPartner, QPartner
from marl_edu.recording import record

GAMES = {
    "corridor": lambda: gridworld(CORRIDOR, horizon=20),
    "slippery crossing": lambda: gridworld(CROSSING, slip=0.2, observe="own position", reward="individual"),
    "three on a grid": lambda: gridworld("1.3A\n.#..\nB..2\nC...", horizon=30),
    "climbing": lambda: climbing("fully stochastic"),
    "repeated dilemma": lambda: prisoners_dilemma(discount=0.9),
    "random": lambda: random_game(3, 6, [2, 3, 2], 4, n_terminal=1, horizon=9),
}


@pytest.mark.parametrize("seat", [0, -1])
@pytest.mark.parametrize("name", GAMES)
def test_driven_by_the_same_rule_it_is_independent_q_learning_number_for_number(name, seat):
    game = GAMES[name]()
    settings = {"seed": 5, "step_size": 0.3, "epsilon": 0.2}
    learner = IndependentQLearning(game, **settings)
    match = Match(game, [QPartner()] * (game.n_agents - 1), range(game.n_agents)[seat], QPartner(), **settings)
    for n in (1, 7, 992):
        learner.advance(n)
        match.advance(n)
        for i, partner in (*match.partners.items(), (match.seat, match._sitting[match.seat])):
            shape = game.n_observations[i], game.n_actions[i]
            np.testing.assert_array_equal(partner.values(), learner.q[0, i, : shape[0], : shape[1]])
    trace = [state for state in match.frame()["trace"][0] if state >= 0]
    assert learner.frame()["trace"][0, -len(trace) :].tolist()[1:] == trace[1:]


@pytest.mark.parametrize("name", ["corridor", "slippery crossing"])
def test_two_model_builders_are_joint_action_learning(name):
    game = GAMES[name]()
    settings = {"seed": 2, "step_size": 0.3, "epsilon": 0.2}
    learner = JointActionLearning(game, **settings)
    match = Match(game, ModelPartner(prior=0), 0, ModelPartner(prior=0), **settings)
    learner.advance(1500)
    match.advance(1500)
    n = game.n_observations[1]
    np.testing.assert_allclose(match.partners[1].values(), learner.q[0, 1, :n], atol=1e-9)


@pytest.mark.parametrize("partner", [QPartner(), ModelPartner(), FixedPartner()])
def test_the_partners_action_does_not_depend_on_the_students_choice(partner):
    """The same history, then another choice: the partner does the same in that turn."""
    for turns in (0, 3, 10):
        did = set()
        for action in range(3):
            match = Match(climbing(), partner, epsilon=0.5, seed=7)
            match.advance(turns)
            match.choose(action)
            match.advance(1)
            did.add(int(match.frame()["joint_action"][0, 1]))
            assert match.frame()["joint_action"][0, 0] == action
        assert len(did) == 1


def test_the_luck_of_others_does_not_depend_on_what_the_student_does():
    """A partner that learns nothing does the same all the time, whoever plays beside it and whatever."""
    game, plays = climbing(), []
    for stand_in in ("random", "greedy", QPartner(), lambda observation, rng: int(rng.random() < 0.3)):
        match = Match(game, FixedPartner(), stand_in=stand_in, seed=3)
        for k in range(40):
            if k % 3 == 0:
                match.choose(k % 2)
            match.advance(1)
            plays.append(int(match.frame()["joint_action"][0, 1]))
    assert plays[:40] == plays[40:80] == plays[80:120] == plays[120:]


def test_no_global_randomness_and_the_same_seed_gives_the_same_match():
    frames = []
    for k in range(2):
        np.random.seed(k)  # noqa: NPY002 (that it has no effect is the point)
        match = Match(gridworld(CORRIDOR), ModelPartner(), seed=4)
        match.advance(60)
        frames.append(match.frame())
    for name in frames[0]:
        np.testing.assert_array_equal(frames[0][name], frames[1][name])
    other = Match(gridworld(CORRIDOR), ModelPartner(), seed=5)
    other.advance(60)
    assert (other.frame()["trace"] != frames[0]["trace"]).any()


def test_choices_by_name_and_number_are_used_in_turn_and_checked():
    match = Match(prisoners_dilemma(), QPartner())
    match.choose("defect")
    match.choose(0)
    assert match.waiting == 2
    match.advance(1)
    assert match.frame()["joint_action"][0, 0] == 1 and match.waiting == 1
    match.advance(1)
    assert match.frame()["joint_action"][0, 0] == 0
    for odd in ("defekt", 2, -1, 1.0, True, None, [0], "x" * 10_000):
        with pytest.raises(ValueError, match=r"action of agent 1 is .*; expected"):
            match.choose(odd)
    assert match.waiting == 0
    match.choose(1)
    match.reset()
    assert match.waiting == 0


def test_the_end_is_seen_before_a_new_episode_begins():
    game = gridworld("1A\n2B", discount=0.5, step_cost=1, goal_reward=10)
    match = Match(game, FixedPartner(np.full(game.n_observations[1], game.actions[1].index("east"))))
    match.choose("east")
    match.advance(1)
    frame = match.frame()
    assert frame["terminated"][0] and not frame["truncated"][0] and match.over
    assert game.terminal[frame["state"][0]] and game.start[frame["begins"][0]] == 1
    assert frame["episode"][0] == 1 and frame["episodes"][0] == 1 and frame["age"][0] == 1
    assert frame["episode_return"][0].tolist() == [18, 18] == frame["earned"][0].tolist()
    match.choose("stay")
    match.advance(1)
    frame = match.frame()
    assert frame["episode"][0] == 2 and frame["age"][0] == 1 and not match.over
    assert frame["return_so_far"][0, 0] == 8 and frame["earned"][0, 0] == 26
    match.choose("east")
    match.advance(1)
    frame = match.frame()
    assert frame["return_so_far"][0, 0] == 8 + 0.5 * 9 == frame["episode_return"][0, 0]
    assert frame["mean_return"][0, 0] == (18 + 12.5) / 2


def test_a_time_limit_cuts_off_and_discount_zero_is_one_play_an_episode():
    match = Match(gridworld(CORRIDOR, horizon=4), QPartner(), stand_in=lambda observation, rng: "stay")
    match.advance(4)
    assert match.frame()["truncated"][0] and not match.frame()["terminated"][0]
    match.advance(1)
    assert match.frame()["episode"][0] == 2
    assert [state for state in match.frame()["trace"][0] if state >= 0] == [match.frame()["state"][0]]
    plays = Match(matching_pennies(), QPartner())
    plays.advance(6)
    assert plays.frame()["episodes"][0] == 6 and plays.frame()["truncated"][0]


def test_where_starts_are_random_the_next_one_is_known_before_the_choice():
    game = random_game(2, 6, 2, 0, n_terminal=3, n_successors=2)
    game = game.replace(start=np.where(game.terminal, 0, 1) / (~game.terminal).sum())
    match = Match(game, QPartner(), seed=1)
    began = []
    for _ in range(80):
        begins, over = int(match.frame()["begins"][0]), match.over
        match.advance(1)
        assert match.frame()["before"][0] == begins
        if over:
            began.append(begins)
            assert match.frame()["trace"][0, -2] == begins
    assert len(set(began)) > 1


def test_frames_can_be_recorded_and_have_one_shape(tmp_path):
    for make in GAMES.values():
        game = make()
        recording = record(Match(game, [ModelPartner()] * (game.n_agents - 1)), 40, 1)
        assert len(recording) == 41 and all(len(array) == 1 for array in recording[-1].values())
        recording.save(tmp_path / "match.npz")
        assert len(type(recording).load(tmp_path / "match.npz", game)) == 41


def test_true_choices_are_counted_by_what_the_partners_model_depends_on():
    game = prisoners_dilemma(discount=0.9)
    match = Match(game, ModelPartner(memory=1), stand_in=FixedPartner([0.3, 0.7]), epsilon=0.4)
    counts = {}
    for _ in range(300):
        last = match.partners[1].last
        match.advance(1)
        frame = match.frame()
        counts.setdefault(last, np.zeros(2))[frame["joint_action"][0, 0]] += 1
        now = counts.get(match.partners[1].last, np.zeros(2))
        assert frame["chosen"][0, 1].tolist() == now.tolist()
        np.testing.assert_allclose(frame["model"][0, 1], (now + 1) / (now.sum() + 2), rtol=1e-6)


def test_expected_is_what_the_model_gave_before_the_turn():
    match = Match(matching_pennies(), ModelPartner(prior=1))
    given = []
    for side in (0, 0, 1, 0):
        believed = match.partners[1].model()[0].copy()
        match.choose(side)
        match.advance(1)
        given.append(believed[side])
        assert match.frame()["expected"][0, 1] == believed[side]
    assert match.frame()["foreseen"][0, 1] == pytest.approx(np.mean(given))
    assert np.isnan(match.frame()["expected"][0, 0])


def test_a_rematch_keeps_what_was_learned_and_a_reset_forgets():
    match = Match(climbing(), QPartner(), seed=1)
    match.advance(50)
    learned = match.partners[1].values().copy()
    match.rematch()
    frame = match.frame()
    assert match.units_done == 0 and frame["earned"].sum() == 0 and frame["played"].sum() == 0
    np.testing.assert_array_equal(match.partners[1].values(), learned)
    match.advance(5)
    assert (match.partners[1].values() != learned).any()
    match.reset()
    assert (match.partners[1].values() == 0).all()
    match.advance(50)
    np.testing.assert_array_equal(match.partners[1].values(), learned)


def test_partners_are_copied_and_a_clone_is_fresh():
    partner = QPartner()
    one, other = Match(climbing(), partner), Match(climbing(), partner)
    one.advance(20)
    assert (other.partners[1].values() == 0).all()
    twin = one.clone()
    assert twin.units_done == 0 and twin.hyperparameters == one.hyperparameters
    twin.advance(20)
    np.testing.assert_array_equal(twin.partners[1].values(), one.partners[1].values())


def test_hyperparameters_reach_the_partners_from_the_next_turn():
    match = Match(climbing(), QPartner(), step_size=1, epsilon=0)
    match.set(epsilon=0.6)
    assert match.frame()["policy"][0, 1].sum() == pytest.approx(1)
    assert match.partners[1].epsilon == 0.6
    with pytest.raises(HyperparameterError, match="epsilon is 2; expected a number from 0 to 1"):
        match.set(epsilon=2)


ONE = MarkovGame(np.ones((1, 2, 1)), [[[0.0, 1.0]]], 0.5)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((3, QPartner()), {}, "game is 3; expected a MarkovGame"),
        ((ONE, QPartner()), {}, "has one agent; expected at least two"),
        ((climbing(), QPartner), {}, r"expected partners such as QPartner\(\) \(with brackets\)"),
        ((climbing(), None), {}, "partners has None"),
        ((climbing(), []), {}, "0 partners; expected 1, one each for agent 2"),
        ((climbing(), [QPartner()] * 2), {}, "2 partners; expected 1"),
        ((climbing(), QPartner(), 2), {}, "seat is 2; expected a whole number from 0 to 1"),
        ((climbing(), QPartner(), "agent 3"), {}, "seat is 'agent 3' .*; expected one of"),
        ((climbing(), QPartner()), {"stand_in": "clever"}, "stand_in is 'clever'; expected one of"),
        ((climbing(), QPartner()), {"stand_in": lambda: 0}, r"expected to call it as policy\(observation, rng\)"),
        ((climbing(), QPartner()), {"stand_in": QPartner}, "stand_in is <class"),
        ((climbing(), QPartner()), {"seeds": 3}, "seeds is 3; expected 1: there is one student"),
        ((climbing(), QPartner()), {"seed": -1}, "seed is -1"),
        ((climbing(discount=1.0), QPartner()), {}, "discount 1 and no horizon"),
        ((climbing(), QPartner()), {"epsilon": "much"}, "epsilon is 'much'"),
        ((climbing(), QPartner(np.zeros((2, 2)))), {}, r"expected \(1, 3\) finite values"),
    ],
)
def test_bad_input_is_told_in_a_sentence(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        Match(*arguments, **options)


def test_seeds_are_refused_later_too():
    match = Match(climbing(), QPartner())
    match.advance(3)
    with pytest.raises(HyperparameterError, match="expected 1"):
        match.restart(seeds=4)
    assert match.seeds == 1 and match.units_done == 3
    match.advance(1)


def test_a_stand_in_that_fails_leaves_the_match_where_it_was():
    def failing(observation, rng):
        raise RuntimeError("no idea")

    match = Match(climbing(), QPartner(), stand_in=failing)
    with pytest.raises(RuntimeError, match="no idea"):
        match.advance(1)
    assert match.units_done == 0
    match.choose("a")
    match.advance(1)
    assert match.units_done == 1 and match.frame()["joint_action"][0, 0] == 0
    for odd in (7, "z", None):
        with pytest.raises(ValueError, match=r"Asked.act\(\), for agent 1, is"):
            Match(climbing(), QPartner(), stand_in=lambda observation, rng, odd=odd: odd).advance(1)


def test_a_very_large_world_is_played_without_beliefs_in_its_frames():
    game = gridworld(["1" + "." * 39 + "A", "." * 41, "2" + "." * 39 + "B"] + ["." * 41] * 3)
    match = Match(game, QPartner())
    match.advance(2)
    assert "q" not in match.frame() and match.frame()["earned"].shape == (1, 2)


def test_references_are_exact():
    assert Match(climbing(), QPartner()).references()["team optimum"] == 11
    tables = np.random.default_rng(1).normal(size=(3, 2, 2, 2))
    match = Match(matrix_game(tables), [QPartner(), ModelPartner()], seat=1)
    best = match.references()["team optimum"]
    assert best == pytest.approx(tables.mean(axis=0).max())
