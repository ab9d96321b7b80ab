# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 Markov games
#
# **A world with several agents is a few arrays. In this lesson you hold them in your hands: you choose everybody's
# action, see what may follow, build such a world yourself, and find out what it costs when nobody sees all of it.**
#
# Here is the question as a picture. Two agents live on one lake. Each year each of them fishes or spares the lake.
# What becomes of the lake depends on what *both* do in the same year. How does one write that down?
#
# *If a name is not defined or buttons don't answer (after a restart or a reload), choose
# **Run > Run All Above Selected Cell**, then run this cell again.*

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from marl_edu.exercises import lesson_02
from marl_edu.views import show
from marl_edu.views.transition import draw_states

# %%
lake = lesson_02.lake()
figure, axes = plt.subplots(1, 3, figsize=(9.6, 2.4), layout="constrained")
for ax, joint_action in zip(axes, [(0, 0), (0, 1), (1, 1)], strict=True):
    draw_states(ax, lake, 0, joint_action)
    names = [lake.actions[i][a] for i, a in enumerate(joint_action)]
    ax.set_title(f"agent 1: {names[0]}, agent 2: {names[1]}", fontsize=10)
show(
    figure,
    "Three times the same three circles: the lake is full, low or empty, and it is "
    "full here. Arrows say where it may be next year, with which probability. If both "
    "spare it, it stays full; if one fishes, it is seldom low; if both fish, mostly. "
    "The double circle marks the end: from an empty lake nothing follows.",
)

# %% [markdown]
# ## You will be able to
#
# - **02.1** write a Markov game down as arrays, and use what the check says when they don't fit;
# - **02.2** read and write p(s' | s, a) for joint actions a = (a^1, ..., a^N), and number joint actions;
# - **02.3** draw a step from the rows, and estimate the rows from steps;
# - **02.4** tell matrix, repeated and stochastic games apart, and team rewards from individual ones;
# - **02.5** say what each agent sees, what a Dec-POMDP adds, and what it costs a team not to share.
#
# **About 130 minutes**, exercises, a game and the quiz included; the whole notebook runs in under 30 seconds. It
# builds on [lesson 01](01_from_one_agent_to_many.ipynb), from one agent to many.
#
# | section | minutes to read and run | and to do |
# |---|---|---|
# | 1 Play first | 11 | a game: 6 |
# | 2 The world is a few arrays | 9 | exercise: 14 |
# | 3 One row for each joint action | 7 | exercise: 7 |
# | 4 Drawing steps, and counting them | 10 | exercise: 9, find the bugs: 12 |
# | 5 One family: matrix, repeated, stochastic | 7 | |
# | 6 Whose reward? | 10 | (open-ended exercise for fast students: 20) |
# | 7 What each agent sees | 10 | exercise: 10 |
# | 8 Quiz | | 8 |
#
# **Guesses.** Before each experiment you are asked what will come out. Commit a guess, then run the next cell.
#
# **Exercises.** Write your function in the cell that has its beginning, run it, then run the cell with `check` below
# it. In a cell of your own, `lesson_02.build.hint()` gives one hint after the other and `lesson_02.build.solution()` a
# solution, and so for every exercise.

# %% [markdown]
# ## 1 Play first
#
# You are agent 1 on the lake (blue). Each year you press **spare** or **fish**, and so does agent 2, which learns as it
# goes; neither sees what the other is about to do. A full lake pays for fishing, and a little for sparing; a low one
# pays less; an empty one pays nothing any more, and then a new lake begins, as it does after ten years. The circles
# say where the lake is and what came of the last year; below them are the score and what agent 2 is about to do.
#
# Find out while you play:
#
# 1. Spare all the time. What does your neighbour do, and what becomes of the lake?
# 2. Fish all the time. How long does a lake last?
# 3. You did the same in two years, and the lake went different ways. Was that chance, or was it your neighbour?

# %%
from marl_edu.learning import Match, QPartner
from marl_edu.panels import Play
from marl_edu.views import BeliefView, ScoreView
from marl_edu.views.transition import StateView

match = Match(lake.replace(horizon=10), QPartner(), step_size=0.2, epsilon=0.1)
views = [StateView(title="The lake"), ScoreView(), BeliefView(1)]
Play(match, views, name="02.play_lake", turns=30)

# %% [markdown]
# The third question could not be answered: you held only one half of the action. Here you hold **both halves**. Choose
# what agent 1 and agent 2 do, by buttons or by the keys that stand on them. The picture says what *would* happen:
#
# - on the left, where the lake is and where it may go;
# - in the middle, the probability of each next state; **diamonds** show how often you have seen it come out so;
# - on the right, what the two are paid for this year.
#
# (The picture is short: **s** is the state, here that of the lake; **a** is what both do; **p(. | s, a)** are the
# probabilities of what may follow, and **R(s, a)** is what it pays.)
#
# **step** lets the world move once; **back** takes that back, and the timeline goes to any earlier year. From there the
# world draws *anew*. **Try these**:
#
# 1. Change only agent 2's action, to and fro, and don't step. What moves in the picture? Agent 1 has done nothing!
# 2. Let both fish in the full lake and step; go back and step again, ten times. Do the diamonds come to the bars?
# 3. Get the lake from low back to full. Which joint action gives the best chance, and what does it pay?
# 4. Find the shortest way to an empty lake. From which states, and by which joint actions, is there an arrow to empty?

# %%
from marl_edu.panels.stepper import Stepper

