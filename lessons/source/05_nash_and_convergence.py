# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 Nash equilibrium and convergence
#
# **If everybody keeps learning, where does it end? You learn to compute the places where it can end, to write the rules
# by which agents learn, and to say for a given rule and game whether play settles, its average does, or neither.**
#
# Here is the question as a picture. Two agents play **matching pennies**: each chooses heads or tails; agent 1 wins if
# the coins match, agent 2 if they differ. A point of the square is a pair of policies: across, how often agent 1
# plays heads, upwards, how often agent 2 does. Both learn all the time, each to do better against what the other does
# *now*. The arrows say where this takes them.
#
# *If a name is not defined or buttons don't answer (after a restart or a reload), choose
# **Run > Run All Above Selected Cell**, then run this cell again.*

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from marl_edu import record
from marl_edu.exercises import lesson_05
from marl_edu.exercises import lesson_05_pictures as pictures
from marl_edu.games import matching_pennies, matrix_game
from marl_edu.learning import GradientAscent
from marl_edu.views import UnitSquare, folded, show

# %%
pennies = matching_pennies()
starts = [[0.5, 0.6], [0.5, 0.75], [0.5, 0.9]]
circles = record(GradientAscent(pennies, starts), units=140, every=1)
view = UnitSquare(GradientAscent.velocity, title="Matching pennies: everybody learns")
show(*pictures.side_by_side([view], [circles]))

# %% [markdown]
# The yellow diamond is the only place where nobody would want to change anything. Three runs (solid) go around it for
# ever, and none comes nearer. But look at the dashed lines, the *averages* of what was played: they go to the diamond.
# So does learning converge here, or does it not? This lesson makes the question precise enough to be answered.

# %% [markdown]
# ## You will be able to
#
# - **05.1** say what a best response and a Nash equilibrium are, and test whether a joint policy is one, with a
#   tolerance that suits the payoffs;
# - **05.2** find all equilibria of a small game: pure, mixed, dominated, degenerate; say which is payoff- and which
#   risk-dominant; minimax value; correlated equilibrium;
# - **05.3** write learning rules (gradient ascent, fictitious play, regret matching) as a few lines of code beside
#   their equation;
# - **05.4** tell apart convergence of play, convergence of averages and cycling, and say for a given rule and game
#   which happens, with its rate;
# - **05.5** say what is right and what is wrong about "convergence = Nash", and what changes when a learner takes into
#   account that the others learn.
#
# **About 150 minutes**, exercises, games and the quiz included; the whole notebook runs from top to bottom in under
# 60 seconds. It builds on [lesson 04, value functions](04_value_functions.ipynb).
#
# | section | minutes to read and run | and to do |
# |---|---|---|
# | 1 Play first | | three games: 12 |
# | 2 Every 2 x 2 game | 11 | |
# | 3 Best response and equilibrium | 6 | exercise: 8 |
# | 4 Which equilibria are there? | 11 | exercise: 8 |
# | 5 What you can secure, and what a mediator can do | 10 | |
# | 6 Converge to what? | 13 | exercise: 8 (open-ended exercise for fast students: 15) |
# | 7 Circles in the triangle | 6 | |
# | 8 Fictitious play | 8 | find the bugs: 12 |
# | 9 Regret | 8 | exercise: 8 |
# | 10 The others learn too | 9 | |
# | 11 "Convergence = Nash" | 4 | |
# | 12 Quiz | | 8 |
#
# **Guesses.** Before each experiment you are asked what will come out. Commit a guess, by mouse or keys, then run the
# next cells: they show what happened beside what you thought.
#
# **Pictures.** Functions in `pictures` do nothing but draw; `pictures.draw_mediator??` in a cell of your own shows one.
#
# **Exercises.** Write your function in the cell that has its beginning, run it, then run the cell with `check` below
# it. In a cell of your own, `lesson_05.nash.hint()` gives one hint after the other and `lesson_05.nash.solution()` a
# solution, and so for every exercise.

# %% [markdown]
# ## 1 Play first
#
# Three games against a learner. It counts what you do and answers with what is best against these counts. What it
# believes about you is hidden until your last turn; then the **timeline** shows it for every turn.
#
# **Matching pennies.** You win (1) if the coins match, it wins if they differ. Try to be ahead after forty turns.

# %%
from marl_edu.games import battle_of_the_sexes, prisoners_dilemma
from marl_edu.learning import Match, ModelPartner
from marl_edu.panels import Play

counting = Match(pennies, ModelPartner(explores=False))
Play(counting, name="05.play_pennies", turns=40, show="after")

# %% [markdown]
# **The prisoner's dilemma.** Both may *cooperate* (3 each) or *defect* (1 each); who defects alone gets 5, who is left
# with cooperating gets 0. This partner counts what you do *after each pair of actions*, so it can find out that you
# repay. Can you get it to cooperate?

# %%
repaying = Match(prisoners_dilemma(discount=0.9), ModelPartner(memory=1))
Play(repaying, name="05.play_dilemma", turns=60, show="after")

# %% [markdown]
# **Battle of the sexes.** You prefer *Bach* (2 for you, 1 for it), it prefers *Stravinsky* (1 for you, 2 for it); if
# you don't meet, nobody gets anything. Whose concert will it be?

# %%
meeting = Match(battle_of_the_sexes(), ModelPartner(explores=False))
Play(meeting, name="05.play_battle", turns=20, show="after")

# %% [markdown]
# **When you have played**, drag the timelines and look:
#
# 1. Matching pennies: in which turns did it expect the wrong thing? How would you play if it could read your mind, but
#    not your coin?
# 2. The dilemma: what does it expect of you after both have cooperated, and after it alone has defected?
# 3. Battle: how many turns did it take until it gave in, or you did? Was anybody ever tempted to change after that?
#
# <details><summary>What you should have seen</summary>
#
# 1. It lags behind: it knows how often you have played heads, not what comes next. So a player who changes sides just
#    when it has caught up beats it. If it could foresee your *choice* you would lose always; against a fair coin nobody
#    can win anything. Keep that in mind for section 3.
# 2. If you repay each action with the same in the next turn ("tit for tat"), it ends up taking turns with you: it
#    defects, then cooperates. It has learned that your answer depends on what it did, but has not tried long enough
#    what cooperating all the time would bring. If you don't repay, it defects: that is better *whatever* you do.
# 3. Who insists gets its way within a few turns: soon the counts say that coming along pays more. After that nobody is
#    tempted; who leaves alone gets nothing.
#
# </details>

# %% [markdown]
# ## 2 Every 2 x 2 game
#
# Now all games with two agents and two actions at once. In the table are the payoffs, agent 1's in blue and agent 2's
# in orange: **drag a number** up or down (or type it, or use arrow keys), and everything follows: the arrows, the
# best responses, the equilibria (diamonds), and nine runs from nine starting points.
#
# The thick **blue** line says which policy is best for agent 1 at each height, that is, against each policy of agent 2;
# the **orange** line says what is best for agent 2 at each place across. On the right is the **exploitability**: what
# an agent could gain by changing its policy alone, on average over the two, at each moment (mean of the nine runs, and
# its 95 % interval). It is 0 in an equilibrium and nowhere else.
#
# <details><summary>The rules of the menu, in one line each</summary>
#
# $x_a$ is the chance of an agent's action $a$ and $u_a$ what $a$ would pay it against the other's policy *now*; a dot
# is a speed, $\eta$ the step size, and agents do the same at the same time. Most of them get a section of their own.
#
# - **gradient ascent** (Singh, Kearns and Mansour 2000): $\dot x_1 = u_1 - u_2$, held between 0 and 1;
# - **WoLF gradient** (Bowling and Veloso 2002): $\dot x_1 = \ell\,(u_1 - u_2)$, with a small $\ell$ while winning and a
#   large one while losing;
# - **replicator**, two populations (Taylor and Jonker 1978; Hofbauer and Sigmund 1998):
#   $\dot x_a = x_a (u_a - \sum_c x_c u_c)$;
# - **smooth Q-learning** (Tuyls, Verbeeck and Lenaerts 2003): the replicator and a pull to the middle, the stronger
#   the larger the temperature $\tau$:
#   $\dot x_a = x_a (u_a - \sum_c x_c u_c) - \tau\, x_a (\ln x_a - \sum_c x_c \ln x_c)$;
# - **best response** (Cournot 1838; with small steps Gilboa and Matsui 1991): $x \leftarrow x + \eta\,(b - x)$, where
#   $b$ is best against the other's policy now; who plays such a policy stays. In this panel $\eta$ is the step size,
#   0.05 at first: a small step each time. In the table of section 11 it is 1: all the way at once;
# - **fictitious play** (Brown 1951): the action that is best against the *frequencies* of all that the other has
#   played;
# - **regret matching** (Hart and Mas-Colell 2000): $x_a \propto \max(r_a, 0)$, with $r_a$ what always $a$ would have
#   earned more so far;
# - **multiplicative weights** (Freund and Schapire 1999): $x_a \propto x_a^{\text{start}} \exp(\eta_t U_a)$, with $U_a$
#   the sum of what $a$ would have paid so far and $\eta_t$ falling like $1 / \sqrt t$.
#
# `from marl_edu.learning import Replicator`, then `Replicator??` shows one in code, with its sources.
#
# </details>
#
# **Try these**, and write down what you saw:
#
# 1. **Play** matching pennies, and drag the timeline back. Which of the lines end in the middle?
# 2. Choose *prisoner's dilemma*, then *battle of the sexes*, *stag hunt*, *chicken*. In which does every run end at the
#    same place? Does any run end at an equilibrium in the *inside* of the square?
# 3. In the prisoner's dilemma drag agent 1's payoff for *(cooperate, cooperate)* up from 3. From when on does the blue
#    line change, and what happens to the equilibrium?
# 4. Matching pennies again, **integrator** *steps*: each agent now takes small steps along the arrows. Play with **step
#    size** 0.05, then 0.2. What becomes of the circles?
# 5. Integrator *flow*, **rule** *WoLF gradient*, then *replicator*, *smooth Q-learning*, *fictitious play*. Which of
#    them brings play itself to the diamond?
#
# <details><summary>What you should have seen</summary>
#
# 1. The dashed ones: averages. Play goes around.
# 2. In the prisoner's dilemma: both defect. In the other three there are two corners in which runs end, and which of
#    them it is depends on the start. The equilibrium inside is there, but runs leave it.
# 3. Above 5: then cooperating is better against somebody who cooperates, so the line has a corner. Agent 2 goes on
#    defecting, though, so the equilibrium stays where it is, until you raise agent 2's payoff as well.
# 4. They don't stay circles. Section 6 asks for your guess before it says how they change.
# 5. WoLF gradient goes in, and smooth Q-learning does. The replicator runs around. Fictitious play jumps from corner to
#    corner for ever; its average goes to the middle.
#
# </details>

