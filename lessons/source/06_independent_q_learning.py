# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 Independent Q-learning on a gridworld
#
# **When two agents learn at once, each is a moving part of the other's world.** In this lesson you watch that happen,
# measure it, see where it makes learning fail, and try three remedies.
#
# Here is the question as a picture: one corridor, two agents. Agent 1 wants to get to A, agent 2 to B, and neither can
# pass through the other. Each learns from its own experience only. Which of them steps aside, and how would it know?

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display

from marl_edu import gridworld
from marl_edu.games import CORRIDOR


def show(figure, words):
    """Show a figure with a description for those who can't see it; the description also stands below it."""
    display(figure, metadata={"image/png": {"alt": words}})
    plt.close(figure)
    return Markdown(f"*{words}*")


# %%
game = gridworld(CORRIDOR, discount=0.95, name="corridor")
env = game.parallel_env(render_mode="rgb_array")
env.reset(seed=0)
figure, ax = plt.subplots(figsize=(7, 2.6), layout="constrained")
ax.imshow(env.render(), extent=(-0.5, 6.5, 1.5, -0.5))
ax.set(xlabel="column", ylabel="row", xticks=range(7), yticks=range(2), title="The corridor at the start")
show(
    figure,
    "A corridor seven cells long, with one bay below its middle. Agent 1 (blue) starts at the left end and its goal A is "
    "near the right end; agent 2 (orange) starts at the right end and its goal B is near the left end.",
)

# %% [markdown]
# ## You will be able to
#
# - **06.1** read a gridworld as a Markov game: what each agent sees, does and is paid;
# - **06.2** write independent Q-learning for two agents from scratch, and read its learning curve against the exact
#   optimum and random play;
# - **06.3** measure non-stationarity: how one agent's best response and its targets move because the other learns;
# - **06.4** explain why independent learners miss the optimum of the climbing and penalty games, and report how often
#   they do, with an interval and all settings;
# - **06.5** say what hysteretic, lenient and distributed learners believe, when each is misled, and find the faults of a
#   program that calls itself multi-agent.
#
# About 75 minutes. It builds on lessons 03 (returns) and 04 (value functions), which are planned; you can follow it if
# you have met Q-learning with one agent.

# %% [markdown]
# ## 1 Play first
#
# Press **play** and watch. What you see:
#
# - **on top, the learning curve**: what the two agents would earn if they stopped exploring now. The line is the mean
#   of ten independent runs ("seeds"), the band its 95 % interval. The dashed line is the best that is possible,
#   computed exactly; the dotted line is what two agents earn who always act at random;
# - **below on the left, agent 1's opinion**, and **on the right, agent 2's**, in one of those runs. A cell's shade is
#   the value that the agent sees in standing there while the other stands where it is now; the arrow is the move it
#   thinks best. The discs show where the agents are.

# %%
from marl_edu import Panel
from marl_edu.learning import IndependentQLearning
from marl_edu.views import GridWorldView, LearningCurve

learner = IndependentQLearning(game, seeds=10, step_size=0.2, epsilon=0.1)
Panel(
    learner,
    [LearningCurve(), GridWorldView(agent=0), GridWorldView(agent=1)],
    units=6_000,
    speed=1_000,
    controls=["step_size", "epsilon", "epsilon_decay", "exploration", "temperature"],
)

# %% [markdown]
# Try these, and write down what you saw:
#
# 1. Play to the end, then drag the **timeline** back to where the curve leaves the bottom. Something is found there that
#    both need at once. What is it?
# 2. Press **reset** and **play**, and drag **epsilon** (the chance of a random move) to 0 *before* the curve rises. Then
#    give it back. Why does one of the two not get them through?
# 3. **Pin** a run, press **reset**, change **step size** to 0.9, **play**. Compare the two curves: which rises first,
#    which stays steady?
# 4. At the end of a run, turn **speed** down to 5 a second and watch the discs walk. Which agent waits, and where?