Stepper(lake, title="The lake, both hands")

# %% [markdown]
# The same from code; after each line the panel above would show this:

# %%
walker = Stepper(lake, seed=1)
walker.choose("fish", "fish")
walker.step()
print(walker.describe())
walker.back()
walker.choose("spare", "fish")
print(walker.describe())

# %% [markdown]
# ## 2 The world is a few arrays
#
# Some words for what you have just used. The world is in one **state** $s$ out of finitely many. Each of $N$
# **agents**, numbered by $i$, chooses an **action** $a^i$. All actions of one step together are the **joint action**
# $a = (a^1, \dots, a^N)$. It decides with which probability $p(s' \mid s, a)$ each state $s'$ is next, and what each
# agent is paid, $R^i(s, a)$. Add where it starts, and the **discount** $\gamma$ (gamma) by which a reward counts less
# for each step that one has to wait for it, and the **Markov game** is complete:
#
# $$\bigl(\text{agents},\ \text{states},\ \text{actions},\ p,\ R^1, \dots, R^N,\ \gamma,\ \text{start}\bigr)$$
#
# It is called *Markov* since $p$ looks at the present state and nothing before it. Here is the lake, built by hand. An
# array of zeros first, with one axis for each thing that $p$ depends on; then row by row.

# %%
full, low, empty = range(3)
spare, fish = range(2)
transitions = np.zeros((3, 2, 2, 3))  # state, action 1, action 2, next state
transitions[full, spare, spare] = [1, 0, 0]
transitions[full, spare, fish] = transitions[full, fish, spare] = [0.8, 0.2, 0]
transitions[full, fish, fish] = [0.3, 0.7, 0]
transitions[low, spare, spare] = [0.6, 0.4, 0]
transitions[low, spare, fish] = transitions[low, fish, spare] = [0.1, 0.7, 0.2]
transitions[low, fish, fish] = [0, 0.3, 0.7]
transitions[empty, :, :, empty] = 1  # from here nothing leads away

# %%
rewards = np.zeros((2, 3, 2, 2))  # agent, state, action 1, action 2
rewards[0, full] = [[2, 2], [4, 3]]  # rows: what agent 1 does; columns: agent 2
rewards[0, low] = [[0, 0], [2, 1]]
rewards[1] = rewards[0].swapaxes(1, 2)  # agent 2 is paid as agent 1 would be
names = {"states": ["full", "low", "empty"], "actions": ["spare", "fish"]}
arrays = {"transitions": transitions, "rewards": rewards, "discount": 0.9}
from marl_edu import MarkovGame

built = MarkovGame(**arrays, **names, start="full", terminal=["empty"], name="my lake")
assert np.array_equal(built.transitions, lake.transitions)
assert np.array_equal(built.rewards, lake.rewards)
built

# %% [markdown]
# **Arrays that don't fit are refused**, and the message says where. Each of the following has one fault. Before you run
# the cell: which sentence would *you* write to someone who made it?

# %%
too_little, negative, generous = transitions.copy(), transitions.copy(), rewards.copy()
too_little[low, fish, fish] = [0, 0.3, 0.6]
negative[full, spare, fish] = [1.2, -0.2, 0]
generous[:, empty, fish, fish] = 1
faulty = {
    "a row that is not complete": {"transitions": too_little},
    "a probability below 0": {"transitions": negative},
    "agent's axis in the last place": {"rewards": np.moveaxis(rewards, 0, -1)},
    "an end that goes on paying": {"rewards": generous},
    "a discount above 1": {"discount": 1.1},
}

# %%
for fault, change in faulty.items():
    try:
        MarkovGame(**(arrays | change), **names, terminal=["empty"])
    except ValueError as error:
        print(f"{fault}:\n   {error}")
    else:
        raise AssertionError(f"{fault} was not found")

# %% [markdown]
# What no check can find is a game that is *valid but not the one you meant*: two agents' axes swapped where both have
# equally many actions, a next state in place of the present one. So read a few rows aloud, as the panel does.

# %% [markdown]
# ### Exercise 1: build a game by hand
#
# *02.1 · about 14 minutes · medium*
#
# Write **the door** as two arrays. States: 0 closed, 1 open. Agent 1 has two actions: 0 wait, 1 push. Agent 2 has
# three: 0 wait, 1 push, 2 ring.
#
# - A *closed* door opens with probability `both` if both push, `one` if exactly one pushes and nobody rings, `bell` if
#   agent 2 rings (whatever agent 1 does); otherwise it stays closed.
# - An *open* door shuts with probability `shuts`, whatever they do.
# - In either state a push costs whoever pushes `cost`. In state open, agent 1 is paid `gains[0]` and agent 2 `gains[1]`
#   besides.


# %%
def build_door(both, one, bell, shuts, cost, gains):
    """Return transitions, shape (2, 2, 3, 2), and rewards, shape (2, 2, 2, 3)."""
    ...


# %%
lesson_02.build.check(build_door)

# %% [markdown]
# When it is right, make it a game and step through it:
# `Stepper(MarkovGame(*build_door(0.9, 0.2, 0.5, 0.4, 1, (3, 5))))`.

# %% [markdown]
# ## 3 One row for each joint action
#
# The transition probability has as many conditions as there are agents, and one more:
#
# $$p(s' \mid s, a^1, \dots, a^N), \qquad \sum_{s'} p(s' \mid s, a^1, \dots, a^N) = 1
# \quad\text{for every } s \text{ and every joint action.}$$
#
# In code that is one look into the array, and one sum over its last axis:


