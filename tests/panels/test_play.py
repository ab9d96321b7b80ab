"""The play panel without a front end: the same object, driven by its methods and by its widgets' traits."""

import asyncio
import base64
import io

import numpy as np
import pytest
from PIL import Image

from marl_edu.exercises.lesson_02_lake import lake
from marl_edu.games import CORRIDOR, climbing, gridworld, matching_pennies, matrix_game, prisoners_dilemma, random_game
from marl_edu.learning import FixedPartner, IndependentQLearning, Match, ModelPartner, Partner, QPartner
from marl_edu.panels import Play, play_words
from marl_edu.progress import progress
from marl_edu.recording import Recording
from marl_edu.views import BeliefView, GridWorldView, PlayedActions, QTable, ScoreView


@pytest.fixture
def pennies():
    made = Play(Match(matching_pennies(), ModelPartner(explores=False)), turns=4)
    yield made
    made.close()


@pytest.fixture
def after():
    made = Play(Match(matching_pennies(), ModelPartner(explores=False)), turns=4, show="after")
    yield made
    made.close()


@pytest.fixture
def walk():
    return Play(Match(gridworld(CORRIDOR, name="corridor"), QPartner(), epsilon=0), turns=6)


def test_a_press_is_a_turn_and_a_moment(pennies):
    pennies.press("heads")
    pennies.press(1)
    assert pennies.turn == 2 and len(pennies.recording) == 3 and pennies.moment == 2
    assert [int(pennies.recording[t]["joint_action"][0, 0]) for t in (1, 2)] == [0, 1]


def test_buttons_do_what_press_does(pennies):
    for k in (0, 1):
        pennies.board.choices[k].click()
    pennies.tick()
    assert pennies.turn == 2 and "turn 2 of 4" in pennies.board.status.value
    assert [button.description for button in pennies.board.choices] == ["heads (h)", "tails (t)"]
    assert pennies.board.words.value.startswith("You chose tails, agent 2 chose ")


def test_keys_mean_actions(walk):
    for key in ("ArrowRight", "ArrowDown", " ", "."):
        walk.board.pad._handle_custom_msg({"key": key}, [])
    did = [int(walk.recording[t]["joint_action"][0, 0]) for t in range(1, 5)]
    assert [walk.match.actions[a] for a in did] == ["east", "south", "stay", "stay"]
    for odd in ({"key": "q"}, {"key": 3}, {}, None, {"key": ["a"]}, {"key": "__class__"}):
        walk._key(odd)
    assert walk.turn == 4


@pytest.mark.parametrize(
    ("actions", "keys"),
    [
        (("cooperate", "defect"), {"c": 0, "d": 1, "1": 0, "2": 1}),
        (("stag", "swerve"), {"1": 0, "2": 1}),
        (("$x", "été", "North"), {"n": 2, "1": 0, "2": 1, "3": 2}),
        (
            tuple("abcdefghijk"),
            {letter: k for k, letter in enumerate("abcdefghijk")} | {str(k + 1): k for k in range(9)},
        ),
        (("only",), {"o": 0, "1": 0}),
    ],
)
def test_which_keys(actions, keys):
    assert play_words.keys_for(actions) == keys


def test_the_timeline_rewinds_and_a_choice_goes_on_from_the_newest(pennies):
    for side in (0, 0, 1):
        pennies.press(side)
    pennies.tick()
    newest = pennies.board.picture.value
    pennies.board.timeline.value = 1
    pennies.tick()
    assert pennies.moment == 1 and pennies.board.picture.value != newest
    assert pennies.board.status.value.startswith("showing 1 · turn 3 of 4")
    assert "goes on from the newest" in pennies.board.notice.value
    pennies.board.timeline.value = 3
    pennies.tick()
    assert pennies.shown is None and pennies.board.picture.value == newest and pennies.board.notice.value == ""
    pennies.look_at(0)
    pennies.press("tails")
    assert pennies.turn == 4 and pennies.moment == 4 and "turn 0 was shown" in pennies._notice