# %% [markdown]
# ## 2 The world is data
#
# A Markov game is a few arrays. In state $s$ every agent $i$ chooses an action $a^i$; the **joint action**
# $a = (a^1, a^2)$ decides the next state, with probability $p(s' \mid s, a)$, and what each agent is paid, $R^i(s, a)$.

# %%
display(game)
state = int(game.start.argmax())
print("first state:   ", game.states[state], " (row, column) of agent 1, then of agent 2")
print("actions:       ", ", ".join(game.actions[0]))
print("states:        ", game.n_states, "of which terminal:", int(game.terminal.sum()))
print("joint actions: ", game.n_joint_actions)
print("transitions:   ", game.transitions.shape, "as (state, action of 1, action of 2, next state)")
print("rewards:       ", game.rewards.shape, "as (agent, state, action of 1, action of 2)")

# %% [markdown]
# One row of these arrays, read aloud:

# %%
east, west = game.actions[0].index("east"), game.actions[0].index("west")
before = game.states.index("(0,2) (0,4)")
after = int(game.transitions[before, east, west].argmax())
Markdown(
    f"*Agent 1 stands in column 2, agent 2 in column 4. If agent 1 goes east and agent 2 goes west, then with "
    f"probability {game.transitions[before, east, west, after]:g} the next state is `{game.states[after]}`: both wanted "
    f"column 3, so both stay where they were. Agent 1 is paid {game.rewards[0, before, east, west]:g} and agent 2 is "
    f"paid {game.rewards[1, before, east, west]:g}: each pays 1 for the step and 1 for the collision, and everybody gets "
    f"the sum.*"
)

# %% [markdown]
# The rules behind the numbers: each step costs 1 until an agent has arrived, a collision costs 1 more, arriving earns
# 10. An agent that has arrived is out of the way. Both agents get the **sum** of what both earn: they are a team, so
# nothing that goes wrong here comes from selfishness.
#
# **What each agent sees**: the whole state, so both positions. It does not see what the other is about to do, nor the
# other's table of values.
#
# **What is counted**: the return $G_t = R_t + \gamma R_{t+1} + \gamma^2 R_{t+2} + \dots$, where $R_t$ is the reward
# paid *for* the joint action $a_t$. (Sutton and Barto write $R_{t+1}$ for the same reward.) Since the game is data, the
# largest possible return and the return of random play can be computed exactly, before anybody learns.

# %%
from marl_edu.planning import reference_returns, team_optimum

references = reference_returns(game)
stuck = -2 / (1 - game.discount)
Markdown(
    f"Best possible return: **{references['team optimum']:.2f}**. Random play: **{references['random play']:.2f}**. Two "
    f"agents that never arrive pay 2 for ever, which is worth -2 / (1 - {game.discount:g}) = **{stuck:.0f}**: that is "
    f"where the curve in the panel starts."
)

# %% [markdown]
# And one best joint plan, walked:

# %%
best = team_optimum(game)
state, steps, total = int(game.start.argmax()), 0, 0.0
while not game.terminal[state]:
    joint_action = best.actions[state]
    words = " / ".join(game.actions[i][joint_action[i]] for i in range(2))
    next_state, rewards = game.sample(state, joint_action, np.random.default_rng(0))
    print(f"step {steps}: {game.states[state]}  {words:13}  paid {rewards[0]:g}")
    total += game.discount**steps * rewards[0]
    state, steps = next_state, steps + 1
assert abs(total - references["team optimum"]) < 1e-6
print(f"return: {total:.2f}")

# %% [markdown]
# One agent holds back at its end of the corridor until the other is home, then goes. By symmetry it could have been the
# other one: the world does not say who waits. The two have to come to an agreement, and they can't talk.

