"""Partners one by one: what they learn from hand-made turns, what they believe, and what they refuse."""

import numpy as np
import pytest

from marl_edu.games import climbing, gridworld, matching_pennies, prisoners_dilemma, rock_paper_scissors
from marl_edu.learning import FixedPartner, IndependentQLearning, Match, ModelPartner, Partner, QPartner, Turn


def seated(partner, game, seat=1, student=0, **settings):
    partner.begin(game, seat, student)
    for name, value in settings.items():
        setattr(partner, name, value)
    return partner


def turn(joint_action, reward=0.0, *, seen=0, then=0, terminated=False, truncated=False):
    return Turn(seen, joint_action, reward, then, terminated, truncated)


def test_q_learning_moves_one_value_towards_its_target():
    partner = seated(QPartner([[1.0, 3.0], [8.0, 2.0]]), prisoners_dilemma(discount=0.5).replace(
        transitions=np.full((2, 2, 2, 2), 0.5), rewards=np.zeros((2, 2, 2, 2)), observations=None, states=None,
        start=None, terminal=None), step_size=0.1)  # fmt: skip
    partner.learn(turn((0, 1), 2.0, seen=0, then=1))
    assert partner.q.tolist() == [[1.0, pytest.approx(3 + 0.1 * (2 + 0.5 * 8 - 3))], [8.0, 2.0]]


@pytest.mark.parametrize(
    ("flags", "target"), [({"terminated": True}, 2.0), ({"truncated": True}, 2 + 0.5 * 3), ({}, 3.5)]
)
def test_pitfall_1_a_time_limit_is_no_end(flags, target):
    partner = seated(QPartner([[1.0, 3.0]]), prisoners_dilemma(discount=0.5), step_size=1.0)
    partner.learn(turn((0, 0), 2.0, **flags))
    assert partner.q[0, 0] == target


def test_ties_are_drawn_and_near_equals_are_ties():
    partner = seated(QPartner([[1.0, 1.0 + 1e-12, 0.0]]), climbing(), epsilon=0.0)
    assert [partner.act(0, 0.5, pick) for pick in (0.1, 0.6)] == [0, 1]
    assert partner.policy().tolist() == [[0.5, 0.5, 0.0]]


def test_exploration_is_one_coin_and_any_action():
    partner = seated(QPartner([[1.0, 0.0, 0.0]]), climbing(), epsilon=0.3)
    assert [partner.act(0, 0.29, pick) for pick in (0.1, 0.4, 0.9)] == [0, 1, 2]
    assert partner.act(0, 0.3, 0.9) == 0
    assert partner.policy()[0] == pytest.approx([0.8, 0.1, 0.1])
    steady = seated(QPartner([[1.0, 0.0, 0.0]], explores=False), climbing(), epsilon=1.0)
    assert steady.act(0, 0.0, 0.9) == 0 and steady.policy().tolist() == [[1, 0, 0]] and steady.uses == ("step_size",)


def test_policies_are_the_chances_of_what_is_done():
    """Played many times, what ``act`` gives has the frequencies that ``policy`` says."""
    rng = np.random.default_rng(0)
    for partner in (QPartner([[0.0, 2.0, 2.0]]), ModelPartner(), FixedPartner([0.2, 0.3, 0.5])):
        seated(partner, rock_paper_scissors(), epsilon=0.3)
        acts = [partner.act(0, rng.random(), rng.random()) for _ in range(4000)]
        assert np.bincount(acts, minlength=3) / 4000 == pytest.approx(partner.policy()[0], abs=0.03)


def test_a_trained_table_may_come_from_a_learner_with_larger_tables():
    game = gridworld(["1.A", "2.B"], observe="own position")
    learner = IndependentQLearning(game, seeds=2)
    learner.advance(500)
    partner = seated(QPartner(learner.q[1, 1]), game)
    np.testing.assert_array_equal(partner.q, learner.q[1, 1, : game.n_observations[1]])
    partner.q[:] = 7
    partner.begin(game, 1, 0)
    assert (partner.q != 7).any(), "forgetting goes back to the table that was given"


@pytest.mark.parametrize(
    "table", [[[1.0, 2.0]], [[1.0, 2.0, np.nan]], [1.0, 2.0, 3.0], np.zeros((2, 3)), np.zeros((1, 4)), [[1, 2, np.inf]]]
)
def test_a_table_that_does_not_fit_is_refused(table):
    with pytest.raises(ValueError, match=r"QPartner: table has shape .*; expected \(1, 3\) finite values"):
        seated(QPartner(table), climbing())


def test_fictitious_play_counts_and_best_responds():
    """By hand: matching pennies, seat 2 wants to differ; after h, h, t with prior 1 it believes 3/5 heads."""
    partner = seated(ModelPartner(explores=False), matching_pennies())
    assert partner.model().tolist() == [[0.5, 0.5]] and partner.values().tolist() == [[0, 0]]
    for side in (0, 0, 1):
        partner.learn(turn((side, 0)))
    assert partner.model().tolist() == [[0.6, 0.4]]
    assert partner.values()[0] == pytest.approx([-0.2, 0.2])
    assert partner.act(0, 0.9, 0.0) == 1


def test_without_a_prior_nothing_known_is_uniform_and_the_first_count_is_all():
    partner = seated(ModelPartner(prior=0), climbing())
    assert partner.model()[0] == pytest.approx([1 / 3] * 3)
    partner.learn(turn((2, 0)))
    assert partner.model().tolist() == [[0, 0, 1]]
    assert partner.values().tolist() == [[0, 0, 5]]


