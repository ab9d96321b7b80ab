"""The faces pass the published conformance checks of their libraries, and checks of our own where those are blind."""

import copy
import pickle
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, render_test, seed_test
from pettingzoo.test.state_test import state_test
from pettingzoo.utils.conversions import parallel_to_aec

from marl_edu.games import DOORWAY, MarkovGame, gridworld, prisoners_dilemma, random_game

WORLDS = {
    "a matrix game": prisoners_dilemma(),
    "a repeated game": prisoners_dilemma(discount=0.9),
    "a general-sum gridworld, own position": gridworld(DOORWAY, reward="individual", observe="own position"),
    "three agents who slip": gridworld(["1.B", "2#C", "3.A"], slip=0.2),
    "a random game": random_game(2, 6, (2, 3), rng=0, n_terminal=1),
}
RANDOM = ("three agents who slip", "a random game")


@pytest.fixture(params=WORLDS.values(), ids=WORLDS.keys())
def game(request):
    return request.param


def play(env, seed, n_steps=300):
    """Everything that is seen in ``n_steps`` steps, over as many episodes as they take, as one list."""
    actions = np.random.default_rng(99)
    seen = [env.reset(seed=seed)]
    for _ in range(n_steps):
        if isinstance(env, gymnasium.Env):
            step = env.step(int(actions.integers(env.action_space.n)))
            over = step[2] or step[3]
        else:
            step = env.step({agent: int(actions.integers(env.action_space(agent).n)) for agent in env.agents})
            over = not env.agents
        seen.append(step)
        if over:
            seen.append(env.reset())
    return seen


# --- the libraries' own checks ---------------------------------------------------------------------------------------


def test_parallel_api(game):
    parallel_api_test(game.parallel_env(), num_cycles=200)


@pytest.mark.filterwarnings("ignore:We recommend agents to be named", "ignore:Observation is not a NumPy array")
def test_aec_api(game):
    api_test(parallel_to_aec(game.parallel_env()), num_cycles=200)


def test_parallel_seed(game):
    parallel_seed_test(game.parallel_env, num_cycles=200)


def test_aec_seed(game):
    seed_test(lambda: parallel_to_aec(game.parallel_env()), num_cycles=200)


@pytest.mark.filterwarnings("ignore:State numpy array is all zeros")
def test_state(game):
    env = game.parallel_env()
    state_test(parallel_to_aec(game.parallel_env()), env)


def test_render(game, capsys):
    render_test(lambda render_mode=None: parallel_to_aec(game.parallel_env(render_mode=render_mode)))
    assert capsys.readouterr().out, "'human' prints"


@pytest.mark.parametrize("agent", [0, 1])
@pytest.mark.filterwarnings("error::UserWarning")
def test_gymnasium_check_env(game, agent, monkeypatch):
    # Registered, because only then the check makes more copies, one for every way to render.
    monkeypatch.delitem(gymnasium.registry, "markov/Game-v0", raising=False)
    gymnasium.register("markov/Game-v0", entry_point=lambda **given: game.single_agent_env(agent, **given))
    check_env(gymnasium.make("markov/Game-v0", disable_env_checker=True).unwrapped)


# --- our own ---------------------------------------------------------------------------------------------------------

FACES = {"parallel": MarkovGame.parallel_env, "single-agent": MarkovGame.single_agent_env}


@pytest.mark.parametrize("face", FACES.values(), ids=FACES.keys())
def test_one_seed_gives_one_history(game, face):
    assert play(face(game), seed=5) == play(face(game), seed=5)
    env = face(game)
    assert play(env, seed=5) == play(env, seed=5), "a used world begins anew with its seed"


@pytest.mark.parametrize("face", FACES.values(), ids=FACES.keys())
@pytest.mark.parametrize("name", RANDOM)
def test_another_seed_gives_another_history(face, name):
    assert play(face(WORLDS[name]), seed=5) != play(face(WORLDS[name]), seed=6)
    env = face(WORLDS[name])
    first = play(env, seed=5)
    assert play(env, seed=None) != first, "without a seed the generator goes on"


@pytest.mark.parametrize("face", FACES.values(), ids=FACES.keys())
def test_worlds_share_nothing(game, face):
    """Stepping one world leaves another alone, and what was handed out stays as it was."""
    alone, one, other = face(game), face(game), face(game)
    expected = play(alone, seed=1, n_steps=50)
    kept = copy.deepcopy(expected)
    one.reset(seed=1)
    play(other, seed=2, n_steps=50)
    assert play(one, seed=1, n_steps=50) == expected == kept