# %%
def p(then, state, *joint_action):
    """p(s' | s, a^1, ..., a^N): the entry of the array."""
    return lake.transitions[(state, *joint_action, then)]


total = sum(p(then, low, spare, fish) for then in (full, low, empty))
sums = lake.transitions.sum(axis=-1)
assert np.isclose(total, 1) and np.allclose(sums, 1) and sums.shape == (3, 2, 2)
for then in (full, low, empty):
    print(
        f"p({lake.states[then]:5} | low, spare, fish) = {p(then, low, spare, fish):g}"
    )
print(f"their sum: {total:g}; all {sums.size} rows sum to 1")

# %% [markdown]
# **There is no row for one agent alone.** What follows from "agent 1 spares" depends on agent 2. Give agent 2 a habit,
# to fish with some probability, and agent 1 faces a mixture of rows. Drag the slider: agent 1's own world moves,
# although neither the lake nor agent 1 has changed. (How this makes learning hard is measured in lesson 06.)

# %%
from marl_edu.algorithm import Choice, Real
from marl_edu.panels import Explorer


def draw_mixture(ax, habit, state):
    """Agent 1's rows if agent 2 fishes with probability `habit`."""
    rows = lake.transitions[lake.states.index(state)]
    mixed = (1 - habit) * rows[:, spare] + habit * rows[:, fish]
    for action, colour in ((spare, "#56B4E9"), (fish, "#0072B2")):
        place = np.arange(3) + 0.4 * action - 0.2
        ax.bar(place, mixed[action], 0.36, color=colour, label=lake.actions[0][action])
    ax.set_xticks(range(3), lake.states)
    ax.set(ylim=(0, 1.02), xlabel="next state", ylabel="probability for agent 1")
    ax.legend(title="agent 1's action")
    said = [f"{name} {mixed[a, 0]:.2f}" for a, name in enumerate(lake.actions[0])]
    return f"From {state}, the chance of a full lake next year is {', '.join(said)}."


# %%
Explorer(
    draw_mixture,
    "What agent 1 lives in",
    {
        "habit": Real(0.5, 0, 1, "probability that agent 2 fishes"),
        "state": Choice("full", ["full", "low"], "where the lake is"),
    },
)

# %% [markdown]
# **Joint actions are numbered.** A table with one line per joint action needs an order. We use NumPy's own, *C order*:
# the last agent's action varies fastest, like the last digit of a counter. For three agents with 2, 3 and 2 actions:

# %%
counts = (2, 3, 2)
listed = list(np.ndindex(counts))
for number in (0, 1, 2, 5, 6, len(listed) - 1):
    print(f"number {number:2}: {listed[number]}")
assert all(np.ravel_multi_index(a, counts) == k for k, a in enumerate(listed))

# %% [markdown]
# ### Exercise 2: the number of a joint action
#
# *02.2 · about 7 minutes · easy*
#
# Give a joint action its number without building the list: `actions` holds one action number per agent, `counts` how
# many actions each agent has, for any number of agents.


# %%
def joint_number(actions, counts):
    """Return the number of the joint action, the last agent varying fastest."""
    ...


# %%
lesson_02.number.check(joint_number)

# %% [markdown]
# ## 4 Drawing steps, and counting them
#
# An agent that learns does not see $p$. It sees *steps*: a state, a joint action, rewards, a next state. To draw one,
# lay the probabilities of the row side by side on the line from 0 to 1, and see on which piece a random number $u$
# falls, drawn uniformly between 0 and 1. Move $u$:


# %%
def draw_pieces(ax, u, agent_1, agent_2):
    """The row of the low lake as pieces of a line, and where u falls."""
    row = lake.transitions[low, lake.actions[0].index(agent_1)]
    row = row[lake.actions[1].index(agent_2)]
    ends = np.cumsum(row)
    ax.barh(
        [0] * 3,
        row,
        left=ends - row,
        color=["#56B4E9", "#cfd8e3", "#E69F00"],
        height=0.4,
    )
    for state, length, end in zip(lake.states, row, ends, strict=True):
        if length > 0:
            ax.text(
                end - length / 2, 0, f"{state}\n{length:g}", ha="center", va="center"
            )
    then = lake.states[min(int((u >= ends).sum()), 2)]
    ax.plot([u, u], [-0.35, 0.35], color="#222222", linewidth=2)
    ax.set(xlim=(0, 1), ylim=(-0.5, 0.6), yticks=[], xlabel="u")
    ax.set_title(f"next state: {then}", loc="left")
    return f"In the low lake u = {u:.2f} falls on the piece of {then}."


# %%
either = ["spare", "fish"]
Explorer(
    draw_pieces,
    "A random number falls on a piece",
    {
        "u": Real(0.35, 0, 0.99, "the random number"),
        "agent_1": Choice("spare", either, "action of agent 1"),
        "agent_2": Choice("fish", either, "action of agent 2"),
    },
    height=230,
)

# %% [markdown]
# ### Exercise 3: draw one step
#
# *02.3 · about 9 minutes · medium*
#
# Write it, for any number of agents. `u` is the random number. A piece contains its left end and not its right end.
# Return the next state and the rewards of all agents. (`joint_action` is a tuple.)


# %%
def sample_step(transitions, rewards, state, joint_action, u):
    """Return (next state, array of rewards)."""
    ...


