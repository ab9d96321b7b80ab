# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 10 MADDPG
#
# **Agents that push and steer with forces, any number in between allowed, learn together. You put their algorithm
# together step by step, see what it is worth to let a critic know what everybody does, and learn to judge a result.**
#
# Here is the question as a picture: three agents (numbered discs) are to cover three landmarks (diamonds). What one
# earns for going left depends on where the others go *at that moment*, and they are learning, too. The same beginning
# three times; the thin line is the way that an agent went, a cross a collision, the number what an agent earns, mean
# of the three. In the middle each agent goes to the landmark that is nearest to *it*.
#
# *If a name or a key is missing, or buttons don't answer (after a restart, a reload or an interruption), choose
# **Run > Run All Above Selected Cell**, then run this cell again.*

# %%
import numpy as np
from IPython.display import Markdown

from marl_edu import record
from marl_edu.exercises import lesson_10
from marl_edu.exercises import lesson_10_pictures as pictures
from marl_edu.games import simple_spread
from marl_edu.games.particles.controllers import (
    at_random,
    do_nothing,
    play_episodes,
    spread_out,
)
from marl_edu.learning import Flight
from marl_edu.panels import Steer
from marl_edu.views import LearningCurve, folded, show

# %%
spread = simple_spread()
flown = {
    "doing nothing": do_nothing,
    "each to the nearest one": pictures.to_the_nearest,
    "a controller": spread_out,
}
show(*pictures.flights(spread, flown, seed=21))

# %% [markdown]
# ## You will be able to
#
# - **10.1** put DDPG's update together from actor, critic and slow target networks, mend one for several agents that is
#   faulty, and say why a critic that sees only its own agent is misled when all learn;
# - **10.2** write the target of a centralised critic, with each target actor on its own next observation;
# - **10.3** derive an actor's gradient through a critic that sees all actions, the others' from the replay as in the
#   paper or computed anew, and say what becomes of a one-sample policy gradient as teams grow;
# - **10.4** draw a discrete action by Gumbel noise, and let a gradient straight through it;
# - **10.5** judge a result in a particle world: which convention of returns, greedy or exploring, how many seeds and
#   what interval, and how far from a controller, doing nothing and random play.
#
# **About 150 minutes**, exercises, a game and the quiz included; the whole notebook runs from top to bottom in under
# 60 seconds. It builds on [lesson 06, independent Q-learning](06_independent_q_learning.ipynb), and
# [lesson 08, value factorisation](08_value_factorisation.ipynb).
#
# | section | minutes to read and run | and to do |
# |---|---|---|
# | 1 Play first | 10 | a game: 6 |
# | 2 What is an episode worth? | 7 | exercise: 7 |
# | 3 DDPG in one page | 10 | |
# | 4 What goes wrong when several learn | 9 | |
# | 5 A critic that sees everything | 6 | exercise: 9 |
# | 6 The algorithm, step by step | 12 | exercise: 13 |
# | 7 Uphill through the critic | 8 | exercise: 11 |
# | 8 DDPG or MADDPG? | 12 | |
# | 9 Discrete actions | 5 | exercise: 9 |
# | 10 If nobody tells you the others' policies | 5 | |
# | 11 Fly with those who have learned | 1 | a game: 4 (open-ended exercise for fast students: 14) |
# | 12 Quiz | | 6 |
#
# **Guesses.** Before each experiment you are asked what will come out. Commit a guess, by mouse or keys, then run the
# next cells: they show what happened beside what you thought.
#
# **Pictures.** Functions in `pictures` do nothing but draw; `pictures.flights??` in a cell of your own shows one.
#
# **Exercises.** Write your function in the cell that has its beginning, run it, then run the cell with `check` below
# it. In a cell of your own, `lesson_10.targets.hint()` gives one hint after the other and
# `lesson_10.targets.solution()` a solution, and so for every exercise.

# %% [markdown]
# ## 1 Play first
#
# **Cooperative navigation** (`simple_spread`): three agents, three landmarks, 25 steps of a tenth of a second. An agent
# chooses a **force**, two numbers between -1 and 1. A force changes its velocity, the velocity its place, a step later;
# friction takes a quarter of the velocity away in every step. The team pays for every landmark the distance to the
# agent that is nearest to it; who touches another pays for that. Nobody is told which landmark is whose.
#
# **You are agent 1** (blue; in code agents are counted from 0 and called as in MPE2, so there you are `agent_0`). The
# other two are steered by a program that divides the landmarks among all three such that the ways are shortest in sum,
# and expects you to take yours.

# %%
Steer(
    Flight(simple_spread(), spread_out, called="the program", seed=7),
    name="10.play_spread",
    episodes=3,
)

# %% [markdown]
# **When you have flown**, look at the table: what the same program would have earned in your seat, and what nobody at
# your stick. Did you overshoot? Whoever learns this has to find out about brakes, too.
#
# **Your guess**: each agent takes one of five actions at random in every step: no force, or full force to the left,
# right, down or up. What does an agent earn in an episode, the sum of 25 steps?

# %%
from marl_edu.learning.particle_play import baselines
from marl_edu.panels import MarkerGuess

levels = baselines(spread)
baseline_guess = MarkerGuess(
    "10.baselines",
    "What does an agent earn in an episode of random choices?",
    axis=(-40, 0, "return of an episode, mean over agents"),
    references={name: levels[name] for name in ("do nothing", "controller")},
)
baseline_guess

# %% jupyter={"outputs_hidden": true}
random_choices = at_random(np.random.default_rng(2))
played = play_episodes(
    simple_spread(), random_choices, np.random.default_rng(3), copies=2_000
)
each = played.returns.mean(axis=-1)  # mean over the agents; one for each episode
half = 1.96 * each.std(ddof=1) / np.sqrt(len(each))
baseline_guess.reveal(each.mean(), low=each.mean() - half, high=each.mean() + half)

# %% jupyter={"outputs_hidden": true}
folded()
assert levels["random play"] < levels["do nothing"] < levels["controller"] - 10
assert abs(each.mean() - levels["random play"]) < 3 * half
Markdown(
    f"Random choices earn {each.mean():.1f}, **less than doing nothing** "
    f"({levels['do nothing']:.1f}): whoever wanders off is no nearer to any landmark, and "
    f"runs into others. A single episode is off that mean by {each.std():.0f}, up or down: "
    "one episode says next to nothing, 100 of them know the mean to within "
    f"{1.96 * each.std() / 10:.1f}."
)

# %% [markdown]
# ### Three who learn
#
# Now three agents learn it from nothing but what they are paid, by **MADDPG**, the method of this lesson. (They are
# alike, so here they share one actor and one critic, `shared`: what one learns, all have learned.) On the left is the
# learning curve, mean of three runs, with three lines to hold it against: the controller, doing nothing, and random
# play. On the right is one evaluation episode of the first run, flown without exploration, always from the same
# beginning, by what has been learned so far.
#
# **Try these**, and write down what you saw:
#
# 1. **Play**, and watch for a minute and a half. What do they learn first? When do they stop running into each other?
#    When do they share the landmarks out?
# 2. **Pause**, drag the **timeline** back to where the curve is lowest, and let the episode of that moment run (button
#    **watch**, which also pauses learning). What were they doing then? It is worse than doing nothing.
# 3. How far is the curve from doing nothing, and how far from the controller, when you stop?
#
# <details><summary>What you should have seen</summary>
#
# 1. For the first 300 updates nothing moves: critics learn alone. Then the agents fly off at full force, out of the
#    picture. Next they hover near the middle of the landmarks, where nobody is too far. Only in the end do they divide
#    the landmarks among themselves.
# 2. Away: actors follow what a critic says that has seen little, and it says that further is better.
# 3. After some 2,500 updates it is about half-way between doing nothing and the controller, and after 8,000 in the
#    upper fifth. How long that takes depends on the machine. It goes on rising, ever more slowly.
#
# </details>