# %%
from marl_edu.games import chicken, stag_hunt
from marl_edu.learning import TwoByTwo
from marl_edu.panels import GamePanel
from marl_edu.views import LearningCurve

gain = LearningCurve("exploitability", title="What a best response would gain")
GamePanel(
    TwoByTwo(pennies, seeds=9),
    [UnitSquare(TwoByTwo.velocity), gain],
    games=[pennies, prisoners_dilemma(), battle_of_the_sexes(), stag_hunt(), chicken()],
    units=300,
    speed=60,
    title="Learning in a 2 x 2 game",
)

# %% [markdown]
# ## 3 Best response and equilibrium
#
# Agent 1 chooses a row, agent 2 a column. The table $A$ says what agent 1 is paid, $B$ what agent 2 is. A **policy**
# may mix: $x_a$ is the chance that agent 1 plays its action $a$, $y_b$ that agent 2 plays $b$. Played together they pay
#
# $$x^\top A\, y = \sum_{a,b} x_a A_{ab}\, y_b \quad\text{to agent 1, and}\quad x^\top B\, y \quad\text{to agent 2.}$$
#
# Against $y$ the actions of agent 1 pay $A y$, one number each. A **best response** is a policy that pays the most
# against $y$. A mixture pays the mean of what its actions pay, so the most is $\max_a (A y)_a$, and a policy is a best
# response exactly if *every action that it plays* reaches it. In code:

# %%
A, B = battle_of_the_sexes().rewards[:, 0]
x, y = np.array([0.5, 0.5]), np.array([0.25, 0.75])
print("agent 1's actions pay", A @ y, "and its mixture", x @ A @ y)
print("agent 2's actions pay", x @ B, "and its mixture", x @ B @ y)

# %% [markdown]
# Bach pays agent 1 less than Stravinsky here, so to mix is no best response, and agent 2 had better go to Stravinsky
# only. Policies $(x, y)$ are a **Nash equilibrium** if each is a best response to the other:
#
# $$x^\top A\, y = \max_a (A y)_a \qquad\text{and}\qquad x^\top B\, y = \max_b (x^\top B)_b .$$
#
# Nobody gains by changing *alone*. It does not say that nobody could be better off: in the prisoner's dilemma both
# could.
#
# In the picture the lines are what each action pays, depending on the *other's* policy; the diamond is the agent's
# mixture. **Try these.**
#
# 1. Battle of the sexes: find all three equilibria with the two sliders. (The line below the picture says when you have
#    one.)
# 2. At the one where both mix, drag **x** only. Who is worse off, and who could now gain?
# 3. Matching pennies: is there one where somebody doesn't mix? Prisoner's dilemma: do the lines of one agent ever
#    cross?
#
# <details><summary>What you should have seen</summary>
#
# 1. Both chances 1, both 0, and agent 1 goes to Bach two times in three while agent 2 does one time in three.
# 2. Agent 1's own payoff does not move at all: both its actions pay the same against this agent 2. What moves is what
#    agent 2's actions pay, so agent 2 could gain now.
# 3. No: whoever doesn't mix is beaten. In the dilemma they never cross: defecting is above everywhere.
#
# </details>

# %%
from marl_edu.hyperparameters import Choice, Real
from marl_edu.panels import Explorer

GAMES = [battle_of_the_sexes(), pennies, prisoners_dilemma(), chicken()]
SIXTIETHS = [k / 60 for k in range(61)]  # chances such as 1/3 and 1/2 among them


def draw_responses(axes, game, x, y):
    """Draw what each action pays in a game, if first actions have these chances."""
    chosen = next(each for each in GAMES if each.name == game)
    return pictures.draw_action_payoffs(axes, chosen, x, y)


# %%
Explorer(
    draw_responses,
    "Is anybody tempted to change?",
    {
        "game": Choice(GAMES[0].name, tuple(g.name for g in GAMES), "which game"),
        "x": Real(0.5, 0, 1, "chance of agent 1's first action", choices=SIXTIETHS),
        "y": Real(0.25, 0, 1, "chance of agent 2's first action", choices=SIXTIETHS),
    },
    columns=2,
)

# %% [markdown]
# Computers round, so "equal" needs a tolerance. One that suits a game in euros is too large or too small for the same
# game in millions:

# %%
mixed = np.array([2, 1]) / 3, np.array([1, 2]) / 3  # the battle's mixed equilibrium
pure = np.array([1, 0]), np.array([0, 1])
for unit, joint, what in (
    (1e6, mixed, "the equilibrium, large payoffs"),
    (1e-9, pure, "no equilibrium, tiny payoffs"),
):
    x, y = joint
    most = (unit * A @ y).max() - x @ (unit * A) @ y
    share = most / np.ptp(unit * A)
    print(f"{what:30}  agent 1 gains {most:.0e}, of its range {share:.0e}")

# %% [markdown]
# ### Exercise 1: Is it an equilibrium?
#
# *05.1 · about 8 minutes · medium*
#
# `payoffs_1` and `payoffs_2` are the agents' tables $A$ and $B$, as arrays; `x` and `y` are policies. A gain of at most
# 1e-8 of the agent's *range of payoffs*, the largest less the smallest entry of its table, counts as none.


# %%
def is_nash(payoffs_1, payoffs_2, x, y):
    """Return whether neither agent gains by changing its policy alone."""
    ...


# %%
lesson_05.nash.check(is_nash)

# %% [markdown]
# ## 4 Which equilibria are there?
#
# **Pure ones**, in which nobody mixes, are found by looking: mark the largest entry of $A$ in every column and of $B$
# in every row. A cell with both marks is an equilibrium.
#
# **Dominated actions** may be struck out first: one that pays less than another *whatever the other does* is never
# played in equilibrium. What is left may have dominated actions again.

# %%
from marl_edu.planning import iterated_elimination, pure_equilibria

meetings = [prisoners_dilemma(), battle_of_the_sexes(), stag_hunt(), chicken(), pennies]
for game in meetings:
    cells = [
        " and ".join(game.actions[i][c[i]] for i in range(2))
        for c in pure_equilibria(game)
    ]
    left = iterated_elimination(game)
    note = "; elimination leaves one cell" if left.solved else ""
    print(f"{game.name:20} {' | '.join(cells) or 'no pure equilibrium'}{note}")

# %% [markdown]
# **Mixed ones.** Matching pennies has no pure equilibrium, and yet there is one: John Nash proved in 1950 that every
# finite game has at least one. You have seen how to find it: an agent mixes two actions only if both pay it *the same*,
#
# $$(A y)_1 = (A y)_2 ,$$
#
# and this is an equation for the *other's* policy. Agent 1's payoffs decide how agent 2 mixes!
#
# ### Exercise 2: Make the other indifferent
#
# *05.2 · about 8 minutes · medium*
#
# The game has two actions each and no pure equilibrium. Return the chances of the first row and of the first column.


# %%
def mixed_equilibrium(payoffs_1, payoffs_2):
    """Return the chances x, y of the agents' first actions in equilibrium."""
    ...


# %%
lesson_05.mixed.check(mixed_equilibrium)