# %%
lesson_02.sample.check(sample_step)

# %% [markdown]
# The package's own is `game.sample(state, joint_action, rng)`. With it, let both fish, every year, until the lake is
# empty. **Your guess**: a full lake at the beginning, both always fish. How many years does it last, on average?

# %%
from marl_edu.panels import MarkerGuess

years_guess = MarkerGuess(
    "02.years",
    "Both always fish. How many years from the full lake to the empty one, on average?",
    axis=(0, 12, "mean time until the lake is empty (years)"),
)
years_guess

# %% jupyter={"outputs_hidden": true}
rng = np.random.default_rng(0)


def years_until_empty():
    state, years = full, 0
    while not lake.terminal[state]:
        state, _ = lake.sample(state, (fish, fish), rng)
        years += 1
    return years


lasted = np.array([years_until_empty() for _ in range(2_000)])
half_width = 1.96 * lasted.std(ddof=1) / np.sqrt(len(lasted))
exact = 1 / p(low, full, fish, fish) + 1 / p(empty, low, fish, fish)
assert abs(lasted.mean() - exact) < 2 * half_width
years_guess.reveal(exact)

# %% [markdown]
# One leap from full to low and one from low to empty; each takes on average one divided by its probability. The exact
# number and two thousand drawn lakes:

# %% jupyter={"outputs_hidden": true}
longest = 12
found = np.array([(lasted == k).mean() for k in range(1, longest)])
leap, stay = p(low, full, fish, fish), p(full, full, fish, fish)
right = [(k - 1) * leap**2 * stay ** (k - 2) for k in range(1, longest)]
figure, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
ax.bar(range(1, longest), found, color="#8fa3b8", label="drawn, 2,000 lakes")
ax.plot(range(1, longest), right, "D", color="#b45309", label="exact")
ax.axvline(exact, color="#222222", linestyle="--", label="exact mean")
ax.set(xlabel="years until the lake is empty", ylabel="share of lakes")
ax.legend()
assert np.abs(found - right).max() < 0.05
show(
    figure,
    f"Bars: in what share of 2,000 lakes it lasted so many years; diamonds, the exact "
    f"probabilities, lie on their ends. Mean {lasted.mean():.2f} (95 % interval "
    f"{lasted.mean() - half_width:.2f} to {lasted.mean() + half_width:.2f}), exactly "
    f"{exact:.2f}.",
)

# %% [markdown]
# ### Exercise 4: find the bugs
#
# *02.3 · about 12 minutes · hard*
#
# Now the way back: from steps that were seen to the rows. Each step is `(state, (action_1, action_2), next state)`. The
# result should hold, for each state and joint action, the share of each next state among *its* steps; and where a joint
# action was never seen in a state, the same probability for each next state. This program runs, and it has **three
# faults**. Write down what you find, then mend them.


# %%
def estimated(steps, n_states, n_actions):
    counts = np.zeros((n_states, *n_actions, n_states))
    action_of_2 = 0
    for state, (action_1, action_2), then in steps:
        counts[state, action_1, action_of_2, then] += 1
        action_of_2 = action_2
    totals = counts.sum(axis=0, keepdims=True)
    with np.errstate(all="ignore"):
        return counts / totals


# %%
lesson_02.mend.check(estimated)

# %% [markdown]
# ## 5 One family: matrix, repeated, stochastic
#
# Three names that you will meet everywhere are one kind of data:
#
# - a **matrix game** has one state and is played once: only the first reward counts ($\gamma = 0$);
# - a **repeated game** is the same matrix played again and again ($\gamma > 0$), still with one state;
# - a **stochastic game** (another word for Markov game) has several states, each with a matrix of its own, and joint
#   actions decide which matrix comes next.
#
# Take the matrix of the full lake, and make all three of it:

# %%
from marl_edu.games import matrix_game

tables = lake.rewards[:, full]
kinds = {
    "matrix game": matrix_game(tables, actions=lake.actions[0]),
    "repeated game": matrix_game(tables, actions=lake.actions[0], discount=0.9),
    "stochastic game": lake,
}
for kind, game in kinds.items():
    shapes = f"transitions {game.transitions.shape}, rewards {game.rewards.shape}"
    print(f"{kind:16} discount {game.discount:g}, {shapes}")
one_state = [kinds[kind] for kind in ("matrix game", "repeated game")]
assert all((game.transitions == 1).all() for game in one_state)

# %% [markdown]
# Same data, three pictures. Change **kind** and **habit** and watch both. On the left, where the world
# is: the larger a disc, the more likely the state in that year. On the right, what the year adds to what agent 1 earns
# in all: the expected reward, times $\gamma$ once for each year of waiting. In which kind can a habit *do* something
# to later years?

# %%
habits = {
    "both spare": [(spare, spare), (spare, spare), (spare, spare)],
    "both fish": [(fish, fish), (fish, fish), (fish, fish)],
    "fish when full": [(fish, fish), (spare, spare), (spare, spare)],
}


def over_time(game, habit, years):
    """Chance of each state, and agent 1's discounted expected reward, year by year."""
    acted = habits[habit][: game.n_states]
    rows = np.array([game.transitions[(s, *a)] for s, a in enumerate(acted)])
    paid = np.array([game.rewards[(0, s, *a)] for s, a in enumerate(acted)])
    chances, counted = [game.start], []
    for year in range(years):
        counted.append(game.discount**year * chances[-1] @ paid)
        chances.append(chances[-1] @ rows)
    return np.array(chances[:-1]), np.array(counted)