# %%
from marl_edu.learning import MADDPG
from marl_edu.panels import ParticlePanel

navigators = ParticlePanel(
    MADDPG(
        simple_spread(),
        seeds=3,
        shared="yes",
        batch=128,
        discount=0.8,
        others="current",
        noise_updates=5_000,
        seed=64,
    ),
    units=12_000,
    controls=["actor_step", "discount"],
)
navigators

# %% [markdown]
# ## 2 What is an episode worth?
#
# Four numbers are in use for one and the same episode of this world, and papers don't always say which. Here, and in
# **MPE2**, the maintained package, whose worlds ours equal number for number, an agent is paid half of the team's
# reward and half of its own; we report the **sum over the 25 steps, mean over the agents**, of episodes flown without
# exploration. Doing nothing and the controller are the levels to hold a result against.

# %% [markdown]
# ### Exercise 1: One episode, four returns
#
# *10.5 · about 7 minutes · easy*
#
# Four papers report the same episode of `simple_spread` by four numbers. `nearest` (T, L) is, for each step and
# landmark, the distance to the agent that is nearest to it; `touching` (T, N, N) says who overlaps whom, and everybody
# overlaps itself. Return a dict with the four returns, undiscounted sums over the steps:
#
# - `"MPE2"`: an agent is paid one half of the team's reward (minus the sum of `nearest`) and one half of its own (minus
#   1 for each *other* agent that it touches); the mean of the agents' returns;
# - `"MPE2 summed"`: the sum of the agents' returns;
# - `"original"`: the first published code has for each agent minus the sum of `nearest`, minus 1 for each agent that it
#   touches, *itself included*; then everybody is paid the sum of all these. One agent's return;
# - `"original summed"`: the sum of the agents' returns.


# %%
def four_returns(nearest, touching):
    """Return a dict: "MPE2", "MPE2 summed", "original", "original summed"."""
    ...


# %%
lesson_10.returns.check(four_returns)

# %% [markdown]
# ## 3 DDPG in one page
#
# Take one agent alone. Q-learning needs $\max_a Q(s, a)$, and with forces there are infinitely many actions to try.
# **Deep deterministic policy gradient** (DDPG; Lillicrap and others 2016) lets a second network say which action is
# best. Two networks, and a slow copy of each, marked $^-$:
#
# - the **actor** $\mu(o)$ says an action for an observation;
# - the **critic** $Q(o, a)$ says what that action is worth.
#
# From remembered transitions $(o, a, r, o')$ the critic learns by the Bellman equation with discount $\gamma$, the
# slow actor's action in the place of the maximum, and the actor learns to climb the critic:
#
# $$y = r + \gamma \, Q^-\bigl(o', \mu^-(o')\bigr), \qquad \text{critic: minimise } \bigl(y - Q(o, a)\bigr)^2, \qquad
# \text{actor: maximise } Q\bigl(o, \mu(o)\bigr).$$
#
# By the chain rule the actor's weights $\theta$ move along $\nabla_\theta \mu(o) \, \nabla_a Q(o, a)$ at $a = \mu(o)$:
# the critic says in which direction the *action* should change, the actor's own gradient says which weights do that.
# To explore, noise is added to the action; what is remembered is what was *played*. The slow copies go a small share
# $\tau$ of the way to the networks that learn, $\theta^- \leftarrow \theta^- + \tau (\theta - \theta^-)$, after every
# step. An episode that is cut off after 25 steps has not ended (lesson 06): the future counts. (In a world that does
# end, the future is multiplied by $1 - d$, with $d = 1$ at the end.)
#
# One agent and one landmark, five seeds:

# %%
from marl_edu.learning import DDPG, MADDPG

light = {"batch": 64, "worlds": 16, "hidden": 32, "critic_hidden": 32}
light.update(actor_step=5e-3, critic_step=1e-2, target_share=0.02, discount=0.8)
light.update(noise=0.4, noise_last=0.05, noise_updates=2_000)
light.update(warm_up=512, capacity=20_000, others="current")
alone = record(DDPG(simple_spread(n_agents=1), seeds=5, **light), 750, 25)
show(*pictures.side_by_side([LearningCurve(title="DDPG, one agent alone")], [alone]))

# %%
reached = alone[-1]["greedy_return"].mean()
reference = alone.references
assert reached > reference["do nothing"] + 0.8 * (
    reference["controller"] - reference["do nothing"]
)
Markdown(
    f"After 750 updates it earns {reached:.1f} (mean of five seeds); the controller "
    f"{reference['controller']:.1f}, doing nothing {reference['do nothing']:.1f}. Alone, DDPG works."
)

# %% [markdown]
# (The settings, here and in all runs below if nothing else is said: two hidden layers of 32, Adam, step size 0.005 for
# actors and 0.01 for critics, batches of 64 from a replay memory of 20,000, sixteen copies of the world, one gradient
# step after each step of all copies, from 512 transitions on, discount 0.8, $\tau$ 0.02, noise from 0.4 to 0.05 of
# half an action's range in 2,000 updates, gradients of a seed cut to the length 0.5; for the first 300 steps the
# critic learns alone, which is the level part of the curve, and begins near the mean value of its first batch. With
# `others="current"` actors are improved against what the others would do *now*, a variant of the paper's algorithm
# that section 7 is about. A horizon of five steps is enough for what lies ahead here; the return that is *reported* is
# the plain sum. These settings were found by a few trials, the same for all methods.)

# %% [markdown]
# ## 4 What goes wrong when several learn
#
# Give each of several agents a DDPG of its own, with a critic $Q_i(o^i, a^i)$. To each of them the others are part of
# the world, and the world moves.
#
# ### The world moves
#
# Two agents choose a number each; the team is paid most, 1, if they add up to a half: $r = 1 - (a^1 + a^2 - 0.5)^2$.
# On the left is the value of both actions together: in this game of one step it is what it is, whatever anybody has
# learned. Agent 2 is on its way up from -0.5. On the right is the value of agent 1's action *alone*. The dashed curve
# is what is true now, the blue one what a critic learns that sees only $a^1$: the mean over what agent 2 did in the
# *remembered* transitions. (Agent 2 varies a little around what it does, which costs a few hundredths.)
#
# **Try these.**
#
# 1. With **memory** 0.5 move **now**, agent 2's present action. Which of the two pictures changes its values?
# 2. What does agent 1's best action look like to its critic (triangle), and where is it really (star)? When do they
#    agree?
# 3. Would it help to forget faster (**memory** 0)? What is the price of that?
#
# <details><summary>What you should have seen</summary>
#
# 1. Only the right one. On the left only the line "agent 2 now" moves.
# 2. The triangle is right for an agent 2 that is half the old one and half the new one, whom nobody will ever meet.
#    They agree if agent 2 stands still.
# 3. Then the critic is right about the present, but it learns from few, similar transitions, which is what a replay is
#    there to avoid. And by the time it has learned them, agent 2 has moved on.
#
# </details>