# %% [markdown]
# For larger games the same idea: guess *which* actions each agent mixes (its **support**), solve the linear equations
# that make them equally good, keep the solution if no chance is negative and no other action pays more, and go through
# all guesses. That is **support enumeration** (`support_enumeration??` shows the code). `equilibria` finds the same by
# another way, from the corners of two polytopes.

# %%
from marl_edu.games import rock_paper_scissors, shapley_game
from marl_edu.planning import equilibria, is_equilibrium, support_enumeration

for game in [*meetings, rock_paper_scissors(), shapley_game()]:
    found, taught = equilibria(game), support_enumeration(game)
    assert all(is_equilibrium(game, one.policies) for one in found)
    assert len(found) == len(taught) and len(found) % 2 == 1 and found.complete
    print(f"{game.name}: {len(found)}")
    for one in found:
        print("  ", one)

# %% [markdown]
# Their number is odd each time: so it is in all games but *degenerate* ones, which have ties of a special kind. Here is
# one. A newcomer (agent 1) may *enter* a market or stay *out*; if it enters, the firm that is there (agent 2) can
# *fight*, which hurts both, or *share*. If nobody enters it makes no difference what the firm had in mind.

# %%
entry = matrix_game(
    [[[1, 1], [0, 2]], [[2, 2], [0, 1]]],
    actions=[["out", "enter"], ["fight", "share"]],
    name="entry game",
)
found, taught = equilibria(entry), support_enumeration(entry)
assert found.degenerate and found.continuum and not taught.complete
print(found.words())
print("Support enumeration:", repr(taught))

# %%
settled = record(GradientAscent(entry, seeds=9), units=300, every=2)
view = UnitSquare(GradientAscent.velocity, title="Entry game")
show(*pictures.side_by_side([view], [settled]))

# %% [markdown]
# The thick yellow line is a **continuum** of equilibria: the newcomer stays out because the firm threatens to fight
# often enough. Learners do get stuck on it, at whatever threat they were when nobody entered any more. Support
# enumeration finds only some of it, and says so.
#
# **Which of several?** Two hunters choose *stag* (4 each, but nothing for who is left alone with it) or *hare* (3,
# always). Both on the stag is **payoff-dominant**: better for everybody. But it is risky. The **risk-dominant** one has
# the larger product of what the two lose by leaving it alone.

# %%
from marl_edu.planning import payoff_dominant, risk_dominant

own = np.array([[4, 0], [3, 3]])
risky_hunt = matrix_game([own, own.T], actions=["stag", "hare"], name="risky stag hunt")
best, safe = payoff_dominant(risky_hunt), risk_dominant(risky_hunt)
hunts = record(GradientAscent(risky_hunt, seeds=400), units=400, every=400)
at_stag = (hunts[-1]["policies"][:, :, 0] > 0.99).all(axis=1).mean()
assert best.support == ((0,), (0,)) and safe.dominant == (1, 1) and at_stag < 0.25
names = [risky_hunt.actions[0][a] for a in (best.support[0][0], safe.dominant[0])]
Markdown(
    f"Payoff-dominant: both **{names[0]}**. Risk-dominant: both **{names[1]}** (products "
    f"of losses {safe.products[0]:g} and {safe.products[1]:g}). Of 400 random starts "
    f"gradient ascent leads {at_stag:.0%} to the stag."
)

# %% [markdown]
# ## 5 What you can secure, and what a mediator can do
#
# Suppose you trust nobody. What does a policy pay *at least*, whatever the other does, and which one is best by that
# measure? This is the **minimax value**, known from Shapley's iteration in lesson 04:
#
# $$v = \max_x \min_b\, (x^\top A)_b .$$
#
# It is a linear program: find $x \ge 0$ that sums to 1, and the largest $v$ with $(x^\top A)_b \ge v$ for every $b$.

# %%
from scipy.optimize import linprog

from marl_edu.planning import minimax


def secured(A):
    """The minimax value of agent 1 and a policy that secures it."""
    rows, columns = A.shape
    at_least = np.hstack([-A.T, np.ones((columns, 1))])  # v - (x^T A)_b <= 0
    total = [[1.0] * rows + [0.0]]
    limits = [(0, None)] * rows + [(None, None)]
    found = linprog([0.0] * rows + [-1.0], at_least, [0] * columns, total, [1], limits)
    return found.x[-1], found.x[:-1]


# %%
for game in (pennies, rock_paper_scissors(), battle_of_the_sexes(), chicken()):
    value, policy = secured(game.rewards[0, 0])
    value = round(value, 9) + 0.0
    assert abs(value - minimax(game, 0).value) < 1e-8
    paid = [one.payoffs[0] for one in equilibria(game)]
    assert min(paid) >= value - 1e-8  # no equilibrium pays less
    equilibrium = ", ".join(f"{p:.2f}" for p in paid)
    print(
        f"{game.name:20} secured {value:5.2f} by {policy.round(2)}; equilibria pay {equilibrium}"
    )

# %% [markdown]
# In a **zero-sum** game this is the end of the story: what one secures is what the other can hold it down to, and
# *wants* to, so every equilibrium pays it. In other games an equilibrium may pay more, to one or to both. **Payoffs as
# a region**: across is what agent 1 is paid, upwards what agent 2 is. Squares are pure joint actions (by initials), the
# pale area is all that joint play can give. Its darker part gives each at least its minimax value (coloured lines),
# which each can secure alone, so that nobody need accept less: it is called **individually rational**. On the thick
# line, the **Pareto front**, nobody can be paid more without the other being paid less.

# %%
from marl_edu.views import PayoffRegion

three = [prisoners_dilemma(), battle_of_the_sexes(), chicken()]
learned = [record(GradientAscent(game, seeds=9), units=300, every=3) for game in three]
views = [PayoffRegion(title=game.name) for game in three]
show(*pictures.squares(views, learned))

# %% [markdown]
# Dashed lines are the average payoffs of nine pairs that learned by gradient ascent. In the dilemma the equilibrium is
# the one pure payoff that is *not* on the front.
#
# **A mediator.** In chicken two drivers race at each other; each would rather go *straight* while the other *swerves*
# (7 against 2), both swerving gives 6 each, and nothing is left if both go straight. Let somebody draw a joint action
# by lot, and tell *each agent only its own part*. The lottery $z$ is a **correlated equilibrium** if nobody gains by
# doing something else than it is told:
#
# $$\sum_b z_{ab}\, (A_{ab} - A_{a'b}) \ge 0 \quad\text{for all } a, a', \text{ and likewise for agent 2.}$$
#
# **Try these.** The rest of the chance goes to the two cells where one swerves, in equal parts. (If both sliders
# together are above 1, they are scaled down.)
#
# 1. Leave *both straight* at 0 and raise **both swerve**. How far can you go until nobody obeys, and what do they get?
# 2. Is there an obeyed mediator that pays both less than the Nash equilibrium in which both mix?
#
# <details><summary>What you should have seen</summary>
#
# 1. Up to one half: 5.25 each, outside of everything that mixtures of Nash equilibria can give. Told to swerve, you
#    don't know whether the other was told to go straight, so you had better obey.
# 2. Yes: at the lower tip of the green area, with *both swerve* 0 and *both straight* one fifth. That lottery is
#    obeyed too.
#
# </details>

# %%
TWENTIETHS = [k / 20 for k in range(21)]


def draw_lottery(ax, both_swerve, both_straight):
    """Draw what a mediator's lottery pays in chicken, and whether it is obeyed."""
    rest = max(1 - both_swerve - both_straight, 0) / 2
    z = np.array([[both_swerve, rest], [rest, both_straight]])
    return pictures.draw_mediator(ax, z / z.sum())


# %%
Explorer(
    draw_lottery,
    "A mediator in chicken",
    {
        "both_swerve": Real(
            0.3, 0, 1, "chance of (swerve, swerve)", choices=TWENTIETHS
        ),
        "both_straight": Real(
            0.0, 0, 1, "chance of (straight, straight)", choices=TWENTIETHS
        ),
    },
)

# %%
from marl_edu.planning import correlated_equilibrium, is_correlated_equilibrium

fair = correlated_equilibrium(chicken())  # the largest sum of payoffs
assert is_correlated_equilibrium(chicken(), fair.joint)
assert np.allclose(fair.payoffs, 5.25) and np.allclose(fair.joint[0], [0.5, 0.25])
nash_sums = [one.payoffs.sum() for one in equilibria(chicken())]
Markdown(
    f"By linear programming, the best sum of payoffs: {fair.payoffs.sum():g}, that is "
    f"{fair.payoffs[0]:g} each. The best Nash equilibrium gives {max(nash_sums):.2f} in "
    "all. Every Nash equilibrium is a correlated one (whose lottery is a product)."
)