# %%
def draw_kind(axes, kind, habit):
    game, years = kinds[kind], 12
    chances, counted = over_time(game, habit, years)
    for year, chance in enumerate(chances):
        for state, share in enumerate(chance):
            axes[0].plot(year, state, "o", markersize=0.1 + 17 * share, color="#0072B2")
    names = game.states if game.n_states > 1 else ["the one state"]
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set(xlim=(-0.8, years - 0.2), ylim=(2.6, -0.6))
    axes[0].set(xlabel="year", title="where the world is")
    axes[1].bar(range(years), counted, color="#0072B2")
    axes[1].set(ylim=(0, 4), xlabel="year", title="what the year adds")
    total = counted.sum()
    return f"{kind}, {habit}: the first {years} years are worth {total:.2f} to agent 1."


# %%
Explorer(
    draw_kind,
    "One family",
    {
        "kind": Choice("stochastic game", list(kinds), "which of the three"),
        "habit": Choice("both fish", list(habits), "what the agents always do"),
    },
    columns=2,
)

# %%
values = {k: over_time(game, "both fish", 200)[1].sum() for k, game in kinds.items()}
assert np.isclose(values["matrix game"], 3) and np.isclose(values["repeated game"], 30)
Markdown(
    "Both always fish, without end: "
    + ", ".join(f"{kind} **{value:.2f}**" for kind, value in values.items())
    + ". The repeated game pays the same every year; the lake does not forgive."
)

# %% [markdown]
# ## 6 Whose reward?
#
# In the lake each agent has a reward of its own, $R^1$ and $R^2$: **individual rewards**. Often a team is judged by one
# number instead, a **global reward**, such as the sum $R^1 + R^2$ paid to everybody. The transitions stay as they are.
# What changes is the **setting**, and the package computes it from the rewards: *cooperative* if all are paid the same
# everywhere, *zero-sum* if rewards sum to 0 everywhere, *general-sum* otherwise.

# %%
total_reward = lake.rewards.sum(axis=0)
contest = lake.rewards[0] - lake.rewards[1]
paid_as = {
    "individual": lake.rewards,
    "team sum": np.stack([total_reward, total_reward]),
    "difference": np.stack([contest, -contest]),
}
settings = {name: lake.replace(rewards=r).setting for name, r in paid_as.items()}
assert list(settings.values()) == ["general-sum", "cooperative", "zero-sum"]
for name, setting in settings.items():
    print(f"{name:11} {setting}")

# %% [markdown]
# Between them lies everything. In the next picture each dot is a joint action in one state: to the right what it pays
# agent 1, upwards what it pays agent 2. Drag **sharing** from -1 (each is paid by how far it is ahead of the mean) over
# 0 (each keeps its own) to 1 (both get the mean). On which line do all dots lie at either end, and where exactly does
# the setting's name change?


# %%
def shared_rewards(sharing):
    """Own rewards, moved towards the mean (sharing above 0) or reduced by it (below)."""
    mean = lake.rewards.mean(axis=0)
    kept = 1 - max(sharing, 0)
    return kept * lake.rewards + sharing * mean


def draw_sharing(ax, sharing):
    game = lake.replace(rewards=shared_rewards(sharing))
    for state, marker, colour in ((full, "o", "#0072B2"), (low, "s", "#E69F00")):
        x, y = game.rewards[:, state].reshape(2, -1)
        ax.plot(x, y, marker, color=colour, markersize=9, label=lake.states[state])
        for a, (u, v) in enumerate(zip(x, y, strict=True)):
            first, second = np.unravel_index(a, (2, 2))
            acted = f"{either[first][0]}{either[second][0]}"
            ax.annotate(acted, (u, v), xytext=(6, 4), textcoords="offset points")
    ax.axhline(0, color="#bbbbbb")
    ax.axvline(0, color="#bbbbbb")
    ax.set(xlim=(-2.5, 5), ylim=(-2.5, 5), aspect="equal")
    ax.set(xlabel="paid to agent 1", ylabel="paid to agent 2")
    ax.legend(title="lake", loc="upper left", bbox_to_anchor=(1, 1))
    return (
        f"Sharing {sharing:.2f}: {game.setting}. (sf: agent 1 spares, agent 2 fishes.)"
    )


# %%
Explorer(
    draw_sharing,
    "From a contest to a team",
    {"sharing": Real(0, -1, 1, "-1 contest, 0 each its own, 1 team")},
)

# %% [markdown]
# **What is best for the team need not be fair, nor what each would choose.** Four habits on the lake. Which of them
# earns the *two together* most, over the years, with the discount of the lake? **Your guess**:

# %%
from marl_edu.panels import ChoiceGuess

plans = {
    "both always fish": ([fish, fish, fish], [fish, fish, fish]),
    "both always spare": ([spare, spare, spare], [spare, spare, spare]),
    "both fish when full, spare when low": ([fish, spare, spare], [fish, spare, spare]),
    "only agent 2 fishes, and only when full": (
        [spare, spare, spare],
        [fish, spare, spare],
    ),
}
habits_guess = ChoiceGuess(
    "02.habits",
    "Which pair of habits earns the two together most?",
    options=list(plans),
)
habits_guess

# %% jupyter={"outputs_hidden": true}
from marl_edu.planning import evaluate, team_optimum