# %%
from marl_edu.hyperparameters import Real
from marl_edu.panels import Explorer

TENTHS, TWENTIETHS = np.arange(-10, 11) / 10, np.arange(21) / 20


def draw_moving(axes, now, memory):
    """Draw what two critics make of an agent 2 that has moved."""
    return pictures.draw_moving(axes, now, memory)


Explorer(
    draw_moving,
    "The value of one's own action moves, that of all actions does not",
    {
        "now": Real(0.4, -1, 1, "what agent 2 does now", choices=TENTHS.tolist()),
        "memory": Real(
            0.5, 0, 1, "share of the replay from before", choices=TWENTIETHS.tolist()
        ),
    },
    columns=2,
)

# %% [markdown]
# The same, measured: in `simple_speaker_listener` the **speaker** sees which of three landmarks is the goal, and says
# a word; the **listener** hears the word, sees the landmarks but not which is the goal, and moves. Both are paid the
# same: minus the squared distance from the listener to the goal. What is a word worth? (The run takes some ten
# seconds.) We let the speaker say the same word all the time, and see what an episode earns with the listener that has
# been learned so far (the episodes in which landmark 1 is the goal, seed 0).

# %%
from marl_edu.games import simple_speaker_listener
from marl_edu.recording import Recording


def worth_of_words(learner, goal=0):
    """Returns of episodes with this goal, saying word 1, 2 or 3 throughout: (seeds, words)."""
    found = np.zeros((learner.seeds, 3))
    for word in range(3):

        def policy(world, word=word):
            actions = learner.greedy(world.observe())
            actions[..., 0, :] = np.eye(3)[word]  # whatever the speaker's actor says
            return actions

        streams = [np.random.default_rng(100 + k) for k in range(learner.seeds)]
        tried = play_episodes(simple_speaker_listener(), policy, streams, 150)
        for k, goals in enumerate(tried.goals):
            found[k, word] = tried.returns[k, goals == goal, 0].mean()
    return found


def learned_with_words(method, updates=3_000, every=250):
    """Train five seeds; the learner, a recording, and what words are worth at each moment."""
    learner, worth = method(simple_speaker_listener(), seeds=5, **light), []
    kept = Recording.of(learner)
    while learner.units_done < updates:
        learner.advance(every if kept else 0)
        kept.append(learner.units_done, learner.frame())
        worth.append(worth_of_words(learner))
    return learner, kept, np.array(worth)


# %%
import matplotlib.pyplot as plt

talkers, talk, words = {}, {}, {}
talkers["DDPG"], talk["DDPG"], words["DDPG"] = learned_with_words(DDPG)
figure, ax = plt.subplots(figsize=(7.2, 3), layout="constrained")
told = pictures.draw_words(
    ax,
    talk["DDPG"].units,
    words["DDPG"][:, 0],
    "Speaker and listener by DDPG: what words are worth",
)
show(figure, told)

# %%
mean_worth = words["DDPG"][:, 0].mean(axis=1)
moved, later = np.ptp(mean_worth), np.ptp(mean_worth[talk["DDPG"].units >= 500])
apart = np.ptp(words["DDPG"][-1, 0])
assert moved > 5
Markdown(
    "The same observation, the same word, and in the course of learning it is worth up to "
    f"{moved:.0f} more or less, because the *listener* has changed; after 500 updates still "
    f"{later:.0f}. (All words move together; at the end they differ by {apart:.1f}.) The speaker's critic, "
    "which sees goal and word, has to follow that; and its replay is full of answers by listeners that are no more."
)

# %% [markdown]
# ### Why not do without a critic?
#
# There are methods that need no critic: they estimate the gradient from sampled rewards (REINFORCE, lesson 09). DDPG
# does not do that, and this is why one keeps a critic. A team of $N$ is paid 1 if *all* say yes, else 0, and each says
# yes with chance 1/2. The policy gradient from **one** play is the reward times the gradient of the log-chance of what
# was said. The true gradient says to everyone: say yes more often. If anybody said no, the reward is 0 and so is the
# estimate: it points nowhere. **Your guess**: of 1,000 one-sample gradients in a team of *five*, how many point the
# right way (have a positive product with the true gradient)?

# %%
variance_guess = MarkerGuess(
    "10.variance",
    "Of 1,000 one-sample gradients of a team of five, how many point the right way?",
    axis=(0, 1_000, "gradients out of 1,000"),
)
variance_guess

# %% jupyter={"outputs_hidden": true}
rng = np.random.default_rng(0)


def share_right(agents, plays, batch):
    """Share of estimates, each the mean over a batch of plays, that point the right way."""
    yes = rng.random((plays, batch, agents)) < 0.5
    paid = yes.all(axis=2, keepdims=True)
    log_gradient = yes - 0.5  # of log-chance by logit, for each agent
    estimate = (paid * log_gradient).mean(axis=1)
    true_gradient = np.full(agents, 0.5**agents * 0.5)
    return float((estimate @ true_gradient > 0).mean())


of_five = share_right(5, 100_000, 1)
assert abs(of_five - 0.5**5) < 0.003
variance_guess.reveal(1_000 * of_five)

# %% jupyter={"outputs_hidden": true}
sizes, size = np.arange(1, 11), 64
once = [share_right(n, 100_000, 1) for n in sizes]
many = [share_right(n, 2_000, size) for n in sizes]
exact = 0.5**sizes
figure, ax = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
told = pictures.draw_right_way(
    ax, sizes, once, many, exact, 1 - (1 - exact) ** size, size
)
assert np.allclose(once, exact, atol=4 * np.sqrt(exact / 100_000))
show(figure, told)

# %% [markdown]
# It halves with every agent: $2^{-N}$ (Lowe and others 2017, proposition 1). The grey squares are means over a batch:
# at ten agents it, too, mostly has nothing to say. What helps? Let us give an agent the *exact* value of all actions:
# here the product of everybody's chances of saying yes. Its slope for one's own action is the product of the *others'*
# actions. If these are taken from one remembered play, it is 0 unless all others said yes; if they are what the others
# do on average, it never is:

# %% jupyter={"outputs_hidden": true}
folded()
others_said = rng.random((100_000, 4)) < 0.5  # what the other four did in a play
from_play = others_said.all(axis=1)  # the product is 1, else 0
print(
    f"a team of five: one sample {of_five:.3f}, exact critic with the others' actions"
)
print(
    f"of one play {from_play.mean():.3f}, exact critic with their average actions 1.000"
)
assert abs(from_play.mean() - 0.5**4) < 0.004

# %% [markdown]
# So a critic by itself buys one factor of 2; what buys the rest is that it *averages*: over all remembered plays that
# it was fitted to, and over what others do. (DDPG and MADDPG don't estimate by samples of log-chances at all. The
# argument says why one would not want to.)

