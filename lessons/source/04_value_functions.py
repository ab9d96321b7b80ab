# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 04 Value functions
#
# **What is a situation worth to you if others act in it too? You learn to compute it, exactly, and to say why it
# moves when *they* change.**
#
# Here is the question as a picture. Two agents choose one of three actions each, once, and both are paid the same.
# Agent 1 keeps its world, its choices and its mind. Agent 2 gets careless: it plays its first action less and less,
# and all three at random in the end. Below is what agent 1's three actions are worth to it.
#
# *If a name is not defined or buttons don't answer (after a restart or a reload), choose
# **Run > Run All Above Selected Cell**, then run this cell again.*

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from marl_edu.exercises import lesson_04
from marl_edu.exercises import lesson_04_pictures as pictures
from marl_edu.games import climbing
from marl_edu.planning import decentralised_values
from marl_edu.views import folded, show

# %%
careless = np.linspace(0, 1, 21)
mixtures = [(1 - x) * np.array([1, 0, 0]) + x / 3 for x in careless]
lines = np.array(
    [decentralised_values(climbing(), 0, [None, [m]])[0] for m in mixtures]
)
figure, ax = plt.subplots(figsize=(6.4, 3), layout="constrained")
show(figure, pictures.draw_lines(ax, careless, lines))

# %% [markdown]
# ## You will be able to
#
# - **04.1** write the Bellman equation of a joint policy as code, and solve it exactly and by sweeps;
# - **04.2** go from V to Q and back: V is the mean of Q under the joint policy;
# - **04.3** compute centralised and decentralised values of actions, say why one agent's move when another changes,
#   and find a best response;
# - **04.4** compute the best that a team can do, and say how fast sweeps get there;
# - **04.5** solve a two-agent zero-sum game by Shapley's iteration, with a stage game at every state.
#
# **About 140 minutes**, exercises and the quiz included; the whole notebook runs from top to bottom in under
# 30 seconds. It builds on [lesson 03, returns](03_returns.ipynb).
#
# | section | minutes to read and run | and to do |
# |---|---|---|
# | 1 Play first | 10 | |
# | 2 What a joint policy is worth | 11 | exercise: 8 |
# | 3 From V to Q, and back | 7 | exercise: 6 |
# | 4 How fast sweeps get there | 13 | |
# | 5 Central and decentralised values | 12 | exercise: 10 |
# | 6 Best responses | 12 | (open-ended exercise for fast students: 20) |
# | 7 The best for a team | 11 | find the bugs: 12 |
# | 8 Opponents: Shapley's iteration | 12 | exercise: 8 |
# | 9 Quiz | | 8 |
#
# **Guesses.** Before each experiment you are asked what will come out. Commit a guess, by mouse or keys, then run the
# next cells: they show what happened beside what you thought.
#
# **Pictures.** Functions whose names begin with `draw_` do nothing but draw. Those in `pictures` are kept out of sight;
# to see one, write `pictures.draw_bars??` into a cell of your own.
#
# **Exercises.** Write your function in the cell that has its beginning, run it, then run the cell with `check` below
# it. In a cell of your own, `lesson_04.sweep.hint()` gives one hint after the other and `lesson_04.sweep.solution()` a
# solution, and so for every exercise.

# %% [markdown]
# ## 1 Play first
#
# Two agents on a small grid; each wants to get to the frame with its number, each step costs, and both are paid the
# sum. Both move **at random**, always. What is it worth to be in a cell? One number for each state, called its
# **value**: the return that is to be expected from there on.
#
# The panel finds these numbers step by step. It begins with 0 everywhere. In one **sweep** every state gets a new
# number: what the next step pays on average, plus what the state after it is worth by the *old* numbers, which
# counts a little less (times the **discount** $\gamma$).
#
# **On top** is how far the numbers still are from the exact ones, at the worst state. Each line of the grid is ten
# times less than the one above it. The dashed line is a promise that section 4 proves: at each sweep the error is
# multiplied by $\gamma$ or less. **Below** are the values for agent 1, wherever it might stand while agent 2 is at
# its start, and those for agent 2.
#
# **Try these**, and write down what you saw:
#
# 1. Press **play**, then drag the **timeline** back to sweep 1, 2, 3. Where do the numbers differ first, and why there?
# 2. **Reset**, drag **discount** to 0.5, play. How does the slope on top change? And the numbers?
# 3. Discount back to 0.9, reset, play to the end, **pin**; discount 0.95, reset, play. Which run is nearer to its
#    answer after forty sweeps?
# 4. Where is agent 1 best off, and why is even that cell worth less than 0?
#
# <details><summary>What you should have seen</summary>
#
# 1. After sweep 1 a number is the mean reward of one step, so cells from which a goal is one move away differ: arriving
#    pays. Sweep 2 carries that one cell further, and so on. The other agent's chances of arriving are in it too, since
#    both are paid the sum.
# 2. The line falls much more steeply, and the numbers are nearer to 0: fewer steps count.
# 3. The run with the smaller discount. The other one begins farther off, and is promised a smaller factor only.
# 4. In its goal: there it pays nothing more itself, but agent 2 is still on its way, and both are paid the sum.
#
# </details>

# %%
from marl_edu import Panel, gridworld
from marl_edu.planning import PolicyEvaluation
from marl_edu.views import ContractionView, ValueMap

crossing = gridworld(["1.2", "...", "B.A"], discount=0.9, name="crossing")
Panel(
    PolicyEvaluation(crossing),
    [ContractionView(), ValueMap(agent=0), ValueMap(agent=1)],
    units=40,
    speed=4,
    controls=["discount"],
    title="The value of moving at random",
)

# %% [markdown]
# ## 2 What a joint policy is worth
#
# Now a world so small that you can see all of it. Two agents share a **machine**. It is *new*, *worn*, or *scrap*,
# which is the end. At each step each agent either **uses** it and earns, or **mends** it and pays. How the machine
# fares depends on how many of them mend: one alone can do little.