def test_after_the_last_turn_nothing_is_played_but_all_can_be_looked_at(pennies):
    pennies.run()
    earned = pennies.recording[-1]["earned"].copy()
    pennies.press("heads")
    pennies.tick()
    assert pennies.turn == 4 and "All 4 turns are played" in pennies.board.notice.value
    assert (pennies.recording[-1]["earned"] == earned).all()
    assert all("marl-idle" in button._dom_classes for button in pennies.board.choices)
    assert "in the end it expected" in pennies.describe()
    pennies.look_at(2)
    assert "in the end" not in pennies.describe() and "Turn 2 of 4" in pennies.describe()


def test_beliefs_after_are_hidden_until_the_last_turn(after):
    hidden = after.png()
    after.reveal()
    assert not after.revealed and "after the last turn" in after._notice
    for side in (0, 0, 0):
        after.press(side)
        assert not after.revealed
    assert after.painter(False).alt_text(after.recording, -1).count("agent 2 will choose") == 0
    after.press(1)
    assert after.revealed
    shown = after.png()
    assert "agent 2 will choose" in after.painter(True).alt_text(after.recording, -1)
    after.look_at(0)
    assert after.png() != hidden, "now the first moment is seen with its beliefs"
    after.reveal(False)
    assert "agent 2 will choose" not in after.painter(after.revealed).alt_text(after.recording, 0)
    after.reveal(True)
    after.look_at(4)
    assert after.png() == shown


def test_the_picture_of_a_covered_match_does_not_tell_what_is_hidden():
    """Two partners that believe different things give the same picture and words as long as they do the same."""
    told = []
    for table in ([[0.0, 1.0]], [[-5.0, 2.0]]):
        play = Play(Match(matching_pennies(), QPartner(table), epsilon=0, step_size=0), turns=9, show="after")
        play.press("heads")
        told.append((play.png(), play.describe()))
    assert told[0] == told[1]


def test_hidden_and_shown_pictures_have_one_size(after, walk):
    for play in (after, walk):
        assert play.painter(True).height == play.painter(False).height


def test_live_beliefs_can_be_hidden(pennies):
    shown = pennies.png()
    pennies.board.reveal.value = False
    pennies.tick()
    assert not pennies.revealed and pennies.board.picture.value != shown
    assert pennies.board.reveal.description == "show beliefs"


def test_a_new_match_keeps_and_forget_forgets(pennies):
    pennies.run()
    learned = pennies.match.partners[1].model().copy()
    pennies.board.buttons["again"].click()
    assert pennies.turn == 0 and len(pennies.recording) == 1
    assert (pennies.match.partners[1].model() == learned).all()
    pennies.press(0)
    pennies.board.buttons["forget"].click()
    assert pennies.turn == 0 and pennies.match.partners[1].model().tolist() == [[0.5, 0.5]]
    pennies.tick()
    assert "forgotten" in pennies.board.notice.value


class Copycat(Partner):
    """Learns (what the student did last), but keeps neither values nor a model."""

    title = "copycat"
    next = 0

    def act(self, observation, coin, pick):
        return self.next

    def learn(self, turn):
        self.next = turn.joint_action[self.student]


def test_beside_a_partner_without_a_model_nothing_speaks_of_beliefs_or_of_learning():
    play = Play(Match(prisoners_dilemma(), FixedPartner([0])), turns=2, show="after", title="Play somebody")
    shown = play.board.box.children[1].children
    assert [button.description for button in shown] == ["new match"] and shown[0].tooltip == "play again"
    bundle, metadata = play._repr_mimebundle_()
    play.run()
    told = play.describe() + bundle["text/plain"] + metadata["image/png"]["alt"]
    told += play.painter(True).alt_text(play.recording, -1) + play.painter(False).alt_text(play.recording, -1)
    assert not any(word in told for word in ("belie", "fixed policy", "model", "expect"))
    play.board.buttons["again"].click()
    play.tick()
    assert play.turn == 0 and play.board.notice.value == "A new match."
    play.forget()
    assert play._notice == "A new match."
    play.close()