# %% [markdown]
# ## 5 A critic that sees everything
#
# **Multi-agent DDPG**, MADDPG (Lowe and others 2017), changes one thing. Agent $i$'s critic sees what *all* see and do:
#
# $$Q_i(x, a^1, \dots, a^N), \qquad x = (o^1, \dots, o^N).$$
#
# If $x$ tells the state $s$, then given all actions the world stands still while the others learn:
# $P(s', r \mid s, a^1, \dots, a^N)$ does not depend on anybody's policy. (What follows *after* the next step still
# does, and the critic has to keep up with that.) The critic is there in training only. The actor still sees $o^i$
# alone: *centralised training, decentralised execution*, as in lesson 08. But there is no mixer, and no team reward is
# needed: **every agent has a critic of its own reward**, so they may work together or against each other. With the
# slow networks, the target for agent $i$'s critic is
#
# $$y^i = r^i + \gamma \, Q_i^-\bigl(x', \mu_1^-(o'^1), \dots, \mu_N^-(o'^N)\bigr),$$
#
# every target actor on *its own* next observation. In the package DDPG and MADDPG differ in one function:

# %%
import inspect

for method in (DDPG, MADDPG):
    print(method.__name__)
    print(inspect.getsource(method.critics_see))

# %% [markdown]
# ### Exercise 2: Everybody's next action, for everybody's critic
#
# *10.2 · about 9 minutes · medium*
#
# Write the targets of MADDPG's critics. `batch` is a dict: `observations` and `next_observations` (B, N, F), `actions`
# and `rewards` (B, N), `terminated` and `truncated` (B,). The four lists have a function for each agent: `actors` and
# `critics` are the networks that learn, `slow_actors` and `slow_critics` their target networks. An actor makes an
# action (B,) of one agent's observations (B, F); a critic makes a value (B,) of *all* observations (B, N, F) and *all*
# actions (B, N). Return the targets, (B, N): one column for each agent's critic. (In the check an actor is a weighted
# sum of its observation. A critic is N weights $c_k$ and a number $e$:
# $Q = \sum_k c_k a_k - \frac{e}{2} \bigl(\sum_k a_k - \sum_k o_k\bigr)^2$, the last sum over all entries of all
# observations.)


# %%
def maddpg_targets(batch, actors, critics, slow_actors, slow_critics, discount):
    """Return a target for every transition and every agent's critic, (B, N)."""
    ...


# %%
lesson_10.targets.check(maddpg_targets)

# %% [markdown]
# ## 6 The algorithm, step by step
#
# Algorithm 1 of the paper, each step a cell, in plain PyTorch, for a team of two with two landmarks.
#
# **Initialise.** An actor and a critic for each agent, and a slow copy of each. We take the first weights of a learner
# of the package, so that we can compare in the end.

# %%
import torch
from torch.nn.utils import clip_grad_norm_

torch.set_num_threads(1)  # networks this small gain nothing from more
pair = simple_spread(n_agents=2)
as_in_paper = light | {"others": "buffer", "begin": "zero", "head_start": 0}
package = MADDPG(pair, seeds=1, **as_in_paper)
actors, critics = package.networks("actors"), package.networks("critics")
slow_actors = package.networks("actors", slow=True)
slow_critics = package.networks("critics", slow=True)
print("an actor:", *actors[0])
print("a critic:", *critics[0])


def parameters(networks):
    """All weights and biases of some networks, as one list."""
    return [part for network in networks for part in network.parameters()]


critic_steps = torch.optim.Adam(parameters(critics), lr=package.critic_step)
actor_steps = torch.optim.Adam(parameters(actors), lr=package.actor_step)

# %% [markdown]
# An actor gets 12 numbers (own velocity and place, where landmarks and the other are, and two zeros for a silent
# partner) and says two; a hyperbolic tangent brings them between -1 and 1. A critic gets both observations and both
# actions, 28 numbers, and says one.
#
# **Collect.** All actors act on their own observations; each adds noise of its own; sixteen copies of the world make a
# step.

# %%
noise_rng = np.random.default_rng(1)
world = simple_spread(n_agents=2)


def act(networks, observations):
    """What each actor does with its own observation: (B, 2, 12) -> (B, 2, 2)."""
    each = [torch.tanh(net(observations[:, i])) for i, net in enumerate(networks)]
    return torch.stack(each, dim=1)


def collect(scale=0.3):
    """One step of all copies; what happened, as arrays whose first axis is the copy."""
    if world.steps is None or world.over:
        world.reset(noise_rng, copies=16)
    seen = world.observe()
    with torch.no_grad():
        wanted = act(actors, torch.from_numpy(seen)).numpy()
    played = np.clip(wanted + scale * noise_rng.standard_normal(wanted.shape), -1, 1)
    rewards = world.step(played)
    return seen, played.astype(np.float32), rewards.astype(np.float32), world.observe()


# %% [markdown]
# **Store** what was seen, what was *played* (noise and bounds included), what each was paid, and what was seen next;
# and **sample**, later, a batch of it at random.

# %%
from collections import deque

replay = deque(maxlen=10_000)


def store(transitions):
    """Each copy's transition by itself."""
    replay.extend(zip(*transitions, strict=True))


def sample(size=64):
    """Stacked: observations, actions, rewards, next observations."""
    chosen = noise_rng.integers(len(replay), size=size)
    columns = zip(*(replay[k] for k in chosen), strict=True)
    return [np.stack(column) for column in columns]


for _ in range(30):
    store(collect())
print(
    len(replay), "transitions; shapes of a batch:", *(part.shape for part in sample())
)

# %% [markdown]
# **Critics** by the Bellman equation, with everybody's actions. Each critic gets its own agent's pair of observation
# and action first, then the other's. The episode never *ends*, so there is no $1 - d$ here.


# %%
def judge(networks, i, observations, actions):
    """Q_i of everybody's observations and actions, agent i's own first: (B,)."""
    pairs = torch.cat([observations, actions], dim=-1)
    order = [i, *(j for j in range(2) if j != i)]
    return networks[i](pairs[:, order].flatten(1)).squeeze(1)


def improve_critics(observations, actions, rewards, next_observations):
    """One step down the squared errors of all critics."""
    with torch.no_grad():  # targets stand still
        next_actions = act(slow_actors, next_observations)  # each on its own
    loss = 0.0
    for i in range(2):
        with torch.no_grad():
            future = judge(slow_critics, i, next_observations, next_actions)
        target = rewards[:, i] + package.discount * future
        loss = (
            loss + (target - judge(critics, i, observations, actions)).square().mean()
        )
    critic_steps.zero_grad()
    loss.backward()
    clip_grad_norm_(parameters(critics), package.clip)
    critic_steps.step()


# %% [markdown]
# **Actors** by the deterministic policy gradient: agent $i$'s action is what its actor says *now*, the others' are
# those of the replay (the paper's algorithm; the variant is in section 7). A small price on large outputs keeps the
# tangent from saturating. **Soft update**: all slow networks go a small share of the way.


# %%
def improve_actors(observations, actions):
    """One step up what each critic says of its own agent's present action."""
    loss = 0.0
    for i in range(2):
        said = actors[i](observations[:, i])
        joint = actions.clone()  # the others' actions, from the replay
        joint[:, i] = torch.tanh(said)
        loss = loss - judge(critics, i, observations, joint).mean()
        loss = loss + package.restraint * said.square().mean()
    actor_steps.zero_grad()
    loss.backward()
    clip_grad_norm_(parameters(actors), package.clip)
    actor_steps.step()


@torch.no_grad()
def follow():
    """Slow networks go a share of the way to those that learn."""
    for slow, live in ((slow_actors, actors), (slow_critics, critics)):
        for theirs, ours in zip(parameters(slow), parameters(live), strict=True):
            theirs.lerp_(ours, package.target_share)