worth = {
    name: evaluate(lake, [np.array(own) for own in plan])[:, full]
    for name, plan in plans.items()
}
together = {name: each.sum() for name, each in worth.items()}
optimum = team_optimum(lake)
best = max(together, key=together.get)
assert np.isclose(together[best], optimum.value) and best.startswith("only agent 2")
habits_guess.reveal(best, because=f"together they earn {together[best]:.1f}.")

# %% jupyter={"outputs_hidden": true}
figure, ax = plt.subplots(figsize=(8, 2.6), layout="constrained")
both = np.array(list(worth.values()))
rows = np.arange(len(both))
ax.barh(rows, both[:, 0], color="#0072B2", label="agent 1")
ax.barh(rows, both[:, 1], left=both[:, 0], color="#D55E00", label="agent 2")
ax.axvline(optimum.value, color="#111111", linestyle=(0, (6, 3)), label="team optimum")
ax.set_yticks(rows, list(worth))
ax.invert_yaxis()
ax.set(xlabel="discounted reward from the full lake, exact", xlim=(0, 80))
ax.legend(loc="upper right")
fair = worth["both always spare"]
assert worth[best][0] < fair[0] < worth[best][1]
show(
    figure,
    f"Bars: what agent 1 (blue) and agent 2 (orange) earn. The last habit reaches the "
    f"exact team optimum of {optimum.value:.1f}: agent 1 gets {worth[best][0]:.1f} of "
    f"it, agent 2 {worth[best][1]:.1f}. If both always spare, each gets {fair[0]:.1f}.",
)

# %% [markdown]
# Paid by the team's sum, agent 1 is content with the last habit. Paid by its own reward, it would rather both spared,
# or that it were the one who fishes: the lake is the same from both seats, and does not say who. The world is the same;
# whose reward it is makes another problem of it. How each agent's choice *should* look then is the subject of lessons
# 04 and 05.

# %% [markdown]
# ### Exercise 5, open-ended: a game of your own
#
# *02.4 · about 20 minutes · hard · for fast students, on top of the 130 minutes*
#
# Invent a game that no matrix can hold: **every single step is harmless, the game is not**. Two agents, two or three
# states, at most 3 actions each, rewards from -10 to 10.
#
# 1. No chance: every row holds one 1 and otherwise 0.
# 2. Temptation: in every state each agent has an action that pays it, *now*, at least as much as any other of its
#    actions, whatever the other agent does; in state 0 strictly more.
# 3. Harmless: in no state does another joint action pay *both* agents more *now* than both giving in.
# 4. And yet patience pays: from state 0, some other plan earns *each* agent at least 1 more than both giving in for
#    ever, counted with `discount` ($R_0 + \gamma R_1 + \gamma^2 R_2 + \dots$ with $\gamma$ = `discount`; the check
#    tries more than one).


# %%
def my_game(discount):
    """Return transitions and rewards of a game of two agents."""
    ...


# %%
lesson_02.own.check(my_game)

# %% [markdown]
# ## 7 What each agent sees
#
# So far everybody saw the state. In general agent $i$ sees its **local observation** $o^i$. In the package that is one
# more array: `observations[i, s]` is the number of what agent $i$ sees in state $s$. Below, two agents stand in a
# corridor with a bay. Set **observe** to each agent's *own position*: light blue cells are where agent 2 may be, as
# far as agent 1 can tell; dark cells are walls.

# %%
from marl_edu import gridworld
from marl_edu.games import CORRIDOR

worlds = {seen: gridworld(CORRIDOR, observe=seen) for seen in ("full", "own position")}
layout = worlds["full"].layout
free = np.flatnonzero(~layout.walls.ravel())
cells = {f"row {c // 7}, column {c % 7}": int(c) for c in free}


def lumped(world, state):
    """States that look the same to agent 1 as this one."""
    seen = world.observations[0]
    return np.flatnonzero((seen == seen[state]) & ~world.terminal)


# %%
def draw_seen(ax, observe, agent_1, agent_2):
    world = worlds[observe]
    state = layout.state_at[cells[agent_1], cells[agent_2]]
    if state < 0:
        raise ValueError("No state has them there (whoever is home stays home).")
    alike = lumped(world, state)
    picture = np.where(layout.walls.ravel(), 0.75, 0.0)
    picture[layout.positions[alike, 1]] = 0.35
    ax.imshow(picture.reshape(layout.walls.shape), cmap="Blues", vmin=0, vmax=1)
    ax.set(xticks=range(7), yticks=range(2), xlabel="column", ylabel="row")
    for agent, colour in ((0, "#0072B2"), (1, "#D55E00")):
        row, column = divmod(layout.positions[state, agent], 7)
        ax.plot(column, row, "o", color=colour, markersize=22)
        ax.text(column, row, agent + 1, color="white", ha="center", va="center")
    return f"Observing {observe}: states that agent 1 takes for this one: {len(alike)}."


# %%
Explorer(
    draw_seen,
    "What agent 1 can tell",
    {
        "observe": Choice("own position", list(worlds), "what an agent sees"),
        "agent_1": Choice("row 0, column 2", list(cells), "where agent 1 stands"),
        "agent_2": Choice("row 0, column 4", list(cells), "where agent 2 stands"),
    },
    height=270,
)

# %%
state = layout.state_at[cells["row 0, column 2"], cells["row 0, column 4"]]
for seen, world in worlds.items():
    told_apart, alike = len(np.unique(world.observations[0])), len(lumped(world, state))
    print(f"{seen}: observations {world.observations.shape}")
    print(f"   agent 1 tells {told_apart} things apart; like this state look {alike}")