def test_a_partner_that_learns_without_a_model_can_be_made_to_forget():
    play = Play(Match(prisoners_dilemma(), Copycat()), turns=2)
    assert [button.description for button in play.board.box.children[1].children] == ["new match", "forget"]
    play.new_match()
    assert "learned before is kept" in play._notice


def test_a_picture_of_beliefs_that_was_asked_for_can_be_hidden_whoever_plays():
    play = Play(Match(climbing(), FixedPartner([0])), BeliefView(1), turns=2, show="after")
    assert play.board.reveal in play.board.box.children[1].children and "forget" not in play.board.buttons
    assert play.painter(False).alt_text(play.recording, -1) != play.painter(True).alt_text(play.recording, -1)


def test_words_of_a_walk(walk):
    walk.press("north")
    assert walk.describe().startswith("You could not go north, agent 2 ")
    walk.press("east")
    assert walk.describe().startswith("You went east, agent 2 ") and "each is paid" in walk.describe()
    walk.press("stay")
    assert walk.describe().startswith("You waited, agent 2 ")


def test_words_at_the_end_of_an_episode():
    game = gridworld("1A\n2B", horizon=3)
    play = Play(Match(game, FixedPartner([4] * game.n_observations[1])), turns=5)
    play.press("east")
    assert "Episode 1 is over after 1 turn: your discounted return is 18. The next choice begins episode 2." in (
        play.describe()
    )
    for _ in range(3):
        play.press("stay")
    assert "agent 2 was at its goal" in play.describe()
    assert "Episode 2 was cut off by the time limit after 3 turns" in play.describe()
    play.press("east")
    assert "The next choice" not in play.describe() and "mean of 3" in play.describe()


def test_where_play_is_cut_it_is_compared_with_what_can_be_had_within_the_cut():
    """The lake, cut at ten years: the best of an endless lake (23.4 each) is out of reach, so it is not mentioned."""
    game = lake().replace(horizon=10)
    play = Play(Match(game, QPartner()), [ScoreView()], turns=30).run()
    rewards, best, random = game.rewards.sum(axis=0), np.zeros(3), np.zeros(3)
    for _ in range(10):
        best = (rewards + 0.9 * game.transitions @ best).max(axis=(1, 2))
        random = (rewards + 0.9 * game.transitions @ random).mean(axis=(1, 2))
    assert (round(best[0] / 2, 2), round(random[0] / 2, 2)) == (15.67, 10.71)
    assert "the best a team can reach in 10 turns is 15.7 each, random play by all is worth 10.7." in play.describe()
    assert play.recording.references["team optimum"] == pytest.approx(23.4146, abs=1e-4)  # for who goes on learning
    short = Play(Match(game, QPartner()), [ScoreView()], turns=1).run()
    assert "No episode was finished; the best a team can reach in 10 turns is 15.7 each (disc" in short.describe()
    endless = Play(Match(lake(), QPartner()), [ScoreView()], turns=60).run()
    assert "the best a team can reach is 23.4 each, random play by all is worth 11.8." in endless.describe()


def test_score_in_words():
    play = Play(Match(prisoners_dilemma(), FixedPartner([1])), turns=2)
    play.press("cooperate")
    play.tick()
    assert play.describe() == "You chose cooperate, agent 2 chose defect: you are paid 0, agent 2 5. Turn 1 of 2."
    assert play.board.status.value == "turn 1 of 2 · you 0, agent 2 5"
    play.press("defect")
    assert "You earned 0.50 per turn; the best a team can reach is 3 each" in play.describe()


def test_the_result_is_kept_in_progress():
    play = Play(Match(matching_pennies(), ModelPartner()), turns=2, name="test.kept_result")
    play.press(0)
    assert progress().facts("play", "test.kept_result") == {}
    play.press(1)
    facts = progress().facts("play", "test.kept_result")
    assert facts["turns"] == 2 and facts["earned"] == play.recording[-1]["earned"][0, 0]