@pytest.mark.parametrize("face", FACES.values(), ids=FACES.keys())
@pytest.mark.parametrize("twin", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["copy", "pickle"])
def test_a_world_survives_copying_in_the_middle_of_an_episode(face, twin):
    env = face(random_game(2, 6, 3, rng=1, horizon=50))
    env.reset(seed=3)
    action = {"agent 1": 1, "agent 2": 2} if hasattr(env, "agents") else 1
    env.step(action)
    other = twin(env)
    assert [env.step(action) for _ in range(20)] == [other.step(action) for _ in range(20)]


def test_dicts_are_fresh_at_every_call(game):
    env = game.parallel_env()
    observations, infos = env.reset(seed=0)
    step = env.step(dict.fromkeys(env.agents, 0))
    for earlier, later in ((observations, step[0]), (infos, step[4])):
        assert earlier is not later and all(own is not infos.get(agent) for agent, own in step[4].items())
        earlier.clear()
    assert env.possible_agents == list(game.agents) and len(step[0]) == game.n_agents


def test_truncated_at_the_limit_and_terminated_only_where_the_world_ends():
    game = gridworld(["1.A", "2.B"], horizon=7)
    for env, limit in ((game.parallel_env(), 7), (game.parallel_env(max_steps=3), 3)):
        env.reset(seed=0)
        for t in range(1, limit + 1):
            _, _, terminated, truncated, _ = env.step({"agent 1": 0, "agent 2": 0})
            assert set(terminated.values()) == {False}
            assert set(truncated.values()) == {t == limit}
        assert env.agents == []
    env = game.parallel_env(max_steps=2)
    env.reset(seed=0)
    env.step({"agent 1": 4, "agent 2": 4})
    observations, rewards, terminated, truncated, _ = env.step({"agent 1": 4, "agent 2": 4})
    assert set(terminated.values()) == {True} and set(truncated.values()) == {False}, "the end of the world comes first"
    assert game.terminal[observations["agent 1"]], "the last observation is the true one"
    assert rewards == {"agent 1": 18.0, "agent 2": 18.0}
    assert prisoners_dilemma(discount=0.9).parallel_env().max_steps == 100


def test_only_a_game_played_once_that_looks_no_further_terminates_at_its_horizon():
    for horizon, discount, max_steps, ends in [
        (None, 0, None, "terminated"),
        (1, 0, None, "terminated"),
        (1, 0.9, None, "truncated"),  # the learner bootstraps there, and the face says that it should
        (1, 0, 3, "truncated"),
        (3, 0, None, "truncated"),
        (9, 0, 1, "truncated"),
    ]:
        game = prisoners_dilemma(horizon=horizon, discount=discount)
        env, alone = game.parallel_env(max_steps=max_steps), game.single_agent_env(max_steps=max_steps)
        env.reset(seed=0)
        alone.reset(seed=0)
        while env.agents:
            _, _, terminated, truncated, _ = env.step({"agent 1": 0, "agent 2": 0})
            said = alone.step(0)[2:4]
        assert said == (terminated["agent 1"], truncated["agent 1"]) == (ends == "terminated", ends == "truncated")


def test_the_parallel_face_is_the_game():
    """Every step that the face shows has the successor and rewards that the model allows."""
    game = WORLDS["three agents who slip"]
    env, actions = game.parallel_env(), np.random.default_rng(0)
    env.reset(seed=0)
    for _ in range(200):
        state = int(env.state())
        joint_action = {agent: int(actions.integers(5)) for agent in env.agents}
        observations, rewards, *_ = env.step(joint_action)
        pair = state * game.n_joint_actions + game.joint_index(tuple(joint_action.values()))
        ways = slice(*game.successors.offsets[pair : pair + 2])
        possible = zip(game.successors.states[ways], game.successors.rewards[:, ways].T.tolist(), strict=True)
        assert (int(env.state()), list(rewards.values())) in [(int(s), paid) for s, paid in possible]
        assert set(observations.values()) == {int(env.state())}
        if not env.agents:
            env.reset()


def test_others_follow_their_policies():
    game = prisoners_dilemma(horizon=2000)

    def share_of_defection(agent, others):
        env = game.single_agent_env(agent, others)
        env.reset(seed=0)
        return np.mean([env.step(0)[4]["joint_action"][1 - agent] for _ in range(1000)])

    table, numbers = np.array([[0.75, 0.25]]), np.array([1])
    for agent in (0, 1):
        assert share_of_defection(agent, None) == pytest.approx(0.5, abs=0.06)
        assert share_of_defection(agent, [table]) == pytest.approx(0.25, abs=0.06)
        assert share_of_defection(agent, [numbers]) == 1
        assert share_of_defection(agent, {1 - agent: numbers}) == 1
        assert share_of_defection(agent, {game.agents[1 - agent]: numbers}) == 1
        assert share_of_defection(agent, [numbers, numbers]) == 1
        assert share_of_defection(agent, [lambda observation, rng: 1]) == 1
        assert share_of_defection(agent, [lambda observation, rng: rng.integers(2)]) == pytest.approx(0.5, abs=0.06)