# %% [markdown]
# ## 6 Converge to what?
#
# Now let them learn. Here is the rule of the pictures so far, **gradient ascent**. With two actions each, write $x$ and
# $y$ for the chances of the *first* actions (numbers now). Agent 1's payoff is linear in $x$, so its slope is the
# difference between what its two actions pay. Each agent climbs, as if the other stood still:
#
# $$\dot x = (A y)_1 - (A y)_2 , \qquad \dot y = (x^\top B)_1 - (x^\top B)_2 ,$$
#
# held inside the square: who is at an edge and would leave it stays there. ($\dot x$ is the speed of $x$; on the right
# sides $x$ and $y$ stand for the policies $(x, 1 - x)$ and $(y, 1 - y)$.)
#
# **Where can it rest?** Where $\dot x = 0$ both actions are equally good to agent 1, so *any* $x$ is a best response;
# if it is pressed against an edge, it plays the better action only. Either way $x$ is a best response to $y$, and $y$
# to $x$: *every point of rest is a Nash equilibrium*, and every Nash equilibrium is a point of rest. That much is
# right about "convergence = Nash". But will it come to rest?

# %%
singular = matrix_game(
    [[[1, 1], [0, 0]], [[2, 0], [0, 1]]],
    actions=[["up", "down"], ["left", "right"]],
    name="singular",
)
outside = matrix_game(
    [[[1, 2], [0, 0]], [[1, 0], [0, 1]]],
    actions=[["up", "down"], ["left", "right"]],
    name="outside",
)
cases = [singular, battle_of_the_sexes(), pennies, outside]
runs = [record(GradientAscent(game, seeds=9), units=300, every=2) for game in cases]

# %%
called = ("Singular: one is never tempted", "Saddle", "Centre inside", "Centre outside")
views = [
    UnitSquare(GradientAscent.velocity, flow="streamlines", title=words)
    for words in called
]
show(*pictures.squares(views, runs, across=2))

# %% [markdown]
# The right sides are linear in $(x, y)$: $\dot x = u_A\, y + \text{a constant}$ and $\dot y = u_B\, x + \text{a
# constant}$ with $u_A = A_{11} - A_{12} - A_{21} + A_{22}$. Satinder Singh, Michael Kearns and Yishay Mansour sorted
# the games by it in 2000: $u_A u_B = 0$ (**singular**), $> 0$ (a **saddle**: two directions, one in, one out), $< 0$
# (a **centre**, around which they go in ellipses). The grey curves follow the flow. A centre may lie *outside* of the
# square: then the ellipses run into an edge, and play along it into a corner. Play comes to rest unless it circles a
# centre inside; and in *every* case the average payoffs go to those of an equilibrium. Here is what the worst of nine
# runs could still gain, and how far its average payoffs are from the nearest equilibrium's, after two lengths of time:

# %%
print(f"{'':20} u_A u_B    to gain   payoffs' distance")
for game, run in zip(cases, runs, strict=True):
    u = [t[0, 0] - t[0, 1] - t[1, 0] + t[1, 1] for t in game.rewards[:, 0]]
    nash = np.array([one.payoffs for one in equilibria(game)])
    long = record(GradientAscent(game, seeds=9), units=3_000, every=300)
    off = [
        np.abs(long[t]["average_payoffs"][:, None] - nash).max(axis=2).min(axis=1).max()
        for t in (1, -1)
    ]
    assert off[1] < off[0] / 5
    rest = run[-1]["exploitability"].max()
    print(f"{game.name:20} {u[0] * u[1]:7g} {rest:10.3f}   {off[0]:.4f}, {off[1]:.5f}")

# %%
left = [run[-1]["exploitability"].max() for run in runs]
assert left[0] < 1e-9 and left[1] < 1e-9 and left[3] < 1e-9 < 0.1 < left[2]
assert np.allclose(runs[3][-1]["policies"][..., 0], 1)  # all nine end in one corner
radii = np.hypot(*(circles.series("policies")[..., 0] - 0.5).transpose(2, 0, 1))
assert np.ptp(radii, axis=0).max() < 1e-6  # the centre's circles are closed
print(f"distances from a centre inside: {radii.min():.2f} to {radii.max():.2f}")

# %% [markdown]
# **Your guess.** Matching pennies with a change: if both show *heads*, agent 1 now wins 3 instead of 1 (agent 2 loses 1
# as before). They learn by gradient ascent. What changes in how often heads is played, on average over time?

# %%
from marl_edu.panels import ChoiceGuess

pennies_guess = ChoiceGuess(
    "05.pennies",
    "Agent 1 wins 3 instead of 1 on heads. On average ...",
    options=[
        "... agent 1 plays heads more often, agent 2 as before",
        "... agent 1 plays heads as before, agent 2 less often",
        "... agent 1 plays heads more often, agent 2 less often",
    ],
)
pennies_guess

# %% jupyter={"outputs_hidden": true}
raised = matrix_game(
    [[[3, -1], [-1, 1]], [[-1, 1], [1, -1]]],
    actions=["heads", "tails"],
    name="raised pennies",
)
around = record(GradientAscent(raised, seeds=9), units=4_000, every=4)
heads = around[-1]["averages"][:, :, 0].mean(axis=0)
assert np.allclose(heads, [1 / 2, 1 / 3], atol=0.01)
pennies_guess.reveal(1, because=f"agent 1 {heads[0]:.2f}, agent 2 {heads[1]:.2f}")

# %% [markdown]
# Whenever agent 2 shows heads too often, agent 1 gains by heads, and then agent 2 flees from it. On average agent 2 is
# where agent 1 is indifferent: agent 1's payoffs decide agent 2's policy, as in section 4.
#
# ### Steps instead of a flow
#
# A learner does not flow; it takes steps of some size $\eta$: $x \leftarrow x + \eta\, \dot x$, both at once. **Your
# guess**: matching pennies, step size 0.05, from eight points 0.05 away from the middle. How far from the
# equilibrium are they after each step? (The edge of the square is half a unit away.)

# %%
from marl_edu.panels import CurveGuess

steps_guess = CurveGuess(
    "05.steps",
    "How far from the equilibrium, if they take steps of 0.05?",
    x=(0, 200, "steps"),
    y=(0, 0.7, "distance from the middle of the square"),
)
steps_guess

# %% jupyter={"outputs_hidden": true}
turn = np.arange(8) * np.pi / 4
near = 0.5 + 0.05 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
stepping = GradientAscent(pennies, near, integrator="steps", step_size=0.05)
spiral = record(stepping, units=200, every=1)
away = np.hypot(*(spiral.series("policies")[..., 0] - 0.5).transpose(2, 0, 1))
steps_guess.reveal(np.arange(201), away)

# %% jupyter={"outputs_hidden": true}
folded()
growth = away[1:100] / away[:99]
assert np.allclose(growth, np.sqrt(1 + (4 * 0.05) ** 2), atol=1e-9)
Markdown(
    f"Outward: each step multiplies the distance by {growth[0, 0]:.4f}, because a step along "
    "the circle's tangent leaves the circle. That is $\\sqrt{1 + (4 \\eta)^2}$ exactly: "
    "smaller steps are slower, not safer, as long as their size is constant. In the end they go "
    "around for ever, along the border part of the time."
)

# %% [markdown]
# Do at least the *averages* of such steps come to the equilibrium? In matching pennies they do, by its symmetry. Now
# let agent 1 get 3 for two heads, and agent 2 pay that:

# %% jupyter={"outputs_hidden": true}
folded()
table = np.array([[3, -1], [-1, 1]])
raised = matrix_game([table, -table], name="raised pennies")
still = {}
for way in ("flow", "steps"):
    learners = GradientAscent(raised, seeds=8, integrator=way)
    for goal in (2_000, 20_000):
        learners.advance(goal - learners.units_done)
        still[way, goal] = learners.frame()["average_exploitability"].mean()
        print(f"{way:6} after {goal:>6,}: to gain by averages {still[way, goal]:.4f}")
assert still["flow", 20_000] < 0.2 * still["flow", 2_000]
assert still["steps", 20_000] > 0.9 * still["steps", 2_000]

# %% [markdown]
# Of the flow, yes; of steps of one size, only nearly, and waiting does not help. One remedy is to *win or learn fast*
# (WoLF): climb slowly while you are winning (your policy pays more than your equilibrium policy would against the same
# opponent) and fast while you are losing. Then each turn ends nearer to the middle than it began, and play itself
# converges. (The agents have to be told their equilibrium policy for that.)

# %% jupyter={"outputs_hidden": true}
from marl_edu.learning import WoLFGradient

wolf = record(WoLFGradient(pennies, starts), units=200, every=1)
assert wolf[-1]["exploitability"].max() < 1e-6 < circles[-1]["exploitability"].min()
views = [
    UnitSquare(GradientAscent.velocity, title="The flow"),
    UnitSquare(GradientAscent.velocity, title="Steps"),
    UnitSquare(WoLFGradient.velocity, title="WoLF"),
]
one = record(GradientAscent(pennies, near[:1], integrator="steps"), units=200, every=1)
show(*pictures.squares(views, [circles, one, wolf]))

