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
from marl_edu.exercises import lesson_02_pictures as pictures
from marl_edu.views import folded, show
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
# **Guesses.** Before each experiment you are asked what will come out. Commit a guess, then run the cell below it: it
# shows what happened beside what you thought. (Stored results are folded away in JupyterLab until you run their cells.)
#
# **Exercises.** Write your function in the cell that has its beginning, run it, then run the cell with `check` below
# it. The card with the verdict has the buttons **hint** and **solution**; by code: `lesson_02.build.hint()`,
# `lesson_02.build.solution()`.
#
# **Pictures.** What is called `draw_...` or `pictures...` only draws: run it, and read the cells around it. Below a
# list of things to try, **What you should have seen** opens with a click.

# %% [markdown]
# ## 1 Play first
#
# You are agent 1 on the lake (blue). Each year you press **spare** or **fish**; agent 2 chooses in the same moment, so
# neither knows the other's choice of this year. A full lake pays for fishing, and a little for sparing; a low one pays
# less; an empty one pays nothing any more, and then a new lake begins, as it does after ten years. The circles say
# where the lake is and what came of the last year. Below them are the score and what agent 2 **has learned so far**:
# with which chance it will spare or fish in the lake as it is now.
#
# Some words of the panel. An **episode** is one lake, from full to empty or to the end of the ten years. Agent 2 is a
# **Q-learner**: for each state of the lake and each of its actions it keeps one number, what it expects to earn from
# then on (what the action is **worth** to it); it corrects that number after each year, mostly takes the action with
# the larger one, and now and then any. **Discounted** means that a reward of next year counts nine tenths of one now, a
# reward of the year after nine tenths of that, and so on. After the last turn you read what you earned in a lake,
# discounted, beside the best that two could reach in ten years, and beside two who always choose at random.
#
# Find out while you play:
#
# 1. Spare all the time. What does your neighbour do, and what becomes of the lake?
# 2. Fish all the time. How long does a lake last?
# 3. You did the same in two years, and the lake went different ways. Was that chance, or was it your neighbour?
#
# <details><summary>What you should have seen</summary>
#
# 1. In most matches your neighbour learns to fish: in that year it pays more than to spare, whatever you do. The lake
#    goes down all the same, only later: one of you fishes. In some it happens to try sparing first, is content with
#    what that brings, and hardly tries anything else: press **forget** and play again to see how it goes with others.
# 2. Beside a neighbour who fishes as well, mostly two to four years. Section 4 computes the mean.
# 3. From your seat you can't tell. That is what the next panel is for.
#
# </details>

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
# what agent 1 and agent 2 do, by buttons or by the keys that stand on them (agent 1's are those of the game above). The
# picture says what *would* happen:
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
#
# <details><summary>What you should have seen</summary>
#
# 1. Nearly everything: arrows, bars and both payments. What follows from agent 1's action depends on agent 2's.
# 2. They come nearer, but ten draws scatter. After forty they are close.
# 3. Both spare, and that pays nobody anything in that year.
# 4. Two years: from full to low, from low to empty; likeliest if both fish. From full there is no arrow to empty; from
#    low there is one, unless both spare.
#
# </details>

# %%
from marl_edu.panels import Stepper

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
from marl_edu.hyperparameters import Choice, Real
from marl_edu.panels import Explorer


def draw_mixture(ax, habit, state):
    """Agent 1's rows if agent 2 fishes with probability `habit`."""
    rows = lake.transitions[lake.states.index(state)]
    mixed = (1 - habit) * rows[:, spare] + habit * rows[:, fish]
    pictures.mixture(ax, mixed, lake.states, lake.actions[0])
    said = [f"{name} {mixed[a, full]:.2f}" for a, name in enumerate(lake.actions[0])]
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
    joint_action = lake.actions[0].index(agent_1), lake.actions[1].index(agent_2)
    row = lake.transitions[(low, *joint_action)]
    then = lake.states[min(int((u >= np.cumsum(row)).sum()), len(row) - 1)]
    pictures.pieces(ax, row, lake.states, u)
    ax.set_title(f"next state: {then}", loc="left")
    return f"In the low lake u = {u:.2f} falls on the piece of {then}."