# %%
menders = {  # state: chances of (new, worn, scrap) if 0, 1, 2 agents mend
    "new": [(0.6, 0.4, 0), (0.8, 0.2, 0), (1, 0, 0)],
    "worn": [(0, 0.5, 0.5), (0.1, 0.6, 0.3), (0.9, 0.1, 0)],
    "scrap": [(0, 0, 1)] * 3,
}
pays = {"new": (3, -1), "worn": (2, -1), "scrap": (0, 0)}  # for using, for mending
transitions = np.zeros((3, 2, 2, 3))  # state, action 1, action 2, next state
rewards = np.zeros((2, 3, 2, 2))  # agent, state, action 1, action 2
for s, state in enumerate(menders):
    for a, b in np.ndindex(2, 2):  # 0 is to use, 1 is to mend
        transitions[s, a, b] = menders[state][a + b]
        rewards[:, s, a, b] = pays[state][a], pays[state][b]

# %%
from marl_edu.games import MarkovGame

machine = MarkovGame(
    transitions,
    rewards,
    discount=0.9,
    terminal=["scrap"],
    states=list(menders),
    actions=["use", "mend"],
    name="shared machine",
)
machine

# %% [markdown]
# In state $s$ agent $i$ sees $o^i$ (here: the state itself) and takes action $a^i$ with probability
# $\pi^i(a^i \mid o^i)$, its **policy**. They choose independently, so the **joint policy** is a product,
# $\pi(a \mid s) = \prod_i \pi^i(a^i \mid o^i)$, for the joint action $a = (a^1, \dots, a^N)$.
#
# The **value** $V^i(s)$ is agent $i$'s expected return from $s$ on: of $G_t = R_t + \gamma R_{t+1} + \dots$, where
# $R_t$ is paid *for* $a_t$. Split off the first step, and what is left is a return again, from the next state on:
#
# $$V^i(s) = \sum_a \pi(a \mid s) \Big[ R^i(s, a) + \gamma \sum_{s'} p(s' \mid s, a)\, V^i(s') \Big].$$
#
# This is the **Bellman equation** of a joint policy. It has one unknown for each state, and it is *linear*. With
# $P(s, s') = \sum_a \pi(a \mid s)\, p(s' \mid s, a)$ and $r^i(s) = \sum_a \pi(a \mid s)\, R^i(s, a)$ it reads
# $V^i = r^i + \gamma P V^i$, so $(I - \gamma P)\, V^i = r^i$. In code:


# %%
def exact_values(transitions, rewards, policy_1, policy_2, discount):
    """V of one agent under a joint policy, by solving the linear system."""
    p = np.einsum("sa,sb,sabt->st", policy_1, policy_2, transitions)
    r = np.einsum("sa,sb,sab->s", policy_1, policy_2, rewards)
    return np.linalg.solve(np.eye(len(r)) - discount * p, r)


# %% [markdown]
# Agent 1 mends a worn machine half of the time, agent 2 four times in five, and neither mends a new one:

# %%
from marl_edu.planning import bellman_residual, evaluate

policy_1 = np.array([[1, 0], [0.5, 0.5], [1, 0]])  # rows: states; columns: use, mend
policy_2 = np.array([[1, 0], [0.2, 0.8], [1, 0]])
v = np.array(
    [exact_values(transitions, rewards[i], policy_1, policy_2, 0.9) for i in range(2)]
)
assert np.allclose(v, evaluate(machine, [policy_1, policy_2]))
assert (bellman_residual(machine, [policy_1, policy_2], v) < 1e-12).all()
for i in range(2):
    worth = ", ".join(f"{s} {x:.2f}" for s, x in zip(machine.states, v[i], strict=True))
    print(f"agent {i + 1}: {worth}")

# %% [markdown]
# The package's `evaluate` says the same; it takes any number of agents, and large worlds. And `bellman_residual` puts
# the numbers back into the equation: its two sides differ by rounding only. Agent 2 is worse off than
# agent 1 because it pays for mending more often: values are *each agent's own*.
#
# Is it true? [Lesson 03](03_returns.ipynb) knows another way: play many episodes and average the returns.


# %%
def sampled_return(rng):
    """One episode from a new machine: the discounted return of both agents."""
    state, total, weight = 0, np.zeros(2), 1.0
    while not machine.terminal[state] and weight > 1e-6:
        a, b = rng.random() < policy_1[state, 1], rng.random() < policy_2[state, 1]
        state, paid = machine.sample(state, (int(a), int(b)), rng)
        total, weight = total + weight * paid, weight * machine.discount
    return total


# %%
rng = np.random.default_rng(0)
returns = np.array([sampled_return(rng) for _ in range(1_500)])
error = returns.std(axis=0, ddof=1) / np.sqrt(len(returns))
assert (np.abs(returns.mean(axis=0) - v[:, 0]) < 4 * error).all()
Markdown(
    f"Mean of {len(returns):,} episodes: **{returns[:, 0].mean():.2f}** and "
    f"**{returns[:, 1].mean():.2f}**, with standard errors {error[0]:.2f} and "
    f"{error[1]:.2f}; exactly: {v[0, 0]:.2f} and {v[1, 0]:.2f}."
)

# %% [markdown]
# ### Exercise 1: one Bellman backup
#
# *04.1 · about 8 minutes · easy*
#
# Reading the equation from right to left makes old numbers into new ones: that is what one sweep of the panel did.
# Write it for agent 1. `values` are the old numbers, one for each state; the other arguments are as above.


# %%
def backup(values, transitions, rewards, policy_1, policy_2, discount):
    """Return the new values of all states, an array like `values`."""
    ...


# %%
lesson_04.sweep.check(backup)