# %% [markdown]
# ### Exercise 3: A step uphill
#
# *05.3 · about 8 minutes · medium*
#
# `x` and `y` are the chances of the first actions, numbers; `payoffs_1` and `payoffs_2` are the tables $A$ and $B$.
# Move each by `step_size` times the slope of the agent's own payoff, both at the same time; what would leave the
# range from 0 to 1 stops at its end. Return the new $x$ and $y$.


# %%
def step(x, y, payoffs_1, payoffs_2, step_size):
    """Return both chances after one step of gradient ascent."""
    ...


# %%
lesson_05.climb.check(step)

# %% [markdown]
# ### Exercise 4, open-ended: A treasure that nobody climbs to
#
# *05.5 · about 15 minutes · hard · for fast students, on top of the 150 minutes*
#
# Invent a game: two actions each, whole numbers from -5 to 5, several equilibria, and one of them pays *both* agents
# more than each of the others does. And yet gradient ascent misses it from more than nine starts in ten.
# Return the tables $A$ and $B$ as two lists of two rows.


# %%
def treasure():
    """Return the payoffs of both agents: two tables of two rows and two columns."""
    ...


# %%
lesson_05.invent.check(treasure)

# %% [markdown]
# ## 7 Circles in the triangle
#
# **Rock, paper, scissors**, and a rule that comes from biology. In a population, $x_a$ is the share of those who play
# $a$; they meet at random, and what does better than the mean grows:
#
# $$\dot x_a = x_a \big[ (A x)_a - x^\top A\, x \big].$$
#
# This is the **replicator**. (It is also the limit of a learning rule, multiplicative weights, for small steps.) A
# policy with three actions is a point of a triangle; the corners are the pure actions, and the orange lines divide it
# by what the best response is.
#
# **Try these.** 1. Play, and drag the timeline back: who follows whom? 2. Set **integrator** to *steps* and **step
# size** to 0.3, reset, play. Where do they end?
#
# <details><summary>What you should have seen</summary>
#
# 1. Rock becomes frequent, then paper, which beats it, then scissors. 2. They spiral outward to the edge, and stay ever
# longer near each corner.
#
# </details>


# %%
def replicator(x, A):
    """How fast the shares change."""
    return x * (A @ x - x @ A @ x)


# %%
from marl_edu import Panel
from marl_edu.learning import Replicator
from marl_edu.views import Simplex

rps = rock_paper_scissors()
first = [np.array([0.5, 0.3, 0.2]), np.array([0.8, 0.1, 0.1])]
population = Replicator(rps, [[x, x] for x in first], populations="one")
field = Replicator.velocity(
    rps.rewards[:, 0], np.array([first[0]] * 2), populations="one"
)
assert np.allclose(field[0], replicator(first[0], rps.rewards[0, 0]))
orbit = record(population.clone(), units=4_000, every=4)

# %%
Panel(
    population,
    Simplex(Replicator.velocity, against="self", title="Replicator"),
    units=1_000,
    speed=100,
    controls=["integrator", "step_size"],
)

# %% [markdown]
# **Two populations**, one for each agent, who meet each other:
#
# $$\dot x_a = x_a \big[ (A y)_a - x^\top A\, y \big] , \qquad \dot y_b = y_b \big[ (x^\top B)_b - x^\top B\, y \big].$$
#
# With two actions each, agent 1's speed is that of gradient ascent times $x(1 - x)$, agent 2's times $y(1 - y)$ ($x$,
# $y$ the chances of first actions): each goes the same way, but slower near its edges. Matching pennies once more:

# %%
both = record(Replicator(pennies, starts), units=400, every=1)
view = UnitSquare(Replicator.velocity, title="Replicator, two populations")
show(*pictures.side_by_side([view], [both]))

# %% [markdown]
# Closed curves again, and this time one can say which. The sum of $\dot x_a / x_a$ is
# $\sum_a (A x)_a - 3\, x^\top A\, x$. The second term is 0 since what one wins the other loses, the first since each
# action wins against one and loses against one (the columns of $A$ sum to 0). So
# $\ln x_1 + \ln x_2 + \ln x_3$ never changes: each run stays on a curve on which the product $x_1 x_2 x_3$ is
# **constant**. In matching pennies with two populations it is $x(1-x)y(1-y)$. Does the computer keep it? And do plain
# steps?


# %%
def product(game, starts, how, agents, **options):
    """The product of all chances, moment by moment, of one agent or of both."""
    learner = Replicator(game, starts, integrator=how, **options)
    path = record(learner, units=4_000, every=4).series("policies")
    return path[:, :, :agents].prod(axis=(2, 3))  # moments, runs


# %%
for how in ("flow", "steps"):
    one = product(rps, [[x, x] for x in first], how, 1, populations="one")
    two = product(pennies, [[0.2, 0.4], [0.7, 0.9]], how, 2)
    for game, found in ((rps, one), (pennies, two)):
        print(
            f"{game.name:20} {how:6} from {found[0].round(5)} to {found[-1].round(5)}"
        )
        if how == "flow":
            assert np.abs(found - found[0]).max() < 1e-6
        else:
            assert (np.diff(found, axis=0) < 0).all()

# %% [markdown]
# The flow keeps it to a millionth and better; plain steps lose it, a little at each step, and so drift *outward*, to
# the edge. What of the averages?

# %%
mean = orbit[-1]["averages"][:, 0]
assert np.allclose(mean, 1 / 3, atol=0.01)
print("average shares of rock, paper, scissors:", *mean.round(3))

# %% [markdown]
# They go to the equilibrium, one third each. Is that a law for all games? Section 8 says more.

# %% [markdown]
# ## 8 Fictitious play
#
# The oldest rule (George Brown, 1951) is that of the learner you played against. Believe that the other will go on as
# it has on average so far, and play a best response to that. With $\bar x_t$, $\bar y_t$ the frequencies of the actions
# played until turn $t$,
#
# $$a_{t+1} \in \arg\max_a\, (A\, \bar y_t)_a , \qquad b_{t+1} \in \arg\max_b\, (\bar x_t^\top B)_b .$$
#
# If the *frequencies* settle, they settle at an equilibrium: if it were not one, a better action would be played from
# some turn on. The **gap** is what the two could gain together by best responses to the other's frequencies. Julia
# Robinson proved in 1951 that it goes to 0 in every zero-sum game; if there is only one equilibrium, the frequencies
# settle there. How fast?

# %%
from marl_edu.learning import FictitiousPlay
from marl_edu.views import RateView


def gap_of(game, **options):
    """Fictitious play from even beliefs, recorded."""
    even = [np.full((2, n), 1 / n) for n in game.n_actions[:1]] * 20
    return record(FictitiousPlay(game, even, **options), units=100_000, every=100)


plays = [gap_of(rps), gap_of(pennies)]
views = [
    RateView("regret", -0.5, agents="sum", y_label="gap", title=run.game.name)
    for run in plays
]
for run in plays:  # in a zero-sum game the gap is the sum of both regrets (section 9)
    gap = 2 * run.series("average_exploitability")
    assert np.allclose(run.series("regret").sum(axis=2), gap)
show(*pictures.side_by_side(views, plays, since=90))

# %%
published = gap_of(rps, ties="first"), gap_of(pennies, ties="first")
for run, constant in zip(published, (1.34, 1.40), strict=True):
    gap = 2 * run.series("average_exploitability").mean(axis=1)[1:]
    scaled = gap * np.sqrt(run.units[1:])
    assert (
        abs(scaled[-1] - constant) < 0.05 and np.abs(scaled[9:] - constant).max() < 0.12
    )
    name = run.game.name
    print(
        f"{name:20} gap x sqrt(t): {scaled[0]:.2f} at t = 100, {scaled[-1]:.2f} at 10^5"
    )

# %% [markdown]
# On logarithmic axes both lines run beside the dashed one of slope -1/2: *hundred times as many plays for a gap ten
# times smaller*. (The band is from the smallest to the largest of twenty runs, which differ in how ties are broken. The
# printed numbers break them by the first action.)
#
# And outside of zero-sum games? **Shapley's game**: three actions each; agent 1 gets 1 if both play the same, agent 2
# gets 1 if its action is the next one after agent 1's (after the last comes the first). The only equilibrium mixes
# evenly.
#
# **Your guess.** They play the same pair of actions for some turns, until one changes: a **streak**. How many times as
# long as one streak is the next, after a while? (1 means always as long; below 1, they change ever more quickly.)

# %%
from marl_edu.panels import MarkerGuess

shapley_guess = MarkerGuess(
    "05.shapley",
    "How many times as long as one streak is the next?",
    axis=(0, 3, "times as long"),
)
shapley_guess

# %% jupyter={"outputs_hidden": true}
chase, actions = FictitiousPlay(shapley_game(), [np.eye(3)[[0, 0]]]), []
for _ in range(8_000):
    chase.advance(1)
    actions.append(chase.frame()["policies"][0].argmax(axis=-1))
