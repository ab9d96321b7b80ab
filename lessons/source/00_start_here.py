# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 00 Start here
#
# **In a minute you watch two agents learn to get past each other, and you stop them, go back in time, and change how
# they learn.** Click into the grey cell below, press **Shift+Enter**, and then, in the panel that appears, **play**.
# (The very first time, a cell may take half a minute: programs are compiled.)

# %%
from marl_edu import Panel, gridworld
from marl_edu.learning import IndependentQLearning
from marl_edu.views import GridWorldView, LearningCurve, folded

game = gridworld(["1.2", "...", "B.A"], discount=0.95, name="crossing")
learner = IndependentQLearning(game, seeds=10, step_size=0.2, epsilon=0.1)
views = [LearningCurve(), GridWorldView(agent=0)]
Panel(learner, views, units=4_000, speed=500, controls=["step_size", "epsilon"])

# %% [markdown]
# What moves there is *multi-agent reinforcement learning*. Two agents, the blue and the orange disc, each want to get
# to the frame in their own colour, in the opposite corner. Nobody tells them the rules. Each learns from what happens
# to it alone; and each is in the way of the other, who is learning too. One question runs through the whole course:
# *what is the environment of one agent when the others learn too?*
#
# ## You will be able to
#
# - **00.1** read a learning curve: its line, its band, the dashed and the dotted line;
# - **00.2** drive a panel: play, pause, go back in time, change one thing, compare; and say from when on something
#   holds;
# - **00.3** write a small function, have it checked, and use what the verdict says;
# - **00.4** commit to a guess before a run, and say how far off it was.
#
# About 30 minutes. It builds on nothing but Python, NumPy and a first course in probability. The whole notebook runs
# in under 30 seconds.
#
# ## The map
#
# This is the course. Lessons that can be opened are links; the others are planned. What you have done is filled in
# as you go, in this lesson and in all others.

# %%
from marl_edu.exercises import COURSE
from marl_edu.panels.course_map import CourseMap

CourseMap(COURSE)

# %% [markdown]
# ## 1 What a panel shows
#
# **On the left is the learning curve.** The agents of ten independent runs ("seeds") learn from the same rules with
# different luck. At every moment we ask: what would they earn if they stopped trying things out? That is the **greedy
# return**. The **line** is the mean of the ten runs. The **band** around it says how surely that mean is known: it is
# a 95 % interval. The **dashed line** is the best that is possible, computed exactly from the rules; the **dotted
# line** is what agents earn who act at random. These four look the same in all lessons.
#
# **On the right is the world** of the first run (they are counted from 0: "seed 0"), seen by agent 1 (blue). The
# darker a cell, the more it expects from standing there; arrows are the moves that it thinks best. Arrows in all
# directions: it knows of no difference yet. The **sentence below** says in words what the picture shows, so nothing
# has to be read from a picture alone.

# %%
from IPython.display import Markdown

levels = learner.references()
best, chance = levels["team optimum"], levels["random play"]
Markdown(
    f"Here the dashed line is at **{best:.2f}** and the dotted line at **{chance:.2f}**. "
    "Each step costs an agent 1, each collision 1 more, and arriving pays 10; both "
    "agents get the sum, and what comes later counts a little less."
)

# %% [markdown]
# ## 2 Five tries
#
# Go back to the panel on top, and try these. No try can break anything.
#
# 1. **Play, pause.** Press **play**; press it again while it runs. The number beside the timeline says where you are.
# 2. **Go back in time.** Play to the end, and drag the **timeline** to the left. The picture shows what the agents
#    knew then. From which step on does the mean return *stay* above 0? (It falls back once. The quiz will ask.) Play
#    from there shows it again.
# 3. **Change one thing while they learn.** **Reset**, play, and drag **epsilon** to 1: now all moves are random.
#    What you change counts from the next step on. Drag it once more at the end of the run: the frame of the picture
#    and a sentence now say that the controls no longer fit what is shown.
# 4. **Compare.** Epsilon back to 0.1 (the arrow keys move a slider in small steps; or click its number and type),
#    reset, play to the end, **pin**. Now drag **step size** to its right end, reset, play. The pinned curve stays for
#    comparison. Which one is steadier? **unpin** removes it.
# 5. **Slower.** Step size back to 0.2, reset, play to the end. Drag **speed** to 5 a second, press **play** again (it
#    goes on past the end) and watch the discs: who makes room, and where? Pause when you have seen enough. **step**
#    goes one single step. **PNG**, **GIF** and **CSV** give you the picture, the film and the numbers.

# %% [markdown]
# ## 3 Predict, run, compare
#
# You learn most from a run if you have said before what you expect. So, before important runs, there is a box to
# draw in. **Draw** your curve with the mouse from left to right, or with the keyboard as it says there; then
# **commit**. What really happens is shown only then, with the gap between the two.
#
# The question: everything as above, but the step size is ten times smaller. What does the curve look like?