# %% [markdown]
# **Assembled**, and beside it the package's learner, which learns from the *same batches* by its own code, all agents'
# networks at once (`learn_from`). After 25 steps both must have the same weights, but for rounding. (Algorithm 1 draws
# a batch for each agent; here, as in the package, one serves all.)


# %%
made = {"updates": 0}


def update():
    """One round of the algorithm; the batch that was learned from."""
    made["updates"] += 1
    store(collect())
    batch = sample()
    observations, actions, rewards, next_observations = map(torch.from_numpy, batch)
    improve_critics(observations, actions, rewards, next_observations)
    improve_actors(observations, actions)
    follow()
    return batch


names = ("observations", "actions", "rewards", "next_observations")
first = package.networks("actors")
for _ in range(25):
    batch = dict(zip(names, (part[None] for part in update()), strict=True))
    package.learn_from(**batch, terminated=np.zeros((1, 64), dtype=bool))


# %%
def largest_difference(ones, others):
    """Over all parameters of two lists of networks."""
    pairs = zip(parameters(ones), parameters(others), strict=True)
    return max((one - other).abs().max().item() for one, other in pairs)


print(f"moved from the beginning by up to {largest_difference(first, actors):.2f}")
for who, own in {"actors": actors, "critics": critics}.items():
    found = largest_difference(package.networks(who), own)
    print(f"{who}: the largest difference from the package's is {found:.1e}")
    assert found < 1e-3, "cells ran out of order: run this section from its beginning"
assert largest_difference(first, actors) > 0.05

# %% [markdown]
# Those few cells are the algorithm. And does it learn?


# %%
def greedy(world):
    """A policy of the world: the actors without noise."""
    with torch.no_grad():
        return act(actors, torch.from_numpy(world.observe())).numpy()


def earns(policy):
    """Mean return of an agent in 500 episodes of the pair's world."""
    return play_episodes(pair, policy, np.random.default_rng(5), 500).returns.mean()


for _ in range(475):
    update()
print(
    f"after {made['updates']:,} updates, one seed: {earns(greedy):.1f} for each agent"
)
print(f"doing nothing {earns(do_nothing):.1f}, the controller {earns(spread_out):.1f}")
assert earns(greedy) > earns(do_nothing)

# %% [markdown]
# (One seed, which says only that it learns at all.)
#
# ### Exercise 3: Find the bugs
#
# *10.1 · about 13 minutes · hard*
#
# Mend this small MADDPG. Row j of `actors` (N, F) holds the weights of agent j's linear actor. `act` returns what the
# agents do, noise included and held within [-1, 1], and what the replay keeps of it. `targets` gets one transition, a
# dict (`observations` and `next_observations` (N, F), `actions` and `rewards` (N,), `terminated`, `truncated`), and
# returns a target for each agent's critic, all from target networks; `critic(observations, actions)` judges everybody's
# observations (N, F) and actions (N,). `climb` returns the weights of agent `i`'s actor after one step up its critic,
# the others acting as the replay says; `slopes(observations, actions)` (N,) are the derivatives of its critic with
# respect to each agent's action. `follow` returns the weights of a target network after it went the `share` of its way
# towards the one that learns. (In the check networks are made of numbers as in the exercise above; `setting` is noise,
# discount, step size or share, as the method needs.)


# %%
class TinyMADDPG:
    def act(self, observations, actors, noise):
        wanted = (actors * observations).sum(axis=1)
        played = np.clip(wanted + noise, -1, 1)
        return played, wanted

    def targets(self, step, slow_actors, slow_critics, discount):
        found = []
        for i, critic in enumerate(slow_critics):
            seen = step["next_observations"][i]
            actions = (slow_actors * seen).sum(axis=1)
            future = critic(step["next_observations"], actions)
            goes_on = 1 - step["truncated"]
            found.append(step["rewards"][i] + discount * goes_on * future)
        return np.array(found)

    def climb(self, step, i, actors, slopes, step_size):
        seen = step["observations"]
        joint = step["actions"].copy()
        return actors[i] + step_size * slopes(seen, joint)[i] * seen[i]

    def follow(self, slow, live, share):
        return share * slow + (1 - share) * live


# %%
lesson_10.mend.check(TinyMADDPG)

# %% [markdown]
# ## 7 Uphill through the critic
#
# The deterministic policy gradient of what agent $i$ gets, $J$, by the weights $\theta_i$ of its actor, estimated from
# a batch $D$ of the replay:
#
# $$\nabla_{\theta_i} J \approx \text{mean over } D \text{ of } \;
# \nabla_{\theta_i} \mu_i(o^i) \; \nabla_{a^i} Q_i\bigl(x, a^1, \dots, a^i, \dots, a^N\bigr)
# \Big|_{a^i = \mu_i(o^i)}.$$
#
# Its own action is what the actor says *now*. For the others' there are two ways, and papers and programs differ:
# Algorithm 1 takes what they *did*, from the replay; the variant, which the package calls `others="current"`, asks
# their actors what they would do *now*. No gradient flows through the others in either.
#
# ### Exercise 4: Uphill through the critic
#
# *10.3 · about 11 minutes · hard*
#
# Agent i, `agent` (numbered from 0), has the linear actor $\mu_i(o_i) = w_i \cdot o_i$. Return the gradient, with
# respect to $w_i$, of the mean over the batch of $Q_i(o, a_1, ..., \mu_i(o_i), ..., a_N)$: an array (F,) that points
# uphill. `observations` is (B, N, F), `actions` (B, N) are those of the replay, `weights` (N, F) the actors'.
# `slopes(observations, joint_actions)` returns the derivatives of $Q_i$ with respect to each agent's action, (B, N),
# at any joint actions (B, N). With `others` `"buffer"` the others do what the replay says, as in the paper; with
# `"current"` what their actors would do now. No gradient flows through the others, and the replay must stay as it is.
# (In the check the critic behind `slopes`, of which you see no more, is the one of exercise 2: its derivative by $a_k$
# is $c_k - e \bigl(\sum_j a_j - \sum_j o_j\bigr)$.)


# %%
def actor_gradient(agent, observations, actions, weights, slopes, others):
    """Return the direction in which this agent's actor improves fastest, (F,)."""
    ...


# %%
lesson_10.gradient.check(actor_gradient)

# %% [markdown]
# ### See the slope
#
# Below, right, is what one agent's critic says while MADDPG learns: its value over the agent's own force, sideways and
# up, while the others do what they do. The star is what the actor does, the small disc what the other one does, the
# arrow the way uphill; lines say how much more or less a force is worth than the star. Left is the evaluation episode
# that it belongs to. **Move the mouse** over the left picture to choose an agent, over the right one to read off
# values (or use the buttons).
#
# **Try these.**
#
# 1. **Play** for some five seconds and pause. Go through the episode by **step**: when is the surface steep, and when
#    is it flat? Where is the star?
# 2. Drag the **timeline** back to the beginning: what does a critic say that has learned nothing?
# 3. Find a step in which an agent is on its landmark and moving. Which way does its critic send it?
#
# <details><summary>What you should have seen</summary>
#
# 1. Far from the landmark it is a slope, highest at the border in the direction of the landmark: full force, the star
#    is in a corner or on an edge. Near the landmark it becomes a hill with its top inside.
# 2. A surface of its own, which has nothing to do with landmarks. That is why the critic learns alone for the first
#    300 updates: an actor that climbed this would fly off.
# 3. Against its velocity: it brakes.
#
# </details>