# %%
either = ["spare", "fish"]
Explorer(
    draw_pieces,
    "A random number falls on a piece",
    {
        "u": Real(
            0.35, 0, 0.99, "the random number", choices=[k / 100 for k in range(100)]
        ),
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
years = np.arange(1, 12)
found = np.array([(lasted == k).mean() for k in years])
leap, stay = p(low, full, fish, fish), p(full, full, fish, fish)
right = np.array([(k - 1) * leap**2 * stay ** max(k - 2, 0) for k in years])
figure, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
pictures.lasting(ax, years, found, right, exact)
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
#
# <details><summary>What you should have seen</summary>
#
# Only in the stochastic game. A matrix game has one year that counts; in the repeated game all years are alike but for
# the discount. On the lake, fishing in the first year moves the discs, and with them what all later years pay.
#
# </details>

# %%
habits = {  # joint actions when full, low, empty
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
    names = game.states if game.n_states > 1 else ["the one state"]
    pictures.over_time(axes, chances, counted, names)
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
# the setting's name change? (Circles are the full lake, squares the low one; *sf*: agent 1 spares, agent 2 fishes.)
#
# <details><summary>What you should have seen</summary>
#
# At 1 all dots lie on the rising diagonal: what one gets, the other gets. At -1 they lie on the falling one: what one
# gets, the other loses. The name changes at these two ends only; however close to them, in between it is general-sum.
#
# </details>


# %%
def shared_rewards(sharing):
    """Own rewards, moved towards the mean (sharing above 0) or reduced by it (below)."""
    mean = lake.rewards.mean(axis=0)
    kept = 1 - max(sharing, 0)
    return kept * lake.rewards + sharing * mean


def draw_sharing(ax, sharing):
    game = lake.replace(rewards=shared_rewards(sharing))
    pictures.payoffs(ax, game, (full, low))
    return f"Sharing {sharing:.2f}: {game.setting}."


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

always_spare, always_fish = [spare, spare, spare], [fish, fish, fish]
when_full = [fish, spare, spare]  # what to do when full, low, empty
plans = {
    "both always fish": (always_fish, always_fish),
    "both always spare": (always_spare, always_spare),
    "both fish when full, spare when low": (when_full, when_full),
    "only agent 2 fishes, and only when full": (always_spare, when_full),
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
pictures.earned(ax, both, list(worth), optimum.value)
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
#    actions, whatever the other agent does; in state 0 strictly more. (*Giving in*: taking that action.)
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
# corridor with a bay; empty squares are their homes, dark cells are walls. Light blue cells are where agent 2 may be,
# as far as agent 1 can tell, if each sees its *own position* only. Switch **sees** to *full* and back.

# %%
from marl_edu import gridworld
from marl_edu.games import CORRIDOR

worlds = {seen: gridworld(CORRIDOR, observe=seen) for seen in ("full", "own position")}
layout = worlds["full"].layout
cells = {}
for cell in np.flatnonzero(~layout.walls.ravel()):
    row, column = layout.place(cell)
    cells[f"row {row}, column {column}"] = int(cell)


def lumped(world, state):
    """States that look the same to agent 1 as this one."""
    seen = world.observations[0]
    return np.flatnonzero((seen == seen[state]) & ~world.terminal)


# %%
def draw_seen(ax, sees, agent_1, agent_2):
    state = layout.state_at[cells[agent_1], cells[agent_2]]
    if agent_1 == agent_2:
        raise ValueError(f"Two agents can't share a cell, and both are in {agent_1}.")
    if state < 0:
        raise ValueError("No such state: whoever is home stays there.")
    alike = lumped(worlds[sees], state)
    pictures.seen(ax, layout, state, alike)
    return f"Seeing {sees}: states that agent 1 takes for this one: {len(alike)}."


# %%
Explorer(
    draw_seen,
    "What agent 1 can tell",
    {
        "sees": Choice("own position", list(worlds), "what an agent sees"),
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
#
# <details><summary>What you should have seen</summary>
#
# They are a team, so both are paid the same number, and it is the team's. Listening costs a little each time. Opening
# the treasure's door together pays most; one alone gets less than half of that. The tiger's door costs much, less if
# both open it than if one does alone; different doors are nearly as bad. The tiger moves whenever anybody opens a door:
# then it is behind either door with the same chance.
#
# </details>

# %%
Stepper(tiger.game, title="Dec-Tiger, with the door in sight")

# %% [markdown]
# The best two agents can do **if each has only its own ears**, for very few steps, is found by trying all policies. A
# policy here answers to *everything* that its agent has heard so far: with three steps to nothing yet, to one sound, to
# two sounds in a row. These are $1 + 2 + 4 = 7$ **histories**, each answered by one of 3 actions, so that one agent has
# $3^7$ policies. "Tried" counts those of agent 1; against each of them agent 2's best answer is computed. The values
# are known from the literature; here they are again:

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

# %%
counts_of = [tiger.n_policies(0, steps) for steps in (1, 2, 3, 4)]
print("policies of one agent for 1, 2, 3, 4 steps:", [f"{n:,}" for n in counts_of])
assert counts_of[2] == 3**7 and counts_of[3] == 3**15
try:
    decentralised_optimum(tiger, 4)
except ValueError as error:
    print(f"four steps are refused: {error}")

# %% [markdown]
# With two steps the best they can do is to listen twice and open nothing. A centre that hears what both hear does much
# better, as in [lesson 01](01_from_one_agent_to_many.ipynb): after one step each *tells the other* what it has heard.
#
# **Your guess**: let only agent 1 speak. After the first step it tells agent 2 what it has heard; agent 2 can't answer.
# Nobody hears any better than before. How much of the way from silence to sharing does that go: what is the best value
# for two steps now?

# %%
from marl_edu.games import DecPOMDP

pairs = hearing.reshape(3, 3, 2, 4)  # what both have heard, as one number
both_tell = DecPOMDP(tiger.game, pairs[..., None] * np.eye(4))
talking = decentralised_optimum(both_tell, 2)
sharing_guess = MarkerGuess(
    "02.sharing",
    "Two steps in Dec-Tiger; only agent 1 may tell what it hears. Best value?",
    axis=(-10, 25, "expected sum of rewards"),
    references={"nobody tells": private[2].value, "both tell": talking.value},
)
sharing_guess

# %% jupyter={"outputs_hidden": true}
one_tells = np.zeros((3, 3, 2, 2, 4))  # agent 2 observes the pair of what both heard
for o1, o2 in np.ndindex(2, 2):
    one_tells[..., o1, 2 * o1 + o2] = hearing[..., o1, o2]
one_way = {
    steps: decentralised_optimum(DecPOMDP(tiger.game, one_tells), steps)
    for steps in (1, 2, 3)
}
sharing_guess.reveal(one_way[2].value)

# %% jupyter={"outputs_hidden": true}
folded()
(_, own_ear), (_, told_pair) = one_way[2].policies
assert all(told_pair[2 * o1 + o2] == own_ear[o1] for o1, o2 in np.ndindex(2, 2))
treasure, mauled, waiting = (tiger.game.rewards[0, 0, a, a] for a in (2, 1, listen))
one_ear = hearing[listen, listen, tiger_left, 0].sum()
followed = one_ear * treasure + (1 - one_ear) * mauled
assert np.isclose(waiting + followed, one_way[2].value)
way = (one_way[2].value - private[2].value) / (talking.value - private[2].value)
Markdown(
    "Listen once; then agent 1 opens the door away from its sound, and agent 2 opens "
    "*the same door*, **whatever its own ear says**. That is worth "
    f"{waiting:g} + {one_ear:.2f} x {treasure:g} - {1 - one_ear:.2f} x {-mauled:g} = "
    f"**{one_way[2].value:.2f}**: {100 * way:.0f} % of what "
    "sharing is worth, with one ear and no more. Most of the harm of silence "
    "is not to hear too little: it is not to know which door the *other* will open."
)

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

# %%
from itertools import product


def best_shared(belief, steps):
    """Best expected reward if all observations are shared (discount 1)."""
    best = -np.inf if steps else 0.0
    for a1, a2 in product(range(3), repeat=2) if steps else ():
        value = belief @ tiger.game.rewards[0, :, a1, a2]
        arrived = belief @ tiger.game.transitions[:, a1, a2]
        for o1, o2 in product(range(2), repeat=2):
            weights = arrived * hearing[a1, a2, :, o1, o2]
            chance = weights.sum()
            value += chance * best_shared(weights / chance, steps - 1)
        best = max(best, value)
    return best


# %% [markdown]
# A check from another side: above, sharing was itself a Dec-POMDP, in which both agents hear both reports. The
# exhaustive search knows nothing of beliefs, and must have found the same.

# %%
shared = {steps: best_shared(tiger.game.start, steps) for steps in (1, 2, 3)}
assert abs(talking.value - shared[2]) < 1e-9
print(f"by beliefs {shared[2]:.6f}, by trying all policies {talking.value:.6f}")

# %%
figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
heights = {
    "own ears only": [private[k].value for k in shared],
    "agent 1 tells": [one_way[k].value for k in shared],
    "both tell": list(shared.values()),
    "tiger in sight": [k * treasure for k in shared],
}
pictures.bars(ax, list(shared), heights)
assert (np.diff(list(heights.values()), axis=0) >= -1e-9).all()
said = [f"{name}: {', '.join(f'{v:.1f}' for v in h)}" for name, h in heights.items()]
show(
    figure,
    f"Best expected sum of rewards for 1, 2 and 3 steps. {'; '.join(said)}. Telling "
    "helps as soon as there is anything to tell; seeing the state helps far more.",
)

# %%
alike = hearing[listen, listen, tiger_left]
agree = alike[0, 0] + alike[1, 1]
sure = alike[0, 0] / agree
opening = sure * treasure + (1 - sure) * mauled
assert np.isclose(waiting + agree * opening + (1 - agree) * waiting, shared[2])
Markdown(
    "The plan if both tell: listen; if both heard the same side, open the other door "
    "together; if not, listen again. Two ears *agree* in "
    f"{100 * agree:.1f} % of the cases, and are right then with probability "
    f"{sure:.3f}, so that opening is worth {opening:.1f}; one ear alone is right with "
    f"{one_ear:.2f}. Silence costs **{shared[2] - private[2].value:.2f}**."
)

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
# team. What each agent *should* choose is the subject of [lesson 04](04_value_functions.ipynb) and of
# [lesson 05](05_nash_and_convergence.ipynb).