# %%
from marl_edu.panels import CurveGuess

guess = CurveGuess(
    "00.slow",
    "Step size 0.02 instead of 0.2: draw the mean greedy return.",
    x=(0, 4_000, "environment steps"),
    y=(-50, 15, "greedy return"),
    references=levels,
)
guess

# %% jupyter={"outputs_hidden": true}
from marl_edu import record

slow = IndependentQLearning(game, seeds=10, step_size=0.02, epsilon=0.1)
recording = record(slow, units=4_000, every=50)
guess.reveal(recording)

# %% jupyter={"outputs_hidden": true}
folded()
quick = IndependentQLearning(game, seeds=10, step_size=0.2, epsilon=0.1)
fast = record(quick, units=4_000, every=50)
ends = [run.series("greedy_return")[-1].mean(axis=1) for run in (fast, recording)]
arrived, stuck = ends[1][ends[1] > 0], ends[1][ends[1] <= 0]
assert ends[0].min() > 3 and len(arrived) > 1 < len(stuck) and stuck.max() < chance
assert min(abs(ends[1] - ends[1].mean())) > 10  # no run is near the mean
Markdown(
    f"After 4,000 steps the mean is **{ends[0].mean():.1f}** with step size 0.2 and "
    f"**{ends[1].mean():.1f}** with 0.02. But no run is near that second mean: "
    f"{len(arrived)} of the ten slow runs arrive and earn {arrived.min():.1f} or more, "
    f"the other {len(stuck)} never arrive, which costs "
    f"{-stuck.max():.0f}. A wide band says: look at the runs one by one."
)

# %% [markdown]
# ## 4 Play against a learner
#
# Now you are one of the agents. The game is called **matching pennies**: you and your opponent each show heads or
# tails at the same time. If they match you win 1, if they differ you lose 1. Choose with the **buttons** or with the
# **keys** that stand on them. Your opponent counts what you do after what has happened, and plays against that.
#
# Twenty turns. Can you end above 0? Afterwards you see what it believed about you, and the timeline goes back turn by
# turn.

# %%
from marl_edu.games import matching_pennies
from marl_edu.learning import FixedPartner, Match, ModelPartner
from marl_edu.panels import Play

pennies, opponent = matching_pennies(), ModelPartner(memory=1, explores=False)
match = Match(pennies, opponent)
Play(match, name="00.pennies", turns=20, show="after", title="Matching pennies")

# %%
lazy = Match(pennies, opponent, stand_in=FixedPartner([1.0, 0.0]))
lazy.advance(20)
earned = lazy.frame()["earned"][0, 0]
assert earned < -10
Markdown(
    f"Somebody who always shows heads has earned **{earned:g}** after 20 turns. "
    "Whatever pattern you have, a learner may find it. Against an even mix of both, drawn "
    "by lot, nobody can win more than chance gives: that is the equilibrium of this game "
    "([lesson 05](05_nash_and_convergence.ipynb))."
)

# %% [markdown]
# ## 5 Exercises, and how to read a verdict
#
# In every lesson you write small functions, and `check` tries them on many inputs. There are four verdicts: *not
# attempted*, *wrong* (with an input that shows it, what came out, what must hold, and, if it is a known one, the
# misunderstanding behind it), *crashed* (with your own line), and *right*. No answer can break the notebook, not
# even a loop without end.
#
# First, look at a verdict about somebody else's mistake. The **return** of an episode is the sum of its rewards,
# where the first one counts in full, the next one `discount` times, the next `discount` squared, and so on. Here is a
# wrong one. What does the verdict say is wrong with it?

# %%
from marl_edu.exercises import lesson_00


def first_try(rewards, discount):
    """The return of an episode, with a fault."""
    total = 0
    for reward in rewards:
        total = discount * total + reward
    return total


lesson_00.returns.check(first_try)

# %% [markdown]
# ### Exercise 1: the return of one episode
#
# *00.3 · about 3 minutes · easy*
#
# Find the fault and do better: replace the `...`
# below, run the cell, and run the one after it. You may run the check as often as you like. Stuck? Press **hint** in
# the card: each time it says a little more. **solution** shows one right answer. (By code:
# `lesson_00.returns.hint()`.)


# %%
def team_return(rewards, discount):
    """Return the discounted sum of rewards; the first one counts in full."""
    ...


# %%
lesson_00.returns.check(team_return)

# %% [markdown]
# ### Exercise 2: between the dotted and the dashed line
#
# *00.1 · about 3 minutes · easy*
#
# Is a return of 3 good? Nobody can tell
# without the two lines. Write the share of the way from random play (0) to the optimum (1).


# %%
def gap_closed(value, optimum, random_play):
    """Return 0 if value is that of random play, 1 if it is the optimum."""
    ...


# %%
lesson_00.share.check(gap_closed)