# %%
ParticlePanel(
    MADDPG(simple_spread(n_agents=2), surface=13, **light),
    units=4_000,
    preview=600,
    controls=["actor_step", "critic_step", "noise", "others"],
)

# %% [markdown]
# ## 8 DDPG or MADDPG?
#
# Same settings, same seeds, four worlds (each run below takes some ten seconds): two **cooperative** ones, navigation
# (for two agents) and speaker and listener; a **competitive** one, `simple_push`, where an agent wants to be at the
# goal and an adversary wants to be there instead; and a **mixed** one, `simple_adversary`, where two agents want one
# of them to be at the goal and an adversary far from it. In both of the latter *the adversary is not told which
# landmark is the goal*; it has to learn it from what the others do.
#
# **Your guess** about speaker and listener: draw the return of **MADDPG**. (The lines: where DDPG's run of section 4
# ended; what a listener earns that goes straight to the middle of the three landmarks, which takes no word; and one
# that is told the goal.)


# %%
def steer_to(place_of):
    """A policy of the world: the listener goes straight to a place, and brakes."""

    def policy(world):
        wanted = place_of(world) - world.positions[..., 1, :]
        actions = np.zeros((*world.copies, 2, 3))
        actions[..., 1, :2] = np.clip(5 * wanted - world.velocities[..., 1, :], -1, 1)
        return actions

    return policy


talk_levels = {}
for name, place in {
    "told the goal": lambda world: world.goal_positions()[..., 0, :],
    "going to the middle": lambda world: world.landmarks.mean(axis=-2),
}.items():
    flown_there = play_episodes(
        simple_speaker_listener(), steer_to(place), np.random.default_rng(7), 2_000
    )
    talk_levels[name] = float(flown_there.returns.mean())

# %%
from marl_edu.panels import CurveGuess

talk_levels["DDPG's end"] = float(talk["DDPG"][-1]["greedy_return"].mean())
curve_guess = CurveGuess(
    "10.curve",
    "Speaker and listener: what does MADDPG earn, without exploration, mean of five runs?",
    x=(0, 3_000, "updates"),
    y=(-45, 0, "greedy return, mean over agents"),
    references=talk_levels,
)
curve_guess

# %% jupyter={"outputs_hidden": true}
talkers["MADDPG"], talk["MADDPG"], words["MADDPG"] = learned_with_words(MADDPG)
curve_guess.reveal(talk["MADDPG"], "greedy_return")

# %% jupyter={"outputs_hidden": true}
views = [
    LearningCurve(title=name, y_label="greedy return, mean over agents")
    for name in talk
]
show(*pictures.side_by_side(views, list(talk.values()), limits=(-45, 0)))

# %% jupyter={"outputs_hidden": true}
figure, ax = plt.subplots(figsize=(7.2, 3), layout="constrained")
spread_of = {
    name: np.ptp(worth, axis=2) for name, worth in words.items()
}  # moment, seed
show(figure, pictures.draw_spreads(ax, talk["DDPG"].units, spread_of))

# %% [markdown]
# How much it matters what is said: the difference between the best and the worst word if landmark 1 is the goal, mean
# of five seeds with its 95 % interval. (It is never 0: each word's return is a mean of some fifty episodes, and the
# best of three means is above the worst by chance.) And where does the listener go in the end?

# %% jupyter={"outputs_hidden": true}
folded()


def follows(learner):
    """The policy of the learner's actors."""
    return lambda world: learner.greedy(world.observe())


nearest_is_goal = {}
for name, learner in talkers.items():
    streams = [np.random.default_rng(200 + k) for k in range(5)]
    ends = play_episodes(simple_speaker_listener(), follows(learner), streams, 200)
    place = ends.positions[
        :, :, -1, 1
    ]  # seed, episode, coordinate: the listener's last
    away = np.linalg.norm(place[:, :, None] - ends.landmarks, axis=-1)
    nearest_is_goal[name] = (away.argmin(axis=-1) == ends.goals).mean(axis=1)
    goal = np.take_along_axis(away, ends.goals[..., None], axis=-1).mean()
    shares = " ".join(f"{part:.2f}" for part in nearest_is_goal[name])
    print(f"{name:7} ends {goal:.2f} from the goal; it is the landmark nearest to the")
    print(f"        listener in a share of {shares} (five seeds; guessing: 0.33)")
assert nearest_is_goal["MADDPG"].mean() > nearest_is_goal["DDPG"].mean() + 0.1

# %% [markdown]
# DDPG's listener ends at the goal hardly more often than by guessing: there is nothing in the words. MADDPG's does so
# more often. Why? A word is heard one step later. In MADDPG the target of the speaker's critic holds the listener's
# *next* observation, with the word in it, and what the listener's slow actor does with that; so the critic can tell
# what a word is good for. DDPG's sees goal and word, and a reward that seems to depend on neither.
#
# **Your guess** about all four: in which worlds will MADDPG be ahead of DDPG, in the same seat and with the same
# opponents, so that the 95 % interval of the difference does not touch 0? (The runs take some fifteen seconds.)

# %%
from marl_edu.panels import ChoiceGuess

worlds_guess = ChoiceGuess(
    "10.ddpg_or_maddpg",
    "Where is MADDPG clearly ahead of DDPG?",
    options=[
        "in all four worlds, and for every seat",
        "in both cooperative worlds only",
        "where somebody's reward hangs on what only the others see",
        "nowhere: five seeds don't tell",
    ],
)
worlds_guess

# %% jupyter={"outputs_hidden": true}
from marl_edu.games import simple_adversary, simple_push

budgets = {
    simple_spread(n_agents=2): 1_000,
    simple_push(): 1_000,
    simple_adversary(): 1_500,
}
trained = {}
for arena, updates in budgets.items():
    for method in (DDPG, MADDPG):
        learner = method(arena, seeds=5, **light)
        learner.advance(updates)
        trained[arena.name, method.__name__] = learner

# %% [markdown]
# In the two worlds with sides, returns of a learner against *itself* mislead: if its adversaries are weak, its good
# agents look strong. So they meet crosswise: each method's adversaries against each method's good agents, all pairs of
# seeds, on the same beginnings. Differences are taken in the same seat against the same opponents.

# %% jupyter={"outputs_hidden": true}
from marl_edu.learning import cross_play, difference_interval, mean_interval

METHODS, ROUND = ("DDPG", "MADDPG"), ("simple_push", "simple_adversary")
met = {}  # (world, who steers adversaries, who the good agents): seed, seed, agent
for name in ROUND:
    for row in METHODS:
        for column in METHODS:
            pairing = cross_play(
                trained[name, row], trained[name, column], episodes=100
            )
            met[name, row, column] = pairing.returns
last = {"speaker and listener": [talk[name][-1] for name in METHODS]}
last["navigation, all"] = [trained["simple_spread", name].frame() for name in METHODS]

# %% jupyter={"outputs_hidden": true}
ahead = {}
for seat, frames in last.items():
    one, two = (frame["greedy_return"].mean(axis=1)[:, None] for frame in frames)
    ahead[seat] = difference_interval(two, one)
for name in ROUND:
    for other in METHODS:
        one, two = (met[name, own, other][..., 0] for own in METHODS)
        ahead[f"{name}: adversary,\nagainst {other}"] = difference_interval(two, one)
        one, two = (met[name, other, own][..., 1:].mean(axis=-1).T for own in METHODS)
        ahead[f"{name}: good,\nagainst {other}"] = difference_interval(two, one)