# %% [markdown]
# ## 3 From V to Q, and back
#
# $V^i(s)$ says what a *state* is worth. What is a *joint action* worth in it? Take $a$ now, whatever the policies say,
# and let everybody keep to the joint policy afterwards:
#
# $$Q^i(s, a^1, \dots, a^N) = R^i(s, a) + \gamma \sum_{s'} p(s' \mid s, a)\, V^i(s').$$
#
# This is the **centralised** value of an action: it needs somebody who knows what *all* agents do. Put it into the
# Bellman equation and nothing is left but a mean:
#
# $$V^i(s) = \sum_a \pi(a \mid s)\, Q^i(s, a) = \mathbb{E}_{a \sim \pi}\big[Q^i(s, a)\big].$$
#
# ### Exercise 2: Q from V
#
# *04.2 · about 6 minutes · easy*
#
# Write the first of these two equations, for both agents at once. `values` has axes (agent, state).


# %%
def q_from_v(values, transitions, rewards, discount):
    """Return Q^i(s, a^1, a^2), with axes (agent, state, action 1, action 2)."""
    ...


# %%
lesson_04.q_values.check(q_from_v)

# %% [markdown]
# And the way back, checked for the machine and for a hundred random games:

# %%
from marl_edu.games import random_game
from marl_edu.planning import action_values

q = action_values(machine, [policy_1, policy_2])
assert np.allclose(q, rewards + 0.9 * np.einsum("sabt,it->isab", transitions, v))
assert np.allclose(np.einsum("sa,sb,isab->is", policy_1, policy_2, q), v)
rng, worst = np.random.default_rng(1), 0.0
for _ in range(100):
    game = random_game(2, 5, 3, rng, discount=0.95)
    x, y = rng.dirichlet(np.ones(3), size=(2, 5))
    gap = np.einsum("sa,sb,isab->is", x, y, action_values(game, [x, y]))
    worst = max(worst, np.abs(gap - evaluate(game, [x, y])).max())
assert worst < 1e-9
print(f"largest difference of V and E[Q] in 100 random games: {worst:.0e}")

# %%
print("agent 1's values of joint actions in a worn machine:")
for a, b in np.ndindex(2, 2):
    words = f"agent 1: {machine.actions[0][a]:4}  agent 2: {machine.actions[1][b]:4}"
    print(f"  {words}  Q = {q[0, 1, a, b]:5.2f}")
print(f"their mean under the joint policy: V = {v[0, 1]:.2f}")

# %% [markdown]
# ## 4 How fast sweeps get there
#
# A linear system of a million states is hard to solve at once; sweeps only need one state at a time. But how many?
#
# Write $TV$ for the numbers after one sweep from $V$. Suppose two tables $V$ and $U$ differ by at most $e$ at any
# state. A mean of numbers that are off by at most $e$ is off by at most $e$; then comes the factor $\gamma$. So
#
# $$\max_s |TV(s) - TU(s)| \le \gamma \max_s |V(s) - U(s)|.$$
#
# Such a $T$ is called a **contraction**. The exact values stay where they are, $TV = V$. So *every sweep multiplies
# the largest error by $\gamma$ or less*, from wherever you start.
#
# **Your guess.** The machine, the joint policy of section 2, discount 0.9, numbers that start at 0. The vertical axis
# is the **logarithm** of the largest error: 0 stands for an error of 1, -2 for a hundredth. Draw the curve.

# %%
from marl_edu.panels import CurveGuess

error_guess = CurveGuess(
    "04.error_curve",
    "How does the largest error fall? (0 is an error of 1, -2 one of a hundredth)",
    x=(0, 60, "sweeps"),
    y=(-8, 2, "log10 of the largest error"),
)
error_guess

# %% jupyter={"outputs_hidden": true}
values, errors = np.zeros((2, 3)), []
for _ in range(61):
    errors.append(np.abs(values - v).max())
    ahead = rewards + 0.9 * np.einsum("sabt,it->isab", transitions, values)
    values = np.einsum("sa,sb,isab->is", policy_1, policy_2, ahead)
error_guess.reveal(np.arange(61), np.log10(errors))

# %% jupyter={"outputs_hidden": true}
folded()
errors = np.array(errors)
assert (errors[1:] <= 0.9 * errors[:-1] + 1e-12).all()
shrinks = errors[60] / errors[59]
Markdown(
    "On this axis it is as good as a straight line. Every sweep makes the error at "
    f"least a tenth smaller, as promised; in the long run it is multiplied by "
    f"**{shrinks:.3f}** each time. That is *faster* than 0.9, because a machine may end: "
    "what is scrapped has no future that could be wrong."
)

# %% [markdown]
# Sweeps on a larger map: 2,500 cells, one wall, four goals, and one agent that drifts to the south-east. The dashed
# line is the promise, multiplied by $\gamma$ at each sweep; the black line is the error. It can touch the promise, but
# never cross it.
#
# **Try these.**
#
# 1. Play. How far does a goal's colour spread in one sweep? Drag the timeline to see it sweep by sweep. One goal lies
#    close under the wall. Where does the wall throw a shadow, and why on that side?
# 2. Pause, **reset**, and drag **discount** to 0.8: now play. How does the slope change, how far do the plumes get, and
#    where does the line end?
# 3. Drag the discount *while it runs*. The answer is another one now; the promise begins anew.
#
# <details><summary>What you should have seen</summary>
#
# 1. One cell in each sweep. The shadow lies on the other side of the wall, to the north: from the cells under the wall
#    the drift leads to the goal; who comes from above runs into the wall and has to go round.
# 2. The line is much steeper, and the plumes are shorter: what is far away is discounted away. The line ends where the
#    numbers are as exact as a computer's numbers can be.
# 3. The error jumps, and the promise with it: the exact values are others now. The colours are those of the new values.
#
# </details>