def test_others_act_on_what_they_see_themselves():
    game = gridworld(["1.A", "2.B"], observe="own position", reward="individual")
    east_unless_in_the_middle = np.array([0, 0, 0, 4, 3, 0])
    env = game.single_agent_env("agent 1", [east_unless_in_the_middle])
    env.reset(seed=0)
    assert [env.step(0)[4]["joint_action"][1] for _ in range(4)] == [4, 3, 4, 3]
    env = game.single_agent_env("agent 2", {"agent 1": np.full(6, 4)[: game.n_observations[0]]})
    observation, _ = env.reset(seed=0)
    assert observation == 3 and env.observation_space.n == game.n_observations[1]


def test_importing_games_imports_neither_library():
    code = (
        "import sys, marl_edu.games as games; game = games.gridworld(games.DOORWAY)\n"
        "print([m for m in ('gymnasium', 'pettingzoo', 'matplotlib', 'numba', 'torch', 'PIL') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def started(**options):
    env = prisoners_dilemma(horizon=None).parallel_env(**options)
    env.reset(seed=0)
    return env


def started_alone(others=None, action=0, **options):
    env = prisoners_dilemma(horizon=None).single_agent_env(0, others, **options)
    env.reset(seed=0)
    return env.step(action)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: started(max_steps=0), "max_steps is 0; expected a whole number from 1 to"),
        (lambda: started(render_mode="rgb"), "render_mode is 'rgb'; expected one of 'human', 'ansi', 'rgb_array'"),
        (lambda: started().step({"agent 1": 0}), r"actions has the agents \['agent 1'\]; expected one action for each"),
        (lambda: started().step({"agent 1": 0, "agent 2": 2}), r"actions\['agent 2'\] is 2; expected .* from 0 to 1"),
        (
            lambda: started().step({"agent 1": 0, "agent 2": 0.5}),
            r"actions\['agent 2'\] is 0.5; expected a whole number",
        ),
        (lambda: prisoners_dilemma().parallel_env().step({"agent 1": 0, "agent 2": 0}), "expected a call of reset"),
        (lambda: prisoners_dilemma().single_agent_env().step(0), "expected a call of reset"),
        (lambda: prisoners_dilemma().single_agent_env("agent 3"), "agent is 'agent 3'"),
        (lambda: prisoners_dilemma().single_agent_env(2), "agent is 2; expected a whole number from 0 to 1"),
        (lambda: started_alone(action=2), "action is 2; expected a whole number from 0 to 1"),
        (lambda: started_alone(action=None), "action is None; expected a whole number"),
        (lambda: started_alone(others="random"), "others is 'random'; expected a list of 1 policies"),
        (lambda: started_alone(others=[None] * 3), r"others is \[None, None, None\]; expected"),
        (lambda: started_alone(others=[[[0.5, 0.6]]]), r"policies\[1\]\[0\] is \[0.5, 0.6\]; expected probabilities"),
        (lambda: started_alone(others=[np.array([2])]), r"policies\[1\] has actions 2 to 2; expected 0 to 1"),
        (lambda: started_alone(others=[np.zeros((2, 2))]), r"policies\[1\] has shape \(2, 2\); expected \(1, 2\)"),
        (lambda: started_alone(others={"agent 1": None}), "others has a policy for 'agent 1', who learns"),
        (lambda: started_alone(others=[lambda observation: 7]), r"policy of agent 2 is .*policy\(observation, rng\)"),
        (lambda: started_alone(others=np.array(3)), r"others is array\(3\); expected a list of 1 policies"),
        (lambda: started().step(3), "actions is 3; expected a dict with one action for each agent"),
        (lambda: started().reset(seed="x"), "seed is 'x'; expected a whole number from 0 up"),
        (lambda: prisoners_dilemma().single_agent_env().reset(seed="x"), "seed is 'x'; expected a whole number"),
        (lambda: started().action_space("agent x"), r"agent is 'agent x' \(did you mean"),
        (lambda: started().observation_space(0), "agent is 0; expected one of 'agent 1', 'agent 2'"),
        (lambda: started_alone(others=[lambda observation, rng: 7]), "action of agent 2 is 7; expected a whole number"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_episode_that_is_over_asks_for_a_reset():
    env = prisoners_dilemma().parallel_env()
    env.reset(seed=0)
    env.step({"agent 1": 0, "agent 2": 0})
    assert env.step({}) == ({}, {}, {}, {}, {})
    with pytest.raises(ValueError, match="the episode is over"):
        env.step({"agent 1": 0, "agent 2": 0})
    with pytest.raises(RuntimeError, match="call reset"):
        prisoners_dilemma().parallel_env(render_mode="ansi").render()