changes = np.flatnonzero((np.diff(actions, axis=0) != 0).any(axis=1))
lengths = np.diff(changes)
shapley_guess.reveal(lengths[-1] / lengths[-2])

# %% jupyter={"outputs_hidden": true}
ratio = np.roots([1, -1, 0, -1]).real.max()  # b^3 = b^2 + 1
assert abs(ratio - 1.4656) < 1e-4 and abs(lengths[-1] / lengths[-2] - ratio) < 0.005
figure, ax = plt.subplots(figsize=(6.4, 3), layout="constrained")
show(figure, pictures.draw_streaks(ax, lengths, ratio))

# %% [markdown]
# Each streak has to outweigh all that was played before, so streaks get longer by a constant factor, and each swings
# the averages as far as the last one did. *Nothing* settles here, neither play nor averages (dashed):

# %% jupyter={"outputs_hidden": true}
folded()
turns = record(chase.clone(), units=40_000, every=40)
paid, nash = turns[-1]["average_payoffs"][0], equilibria(shapley_game())[0].payoffs
assert abs(paid.sum() - 1) < 0.001 and np.isclose(nash.sum(), 2 / 3)
assert turns.series("average_exploitability")[-500:].min() > 0.05
print(f"average payoffs in all: {paid.sum():.3f}; in equilibrium: {nash.sum():.3f}")

# %% jupyter={"outputs_hidden": true}
folded()
Panel(
    FictitiousPlay(shapley_game(), [np.eye(3)[[0, 0]]], seeds=4),
    [Simplex(play="now", title="Agent 1 in Shapley's game"), PayoffRegion()],
    units=5_000,
    speed=200,
    controls=["prior"],
)

# %% jupyter={"outputs_hidden": true}
folded()
many = record(FictitiousPlay(shapley_game(), seeds=200), units=20_000, every=20_000)
sums = many[-1]["average_payoffs"].sum(axis=1)
never = (sums < 0.01).mean()
assert abs((sums > 0.99).mean() + never - 1) < 0.03 and abs(never - 0.21) < 0.1
Markdown(f"Of 200 pairs with random first beliefs {never:.0%} never meet, and get 0.")

# %% [markdown]
# **Try**: play the panel and drag the timeline. Does the triangle of the averages get smaller? On the right, where do
# the payoffs of the four pairs go?
#
# <details><summary>What you should have seen</summary>
#
# It keeps its size; only the time around it grows. Most pairs end on the thick line: together they get 1, *more* than
# in equilibrium, since their actions never meet where neither gets anything. But one pair ends at the corner 0: both
# change at the same moment, every time, and miss each other for ever.
#
# </details>
#
# ### Exercise 5: Find the bugs
#
# *05.3 · about 12 minutes · hard*
#
# This should be fictitious play: both agents choose at the same time, each a best response to *all* that the other
# has played before; if several actions are equally good (as all are before the first play), it takes one of them by
# lot. Tables may have other sizes than 2 x 2. `rng` is a NumPy generator. Mend it.


# %%
def fictitious_play(payoffs_1, payoffs_2, plays, rng):
    n, m = payoffs_1.shape
    seen_1, seen_2 = np.zeros(n), np.zeros(m)
    history = []
    for _ in range(plays):
        action_1 = np.argmax(payoffs_1 @ seen_2)
        seen_1[action_1] += 1
        action_2 = np.argmax(seen_2 @ payoffs_2)
        seen_2 = np.eye(m)[action_2]
        history.append((action_1, action_2))
    return history


# %%
lesson_05.mend.check(fictitious_play)

# %% [markdown]
# ## 9 Regret
#
# Look back after $T$ turns. What would you have earned more on average, had you *always* played the one action that was
# best in hindsight? This is your average **regret**. With $(a_t, b_t)$ played in turn $t$, agent 1's is
#
# $$R_T = \max_a \frac{1}{T} \sum_{t=1}^{T} \big( A_{a\, b_t} - A_{a_t b_t} \big).$$
#
# ### Exercise 6: Average regret
#
# *05.4 · about 8 minutes · medium*
#
# `payoffs` is an agent's own table, a row for each of its own actions; `own` and `others` are arrays of the actions
# that were played, one entry for each turn. Return its average regret. (It may be negative: somebody may have done
# better than any single action.)


# %%
def average_regret(payoffs, own, others):
    """Return what the best single action would have earned more per play."""
    ...


# %%
lesson_05.regret.check(average_regret)

# %% [markdown]
# A rule that makes regret vanish against *anybody*, **regret matching** (Sergiu Hart and Andreu Mas-Colell, 2000): play
# each action with a chance in proportion to the positive part of its regret, $x_a \propto \max(r_a, 0)$, where $r_a$ is
# the regret of not having always played $a$. If no regret is positive, anything will do.


# %%
def regret_matching(payoffs, others, rng):
    """One agent's actions against a given sequence of the other's."""
    regrets, own = np.zeros(len(payoffs)), []
    for b in others:
        positive = np.maximum(regrets, 0)
        if positive.sum() == 0:
            positive = np.ones(len(payoffs))
        a = rng.choice(len(payoffs), p=positive / positive.sum())
        regrets += payoffs[:, b] - payoffs[a, b]
        own.append(a)
    return own, regrets.max() / len(others)


# %%
rng = np.random.default_rng(0)
others = rng.choice(3, p=[0.6, 0.3, 0.1], size=2_000)  # mostly rock at first ...
others[1_000:] = (others[1_000:] + 2) % 3  # ... then mostly scissors
own, left = regret_matching(rps.rewards[0, 0], others, rng)
shares = np.bincount(own, minlength=3) / len(own)
bound = 2 * np.sqrt(3 / len(others))  # range of payoffs x sqrt(actions / T)
assert left < bound
print("it played rock, paper, scissors:", *shares.round(2))
print(f"regret left: {left:.4f}, guaranteed: {bound:.4f}")

# %% [markdown]
# Now both do it, in rock-paper-scissors, twenty pairs. **Your guess**: after 100 plays they regret something. By what
# factor is the average regret smaller after 10,000 plays?

# %%
rate_guess = MarkerGuess(
    "05.rate",
    "Hundred times as many plays: how many times smaller is the regret?",
    axis=(0, 110, "times smaller"),
)
rate_guess

# %% jupyter={"outputs_hidden": true}
from marl_edu.learning import RegretMatching

matching = RegretMatching(rps, seeds=20)
regrets = record(matching, units=100_000, every=100)
level = np.maximum(regrets.series("regret"), 0).mean(axis=(1, 2))
rate_guess.reveal(level[1] / level[100])

# %% jupyter={"outputs_hidden": true}
slope = np.polyfit(np.log(regrets.units[1:]), np.log(level[1:]), 1)[0]
assert (level[1:] < matching.regret_bound(regrets.units[1:])[:, 0]).all()
assert abs(slope + 0.5) < 0.12 and 5 < level[1] / level[100] < 20
view = RateView(
    "regret",
    lambda plays: 2 * np.sqrt(3 / plays),
    "guaranteed",
    y_label="average regret",
    title="Regret matching in rock-paper-scissors",
)
show(*pictures.side_by_side([view], [regrets]))

# %% jupyter={"outputs_hidden": true}
folded()
Markdown(
    f"The slope is {slope:.2f}: about -1/2 again. The guarantee, the range of payoffs times "
    "$\\sqrt{\\text{actions} / T}$, holds on average over the draws, against *any* opponent."
)

# %% [markdown]
# **What does "no regret" buy?** In a zero-sum game, the averages go to an equilibrium: what both are paid cancels, so
# that the sum of the two regrets *is* the gap of the averages. In other games only this is certain: joint play goes to
# the *set* of **coarse correlated equilibria**,
# where an agent may obey the mediator or play one fixed action, decided *before* it hears anything. To get to
# *correlated* equilibria, an agent must regret more finely: "each time I played rock, had I played paper instead".
# That is **conditional** regret matching. Shapley's game once more, with both:

# %% jupyter={"outputs_hidden": true}
folded()
from marl_edu.learning import ConditionalRegretMatching
from marl_edu.planning import deviation_gains

game, tables = shapley_game(), []
for rule in (RegretMatching, ConditionalRegretMatching):
    final = record(rule(game, seeds=20), units=200_000, every=100_000)[-1]
    tables.append(final["joint_play"])
    coarse = np.mean([deviation_gains(game, z, coarse=True).max() for z in tables[-1]])
    fine = np.mean([deviation_gains(game, z).max() for z in tables[-1]])
    print(f"{rule.title:28} to gain before hearing {coarse:.4f}, after {fine:.4f}")
    tables[-1] = tables[-1].mean(axis=0)

# %% jupyter={"outputs_hidden": true}
titles = ["Regret matching", "Conditional regret matching"]
figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.2), layout="constrained")
assert all(z.trace() > 0.3 for z in tables)
show(figure, pictures.draw_joint(axes, tables, titles, game.actions))