# %% [markdown]
# ### Exercise 3: from when on?
#
# *00.2 · about 4 minutes · medium*
#
# In the second try above you searched with the timeline. Now
# write it: from which of the recorded steps on does a curve *stay* above a level? (The steps may be at uneven
# distances. Here and in all exercises: leave the arguments as they are.)


# %%
def settled(units, curve, level):
    """Return the first of units from which on curve stays above level, or None."""
    ...


# %%
lesson_00.settle.check(settled)

# %% [markdown]
# ### Exercise 4: how far off was the guess?
#
# *00.4 · about 3 minutes · easy*
#
# Put a number to the gap in section 3: the mean
# distance between two curves.


# %%
def mean_gap(guess, truth):
    """Return the mean distance between two curves, moment by moment."""
    ...


# %%
lesson_00.gap.check(mean_gap)

# %% [markdown]
# ## 6 Quiz
#
# Each wrong choice says what is wrong with it. Your answers are still there when you open the lesson again.

# %%
lesson_00.quiz

# %% [markdown]
# ## 7 Is everything there?
#
# The next cell tries what the lessons need, and says for each thing that is missing how to mend it. Its last line
# appears when this page has answered Python: then buttons work.

# %%
from marl_edu import self_test

self_test.run()

# %% [markdown]
# ## 8 Your progress is yours
#
# What you have done is kept in one file on the machine that runs Python, by default `.marl_edu/progress.json` in your
# home folder, and is never sent anywhere. The buttons under the map on top do what there is to do: **refresh** looks
# again, **export** offers your progress as one small file, **delete** forgets all of it (it asks once, and there is
# no way back). On a borrowed machine, such as Binder, export it before you leave: the file there ends with the
# session. In the next session, or on another machine, upload the file beside the notebook, and
# `progress().load("file.json")` reads it.

# %%
from marl_edu.progress import progress

progress()

# %% [markdown]
# ## 9 Keys, and if something is wrong
#
# | to | press |
# |---|---|
# | run a cell and go to the next | Shift+Enter |
# | leave a cell / write in it | Esc / Enter |
# | go from cell to cell, after Esc | up and down arrow |
# | get to the next button or slider of a panel | Tab (back: Shift+Tab) |
# | press a button | Space or Enter |
# | move a slider | left and right arrow, Home, End |
# | play a game | the keys on its buttons, after Tab has brought you to them |
# | hide the list of files | Ctrl+B |
#
# - **"name ... is not defined"**: a cell above has not run. Choose **Run > Run All Above Selected Cell**.
# - **Buttons don't answer** after a reload or a restart: the same; then run the cell itself again.
# - **A cell doesn't end**: press the black square on top (interrupt).
# - **Nothing helps**: **Kernel > Restart Kernel**, then Run All Above. What you have written stays.
# - **Still wrong**: run the self-test above, or, in a terminal in the folder of the course, `make doctor`.
#
# ## 10 How to take the course
#
# It is for people who know Python, NumPy and first-year probability; that you have heard of Q-learning is a help. A
# lesson takes one to two hours with its exercises, and can be left and taken up at any cell. Take the lessons in the
# order of the map; each names those that it builds on. In each one: play first, guess before you run, do at least the
# exercises marked easy, and take the quiz at the end. Change things. Every number in the text comes from a cell
# above it, so you can see where it comes from.
#
# ## What you should take away
#
# 1. A curve means something between two lines: dashed is what is possible, dotted is what chance earns.
# 2. A band is about the mean over runs; single runs can lie outside.
# 3. Change one thing at a time, and pin what you compare with.
# 4. Guess first: the gap between guess and run is what there is to learn.
# 5. A verdict names an input, what came out, and what must hold. Read these three before you change the code.
#
# ## Common misconceptions
#
# - **"Above 0 is good."** What is good depends on the game: measure from the dotted to the dashed line.
# - **"The band shows where the runs are."** It says how surely their mean is known.
# - **"The mean is what a run does."** In section 3 no run was near it.
# - **"They know the rules."** The agents know nothing; the dashed line is computed by us, from the rules.
#
# ## Sources
#
# - R. Sutton and A. Barto, *Reinforcement Learning: An Introduction*, 2nd edition, 2018, section 3.3, equation (3.8):
#   the return.
# - M. Osborne and A. Rubinstein, *A Course in Game Theory*, 1994, section 2.3: matching pennies.
# - G. Brown, "Iterative solution of games by fictitious play", in *Activity Analysis of Production and Allocation*,
#   1951: an opponent that counts what you do.
# - C. Crouch, A. Fagen, J. Callan and E. Mazur, "Classroom demonstrations: learning tools or entertainment?",
#   *American Journal of Physics* 72 (2004), 835-838: those who predict before they look learn more.
#
# **Next**: lesson 01, [from one agent to many](01_from_one_agent_to_many.ipynb).