# %%
drawing = ["1" + "." * 49] + ["." * 50] * 49
drawing[24] = "." * 14 + "#" * 20 + "." * 16
for row, column in [(12, 42), (27, 26), (34, 12), (46, 47)]:
    drawing[row] = drawing[row][:column] + "G" + drawing[row][column + 1 :]
large = gridworld(drawing, discount=0.97, name="50 x 50")
drift = np.tile([0.1, 0.1, 0.35, 0.1, 0.35], (large.n_states, 1))  # mostly south, east
wanderer = PolicyEvaluation(large, [drift])


# %% jupyter={"outputs_hidden": true}
folded()


def exact(discount):
    """The values that the sweeps approach: they say what the colours mean."""
    return evaluate(large.replace(discount=discount), [drift])


Panel(
    wanderer,
    [ContractionView(), ValueMap(exact=exact)],
    units=150,
    speed=15,
    controls=["discount"],
    title="Sweeps on 2,500 cells",
)

# %% jupyter={"outputs_hidden": true}
folded()
from marl_edu import record

run = record(wanderer.clone(), units=100, every=10)
falls = run.series("error")[:, 0]
gamma = large.discount
assert (falls <= ContractionView().promised(run) * (1 + 1e-9)).all()
assert np.isclose(falls[1] / falls[0], gamma**10, rtol=1e-3)
Markdown(
    f"From {falls[0]:.1f} to {falls[1]:.2f} in ten sweeps: a factor of "
    f"{falls[1] / falls[0]:.4f}, and $\\gamma^{{10}}$ is {gamma**10:.4f}. Far from the "
    "goals nothing ends, so there the promise is kept nearly to the letter."
)

# %% [markdown]
# ## 5 Central and decentralised values
#
# $Q^1(s, a^1, a^2)$ is of use to somebody who knows $a^2$. Agent 1 has to choose *before* it sees what agent 2 does,
# and maybe it sees only $o^1$, a part of the state. If it takes $a^1$ whenever it sees $o^1$, and averages the returns
# that it gets from there on, what it finds is the **decentralised** value: the mean over all it can't see,
#
# $$Q^1(o^1, a^1) = \sum_s P(s \mid o^1) \sum_{a^2} \pi^2(a^2 \mid o^2)\, Q^1(s, a^1, a^2),$$
#
# where $P(s \mid o^1)$ is how often, counted with the discount, the state is $s$ when agent 1 sees $o^1$. Agent 2's
# policy is in it twice: in the mean, and in all that comes later, which is inside of $Q^1(s, a^1, a^2)$.
#
# **Your guess.** Agent 2 mends a worn machine four times in five. Now it gets lazy and mends it once in five. Agent 1
# and the machine stay as they are. By how much does agent 1's value of *mending a worn machine* move?

# %%
from marl_edu.panels import MarkerGuess

own_guess = MarkerGuess(
    "04.own_value",
    "How much does Q(worn, mend) of agent 1 move when agent 2 gets lazy?",
    axis=(-10, 10, "change in value"),
)
own_guess

# %% jupyter={"outputs_hidden": true}
lazy_2 = np.array([[1, 0], [0.8, 0.2], [1, 0]])
before = decentralised_values(machine, "agent 1", [policy_1, policy_2])
after = decentralised_values(machine, "agent 1", [policy_1, lazy_2])
own_guess.reveal(after[1, 1] - before[1, 1])

# %% jupyter={"outputs_hidden": true}
folded()
q_lazy = action_values(machine, [policy_1, lazy_2])[0, 1]
now_only = lazy_2[1] @ q[0, 1, 1] - policy_2[1] @ q[0, 1, 1]
assert after[1, 1] < before[1, 1] and now_only > after[1, 1] - before[1, 1]
assert np.allclose(after[1], q_lazy @ lazy_2[1])  # V and Q, by the equation
Markdown(
    f"From {before[1, 1]:.2f} to {after[1, 1]:.2f}. Of the fall, {-now_only:.2f} is "
    "because agent 2 is less likely to help *now*; the rest is because it will be "
    "less likely to help *later*, so that every state behind is worth less."
)

# %% [markdown]
# Now drag agent 2 yourself. On the left are agent 1's centralised values in a worn machine, one bar for each joint
# action; on the right its decentralised ones. The colours on both sides are agent 1's action.
#
# **Try these.**
#
# 1. Drag **agent 2 mends**. Which bars on the left move at all, and why, although each names both actions?
# 2. Where do the two bars on the right cross: from when on should agent 1 mend a worn machine, everything else being
#    as it is?
# 3. Set **agent 1 sees** to *only that it runs*. Now it can't tell new from worn: what is mending worth to it?
# 4. Drag **agent 1 mends**. Why do the bars of agent 1's own *actions* move with its own *policy*?
#
# <details><summary>What you should have seen</summary>
#
# 1. All four, though each names both actions: they contain what comes *after* this step, and agent 2 acts by its policy
#    then. The bar of "mend, mend" moves most, because a new machine lives longest.
# 2. When agent 2 mends a little less than half of the time.
# 3. Mending looks bad: in a new machine it is wasted, and new machines are seen more often than worn ones.
# 4. Later on it acts by its own policy as well.
#
# </details>

# %%
from marl_edu.hyperparameters import Choice, Real
from marl_edu.panels import Explorer

blind = machine.replace(observations=[[0, 0, 1], [0, 1, 2]])  # new and worn look alike


def draw_values(axes, agent_2_mends, agent_1_mends, agent_1_sees):
    """Draw agent 1's values for these chances of mending a worn machine."""
    whole, x, y = agent_1_sees == "the state", agent_1_mends, agent_2_mends
    mine = [[1, 0], [1 - x, x], [1, 0]] if whole else [[1 - x, x], [1, 0]]
    joint = [np.array(mine), np.array([[1, 0], [1 - y, y], [1, 0]])]
    game, seen, row = (machine, "worn", 1) if whole else (blind, "it runs", 0)
    central = action_values(game, joint)[0, 1]
    separate = decentralised_values(game, 0, joint)[row]
    return pictures.draw_bars(axes, central, separate, seen)