# %% [markdown]
# After a pair that pays agent 1 comes one that pays agent 2: the three cells that pay nobody are never played by the
# one rule, and by the other far more rarely than the third of all plays that chance would give them. So the two act
# *together*, although each only minds its own regret: history is their mediator.

# %% [markdown]
# ## 10 The others learn too
#
# All rules so far take the other as it is, or as it was. But it learns. What if an agent took *that* into account?
#
# The **prisoner's dilemma, repeated**: after each round the game goes on, and the next round counts $\gamma$ times as
# much. Now a policy can answer: a **memory-one** strategy is five chances of cooperating, at the start and after each
# of the four outcomes of the round before. Two of them make a Markov chain over the outcomes, so that what they are
# paid is known exactly, by the linear equation of lesson 04. Everybody against everybody, with Axelrod's payoffs 5, 3,
# 1, 0:
#
# **Try these.**
#
# 1. Who is best, and against whom does *always defect* earn most? Drag **noise** up: with this chance an action comes
#    out wrong. Who suffers?
# 2. Noise 0 again; lower the **discount**. From when on does *always defect* get more against *grim trigger* than grim
#    trigger gets against itself?
#
# <details><summary>What you should have seen</summary>
#
# 1. Those that cooperate with each other and repay: grim trigger, here. *Always defect* lives on those that cooperate
#    always. With noise a single slip makes two unforgiving players punish each other; with enough of it, *always
#    defect* comes to the top. Who wins depends on who takes part; nothing here is a law.
# 2. Below one half: to get 5 once and 1 ever after is then worth more than 3 in every round.
#
# </details>

# %%
from marl_edu.learning import STRATEGIES, memory_one_payoffs, round_robin
from marl_edu.views import CrossTable

HUNDREDTHS = [k / 100 for k in range(100)]
dilemma = prisoners_dilemma(discount=0.96)


def draw_tournament(ax, discount, noise):
    """Draw who is paid what against whom."""
    tournament = round_robin(STRATEGIES, dilemma, discount, noise=noise)
    CrossTable()(ax, tournament)
    return tournament.words()


# %%
Explorer(
    draw_tournament,
    "The repeated prisoner's dilemma",
    {
        "discount": Real(0.96, 0, 0.99, "weight of the next round", choices=HUNDREDTHS),
        "noise": Real(0.0, 0, 0.2, "chance that an action comes out wrong"),
    },
)

# %% [markdown]
# Is it an equilibrium to repay? *Grim trigger* (defect for ever once the other has) against itself is one if the
# discount is at least 1/2, *tit for tat* if it is at least 2/3 (Robert Axelrod's condition). The best answers to *tit
# for tat* are to cooperate, to defect always, or to *take turns*: defect, then put up with being repaid. (You may have
# met somebody who did that, in section 1.)

# %%
TURNS = (0, 0, 0, 1, 1)  # defect; cooperate after having defected alone
for name, limit in (("grim trigger", 1 / 2), ("tit for tat", 2 / 3)):
    keeper, worth = STRATEGIES[name], {}
    for discount in (limit - 0.05, limit, limit + 0.05):
        kept = memory_one_payoffs(dilemma, keeper, keeper, discount)[0]
        cheats = [
            memory_one_payoffs(dilemma, c, keeper, discount)[0]
            for c in (STRATEGIES["always defect"], TURNS)
        ]
        assert np.sign(round(kept - max(cheats), 9)) == np.sign(discount - limit)
        print(
            f"{name:12} discount {discount:.2f}: kept {kept:.3f}, cheated {max(cheats):.3f}"
        )

# %% [markdown]
# Now let two agents *learn* their five chances. Each has five numbers $\theta^i$ (logits; a chance is their sigmoid),
# and $V^i(\theta^1, \theta^2)$ is the exact discounted sum of its payoffs. A **naive** learner climbs its own
# gradient, as in section 6. A learner with **opponent-learning awareness** (LOLA) expects the other to take a naive
# step of size $\eta$, and counts what its *own* numbers do to that step:
#
# $$\text{naive:}\ \ \theta^1 \leftarrow \theta^1 + \alpha\, \nabla_1 V^1 , \qquad
# \text{LOLA:}\ \ \theta^1 \leftarrow \theta^1 + \alpha \big[ \nabla_1 V^1
# + \eta\, (\nabla_2 V^1)^\top \nabla_1 \nabla_2 V^2 \big],$$
#
# and so for agent 2. $\nabla_i$ is the gradient by $\theta^i$. The second term is all the difference between them:

# %%
import inspect

import torch

from marl_edu.learning import lola

torch.set_num_threads(1)  # for tables this small, more only wait for each other
print(inspect.getsource(lola.naive), inspect.getsource(lola.lola), sep="\n\n")

# %% [markdown]
# The settings of Jakob Foerster and others (2018): payoffs -1 if both cooperate, -2 if both defect, -3 for who is left
# alone and 0 for who defects alone; discount 0.96, $\alpha = \eta = 1$, logits drawn from the normal distribution, 200
# updates. Fifty pairs of **naive** learners:

# %%
from marl_edu.learning import LOLA

naive = record(LOLA(seeds=50, look_ahead="none"), units=200, every=2)
earned = naive[-1]["payoffs"].mean()
assert abs(earned + 1.995) < 0.02
Markdown(f"They come to defect: **{earned:.3f}** a round on average.")

# %% [markdown]
# **Your guess.** Both look ahead. What does a round pay them on average, after 200 updates?

# %%
from marl_edu.panels import MarkerGuess

lola_guess = MarkerGuess(
    "05.lola",
    "What does a round pay, if both foresee the other's step?",
    axis=(-3, 0, "mean payoff per round"),
    references={"both cooperate": -1, "both defect": -2},
)
lola_guess

# %% jupyter={"outputs_hidden": true}
aware = record(LOLA(seeds=50, look_ahead="lola"), units=200, every=2)
each = aware[-1]["payoffs"].mean(axis=1)
error = 1.96 * each.std(ddof=1) / np.sqrt(len(each))
lola_guess.reveal(each.mean(), low=each.mean() - error, high=each.mean() + error)

# %% jupyter={"outputs_hidden": true}
assert abs(each.mean() + 1.045) < 0.08
views = [
    LearningCurve("payoffs", references=True, y_label="payoff per round", title=words)
    for words in ("Naive", "LOLA")
]
show(*pictures.side_by_side(views, [naive, aware], limits=(-2.4, -0.8)))

# %% jupyter={"outputs_hidden": true}
folded()
after = ["at the start", "after both cooperated", "after being left alone"]
after += ["after defecting alone", "after both defected"]
chances = [run[-1]["policies"].mean(axis=(0, 1)) for run in (naive, aware)]
print("chance of cooperating          naive   LOLA")
for words, *pair in zip(after, *chances, strict=True):
    print(f"{words:28} {pair[0]:7.2f} {pair[1]:6.2f}")
assert chances[1][1] > 0.9 > 0.3 > chances[1][2] and chances[0].max() < 0.3

# %% [markdown]
# Read the second column: cooperate, go on after both did, defect after being left alone, make up after having defected
# alone. Nobody wrote *tit for tat* into it. To repay is a way to *shape* the other: it makes cooperating the other's
# best step. The repeated game has many equilibria, to defect always and to repay among
# them; looking ahead has changed *where they end*. (Two warnings: it is told the other's payoffs and parameters here,
# and it assumes that the other is naive, while the other assumes the same of it.)

# %% [markdown]
# **Try these.**
#
# 1. Set **look ahead step** ($\eta$) to 0.5, then to 0.1, resetting each time. Is a little foresight enough?
# 2. $\eta$ back to 1, **look ahead** *none*, reset, play for some twenty updates, pause, look ahead *lola*, play on. Do
#    they get out of it?
# 3. Reset with *lola*, play to the end, set *none*, press play again. Do naive learners leave what LOLA has found?
#
# <details><summary>What you should have seen</summary>
#
# 1. With 0.5 some pairs come to cooperate and some don't; with 0.1 hardly any.
# 2. No. Once both always defect, no small change of one's own would make the other's *next step* a better one.
# 3. No, or hardly: each repays, so defecting costs. It was a question of getting there.
#
# </details>

# %% jupyter={"outputs_hidden": true}
folded()
Panel(
    LOLA(seeds=20),
    LearningCurve("payoffs", references=True, y_label="payoff per round"),
    units=200,
    speed=20,
    controls=["look_ahead", "look_ahead_step", "step_size"],
)

# %% jupyter={"outputs_hidden": true}
folded()
stages = []
for before, after in (("none", "lola"), ("lola", "none")):
    pairs = LOLA(seeds=20, look_ahead=before)
    pairs.advance(200)
    pairs.set(look_ahead=after)
    pairs.advance(200)
    stages.append(pairs.frame()["payoffs"].mean())
assert stages[0] < -1.95 and stages[1] > -1.2
print(f"naive, then LOLA: {stages[0]:.2f}; LOLA, then naive: {stages[1]:.2f}")