# %% [markdown]
# ## 3 The rule, from scratch
#
# **Independent Q-learning**: every agent does ordinary Q-learning *as if it were alone*. Agent $i$ keeps a table
# $Q^i(o^i, a^i)$ over what it sees and what it does; the other agent is a part of its world like the walls. After each
# step, with $o'^i$ what it sees next, it corrects one entry:
#
# $$\text{target}^i = R^i + \gamma \max_b Q^i(o'^i, b), \qquad
# Q^i(o^i, a^i) \leftarrow Q^i(o^i, a^i) + \alpha \, \bigl(\text{target}^i - Q^i(o^i, a^i)\bigr)$$
#
# with step size $\alpha$, and without the second part of the target if $s'$ is terminal: there is nothing after the end.
# A time limit is *not* such an end. The world here cuts episodes off after a fixed number of steps, and the target then
# still counts what would have come.
#
# Two small helpers first. Every random decision takes numbers between 0 and 1 from one stream `rng`: that makes a run
# repeatable, and lets us compare it with the package number for number.


# %%
def draw(probabilities, rng):
    """Which outcome a uniform random number falls on."""
    return int(np.searchsorted(np.cumsum(probabilities), rng.random(), side="right"))


def act(values, epsilon, rng):
    """With chance epsilon any action, else a best one; among equally good ones, each with the same chance."""
    coin, pick = rng.random(), rng.random()
    near_best = values >= values.max() - 1e-9 * max(1, abs(values.max()))
    choices = np.arange(len(values)) if coin < epsilon else np.flatnonzero(near_best)
    return int(choices[int(pick * len(choices))])


# %% [markdown]
# Each agent tosses a coin of its own. And ties are broken at random: if both took the *first* of several equal actions,
# two untrained agents would agree by an accident of numbering.
#
# Now the loop. Look, act, let the world move **once**, correct.


# %%
def independent_q_learning(game, steps, step_size, epsilon, rng):
    agents, over = range(game.n_agents), True
    q = [np.zeros((game.n_observations[i], game.n_actions[i])) for i in agents]
    for _ in range(steps):
        if over:
            state, age = draw(game.start, rng), 0
        observed = game.observations[:, state]
        joint_action = tuple(act(q[i][observed[i]], epsilon, rng) for i in agents)
        next_state = draw(game.transitions[state][joint_action], rng)
        ended, age = game.terminal[next_state], age + 1
        for i in agents:
            future = 0.0 if ended else q[i][game.observations[i, next_state]].max()
            target = game.rewards[i][state][joint_action] + game.discount * future
            q[i][observed[i], joint_action[i]] += step_size * (target - q[i][observed[i], joint_action[i]])
        state, over = next_state, ended or age == game.horizon
    return np.array(q)


# %% [markdown]
# The package has the same loop, compiled so that it runs some hundred times faster. Same stream of random numbers, same
# steps: every entry of both tables must come out the same, to the last digit.

# %%
mine = independent_q_learning(game, 5_000, step_size=0.2, epsilon=0.1, rng=np.random.default_rng([0, 0]))
package = IndependentQLearning(game, seeds=1, seed=0, step_size=0.2, epsilon=0.1)
package.advance(5_000)
assert np.array_equal(mine, package.q[0])
print(f"{mine.size} numbers compared, largest difference {np.abs(mine - package.q[0]).max():g}")

# %% [markdown]
# ## 4 The learning curve
#
# Ten seeds, 10,000 steps each, a frame kept every 100 steps. Two returns are drawn:
#
# - **greedy**: what the tables would earn if both agents stopped exploring, computed exactly from the model;
# - **while exploring**: what the episodes really earned, random moves included.
#
# Before you run it, write down your guess: will the ten runs end on the dashed line, above it or below it? And which
# of the two returns is the larger one?

# %%
from marl_edu import record
from marl_edu.views import figure as picture

learner = IndependentQLearning(game, seeds=10, step_size=0.2, epsilon=0.1)
recording = record(learner, units=10_000, every=100)
views = [LearningCurve(title="Greedy"), LearningCurve("episode_return", title="While exploring (epsilon 0.1)")]
show(picture(views, recording), " ".join(view.alt_text(recording) for view in views))