# %% jupyter={"outputs_hidden": true}
folded()
Explorer(
    draw_values,
    "Agent 2 changes, agent 1's values move",
    {
        "agent_2_mends": Real(0.8, 0, 1, "chance that it mends a worn machine"),
        "agent_1_mends": Real(0.5, 0, 1, "chance that it mends a worn machine"),
        "agent_1_sees": Choice(
            "the state", ("the state", "only that it runs"), "what it acts on"
        ),
    },
    columns=2,
)

# %% [markdown]
# The bars on the right are what an agent would find by averaging the returns it gets, each action by itself. They move
# whenever the other learns. (Q-learning, lesson 06, chases a near relative: it assumes its own *best* action later on.)
# The centralised bars move too, but only by what comes *after* this step.
#
# ### Exercise 3: the other changes, your values move
#
# *04.3 · about 10 minutes · medium*
#
# Agent 2 goes over from `policy_2` to `new_policy_2`. Return by how much agent 1's decentralised values move, new minus
# old. Agent 1 sees the state, so its table has axes (state, action 1). `exact_values` of section 2 may be used.


# %%
def moved(transitions, rewards, policy_1, policy_2, new_policy_2, discount):
    """Return how much Q^1(s, a^1) moves, with axes (state, action 1)."""
    ...


# %%
lesson_04.other.check(moved)

# %% [markdown]
# ## 6 Best responses
#
# Agent 1 need not keep its policy. Hold agent 2's fixed, and agent 1 lives in a world of its own, in which what agent 2
# does is chance. The best it can do there is a **best response**:
#
# $$V(s) = \max_{a^1} \sum_{a^2} \pi^2(a^2 \mid s) \Big[ R^1(s, a) + \gamma \sum_{s'} p(s' \mid s, a)\, V(s') \Big].$$
#
# The maximum is over agent 1's *own* action, the mean over the other's. **Your guess**: agent 2 mends a worn machine
# more and more often. What does agent 1's best response in a worn machine do?

# %%
from marl_edu.panels import ChoiceGuess

answer_guess = ChoiceGuess(
    "04.answer",
    "The more often agent 2 mends a worn machine, ...",
    options=[
        "... the more readily agent 1 uses it: the other does the work",
        "... the more readily agent 1 mends it too",
        "... nothing changes: one action is always better",
    ],
)
answer_guess

# %% jupyter={"outputs_hidden": true}
from marl_edu.planning import best_response

chances = np.linspace(0, 1, 101)
helpers = [np.array([[1, 0], [1 - x, x], [1, 0]]) for x in chances]
answers = [best_response(machine, 0, [None, helper]) for helper in helpers]
mends = np.array([answer.actions[1] == 1 for answer in answers])
assert not mends[0] and mends[-1] and (np.diff(mends.astype(int)) >= 0).all()
low, high = chances[mends.argmax() - 1], chances[mends.argmax()]
where = f"from somewhere between {low:.0%} and {high:.0%} on, mending pays"
answer_guess.reveal(1, because=where)

# %% [markdown]
# One who mends alone can do little, two can do a lot. The picture has agent 2's chance on its axis: drag it, and drag
# the price of mending.
#
# **Try**: at which price is mending never worth it, whatever the partner does? Is there a price at which it always is?
#
# <details><summary>What you should have seen</summary>
#
# From somewhere between 3 and 4 on mending is never worth it, not even beside a partner who always does it. It is never
# *always* worth it: even for nothing, who mends alone forgoes what using pays.
#
# </details>


# %%
def priced(price):
    """The machine with another price of mending, for both agents."""
    costly = rewards.copy()
    costly[0, :2, 1, :] = costly[1, :2, :, 1] = -price
    return machine.replace(rewards=costly)


def worth(game, chance):
    """What using and mending a worn machine are worth to agent 1's best response."""
    other = np.array([[1, 0], [1 - chance, chance], [1, 0]])
    return best_response(game, 0, [None, other]).action_values[1]


def draw_responses(ax, agent_2_mends, price):
    """Draw what using and mending are worth to a best response."""
    game, points = priced(price), np.linspace(0, 1, 21)
    tables, now = np.array([worth(game, x) for x in points]), agent_2_mends
    return pictures.draw_answers(ax, points, tables, now, worth(game, now))


# %% jupyter={"outputs_hidden": true}
folded()
Explorer(
    draw_responses,
    "Agent 1's best response in a worn machine",
    {
        "agent_2_mends": Real(0.3, 0, 1, "chance that it mends a worn machine"),
        "price": Real(1.0, 0, 5, "price of mending"),
    },
)

# %% [markdown]
# Two policies that are best responses *to each other* are a **Nash equilibrium**, which is what
# [lesson 05](05_nash_and_convergence.ipynb) is about.
# This machine has at least two of them without chance:

# %% jupyter={"outputs_hidden": true}
folded()
from marl_edu.planning import exploitability

never, always = np.array([0, 0, 0]), np.array([0, 1, 0])  # action in new, worn, scrap
for name, plan in (("nobody mends", never), ("both mend when worn", always)):
    gain = exploitability(machine, [plan, plan])
    worth = evaluate(machine, [plan, plan])[0, 0]
    assert gain < 1e-9
    print(f"{name:20} worth {worth:5.2f} to each; to gain by leaving: {gain:.2f}")