def test_a_memory_finds_out_that_the_student_plays_tit_for_tat():
    """Against tit for tat, with patience, the best response is to cooperate; without memory it is to defect."""
    game = prisoners_dilemma(discount=0.9)
    plans = {}
    for memory in (0, 1):
        partner = seated(ModelPartner(memory=memory, explores=False, prior=0.01), game, epsilon=0.0)
        student, rng = 0, np.random.default_rng(0)
        for _ in range(200):  # the partner is led by chance here, so that it sees everything
            own = int(rng.integers(2))
            partner.learn(turn((student, own)))
            student = own
        plans[memory] = partner
    assert plans[0].act(0, 0.9, 0.0) == 1
    remembering = plans[1]
    for last, does in ((0, 0), (1, 1)):
        remembering.last = 1 + game.joint_index((0, last))
        assert remembering.model()[0, does] > 0.99
        assert remembering.values()[0].argmax() == 0
    remembering.last = 1  # all cooperate for ever: 3 / (1 - 0.9)
    assert remembering.values()[0, 0] == pytest.approx(30, rel=0.02)


def test_memory_is_refused_where_it_makes_no_sense():
    with pytest.raises(ValueError, match="memory is 1, but the game 'gridworld' has"):
        seated(ModelPartner(memory=1), gridworld("1A\n2B"))
    with pytest.raises(ValueError, match="memory is 1 and the discount is 1; expected a discount below 1"):
        seated(ModelPartner(memory=1), prisoners_dilemma(discount=1.0, horizon=5))
    with pytest.raises(ValueError, match="memory is 2; expected a whole number from 0 to 1"):
        ModelPartner(memory=2)


def test_with_three_agents_the_model_is_of_the_student_alone():
    tables = np.random.default_rng(0).normal(size=(3, 2, 3, 4))
    from marl_edu.games import matrix_game

    game = matrix_game(tables)
    partner = seated(ModelPartner(prior=0), game, seat=1, student=2)
    for joint_action in ((0, 1, 3), (1, 1, 3), (1, 2, 0), (0, 0, 3)):
        partner.learn(turn(joint_action))
    assert partner.model().tolist() == [[0.25, 0, 0, 0.75]]
    seen = [(0, 3), (1, 3), (1, 0), (0, 3)]
    np.testing.assert_allclose(partner.values()[0], np.mean([tables[1, a, :, b] for a, b in seen], axis=0))


@pytest.mark.parametrize("policy", [None, [[0.25, 0.75]], [0.25, 0.75], [1]])
def test_fixed_policies(policy):
    partner = seated(FixedPartner(policy), matching_pennies())
    wanted = {None: [0.5, 0.5], "[1]": [0, 1]}.get(policy if policy is None else str(policy), [0.25, 0.75])
    assert partner.policy().tolist() == [wanted]
    assert partner.model() is None and partner.values() is None


@pytest.mark.parametrize("policy", [[[0.5, 0.6]], [2], [[np.nan, 1]], "heads", [[0.2, 0.3, 0.5]], [0.5, 0.6], -1])
def test_policies_that_are_none_are_refused(policy):
    with pytest.raises(ValueError, match="polic"):
        seated(FixedPartner(policy), matching_pennies())


def test_a_partner_of_ten_lines_plays():
    class TitForTat(Partner):
        title = "tit for tat"

        def begin(self, game, seat, student):
            super().begin(game, seat, student)
            self.next = 0

        def act(self, observation, coin, pick):
            return self.next

        def learn(self, turn):
            self.next = turn.joint_action[self.student]

    match = Match(prisoners_dilemma(discount=0.9), TitForTat())
    did = []
    for action in ("cooperate", "defect", "defect", "cooperate", "cooperate"):
        match.choose(action)
        match.advance(1)
        did.append(int(match.frame()["joint_action"][0, 1]))
    assert did == [0, 0, 1, 1, 0]
    match.reset()
    match.choose("cooperate")
    match.advance(1)
    assert match.frame()["joint_action"][0, 1] == 0


class Odd(Partner):
    """Says what it is told to."""

    def __init__(self, act=0, **tables):
        self.says, self.tables = act, tables

    def act(self, observation, coin, pick):
        return self.says

    def values(self):
        return self.tables.get("values")

    def policy(self):
        return self.tables.get("policy")

    def model(self):
        return self.tables.get("model")


@pytest.mark.parametrize("action", [5, -1, None, 0.5, "east", True, [0]])
def test_an_action_that_is_none_is_refused_with_the_partners_name(action):
    match = Match(matching_pennies(), Odd(action))
    match.choose("heads")
    with pytest.raises(ValueError, match=r"Odd.act\(\), for agent 2, is .*; expected"):
        match.advance(1)
    assert match.units_done == 0


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"values": [[1.0, 2.0, 3.0]]}, r"Odd.values\(\) has shape \(1, 3\); expected \(1, 2\)"),
        ({"policy": [0.5, 0.5]}, r"Odd.policy\(\) has shape \(2,\); expected \(1, 2\)"),
        ({"model": [[0.5, 1.5]]}, r"Odd.model\(\) has an entry that is no chance"),
        ({"policy": [[np.nan, 1]]}, r"Odd.policy\(\) has an entry that is no chance"),
        ({"model": "heads"}, r"Odd.model\(\) can't be read as a table"),
    ],
)
def test_beliefs_that_are_none_are_refused(tables, message):
    with pytest.raises(ValueError, match=message):
        Match(matching_pennies(), Odd(**tables)).frame()


def test_a_partner_without_act_says_what_is_missing():
    class Silent(Partner):
        pass

    with pytest.raises(NotImplementedError, match=r"Silent has no act\(observation, coin, pick\)"):
        Match(matching_pennies(), Silent()).advance(1)