assert (
    len(lumped(worlds["full"], state)) == 1 < len(lumped(worlds["own position"], state))
)

# %% [markdown]
# ### What a Dec-POMDP adds
#
# Observations can be uncertain as well. Then each step ends with a draw from one more array: after joint action $a$ has
# led to $s'$, the agents observe $o = (o^1, \dots, o^N)$ with probability $O(o \mid a, s')$. A team with such
# observations, each agent knowing only its own, is called a **Dec-POMDP** (decentralised partially observable Markov
# decision process).
#
# The classic: **Dec-Tiger**. Behind one of two doors is a tiger, behind the other a treasure. Each of two agents
# listens or opens a door, and hears the tiger, with its own ears and not always on the right side.

# %%
from marl_edu.games import dec_tiger

tiger = dec_tiger()
hearing = tiger.observation_probabilities
print(tiger)
print("transitions ", tiger.game.transitions.shape)
print("rewards     ", tiger.game.rewards.shape, "setting:", tiger.game.setting)
print("observations", hearing.shape, "(action 1, action 2, next state, o1, o2)")
listen, tiger_left = 0, 0
print("both listen, tiger left; rows agent 1 hears left, right; columns agent 2:")
print(hearing[listen, listen, tiger_left].round(4))
assert np.allclose(hearing.sum(axis=(-2, -1)), 1)

# %% [markdown]
# Step through it: what does listening cost, what does opening pay, and when does the tiger move?

# %%
Stepper(tiger.game, title="Dec-Tiger, with the door in sight")

# %% [markdown]
# The best two agents can do **if each has only its own ears**, for very few steps, is found by trying all policies. The
# values are known from the literature; here they are again:

# %%
from marl_edu.planning import decentralised_optimum

published = {2: -4.0, 3: 5.190812}
private = {steps: decentralised_optimum(tiger, steps) for steps in (1, 2, 3)}
for steps, found in private.items():
    print(
        f"{steps} steps: {found.value:9.6f}  ({found.policies_tried:,} policies tried)"
    )
for steps, value in published.items():
    assert abs(private[steps].value - value) < 1e-6
assert all((private[2].policies[i][t] == listen).all() for i in (0, 1) for t in (0, 1))

# %% [markdown]
# With two steps the best they can do is to listen twice and open nothing. **Your guess**: let them *tell
# each other what they have heard* after the first step. Nobody hears any better than before. What is the best value
# for two steps now?

# %%
known = 2 * tiger.game.rewards[0].max()
sharing_guess = MarkerGuess(
    "02.sharing",
    "Two steps in Dec-Tiger, and they may tell each other what they hear. Best value?",
    axis=(-10, 45, "expected sum of rewards"),
    references={"private ears": private[2].value, "tiger in sight": float(known)},
)
sharing_guess

# %% [markdown]
# ### Exercise 6: what the team knows after a step
#
# *02.5 · about 10 minutes · medium*
#
# A team that shares everything keeps one **belief**: the probability of each state, given all that was done and heard.
# After joint action $a$ and joint observation $o$, Bayes' rule gives the new one, up to division by its sum:
#
# $$b'(s') \;\propto\; O(o \mid a, s') \sum_s b(s)\, p(s' \mid s, a).$$
#
# Write it. `action` = (a1, a2) and `heard` = (o1, o2); `transitions` has the axes (state, action 1, action 2, next
# state), `hearing` (action 1, action 2, next state, observation 1, observation 2).


# %%
def new_belief(belief, transitions, hearing, action, heard):
    """Return the probability of each state after this step: an array that sums to 1."""
    ...


# %%
lesson_02.belief.check(new_belief)

# %% [markdown]
# With beliefs the best shared value is a short recursion: try each joint action; for each joint observation, go on from
# the new belief, weighed by how likely that observation is.

# %% jupyter={"outputs_hidden": true}
from itertools import product


def best_shared(belief, steps):
    """Best expected reward if all observations are shared (discount 1)."""
    if steps == 0:
        return 0.0
    values = []
    for a1, a2 in product(range(3), repeat=2):
        value = belief @ tiger.game.rewards[0, :, a1, a2]
        arrived = belief @ tiger.game.transitions[:, a1, a2]
        for o1, o2 in product(range(2), repeat=2):
            weights = arrived * hearing[a1, a2, :, o1, o2]
            chance = weights.sum()
            value += chance * best_shared(weights / chance, steps - 1)
        values.append(value)
    return max(values)


shared = {steps: best_shared(tiger.game.start, steps) for steps in (1, 2, 3)}
sharing_guess.reveal(shared[2])

# %% [markdown]
# A check from another side: sharing is itself a Dec-POMDP, in which both agents hear both reports. The
# exhaustive search knows nothing of beliefs, and must find the same.

# %% jupyter={"outputs_hidden": true}
from marl_edu.games import DecPOMDP

pairs = hearing.reshape(3, 3, 2, 4)
both_hear_both = pairs[..., None] * np.eye(4)
talking = decentralised_optimum(DecPOMDP(tiger.game, both_hear_both), 2)
assert abs(talking.value - shared[2]) < 1e-9
print(f"by beliefs {shared[2]:.6f}, by trying all policies {talking.value:.6f}")