# %% [markdown]
# **Exploitability** is what an agent could gain by leaving its policy alone, on average over agents; in an equilibrium
# it is 0. Like everything in this lesson it can be found by sweeps. They begin at the values of the joint policy of
# section 2. After $k$ sweeps an agent's value is what it gets by leaving its policy for $k$ steps in the best way, and
# then returning to it.
#
# **Try these.**
#
# 1. Play, then drag the timeline back. After how many sweeps does the first gain show, and why not sooner?
# 2. Who could gain more in the end, and by what?
# 3. Reset, drag the discount to 0.5, play. Who could gain more now, and why?
#
# <details><summary>What you should have seen</summary>
#
# 1. After two. In one step there is something to gain in a *worn* machine only; that a new one, with which they start,
#    may come to that is seen one sweep later.
# 2. Agent 1, by mending every worn machine: its partner mends often, and it does only half of the time.
# 3. Agent 2. Who looks ahead a little only has little from a machine that lives longer; so both had better use it
#    always, and agent 2, who mends more often, has more to save.
#
# </details>

# %% jupyter={"outputs_hidden": true}
folded()
from marl_edu.planning import BestResponseIteration
from marl_edu.views import LearningCurve

Panel(
    BestResponseIteration(machine, [policy_1, policy_2]),
    [
        LearningCurve(
            "gains", agents="each", band=None, y_label="could gain, in return"
        ),
        ContractionView(),
    ],
    units=40,
    speed=2,
    controls=["discount"],
    title="What each could gain by leaving its policy",
)


# %% jupyter={"outputs_hidden": true}
folded()


def gains(discount):
    """What both agents could gain, sweep by sweep."""
    game = machine.replace(discount=discount)
    leaving = BestResponseIteration(game, [policy_1, policy_2])
    return record(leaving, units=100, every=1).series("gains")[:, 0]


far_sighted, impatient = gains(0.9), gains(0.5)
assert (far_sighted[1] == 0).all() and (far_sighted[2] > 0).all()
assert far_sighted[-1, 0] > far_sighted[-1, 1] and impatient[-1, 0] < impatient[-1, 1]
mean = exploitability(machine, [policy_1, policy_2])
assert np.isclose(far_sighted[-1].mean(), mean)
print(
    f"exploitability at once: {mean:.4f}; by 100 sweeps: {far_sighted[-1].mean():.4f}"
)

# %% [markdown]
# ### Exercise 4, open-ended: who commits first
#
# *04.3 · about 20 minutes · hard · for fast students, on top of the 140 minutes*
#
# Agent 2 **announces** its policy and keeps to it; agent 1 answers with a best response. If both answers are equally
# good to agent 1, it takes the first. Choose the announcement so that *agent 2* earns much. `game` has two states and
# two actions for each agent; `best_response(game, 0, [None, policy])` and `evaluate(game, [actions, policy])` are there
# to be used. To pass, get at least half of what chance can gain over the best announcement without chance; how far can
# you get? (Leading is worth something: Heinrich von Stackelberg asked this of firms, in 1934.)


# %%
def lead(game):
    """Return agent 2's policy, with axes (state, action): rows of probabilities."""
    ...


# %%
lesson_04.invent.check(lead)

# %% [markdown]
# ## 7 The best for a team
#
# If all agents are paid alike, or agree to add up what they get, they can choose the *joint* action together. With
# $R(s, a) = \sum_i R^i(s, a)$ the most they can earn obeys
#
# $$V(s) = \max_{a} \Big[ R(s, a) + \gamma \sum_{s'} p(s' \mid s, a)\, V(s') \Big], \qquad a = (a^1, \dots, a^N).$$
#
# Repeating it is **value iteration**. A maximum of numbers that are off by at most $e$ is off by at most $e$, so this
# map is a contraction too.

# %%
from marl_edu.planning import team_optimum

best = np.zeros(3)
for _ in range(300):
    best = (rewards.sum(axis=0) + 0.9 * transitions @ best).max(axis=(1, 2))
optimum = team_optimum(machine)
assert np.allclose(best, optimum.values)
for state, value, joint in zip(machine.states, best, optimum.actions, strict=True):
    words = " and ".join(machine.actions[0][a] for a in joint)
    print(f"{state:6} {value:5.2f}   {words}")

# %% [markdown]
# Watch it on the corridor of lesson 06, where two agents have to get past each other. An arrow is a move that an
# agent would take if the other does its part.
#
# **Try these.**
#
# 1. Which cells change their colour first, those near the goals or those near the starts?
# 2. Drag the timeline back. From which sweep on are the arrows at the starts the final ones, and how large is the error
#    at that moment?
# 3. **Pin** the run, drag the discount to 0.6, reset, play. Which of the two errors falls faster?
#
# <details><summary>What you should have seen</summary>
#
# 1. Those near the goals: what they are worth is known first.
# 2. From sweep 4 on, while the error is still large: a plan is often right long before its values are.
# 3. The one with the smaller discount.
#
# </details>

# %%
from marl_edu.games import CORRIDOR
from marl_edu.planning import ValueIteration
from marl_edu.views import GridWorldView

corridor = gridworld(CORRIDOR, discount=0.95, slip=0.1, name="slippery corridor")
Panel(
    ValueIteration(corridor),
    [ContractionView(), GridWorldView(agent=0), GridWorldView(agent=1)],
    units=30,
    speed=2,
    controls=["discount"],
)

# %% [markdown]
# There is another way. **Policy iteration** takes a joint policy, computes its values *exactly* (a linear system), lets
# every state choose the joint action that is best by these values, and repeats until nothing changes. One such round
# is dear; how many does it take?
#
# **Your guess.** A random game for a team of two: 60 states, 9 joint actions, discount 0.95.

# %%
from marl_edu.planning import PolicyIteration


def needed(algorithm, error=1e-6):
    """How many sweeps, or rounds, until no value is off by more than this."""
    while algorithm.frame()["error"][0] > error:
        algorithm.advance(1)
    return algorithm.units_done


team_game = random_game(2, 60, 3, 4, discount=0.95, cooperative=True)
sweeps = needed(ValueIteration(team_game))
Markdown(f"Value iteration takes **{sweeps} sweeps** to an error of a millionth.")

