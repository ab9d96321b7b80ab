"""The stepper: from code and by its widgets, forwards and back, and what it does with bad input."""

import base64
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from marl_edu.exercises.lesson_02_lake import lake
from marl_edu.games import CORRIDOR, dec_tiger, gridworld, random_game, stag_hunt
from marl_edu.panels import play_words
from marl_edu.panels.stepper import Stepper, draw_payments, keys_of


@pytest.fixture
def stepper():
    made = Stepper(lake(), seed=0)
    yield made
    made.close()


def test_the_row_is_that_of_the_joint_action(stepper):
    game = stepper.game
    for a, b in np.ndindex(2, 2):
        stepper.choose(a, b)
        assert np.array_equal(stepper.row, game.transitions[0, a, b])
    stepper.choose("spare", "fish")
    assert "full with probability 0.8, low with probability 0.2" in stepper.describe()
    assert "pays agent 1 2, agent 2 4" in stepper.describe()


def test_a_step_pays_and_back_takes_it_back(stepper):
    stepper.choose("fish", "fish")
    stepper.step()
    assert stepper.steps == 1 and stepper.earned.tolist() == [3, 3]
    stepper.choose("spare", "spare")
    stepper.back()
    assert stepper.steps == 0 and stepper.state == 0 and stepper.earned.tolist() == [0, 0]
    assert stepper.joint_action == (1, 1)  # what was done there
    stepper.back()
    assert stepper.steps == 0 and "start" in stepper.notice.value


def test_after_going_back_the_world_draws_anew_and_the_shares_come_to_the_row(stepper):
    stepper.choose("fish", "fish")
    for _ in range(600):
        stepper.step()
        stepper.back()
    seen = stepper._tally()
    assert sum(seen.values()) == 600 and seen[2] == 0
    assert abs(seen[1] / 600 - 0.7) < 4 * np.sqrt(0.7 * 0.3 / 600)


def test_a_new_step_from_an_earlier_moment_replaces_what_came_after(stepper):
    for _ in range(4):
        stepper.step()  # both spare: the lake stays full
    stepper.look_at(1)
    stepper.choose("fish", "spare")
    stepper.step()
    assert stepper.steps == 2 and stepper.timeline.max == 2 and stepper.earned.tolist() == [2 + 4, 2 + 2]


def test_at_the_end_there_is_no_way_on(stepper):
    stepper.choose("fish", "fish")
    while not stepper.game.terminal[stepper.state]:
        stepper.step()
    at = stepper.steps
    stepper.step()
    assert stepper.steps == at and "over" in stepper.notice.value and "terminal" in stepper.describe()
    assert Image.open(io.BytesIO(stepper.png())).size == (960, 300)
    stepper.restart()
    assert stepper.steps == 0 and stepper.state == 0


def test_widgets_and_keys_do_the_same(stepper):
    stepper.choices[1].value = 1
    assert stepper.joint_action == (0, 1)
    stepper._key({"key": "f"})
    assert stepper.joint_action == (1, 1) and stepper.choices[0].value == 1
    stepper.buttons["step"].click()
    assert stepper.steps == 1
    stepper._key({"key": "n"})
    stepper._key({"key": "b"})
    assert stepper.steps == 1
    stepper.timeline.value = 0
    assert stepper.steps == 0
    stepper._key({"key": "x"})
    stepper._key("nonsense")
    assert stepper.steps == 0 and stepper.notice.value == ""


@pytest.mark.parametrize("game", [lake(), dec_tiger().game, gridworld(CORRIDOR), stag_hunt(), random_game(4, 3, 5, 0)])
def test_agent_1_has_the_keys_of_play_and_no_key_means_two_things(game):
    played, keys = play_words.keys_for(game.actions[0]), keys_of(game)
    assert not {"n", "b"} & set(keys) and {a for i, a in keys.values() if i == 0} == set(range(game.n_actions[0]))
    assert all(played[key] == a for key, (i, a) in keys.items() if i == 0)
    stepper = Stepper(game)
    for key, (i, a) in keys.items():
        stepper._key({"key": key})
        assert stepper.joint_action[i] == a
    stepper.close()


def test_buttons_name_their_keys(stepper):
    assert [name for name, _ in stepper.choices[0].options] == ["spare (s)", "fish (f)"]
    assert [name for name, _ in stepper.choices[1].options] == ["spare (h)", "fish (j)"]
    assert stepper.pad.hint == "s/f and h/j choose, n steps, b goes back"
    corridor = Stepper(gridworld(CORRIDOR))
    assert [name for name, _ in corridor.choices[0].options][:2] == ["stay (space)", "north (↑)"]


def test_a_teams_reward_is_not_counted_twice():
    """Listening costs the team of Dec-Tiger 2, not 4; agents that are paid each their own have a sum."""
    for game, sum_shown in ((dec_tiger().game, False), (lake(), True)):
        ax = Figure().subplots()
        draw_payments(ax, game, 0, (0, 0))
        names = [label.get_text() for label in ax.get_yticklabels()]
        assert names == ["agent 1", "agent 2", *["all together"][: int(sum_shown)]]
        assert len(ax.patches) == len(names) == len(ax.texts)
        paid = [*game.rewards[:, 0, 0, 0], *[game.rewards[:, 0, 0, 0].sum()][: int(sum_shown)]]
        assert [patch.get_width() for patch in ax.patches] == paid
        low, high = ax.get_xlim()
        assert low <= min(paid) and high >= max(paid)


def test_without_a_front_end_it_is_a_picture_and_words(stepper):
    data, metadata = stepper._repr_mimebundle_()
    assert data["text/plain"].startswith("Step through the lake. In state full")
    assert metadata["image/png"]["alt"] == stepper.describe()
    before = base64.b64decode(data["image/png"])
    assert Image.open(io.BytesIO(before)).size == (960, 300)
    stepper.choose("fish", "spare")
    assert stepper.png() != before


def test_worlds_of_other_sizes():
    corridor = Stepper(gridworld(CORRIDOR))
    corridor.choose("east", "west")
    corridor.step()
    assert corridor.steps == 1 and len(corridor.png()) > 1_000
    three = Stepper(random_game(3, 4, (2, 3, 2), 0))
    three.choose(1, 2, 0)
    assert np.array_equal(three.row, three.game.transitions[three.state, 1, 2, 0])
    assert len(three.png()) > 1_000


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Stepper("lake"), "MarkovGame"),
        (lambda: Stepper(random_game(5, 2, 2, 0)), "5 agents"),
        (lambda: Stepper(random_game(2, 20, 2, 0)), "20 next states"),
        (lambda: Stepper(lake(), seed=-1), "seed"),
        (lambda: Stepper(lake()).choose("fish"), "expected 2"),
        (lambda: Stepper(lake()).choose("fish", "sleep"), "sleep"),
        (lambda: Stepper(lake()).look_at(-1), "step"),
    ],
)
def test_bad_input_is_refused_in_words(make, words):
    with pytest.raises(ValueError, match=words):
        make()