clear = [seat for seat, found in ahead.items() if found.low > 0]
blind = [seat for seat in ahead if "speaker" in seat or "adversary," in seat]
cooperative = {"speaker and listener", "navigation, all"}
outcome = 0 if len(clear) == len(ahead) else 1 if {*clear} == cooperative else 2
outcome = outcome if clear else 3
found = f"{len(clear)} of {len(ahead)} comparisons are clear; the picture has them all."
worlds_guess.reveal(outcome, because=found)

# %% jupyter={"outputs_hidden": true}
figure, ax = plt.subplots(figsize=(8.4, 4.6), layout="constrained")
difference = "return with MADDPG less return with DDPG"
show(figure, pictures.draw_differences(ax, ahead, difference))

# %% [markdown]
# And what the **adversary** earns in each meeting, with a 95 % interval that takes both sides' seeds as random:

# %% jupyter={"outputs_hidden": true}
tables = []
for name in ROUND:
    table = {}
    for r, c in np.ndindex(2, 2):
        paid = met[name, METHODS[r], METHODS[c]][..., 0]
        table[METHODS[r], METHODS[c]] = mean_interval(paid, same_runs=r == c)
    tables.append(table)
figure, axes = plt.subplots(1, 2, figsize=(8.6, 3.4), layout="constrained")
titles = [f"{name}: adversary's return" for name in ROUND]
show(figure, pictures.draw_meetings(axes, tables, METHODS, titles))

# %% jupyter={"outputs_hidden": true}
folded()
print("clearly ahead with MADDPG:")
for seat in clear:
    print("   ", seat.replace("\n", " "))
own = {name: met["simple_adversary", name, name][..., 1:].mean(-1) for name in METHODS}
print(
    "simple_adversary, what the good agents earn against adversaries of their own kind:"
)
for name, paid in own.items():
    print(f"    {name:7} {mean_interval(paid, same_runs=True)}")
assert np.mean([ahead[seat].mean for seat in blind]) > 1.5
assert all(ahead[seat].mean > 0.5 for seat in blind)
assert abs(ahead["navigation, all"].mean) < 3

# %% [markdown]
# ### An honest verdict
#
# MADDPG is far ahead where an agent's reward hangs on something that *only others see*: the speaker's reward on what
# the listener does with its word; the adversary's on the goal, which it is not told, but which stands in the others'
# observations, and its *critic* reads them while it trains. The actor gains from a critic that understands what was
# paid for. In navigation everybody sees where everybody is, so a critic that sees only its own agent knows nearly as
# much: for two agents and 1,000 updates our five seeds show no clear difference (the picture has the interval). The
# good agents of `simple_adversary`, who are told the goal, are ahead in some runs and not in others. "MADDPG is better
# than DDPG" is too short; say *for whom, and why*. (And with ten intervals of 95 % each, one that misses is no
# surprise.)
#
# The last lines above are the trap: against their *own* adversaries the good agents of one method may look better,
# because those adversaries are worse. In a world with sides a number without the opponent's name says nothing. And how
# far all this is from what is possible? The controller's line in navigation shows it: these are short runs with small
# networks. The panel of section 1 gets further in a minute and a half.

# %% [markdown]
# ## 9 Discrete actions
#
# Some worlds allow no forces in between, only *choices*: nothing, left, right, down, up. An actor then says one number
# for each choice (**logits** $\ell_a$), and draws. But a gradient can't flow through a draw. Two tricks make it:
#
# - **Gumbel-max**: add to every logit independent noise $g_a = -\log(-\log u_a)$, $u_a$ uniform in (0, 1), and take the
#   largest. The chance of choice $a$ is then exactly its softmax, $e^{\ell_a} / \sum_b e^{\ell_b}$. The noise is drawn
#   outside of the network; what is left is a function of the logits.
# - **Straight through**: that function jumps, so its derivative is 0 or nothing. Going forward, use the choice as it is
#   (a one-hot vector). Going back, pretend it had been softmax$\bigl((\ell + g) / T\bigr)$, which has a derivative. The
#   temperature $T$ says how soft.
#
# What is *stored* is the choice that was played, never its soft stand-in: reward and next observation came of the
# choice.
#
# **Try these.** 1. Move **draw**: how often is "nothing" chosen? 2. Lower **temperature**: what does the stand-in
# become, and what becomes of its derivative?
#
# <details><summary>What you should have seen</summary>
#
# 1. In about four of ten draws, its softmax. 2. It comes nearer to the action, but it is flat nearly everywhere: a
#    better stand-in with a worse gradient.
#
# </details>

# %%
logits = np.array([1.0, 0.0, -1.0, 0.5, 0.0])
choices = ["nothing", "left", "right", "down", "up"]
noises = np.random.default_rng(4).gumbel(size=(20, 5))


def draw_choice(axes, draw, temperature):
    """Draw one choice by Gumbel noise, and what the gradient takes it for."""
    return pictures.draw_choice(
        axes, logits, noises[int(draw) - 1], temperature, choices
    )


Explorer(
    draw_choice,
    "A choice, and what a gradient takes it for",
    {
        "draw": Real(1, 1, 20, "which noise is drawn", choices=list(range(1, 21))),
        "temperature": Real(
            1.0,
            0.1,
            5,
            "temperature of the stand-in",
            choices=[0.1, 0.25, 0.5, 1, 2, 5],
        ),
    },
    columns=2,
)

# %%
uniform = np.random.default_rng(0).random((200_000, 5))
drawn = (logits - np.log(-np.log(uniform))).argmax(axis=1)
counted = np.bincount(drawn, minlength=5) / len(drawn)
softmax = np.exp(logits) / np.exp(logits).sum()
for name, found, exact_chance in zip(choices, counted, softmax, strict=True):
    print(f"{name:8} drawn {found:.3f}, softmax {exact_chance:.3f}")
assert np.abs(counted - softmax).max() < 0.006

# %% [markdown]
# ### Exercise 5: A choice that lets a gradient through
#
# *10.4 · about 9 minutes · medium*
#
# Draw one of A choices, and say how to change the logits. `logits` (A,) are the actor's, `uniforms` (A,) are random
# numbers in (0, 1), of which `-log(-log(uniform))` makes Gumbel noise. The choice is where logit plus noise is largest.
# Return two arrays: the *action*, a one-hot vector (A,); and the *gradient* with respect to the logits, straight
# through: `slopes` (A,) are the critic's derivatives with respect to the entries of the action, and on the way back the
# action is treated as if it had been $p$ = softmax(noisy logits / `temperature`), whose derivative is
# $\partial p_b / \partial \ell_a = p_a (1_{a=b} - p_b)$ / temperature.


# %%
def straight_through(logits, uniforms, slopes, temperature):
    """Return the action, a one-hot vector, and the gradient with respect to the logits."""
    ...


# %%
lesson_10.gumbel.check(straight_through)

# %% [markdown]
# And it learns: one agent, one landmark, as in section 3, once with forces and once with five choices.

# %%
chosen = record(
    DDPG(simple_spread(n_agents=1), seeds=5, actions="discrete", **light), 750, 25
)
views = [LearningCurve(title="forces"), LearningCurve(title="five choices")]
show(*pictures.side_by_side(views, [alone, chosen], limits=(-32, 0)))