def test_the_static_page_is_a_stand_ins_match_and_always_the_same():
    bundles = []
    for _ in range(2):
        play = Play(Match(gridworld(CORRIDOR, name="corridor"), ModelPartner()), turns=12, show="after", name="x")
        data, metadata = play._repr_mimebundle_()
        bundles.append((data["text/plain"], data["image/png"], metadata["image/png"]["alt"], repr(play)))
        assert play.turn == 0
        assert "application/vnd.jupyter.widget-view+json" in data
    assert bundles[0] == bundles[1]
    words, picture, alt, _ = bundles[0]
    assert words.startswith("Play corridor with agent 2 (model-builder). A stand-in for you played 12 turns. After 12")
    assert "agent 2 will choose" in alt and "0x" not in words + alt
    assert Image.open(io.BytesIO(base64.b64decode(picture))).size == (960, 330)


def test_after_turns_the_static_page_is_the_students_match(pennies):
    pennies.press("heads")
    data, _ = pennies._repr_mimebundle_()
    assert "You chose heads" in data["text/plain"] and "stand-in" not in data["text/plain"]


GAMES = {
    "matrix": (lambda: Match(climbing(), QPartner()), [ScoreView, PlayedActions, BeliefView]),
    "grid": (lambda: Match(gridworld(CORRIDOR), QPartner()), [GridWorldView, BeliefView]),
    "without beliefs on a grid": (lambda: Match(gridworld(CORRIDOR), FixedPartner()), [GridWorldView, ScoreView]),
    "without beliefs": (lambda: Match(climbing(), FixedPartner()), [ScoreView, PlayedActions]),
    "one of two believes": (
        lambda: Match(matrix_game([[[[1.0] * 2] * 2] * 2] * 3), [FixedPartner(), ModelPartner()], 0),
        [ScoreView, BeliefView],
    ),
    "three agents": (
        lambda: Match(matrix_game([[[[1.0] * 2] * 2] * 2] * 3), [QPartner(), ModelPartner()], 1),
        [ScoreView, BeliefView],
    ),
    "Markov game": (
        lambda: Match(random_game(2, 5, [3, 2], 0), ModelPartner(), seat="agent 2"),
        [ScoreView, BeliefView],
    ),
}


@pytest.mark.parametrize("name", GAMES)
def test_default_views_suit_the_game(name):
    make, kinds = GAMES[name]
    for show in ("live", "after"):
        play = Play(make(), turns=3, show=show)
        assert [type(view) for view in play.views] == kinds
        for k in range(3):
            play.press(k % len(play.match.actions))
            play.tick()
        assert play.over and play.describe() and play.png()
        play.close()


def test_a_very_large_world_is_played_without_beliefs():
    game = gridworld(["1" + "." * 39 + "A", "." * 41, "2" + "." * 39 + "B"] + ["." * 41] * 3)
    play = Play(Match(game, QPartner()), turns=2)
    assert [type(view) for view in play.views] == [GridWorldView, ScoreView]
    play.run()
    assert play.over


def test_controls_are_the_matchs_hyperparameters():
    play = Play(Match(climbing(), QPartner()), turns=3, controls=["epsilon", "step_size"])
    play.board.controls["epsilon"].value = 0.5
    assert play.match.epsilon == 0.5
    play._engine.ask(play._tuned, "epsilon", 7)
    assert "epsilon is 7" in play.board.notice.value and play.match.epsilon == 0.5
    play.press(0)
    assert play.recording.hyperparameters(-1)["epsilon"] == 0.5


def test_views_of_ones_own():
    mine = ScoreView()
    play = Play(Match(climbing(), QPartner()), [mine, QTable()], turns=2, show="after")
    play.run()
    assert play.views[0] is not mine and mine.expected_units is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda match: Play(climbing()), r"match is .*; expected a Match"),
        (lambda match: Play(match, "views"), "views is 'views'; expected a View"),
        (lambda match: Play(match, [ScoreView]), "expected a View such as"),
        (lambda match: Play(match, [ScoreView()] * 4), "one to three views"),
        (lambda match: Play(match, []), "one to three views"),
        (lambda match: Play(match, GridWorldView(1)), "expected a gridworld"),
        (lambda match: Play(match, BeliefView(0)), "the student; expected a partner"),
        (lambda match: Play(match, turns=0), "turns is 0; expected a whole number from 1 to 1000"),
        (lambda match: Play(match, turns=5000), "turns is 5000"),
        (lambda match: Play(match, turns="many"), "turns is 'many'"),
        (lambda match: Play(match, show="never"), "show is 'never'; expected one of"),
        (lambda match: Play(match, name=6), "name is 6; expected a text"),
        (lambda match: Play(match, controls=["speed"]), "name of a hyperparameter is 'speed'"),
    ],
)
def test_bad_input_is_told_in_a_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make(Match(climbing(), QPartner()))