# %% [markdown]
# ## 11 "Convergence = Nash"
#
# One reads: *"Learning has converged when the policies are a Nash equilibrium. But if one policy changes, the other's
# best response changes, so that one changes too, and so on: it can't converge."* You can now take this apart. For each
# rule and game, twenty runs: does *play* settle (nobody could gain any more), do the *averages*, or neither? (The
# rules are those of section 2; best-response dynamics goes all the way to the best response in each step here.)

# %%
from marl_edu.learning import BestResponseDynamics, SmoothQLearning

rules = [BestResponseDynamics, GradientAscent, Replicator, SmoothQLearning]
rules += [FictitiousPlay, RegretMatching]
arena = [prisoners_dilemma(), battle_of_the_sexes(), pennies, rps, shapley_game()]
verdicts = {}
for rule in rules:
    for game in arena:
        steps = 4_000 if hasattr(rule, "velocity") else 40_000
        found = record(rule(game, seeds=20), units=steps, every=steps // 50)
        now = found.series("exploitability")[25:].max(axis=0) < 0.01
        mean = found[-1]["average_exploitability"] < 0.03
        verdicts[rule, game.name] = now.mean(), (mean & ~now).mean()


# %%
def shares(now, mean):
    """How many runs settle, as words."""
    kinds = {"play settles": now, "averages settle": mean, "neither": 1 - now - mean}
    return "; ".join(f"{k} {v:.0%}" for k, v in kinds.items() if v > 0.001)


lines = ["| | " + " | ".join(game.name for game in arena) + " |", "|---" * 6 + "|"]
for rule in rules:
    cells = [shares(*verdicts[rule, game.name]) for game in arena]
    lines.append(f"| **{rule.title}** | " + " | ".join(cells) + " |")
assert verdicts[GradientAscent, "prisoner's dilemma"][0] == 1
assert verdicts[GradientAscent, pennies.name][0] == 0
assert sum(verdicts[Replicator, "Shapley's game"]) == 0
assert BestResponseDynamics(pennies).step_size == 1
Markdown("\n".join(lines))

# %% [markdown]
# And where they rest, is that an equilibrium? The prisoner's dilemma, from *both cooperate* itself and from just
# beside it:

# %%
from marl_edu.learning import MultiplicativeWeights

for rule in [Replicator, MultiplicativeWeights, GradientAscent, BestResponseDynamics]:
    run = record(rule(prisoners_dilemma(), [[1, 1], [0.99, 0.99]]), units=900, every=9)
    at, beside = run[-1]["policies"][:, :, 0]
    gain = run[-1]["exploitability"][0]
    corner = rule in (Replicator, MultiplicativeWeights)
    assert np.allclose(at, corner) and np.isclose(gain, 2 * corner)
    assert beside.max() < 0.01
    print(f"{rule.title:22} from (1, 1) to ({at[0]:.0f}, {at[1]:.0f})", end="")
    print(f", to gain there {gain:.0f}; from (0.99, 0.99) to", beside.round(2) + 0.0)

# %% [markdown]
# - **Right, of some rules**: where best responses or gradient ascent rest, nobody can gain. The replicator also rests
#   at every corner, because what nobody plays never grows; but a corner that is no equilibrium is left from any start
#   inside. (So it is with multiplicative weights. Smooth Q-learning explores on purpose, so inside it rests a little
#   beside an equilibrium.)
# - **Right**: if one changes, the other's best response may change. That is why there are circles.
# - **Wrong**: "so it can't converge". In the dilemma all of them do, in the battle of the sexes most. Whether it does
#   depends on the rule *and* the game.
# - **Wrong**: "it converges, to a Nash equilibrium". In matching pennies most circle for ever; in Shapley's game even
#   the averages of some never settle.
# - **Left out**: *what* converges (play or averages), to *which* equilibrium (often the safe one), how *fast*; and that
#   what does not converge may pay more than the equilibrium, or less:

# %%
found = record(
    FictitiousPlay(battle_of_the_sexes(), seeds=300), units=8_000, every=4_000
)[-1]
missed = np.abs(found["average_payoffs"]).max(axis=1) < 0.01
even = found["averages"][missed].mean(axis=0)[:, 0]
assert 0.2 < missed.mean() < 0.5 and np.allclose(even, [2 / 3, 1 / 3], atol=0.01)
assert found["average_exploitability"][missed].max() < 0.01
Markdown(
    f"{missed.mean():.0%} of 300 pairs that learn the battle of the sexes by fictitious "
    "play miss each other *every time*: both change their minds at the same moment. "
    f"Their frequencies of Bach are {even[0]:.2f} and {even[1]:.2f}, exactly the mixed "
    "equilibrium, which pays 2/3 each to agents who mix by chance. These are paid 0."
)

# %% [markdown]
# ## 12 Quiz
#
# Five questions. Every answer, wrong or right, is explained; you may try as often as you like.

# %%
lesson_05.quiz

# %% [markdown]
# ## What you should take away
#
# 1. A Nash equilibrium is a pair of policies, each a best response to the other; test it by pure deviations, with a
#    tolerance in units of the payoffs' range.
# 2. An agent mixes only among equally good actions, so *its* payoffs decide the *other's* policy. There may be several
#    equilibria, or a continuum; learners often find the safe one, not the good one.
# 3. Where best responses or gradient ascent rest, there is an equilibrium (the replicator rests at every corner, too,
#    but leaves one that is none from any start inside). That does not mean that they come to rest. In a zero-sum game
#    whose equilibrium is mixed the flow circles and its averages converge; steps of a constant size spiral outward, and
#    even their averages stay beside the equilibrium, by less the smaller the step.
# 4. Regret can be made to vanish against anybody, at the rate $T^{-1/2}$. What is reached then is a (coarse) correlated
#    equilibrium, which may be no Nash equilibrium and may pay more.
# 5. A learner that takes into account that the others learn changes where they end: it can shape them.
#
# ## Common misconceptions
#
# - **"In equilibrium everybody does as well as possible."** Only as well as possible *alone*: both prisoners lose.
# - **"I mix to be unpredictable, so my own payoffs decide how."** The other's do: you make *it* indifferent.
# - **"Averages converged, so the agents play the equilibrium."** They never do; they run around it.
# - **"Smaller steps will make it converge."** In matching pennies steps of any constant size leave; smaller ones more
#   slowly.
# - **"No regret means Nash."** It means coarse correlated; that the averages follow is certain in zero-sum games,
#   elsewhere they may or may not.
# - **"It doesn't converge, so it is bad."** In Shapley's game the chase pays, from most starts, half as much again as
#   the equilibrium.
#
# ## Sources
#
# - J. Nash, "Equilibrium points in n-person games", *PNAS* 36 (1950), 48-49.
# - M. Osborne and A. Rubinstein, *A Course in Game Theory*, MIT Press 1994: sections 2.2, 3.1 (equilibrium), 3.3
#   (correlated), 4.2 (dominance).
# - J. Harsanyi and R. Selten, *A General Theory of Equilibrium Selection in Games*, MIT Press 1988, chapter 3.
# - R. Aumann, "Subjectivity and correlation in randomized strategies", *J. Math. Economics* 1 (1974), 67-96: chicken.
# - S. Singh, M. Kearns and Y. Mansour, "Nash convergence of gradient dynamics in general-sum games", UAI 2000.
# - M. Bowling and M. Veloso, "Multiagent learning using a variable learning rate", *Artificial Intelligence* 136
#   (2002), section 4: WoLF.
# - P. Taylor and L. Jonker, "Evolutionary stable strategies and game dynamics", *Mathematical Biosciences* 40 (1978).
# - J. Hofbauer and K. Sigmund, *Evolutionary Games and Population Dynamics*, Cambridge 1998, sections 7.1 and 10.1.
# - A. Cournot, *Recherches sur les principes mathématiques de la théorie des richesses*, 1838, chapter VII; I. Gilboa
#   and A. Matsui, "Social stability and equilibrium", *Econometrica* 59 (1991): best responses, whole and small steps.
# - K. Tuyls, K. Verbeeck and T. Lenaerts, "A selection-mutation model for Q-learning in multi-agent systems", AAMAS
#   2003.
# - Y. Freund and R. Schapire, "Adaptive game playing using multiplicative weights", *Games and Economic Behavior* 29
#   (1999).
# - G. Brown, "Iterative solution of games by fictitious play", 1951; J. Robinson, "An iterative method of solving a
#   game", *Annals of Mathematics* 54 (1951); L. Shapley, "Some topics in two-person games", 1964.
# - S. Hart and A. Mas-Colell, "A simple adaptive procedure leading to correlated equilibrium", *Econometrica* 68
#   (2000).
# - J. Foerster and others, "Learning with opponent-learning awareness", AAMAS 2018; R. Axelrod, *The Evolution of
#   Cooperation*, 1984.
#
# **Next**: [lesson 06, independent Q-learning on a gridworld](06_independent_q_learning.ipynb): the same question in a
# world with states, where nobody is told the payoffs.