# %%
by_choice = chosen[-1]["greedy_return"].mean()
assert by_choice > reference["do nothing"] + 0.2 * (
    reference["controller"] - reference["do nothing"]
)
Markdown(
    f"Five seeds each, 750 updates: forces {reached:.1f}, five choices {by_choice:.1f}. "
    "(Exploration is the draw itself; no further noise is added.)"
)

# %% [markdown]
# ## 10 If nobody tells you the others' policies
#
# The target needs everybody's actor: $\mu_j^-(o'^j)$. In training in one place that is no secret. If it is, agent $i$
# can *infer* it: an approximation $\hat\mu_i^j$ of every other $j$, another network, learned by maximum likelihood
# from what $j$ was seen to do, with a small bonus $\lambda H$ for staying undecided (the paper's equation 7), stands
# in the target in the place of $j$'s actor (equation 8).
#
# How far the approximations are from the truth, and what it costs, in `simple_push`, same settings and seeds as in
# section 8:

# %%
from marl_edu.learning import InferredMADDPG

inferring = InferredMADDPG(simple_push(), seeds=3, **light)
inferred = record(inferring, 1_000, 100)
error = inferred.series("approximation_error")  # moment, seed, who, about whom
for updates in (400, 700, 1_000):
    moment = inferred.units.tolist().index(updates)
    for whom, (j, i) in {"adversary": (0, 1), "agent": (1, 0)}.items():
        off = error[moment, :, i, j].mean()
        print(
            f"after {updates:5,} updates, what is thought of the {whom}: off by {off:.2f}"
        )

# %%
known = trained["simple_push", "MADDPG"]
tested = {}  # who steers (adversary, agent): who is compared in rows
for who, learner in {"known": known, "inferred": inferring}.items():
    tested["adversary", who] = cross_play(learner, known).returns[..., 0]
    tested["agent", who] = cross_play(known, learner).returns[..., 1].T
for seat in ("adversary", "agent"):
    found = difference_interval(tested[seat, "inferred"], tested[seat, "known"])
    print(
        f"the {seat} earns {tested[seat, 'known'].mean():.1f} if it learned with known"
    )
    print(
        f"    policies, {tested[seat, 'inferred'].mean():.1f} with inferred; difference {found}"
    )
    assert abs(found.mean) < 4

# %% [markdown]
# (Off: mean squared distance between the two forces, mean of three seeds. Opponents are those of section 8. Intervals
# of 95 %; three seeds against five.) The approximations run after actors that move. In what is earned these few seeds
# show no clear difference: a target follows at some distance anyway.
#
# Another idea of the paper's is for worlds with rivals: who learns against *one* opponent learns to beat that one. In
# a **policy ensemble** every agent has several sub-policies, draws one of them before every episode, and each learns
# from the episodes in which it acted. The package has it, as `EnsembleMADDPG(world, policies=3)`. Does it pay? Where
# we measured it, in `simple_push` with light settings, 4,000 updates and opponents of other seeds, it did not
# (`EnsembleMADDPG??` in a cell of your own has the figures). There was little to mend: those agents had hardly fitted
# themselves to *their* opponents. Fast students may look for a world in which they do.

# %% [markdown]
# ## 11 Fly with those who have learned
#
# You are agent 1 again, but now the others are steered by what MADDPG has learned: by the learner of section 1's
# panel, if you let it play there (it may go on playing), else by the pair of section 8's navigation, which had little
# time to learn. Do they make room for you? Do they take the landmark that *you* left?

# %%
learned = navigators.algorithm
if learned.units_done < 2_000:
    learned = trained["simple_spread", "MADDPG"]
Steer(
    Flight(learned.game, learned),
    name="10.fly_with_learned",
    episodes=3,
    title="Fly with learners",
)

# %% [markdown]
# ### Exercise 6, open-ended: A controller of your own
#
# *10.5 · about 14 minutes · hard · for fast students, on top of the 150 minutes*
#
# Write a controller for `simple_spread` with three agents. *All three* are steered by your one function, each with
# what it sees itself: its `velocity` (2,), the `landmarks` (3, 2) and the `others` (2, 2), relative to itself. Nobody
# is told who is number one, and nobody can speak. Return the force (2,), within [-1, 1]. A landmark counts as far away
# as the agent that is nearest to it, and collisions cost. The check plays 40 episodes and reports the mean return of
# an agent on MPE2's scale, with its interval: that must lie above -9. What doing nothing, random choices and the
# package's own controller earn stands in section 2: place your result among them, as you do with a learner's.


# %%
def steer(velocity, landmarks, others):
    """Return this agent's force, two numbers within [-1, 1]."""
    ...


# %%
lesson_10.steering.check(steer)

# %% [markdown]
# ## 12 Quiz
#
# Five questions. Every answer, wrong or right, is explained; you may try as often as you like.

# %%
lesson_10.quiz

# %% [markdown]
# ## What you should take away
#
# 1. An actor says an action, a critic what it is worth, and the actor climbs the critic. Target networks stand still
#    for the critic's sake; what is remembered is what was played.
# 2. To an agent that learns alone the world moves, because the others learn. Given *all* actions it stands still:
#    MADDPG's critics see everything, its actors only their own observation.
# 3. In the target each slow actor acts on its *own* next observation; in the actor's gradient its own action is of now,
#    the others' are from the replay (the paper) or of now (a variant). Say which.
# 4. Discrete actions: Gumbel noise makes the draw, straight-through makes the gradient, and the replay keeps the draw.
# 5. MADDPG pays where an agent's reward hangs on what only others see. A result needs its convention, its opponents,
#    its seeds and interval, and a controller to hold it against.
#
# ## Common misconceptions
#
# - **"The centralised critic is needed for acting."** It is needed for the actors' gradients; it stays at home.
# - **"MADDPG is for teams."** Every agent has a critic of its own reward; opponents are welcome.
# - **"MADDPG beats DDPG."** For two agents in navigation, five seeds and 1,000 updates showed no clear difference.
# - **"The target actors act on what agent i sees."** Each acts on its own next observation; a program in which they
#   don't runs, and learns something.
# - **"The replay keeps what the actor said."** It keeps what was played, noise, bounds and choice included.
# - **"A time limit is an end."** Every episode here is cut off; the future counts.
# - **"Better than random play is learned."** Random play is worse than doing nothing.
# - **"Its own return shows how good a learner in a world with sides is."** It shows how it fares against itself.
#
# ## Sources
#
# - R. Lowe, Y. Wu, A. Tamar, J. Harb, P. Abbeel and I. Mordatch, "Multi-agent actor-critic for mixed
#   cooperative-competitive environments", NeurIPS 2017: section 4 (equations 5 to 9), proposition 1, algorithm 1.
# - T. Lillicrap and others, "Continuous control with deep reinforcement learning", ICLR 2016: algorithm 1 (DDPG).
# - D. Silver and others, "Deterministic policy gradient algorithms", ICML 2014: theorem 1.
# - E. Jang, S. Gu and B. Poole, "Categorical reparameterization with Gumbel-softmax", ICLR 2017: equations 1 and 2,
#   section 2.2 (straight through).
# - F. Pardo, A. Tavakoli, V. Levdik and P. Kormushev, "Time limits in reinforcement learning", ICML 2018: a cut is no
#   end.
# - The MPE2 package of the Farama Foundation, 2025: the particle worlds as they are maintained today.
#
# **Next**: lesson 11, multiagent rollout (planned): one agent after the other, with a guarantee that it gets no worse.