# %% jupyter={"outputs_hidden": true}
figure, ax = plt.subplots(figsize=(7.5, 3), layout="constrained")
steps = np.arange(1, 4)
sights = steps * tiger.game.rewards[0].max()
heights = [[private[k].value for k in steps], [shared[k] for k in steps], sights]
labels = ["own ears only", "ears shared", "tiger in sight"]
colours = ["#D55E00", "#0072B2", "#bbbbbb"]
for k, (height, label, colour) in enumerate(zip(heights, labels, colours, strict=True)):
    bars = ax.bar(steps + 0.27 * (k - 1), height, 0.25, label=label, color=colour)
    ax.bar_label(bars, fmt="%.1f", fontsize=9)
ax.axhline(0, color="#222222", linewidth=0.8)
ax.set(
    xticks=steps, xlabel="number of steps", ylabel="best expected sum", ylim=(-9, 68)
)
ax.legend(loc="upper left")
assert (np.array(heights[1]) >= np.array(heights[0]) - 1e-9).all()
show(
    figure,
    "Best expected sum of rewards of one agent for 1, 2 and 3 steps. Own ears only: "
    f"{', '.join(f'{v:.2f}' for v in heights[0])}. Ears shared: "
    f"{', '.join(f'{v:.2f}' for v in heights[1])}. Tiger in sight: "
    f"{', '.join(f'{v:g}' for v in heights[2])}. Sharing helps as soon as there is "
    "anything to share; seeing the state helps far more.",
)

# %% jupyter={"outputs_hidden": true}
alike = hearing[listen, listen, tiger_left]
agree = alike[0, 0] + alike[1, 1]
sure, one_ear = alike[0, 0] / agree, alike[0].sum()
treasure, mauled, waiting = (tiger.game.rewards[0, 0, a, a] for a in (2, 1, listen))
opening = sure * treasure + (1 - sure) * mauled
assert np.isclose(waiting + agree * opening + (1 - agree) * waiting, shared[2])
Markdown(
    "The plan behind it: listen; if both heard the same side, open the other door "
    "together; if not, listen again. Two ears *agree* in "
    f"{100 * agree:.1f} % of the cases, and are right then with probability "
    f"{sure:.3f}, so that opening is worth {opening:.1f}. One ear alone is right with "
    f"{one_ear:.2f}, and, worse, whoever has only one ear does not know which door "
    f"the *other* will open. Silence costs **{shared[2] - private[2].value:.2f}**."
)

# %% [markdown]
# With three steps and no talk: how many policies does one agent have, and why did nobody try four steps here?

# %%
counts_of = [tiger.n_policies(0, steps) for steps in (1, 2, 3, 4)]
print("policies of one agent for 1, 2, 3, 4 steps:", [f"{n:,}" for n in counts_of])
assert counts_of[2] == 3**7 and counts_of[3] == 3**15

# %% [markdown]
# ## 8 Quiz
#
# Five questions. Every answer, wrong or right, is explained; you may try as often as you like.

# %%
lesson_02.quiz

# %% [markdown]
# ## What you should take away
#
# 1. A Markov game is data: states, actions, $p(s' \mid s, a)$, one reward table for each agent, a discount, a start.
# 2. The world moves once per *joint* action. There is one row for each, it sums to 1, and no agent has a row of its
#    own.
# 3. One state and discount 0: a matrix game. One state: a repeated game. More: a stochastic game. Same arrays.
# 4. Global or individual reward is a choice that changes the problem while the world stays the same.
# 5. What agents see is one more array. A Dec-POMDP is a team that can't share it, and that can cost nearly everything.
#
# ## Common misconceptions
#
# - **"The agents move one after the other."** Both choose, then the world moves once.
# - **"Each agent has its own transition probabilities."** Only if the others' policies are given and fixed.
# - **"The sum of any axis is 1."** Only the sum over the *next* state.
# - **"A repeated game has a state for each round."** One state that leads to itself is enough, unless agents remember.
# - **"A team's best plan is best for each member."** On the lake, agent 1 earns less by it than if both spared.
# - **"The observation belongs to the state before the step."** It speaks of the state that the step has led to.
# - **"Two agents with one ear each hear as well as one with two."** Only if they talk.
#
# ## Sources
#
# - L. Shapley, "Stochastic games", *PNAS* 39 (1953), 1095-1100: the game with several matrices.
# - M. Littman, "Markov games as a framework for multi-agent reinforcement learning", ICML 1994, 157-163, section 2:
#   the tuple as it is used here.
# - D. Bernstein, R. Givan, N. Immerman and S. Zilberstein, "The complexity of decentralized control of Markov decision
#   processes", *Mathematics of Operations Research* 27 (2002), 819-840: the Dec-POMDP.
# - R. Nair, M. Tambe, M. Yokoo, D. Pynadath and S. Marsella, "Taming decentralized POMDPs", IJCAI 2003, 705-711:
#   Dec-Tiger.
# - F. Oliehoek and C. Amato, *A Concise Introduction to Decentralized POMDPs*, Springer 2016, chapters 2 and 3: the
#   model and its optimal values for short horizons.
# - G. Hardin, "The tragedy of the commons", *Science* 162 (1968), 1243-1248: what happens to lakes.
#
# **Next**: [lesson 03](03_returns.ipynb), returns: what a whole course of rewards is worth, to each agent and to the
# team. What each agent *should* choose is the subject of [lesson 04](04_value_functions.ipynb) and of lesson 05
# (planned).