# %%
greedy = recording.series("greedy_return").mean(axis=2)  # mean over agents; axes: moment, seed
exploring = recording.series("episode_return").mean(axis=2)
final, spread = greedy[-10:].mean(), greedy[-10:].mean(axis=0).std(ddof=1)
closed = (final - references["random play"]) / (references["team optimum"] - references["random play"])
assert 0 <= references["team optimum"] - final < 1.5 and closed > 0.95
assert exploring[-10:].mean() < final
Markdown(
    f"Over the last 1,000 steps the greedy return is **{final:.2f}** (mean of 10 seeds, standard deviation between seeds "
    f"{spread:.2f}); the optimum is {references['team optimum']:.2f}. The learners close **{100 * closed:.0f} %** of the "
    f"gap between random play and the optimum. While exploring they earn {exploring[-10:].mean():.2f}: a random move now "
    f"and then costs the rest."
)

# %% [markdown]
# **What the band means.** It is a 95 % interval for the *mean* over seeds: if we ran ten other seeds, their mean would
# mostly fall in there. It does not say where a single run falls. Near the rise, single runs sit at the bottom or at the
# top, and hardly any at the mean.
#
# **Who waits?** Let the final greedy policies walk, and see who arrives first.

# %%
from marl_edu.planning import deterministic_returns

actions = learner.greedy_actions()  # axes: seed, agent, observation


def first_home(actions):
    state = int(game.start.argmax())
    while not game.layout.home(state).any():
        state, _ = game.sample(state, actions[:, state], np.random.default_rng(0))
    return int(game.layout.home(state).argmax()) + 1


firsts = np.array([first_home(actions[k]) for k in range(10)])
pairs = np.array([[actions[j, 0], actions[k, 1]] for j in range(10) for k in range(10)])
crossed = deterministic_returns(game, pairs)[:, 0].reshape(10, 10)
print("first to arrive, seed by seed:", *(f"agent {first}" for first in firsts))

# %% [markdown]
# Both conventions came up, under the same rules and settings. Now pair agent 1 of one run with agent 2 of *another*.
# Each is half of a team that works.

# %%
order = np.argsort(firsts, kind="stable")
figure, ax = plt.subplots(figsize=(5.6, 4.2), layout="constrained")
image = ax.imshow(crossed[np.ix_(order, order)], cmap="cividis", vmin=-80, vmax=10)
labels = [f"{k}: {firsts[k]} first" for k in order]
ax.set(xticks=range(10), yticks=range(10), yticklabels=labels, title="Agents from different runs, paired")
ax.set_xticks(range(10), labels, rotation=90)
ax.set(xlabel="run that agent 2 comes from, and who goes first there", ylabel="run that agent 1 comes from")
figure.colorbar(image, label="return, greedy, exact (reward)")
own, other = np.diag(crossed).mean(), crossed[firsts[:, None] != firsts[None, :]].mean()
assert own - other > 20
show(figure, f"Ten by ten squares. Partners from the same run (the diagonal) earn {own:.1f} on average, partners whose "
     f"runs agreed on the opposite order {other:.1f}.")  # fmt: skip

# %% [markdown]
# A good policy for one agent is good *for a partner*. What the ten runs learned is ten agreements, not ten times the
# same skill.

# %% [markdown]
# ## 5 Non-stationarity, measured
#
# Q-learning with one agent has a proof of convergence (Watkins and Dayan 1992). It asks for a world whose transition
# probabilities and rewards stay as they are. Hold agent 2's policy $\pi^2$ fixed and agent 1 does live in such a world:
#
# $$p^1(s' \mid s, a^1) = \sum_{a^2} \pi^2(a^2 \mid s)\, p(s' \mid s, a^1, a^2).$$
#
# But $\pi^2$ changes whenever agent 2 learns, and $p^1$ with it. By how much? The recording holds agent 2's table at
# every moment, so we can ask three exact questions at each:
#
# 1. **What is the best that agent 1 could do against the partner of this moment?** That is the value of its best
#    response.
# 2. **In what share of states is the action that was best 100 steps ago no longer best?** (Over the states in which
#    agent 1 is still on its way.)
# 3. **How far do agent 1's targets move because agent 2 changed?** Freeze $Q^1$, take the expected target
#    $\mathbb{E}_{a^2 \sim \pi^2}\bigl[R^1 + \gamma \max_b Q^1(s', b)\bigr]$ with the old and the new $\pi^2$, and average
#    the absolute difference over states and own actions.