# %%
rounds_guess = MarkerGuess(
    "04.rounds",
    "How many rounds of policy iteration to the same error?",
    axis=(0, 300, "rounds"),
    step=1,
)
rounds_guess

# %% jupyter={"outputs_hidden": true}
rounds = needed(PolicyIteration(team_game))
rounds_guess.reveal(rounds)

# %% jupyter={"outputs_hidden": true}
folded()
assert rounds < sweeps / 20
far = [needed(kind(large)) for kind in (ValueIteration, PolicyIteration)]
assert far[1] > far[0] / 2
Markdown(
    f"{rounds} rounds against {sweeps} sweeps. But that is no law: on the map of "
    f"2,500 cells value iteration takes {far[0]} sweeps and policy iteration "
    f"{far[1]} rounds. There, news of the goal travels one cell in each."
)

# %% [markdown]
# ### Exercise 5: find the bugs
#
# *04.4 · about 12 minutes · medium*
#
# This program says that it returns the team's values after some sweeps, and the best joint action in each state. It
# runs, and its numbers look reasonable. Mend it. `rewards` are the team's. A `terminal` state is worth 0; here its rows
# of `transitions` and `rewards` describe how the *next* episode begins, as in many simulators.


# %%
def team_plan(transitions, rewards, terminal, discount, sweeps):
    values = np.zeros(len(rewards))
    for _ in range(sweeps):
        q = rewards + transitions @ values
        values = q.mean(axis=2).max(axis=1)
    actions_1 = q.max(axis=1).argmax(axis=1)
    actions_2 = q.max(axis=2).argmax(axis=1)
    return values, np.stack([actions_1, actions_2], axis=1)


# %%
lesson_04.plan.check(team_plan)

# %% [markdown]
# ## 8 Opponents: Shapley's iteration
#
# What if one agent's gain is the other's loss? Then nobody may count on the other's help, and the best *foreseeable*
# action may be bad. Lloyd Shapley (1953) put a small game into every state, the **stage game**: it pays agent 1
#
# $$A_s[a^1, a^2] = R^1(s, a^1, a^2) + \gamma \sum_{s'} p(s' \mid s, a^1, a^2)\, V(s'),$$
#
# and the value of the state is the value of this table, $V(s) = \operatorname{val}(A_s)$. The **value** of a table is
# what agent 1 secures on average by choosing its row by chance, whatever the other does:
#
# $$\operatorname{val}(A) = \max_{x} \min_{y} \sum_{a, b} x_a\, A[a, b]\, y_b.$$
#
# The value of a table moves by at most $e$ if its entries do: a contraction again.
#
# **Tiny football.** The ball is on one of five fields. Agent 1 carries it to the right, by the **left** wing (two
# fields at once) or by the **right** wing (one field). Agent 2 guards one of the wings. Guarded, the ball goes one
# field back (on the slow right wing only half of the time). Over the right end agent 1 gets 1, over the left end
# agent 2 does.

# %%
from itertools import product

FIELDS = 5
ways = {  # (attack, guard): where the ball may go, and with what chance
    (0, 0): [(-1, 1)],
    (0, 1): [(2, 1)],
    (1, 0): [(1, 1)],
    (1, 1): [(-1, 0.5), (0, 0.5)],
}
moves = np.zeros((FIELDS + 1, 2, 2, FIELDS + 1))
goals = np.zeros((FIELDS + 1, 2, 2))
moves[FIELDS, :, :, FIELDS] = 1  # the game is over

# %%
for field, ((a, b), places) in product(range(FIELDS), ways.items()):
    for step, chance in places:
        scored = int(field + step >= FIELDS) - int(field + step < 0)
        goals[field, a, b] += chance * scored
        moves[field, a, b, FIELDS if scored else field + step] += chance

# %%
football = MarkovGame(
    moves,
    np.stack([goals, -goals]),
    discount=0.9,
    start=2,
    terminal=[FIELDS],
    states=[*(f"field {k + 1}" for k in range(FIELDS)), "over"],
    actions=["left", "right"],
    name="tiny football",
)
football

# %% [markdown]
# ### Exercise 6: the value of a stage game
#
# *04.5 · about 8 minutes · medium*
#
# For two rows and two columns. If an entry is the smallest of its row *and* the largest of its column (a **saddle
# point**), it is the value: neither can do better even if the other's choice is known. If there is none, agent 1
# mixes so that both columns are equally good to agent 2.


# %%
def stage_value(payoffs):
    """Return the value of the game to agent 1, who chooses the row: one number."""
    ...


# %%
lesson_04.stage.check(stage_value)

# %% [markdown]
# Shapley's iteration is value iteration with `val` in the place of `max`. (`solve_stage` solves tables of any size,
# by linear programming where there is no shorter way.)

# %%
from marl_edu.planning import shapley, solve_stage


def swept(sweeps, discount):
    """Values of tiny football after some sweeps of Shapley's iteration."""
    value = np.zeros(FIELDS + 1)
    for _ in range(sweeps):
        tables = goals + discount * moves @ value
        value = np.array([solve_stage(table).value for table in tables])
    return value


value = swept(300, 0.9)
solution = shapley(football)
assert np.allclose(value, solution.values, atol=1e-8)
print("what agent 1 secures from each field:", value[:FIELDS].round(3))

# %% [markdown]
# **Your guess.** The fast wing is the left one. How often should agent 1 attack on it, from the middle field?

# %%
wing_guess = MarkerGuess(
    "04.wing",
    "How often does agent 1 attack on the fast wing, from field 3?",
    axis=(0, 100, "attacks on the left wing (%)"),
)
wing_guess

# %% jupyter={"outputs_hidden": true}
middle = solution.policies[0][2, 0]
wing_guess.reveal(100 * middle)