def test_a_wrong_action_changes_nothing(pennies):
    for odd in ("edge", 2, -1, None, 0.0, True):
        with pytest.raises(ValueError, match=r"action is .*; expected"):
            pennies.press(odd)
    for odd in (-1, "x", None, 1.5):
        with pytest.raises(ValueError, match=r"turn is .*; expected"):
            pennies.look_at(odd)
    assert pennies.turn == 0 and pennies.match.waiting == 0


def test_a_partner_that_fails_is_told_in_the_panel_and_the_match_stands():
    class Shy(Partner):
        def act(self, observation, coin, pick):
            raise RuntimeError("I'd <b>rather</b> not")

    play = Play(Match(climbing(), Shy()), turns=3)
    play.board.choices[0].click()
    assert play.board.notice.value == "RuntimeError: I&#x27;d &lt;b&gt;rather&lt;/b&gt; not"
    assert play.turn == 0 and len(play.recording) == 1 and play.match.waiting == 0


def test_a_match_that_somebody_else_moved_is_not_played_on(pennies):
    pennies.press(0)
    pennies.match.advance(1)
    with pytest.raises(ValueError, match="this match stands at turn 2, but this panel left it at 1"):
        pennies.press(0)
    pennies.new_match()
    pennies.press(0)
    assert pennies.turn == 1


def test_a_panel_starts_its_match_afresh():
    match = Match(climbing(), QPartner())
    match.advance(20)
    match.choose(1)
    play = Play(match, turns=2)
    assert play.turn == 0 and match.waiting == 0 and (match.partners[1].values() == 0).all()


def test_names_of_all_kinds_are_shown_as_they_are():
    odd = "<b>$x$</b> & \\frac"
    game = prisoners_dilemma().replace(agents=[odd, "$b"], actions=[[odd, "$"], ["^", "_"]], name=odd)
    play = Play(Match(game, ModelPartner()), turns=2, show="after", title=None)
    play.press(odd)
    play.tick()
    assert "&lt;b&gt;$x$&lt;/b&gt;" in play.board.words.value
    assert "<b>$x$" not in play.board.box.children[0].value


def test_it_is_a_recording_like_any_other(tmp_path, pennies):
    pennies.run()
    pennies.recording.save(tmp_path / "match.npz")
    again = Recording.load(tmp_path / "match.npz", game=pennies.match.game)
    assert BeliefView().alt_text(again) == BeliefView().alt_text(pennies.recording)


def test_beside_a_partner_that_was_trained_before_and_follows_it():
    game = gridworld(CORRIDOR, name="corridor")
    learner = IndependentQLearning(game, step_size=0.2)
    learner.advance(30_000)
    best = learner.greedy_actions()[0, 0]
    match = Match(game, QPartner(learner.q[0, 1]), epsilon=0, step_size=0)
    play = Play(match, turns=12)
    while not play.over and not match.over:
        play.press(int(best[game.observations[0, play.recording[-1]["begins"][0]]]))
    assert play.recording[-1]["terminated"][0]
    assert play.recording[-1]["episode_return"][0, 0] == pytest.approx(learner.greedy_returns()[0, 0])


def test_in_an_event_loop_what_is_asked_is_done_soon(pennies):
    async def session():
        pennies._repr_mimebundle_()
        pennies.board.choices[0].click()
        pennies.board.choices[1].click()
        for _ in range(200):
            await asyncio.sleep(0.01)
            if "turn 2 of 4" in pennies.board.status.value:
                return True

    assert asyncio.run(session())