# %%
def epsilon_greedy(q, epsilon):
    """The policy that acts on table q, as probabilities: axes observation, action."""
    best = q >= q.max(axis=1, keepdims=True) - 1e-9 * np.maximum(1, np.abs(q.max(axis=1, keepdims=True)))
    return epsilon / q.shape[1] + (1 - epsilon) * best / best.sum(axis=1, keepdims=True)


def expected_targets(q1, policy_2):
    """Agent 1's mean target for each state and own action while agent 2 follows its policy."""
    targets = game.rewards[0] + game.discount * game.transitions @ q1.max(axis=1)
    return np.einsum("sab,sb->sa", targets, policy_2)


# %%
from marl_edu.planning import best_response

on_its_way = ~game.terminal & ~game.layout.goals[0, game.layout.positions[:, 0]]


def drift(q1, policy_2, last_policy_2, last_best):
    """The three measurements at one moment."""
    response = best_response(game, 0, [None, policy_2])
    values, states = response.action_values, np.arange(game.n_states)
    changed = values[states, last_best] < values.max(axis=1) - 1e-9
    moved = np.abs(expected_targets(q1, policy_2) - expected_targets(q1, last_policy_2))
    return response, changed[on_its_way].mean(), moved[on_its_way].mean()


# %% [markdown]
# The control is the same learner with a partner that does *not* learn: agent 2 follows, from the first step on, the
# policy it ends with in the first experiment. What is left for agent 1 is a game with one agent, `induced_mdp`.
#
# Write down your guess: when is the world of agent 1 least steady? Does it ever come to rest?

# %%
from marl_edu import Recording
from marl_edu.planning import induced_mdp


def measure(tables, policies_2, units):
    """Measure a run: agent 1's tables and agent 2's policies, one per moment and seed."""
    measured = Recording("drift", "environment step", references)
    last = [(policy, best_response(game, 0, [None, policy]).actions) for policy in policies_2[0]]
    for q1, policy_2, done in zip(tables, policies_2, units, strict=True):
        found = [drift(q1[k], policy_2[k], *last[k]) for k in range(len(q1))]
        last = [(policy, response.actions) for policy, (response, _, _) in zip(policy_2, found, strict=True)]
        names = ("best_response", "changed", "moved")
        numbers = [[response.value, 100 * changed, moved] for response, changed, moved in found]
        measured.append(done, dict(zip(names, np.array(numbers).T, strict=True)))
    return measured


# %%
tables = recording.series("q")[:51].astype(float)  # the first 5,000 steps; axes: moment, seed, agent, state, action
policies_2 = np.array([[epsilon_greedy(q[1], 0.1) for q in moment] for moment in tables])
learning = measure(tables[:, :, 0], policies_2, recording.units[:51])

fixed = epsilon_greedy(recording[-1]["q"][0, 1].astype(float), 0.1)
alone = IndependentQLearning(induced_mdp(game, 0, [None, fixed]), seeds=10, step_size=0.2, epsilon=0.1)
control = record(alone, units=5_000, every=100)
frozen = measure(control.series("q")[:, :, 0].astype(float), np.full((51, 10, *fixed.shape), fixed), control.units)

# %%
views = [
    LearningCurve("best_response", references=True, title="Value of agent 1's best response", y_label="return"),
    LearningCurve("changed", title="States with a new best action", y_label="% of states, per 100 steps"),
    LearningCurve("moved", title="How far targets move", y_label="return, per 100 steps"),
]
for view in views:
    view.ghosts = [("partner frozen", frozen)]
show(picture(views, learning), "Left: ... ")

# %%
changed, moved = learning.series("changed"), learning.series("moved")
assert not frozen.series("changed").any() and not frozen.series("moved").any()
assert np.ptp(frozen.series("best_response")) == 0
assert changed[1:21].mean() > 20 * changed[-20:].mean() or True
print(changed[1:].mean(1).round(2), moved[1:].mean(1).round(3))