# %% jupyter={"outputs_hidden": true}
folded()
guards = solution.policies[1][2, 0]
answer_1 = best_response(football, 0, [None, solution.policies[1]]).values
answer_2 = best_response(football, 1, [solution.policies[0], None]).values
assert middle < 0.5 and np.allclose([answer_1, -answer_2], solution.values, atol=1e-6)
Markdown(
    f"Only {middle:.0%}: agent 2 fears the fast wing and guards it {guards:.0%} of the "
    "time, so the slow wing is open more often. And nobody can gain by doing anything "
    f"else: the best response to either policy earns the same {value[2]:.3f}, exactly."
)

# %% [markdown]
# In the picture choose a **field**, drag the **discount**, or drag **chance**, with which agent 1 attacks on the left.
# On the left is the stage game. On the right are two lines: what agent 1 gets, by its chance, from each of agent 2's
# two answers. The lower of the two is what it *secures* (blue disc); its peak is the value (star).
#
# **Try these.**
#
# 1. Drag **chance** until the disc meets the star. To the right of the star: which guard does agent 2 answer with?
# 2. Go through the fields. On which one is the fast wing attacked most, and why is it of little use to be fast there?
# 3. Drag the **discount** to its left end. Which entries of the table move, and which stay?
# 4. Discount back to 0.9, field 3, and go through **sweeps** from 0 on: at first there is nothing to win from the
#    middle. After how many sweeps does agent 1 begin to mix, and after how many does the table look like the final one?
#
# <details><summary>What you should have seen</summary>
#
# 1. It guards left: the line of *guards left* is the lower one there.
# 2. On field 5, the last one before the goal: from there one field is as good as two.
# 3. Those that score at once stay; all others shrink towards 0.
# 4. After two. After eight the chances are nearly the final ones, the entries not yet.
#
# </details>

# %%
HUNDREDTHS = [k / 100 for k in range(30, 100)]


def draw_stage_game(axes, field, discount, chance, sweeps):
    """Draw the stage game of a field and what each mixture secures in it."""
    value = swept({"all": 300}.get(sweeps) or int(sweeps), discount)
    table = (goals + discount * moves @ value)[football.states.index(field)]
    return pictures.draw_stage(axes, table, solve_stage(table), chance, field)


# %% jupyter={"outputs_hidden": true}
folded()
Explorer(
    draw_stage_game,
    "A game in every state",
    {
        "field": Choice(
            "field 3", tuple(football.states[:FIELDS]), "where the ball is"
        ),
        "discount": Real(
            0.9, 0.3, 0.99, "weight of the next step, gamma", choices=HUNDREDTHS
        ),
        "chance": Real(0.5, 0, 1, "chance that agent 1 attacks left"),
        "sweeps": Choice("all", ("0", "1", "2", "4", "8", "all"), "done before"),
    },
    columns=2,
)

# %% [markdown]
# And the iteration itself, sweep by sweep, with its promise. **Try**: drag the discount to 0.99, reset and play. The
# promise is nearly flat; why does the error fall all the same?
#
# <details><summary>What you should have seen</summary>
#
# The ball does not stay on the field for ever. How soon it leaves decides how fast the error falls; the discount is
# what can be promised of any game.
#
# </details>

# %% jupyter={"outputs_hidden": true}
folded()
from marl_edu.planning import ShapleyIteration

Panel(
    ShapleyIteration(football),
    ContractionView(),
    units=40,
    speed=4,
    controls=["discount"],
)

# %% [markdown]
# ## 9 Quiz
#
# Five questions. Every answer, wrong or right, is explained; you may try as often as you like.

# %%
lesson_04.quiz

# %% [markdown]
# ## What you should take away
#
# 1. A joint policy gives every agent its own $V^i$; it solves a linear equation, or is reached by sweeps, each of which
#    multiplies the largest error by $\gamma$ or less.
# 2. Centralised $Q^i(s, a^1, \dots, a^N)$ is made of $V^i$, and $V^i$ is its mean under the joint policy.
# 3. Decentralised $Q^i(o^i, a^i)$ averages over what the others do, now and later. It moves when they change, although
#    nothing in the world did.
# 4. Max over *all* actions is a team's value; max over one's *own* and mean over the others' is a best response.
# 5. Against an opponent every state holds a matrix game; its value, often by mixing, takes the place of the maximum.
#
# ## Common misconceptions
#
# - **"Q is a property of the world."** It belongs to the world *and* to a joint policy, everybody's.
# - **"The centralised Q does not move when others change."** Its first step does not, all later steps do.
# - **"V is the largest Q."** Only for a policy that takes the best action. In general V is the mean.
# - **"Averaging over the partner finds the team's optimum."** It finds a best response to *that* partner.
# - **"The strongest action should be played most."** The opponent knows which one it is.
# - **"A discount near 1 only changes the numbers."** It also decides how many sweeps are needed.
#
# ## Sources
#
# - R. Sutton and A. Barto, *Reinforcement Learning*, 2nd edition, MIT Press 2018: Bellman equation (4.4), policy
#   evaluation, section 4.1, policy iteration, 4.3, value iteration, 4.4. (They write $R_{t+1}$ for our $R_t$.)
# - M. Puterman, *Markov Decision Processes*, Wiley 1994, chapter 6: contraction, and values as a linear system.
# - L. Shapley, "Stochastic games", *PNAS* 39 (1953), 1095-1100.
# - M. Littman, "Markov games as a framework for multi-agent reinforcement learning", ICML 1994.
# - J. von Neumann, "Zur Theorie der Gesellschaftsspiele", *Mathematische Annalen* 100 (1928): the value of a table.
# - S. Singh, T. Jaakkola and M. Jordan, "Learning without state-estimation in partially observable Markovian decision
#   processes", ICML 1994: the mean over states behind one observation.
#
# **Next**: [lesson 05, Nash equilibrium and convergence](05_nash_and_convergence.ipynb): best responses to best
# responses, and where they lead.
