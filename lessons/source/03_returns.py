# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 Returns
#
# **Rewards come one after the other, to one agent after the other; a learner needs one number.** In this lesson you
# make that number, see what its discount does to plans, estimate it from episodes with an honest error, and find out
# what becomes of everybody's return when one agent is paid for itself.
#
# Here is the question as a picture: one episode in which two agents cross a slippery yard, and what each of them was
# paid at each step. How good was that?
#
# *If a name is not defined or buttons don't answer (after a restart or a reload), choose
# **Run > Run All Above Selected Cell**, then run this cell again.*

# %%
import numpy as np
from IPython.display import Markdown

from marl_edu import gridworld
from marl_edu.exercises import lesson_03
from marl_edu.games import CROSSING
from marl_edu.views import folded, show

yard = gridworld(CROSSING, reward="individual", slip=0.1, discount=0.9, name="yard")
policies = lesson_03.careless_policies(yard, care=0.7)
rewards, _, ended = lesson_03.play_episode(yard, policies, np.random.default_rng(3))
assert ended and len(rewards) > 5  # axes: step, agent
show(*lesson_03.draw_rewards(rewards))

# %% [markdown]
# The rules of the yard: each agent wants to get to the corner opposite to its own; one move in ten slips to another
# side; both follow a good plan seven times in ten and otherwise move at random. Each is paid its *own* reward.
#
# ## You will be able to
#
# - **03.1** compute the return of each agent and of the team, in either index convention, backwards through ends and
#   time limits;
# - **03.2** say what a discount means: its horizon, and at which discount two plans swap places;
# - **03.3** estimate an expected return from episodes, with its standard error, and say how many episodes are needed;
# - **03.4** explain what happens to the return of the team, and of each agent, when one of them is rewarded
#   individually.
#
# **About 120 minutes**, exercises, a game and the quiz included; the whole notebook runs from top to bottom in under
# 30 seconds. It builds on [lesson 02](02_markov_games.ipynb) (Markov games: states, joint actions,
# rewards).
#
# | section | minutes to read and run | and to do |
# |---|---|---|
# | 1 Play first | 7 | a game: 5 |
# | 2 One number for each agent | 12 | |
# | 3 What a discount does | 14 | exercise: 6 |
# | 4 Backwards | 8 | exercises: 18 |
# | 5 Monte Carlo | 17 | exercise: 7 |
# | 6 Whose return? | 18 | (open-ended exercise for fast students: 15) |
# | 7 Quiz | | 8 |
#
# **Guesses.** Before each experiment you are asked what will come out. Commit a guess, by mouse or keys, then run the
# next cell: it shows what happened beside what you thought.
#
# **Exercises.** Write your function in the cell that has its beginning, run it, then run the cell with `check` below
# it. In a cell of your own, `lesson_03.swap.hint()` gives one hint after the other, `lesson_03.swap.solution()` a
# solution.
#
# Functions named `draw_...` only draw: you may skip them. Below each list to try stands, folded, what there was to see;
# look after you have tried.

# %% [markdown]
# ## 1 Play first
#
# You are agent 1. In each turn you and somebody else choose at the same time to *cooperate* or to *defect*. If both
# cooperate, each is paid 3; if both defect, each is paid 1; and who defects alone is paid 5, the other one 0. That is
# the **prisoner's dilemma**. (The state remembers what *you* did last, and the other one sees it.)
#
# Play the twenty turns twice. **Find out while you play**: what does the other one do? Is it better to earn 5 now?
# Does your answer change in the last turn? Would it, if each turn were the last one with chance one half?

# %%
from marl_edu import MarkovGame
from marl_edu.games import prisoners_dilemma

payoffs = prisoners_dilemma().rewards[:, 0]  # axes: agent, action 1, action 2
transitions = np.zeros((2, 2, 2, 2))  # state, action 1, action 2, next state
transitions[:, 0, :, 0] = transitions[:, 1, :, 1] = 1
dilemma = MarkovGame(
    transitions,
    np.repeat(payoffs[:, None], 2, axis=1),  # the same payoffs in both states
    discount=0.9,
    states=["you cooperated last", "you defected last"],
    actions=["cooperate", "defect"],
    name="prisoner's dilemma with a memory",
)

# %%
from marl_edu.learning import FixedPartner, Match
from marl_edu.panels import Play

match = Match(dilemma, FixedPartner(np.eye(2)))
Play(match, name="03.play_mirror", turns=20, show="after", title="Play somebody")

# %% [markdown]
# <details><summary>After your two matches: who was it?</summary>
#
# A mirror: it cooperates in the first turn, and from then on does what you did in the turn before. It is known as
# **tit for tat**. Against it to defect earns 2 more now and costs 3 in the next turn, if you then cooperate again. But
# nothing follows the last turn, so there is no next one to pay for it: the best is to cooperate until then, and to
# defect once, at the end.
#
# </details>
#
# The next cell computes what three plans are paid against it, and that last one. It also finds the most that twenty
# turns can bring at all, from the last turn backwards.

# %% jupyter={"outputs_hidden": true}
PLANS = {"always cooperate": [0, 0], "always defect": [1, 1], "take turns": [1, 0]}
mirror = np.eye(2)  # row: what agent 1 did last; column: what the mirror does


def paid_to_1(plan, steps, end=()):
    """Rewards of agent 1: a plan (an action for each state), and at the end these actions."""
    state, rewards = 0, []
    for t in range(steps):
        own = end[t - steps] if t >= steps - len(end) else plan[state]
        joint = (own, int(mirror[state].argmax()))
        state, paid = dilemma.sample(state, joint, np.random.default_rng(0))
        rewards.append(paid[0])
    return np.array(rewards)


# %% jupyter={"outputs_hidden": true}
folded()
rows = {name: paid_to_1(plan, 20) for name, plan in PLANS.items()}
rows["defect at the end only"] = paid_to_1(PLANS["always cooperate"], 20, end=[1])
for name, paid in rows.items():
    begins, ends_with = (
        ", ".join(f"{r:g}" for r in part) for part in (paid[:4], paid[-2:])
    )
    print(f"{name:22} {begins}, ..., {ends_with}   sum of 20 turns: {paid.sum():g}")

most = np.zeros(2)  # in each state, with no turn left
for _ in range(20):  # rows: the state, so what the mirror does; columns: what you do
    most = (payoffs[0].T + most).max(axis=1)
print(f"the most that 20 turns can bring: {most[0]:g}")
assert most[0] == rows["defect at the end only"].sum()

# %% [markdown]
# If it goes on, and no turn is known to be the last, which one is best depends on how much what comes later counts. The
# next sections make that precise.

# %% [markdown]
# ## 2 One number for each agent
#
# Let $R_t^i$ be the reward that agent $i$ is paid *for* the joint action $a_t$ at step $t$. Its **return** from step
# $t$ on is
#
# $$G_t^i = R_t^i + \gamma R_{t+1}^i + \gamma^2 R_{t+2}^i + \dots = \sum_{k \ge 0} \gamma^k R_{t+k}^i,$$
#
# with the **discount** $\gamma$ between 0 and 1. There is one return for each agent, its **individual** return, and
# one for the team, the **global** return, their sum: $G_t = \sum_i G_t^i$.


# %%
def discounted(rewards, discount):
    """The return from the first of these rewards on: axes (step,) or (step, agent)."""
    return discount ** np.arange(len(rewards)) @ rewards


own = discounted(rewards, yard.discount)
team = discounted(rewards.sum(axis=1), yard.discount)
print(f"agent 1: {own[0]:.2f}   agent 2: {own[1]:.2f}   team: {team:.2f}")
assert abs(own.sum() - team) < 1e-12

# %% [markdown]
# **Two conventions for one number.** Books differ in what they call the reward that is paid for $a_t$. Here it is
# $R_t$; Sutton and Barto call it $R_{t+1}$, because it arrives together with the next state $s_{t+1}$:
#
# | | paid for the action at $t$ | return at $t$ | recursion |
# |---|---|---|---|
# | here | $R_t$ | $R_t + \gamma R_{t+1} + \dots$ | $G_t = R_t + \gamma G_{t+1}$ |
# | Sutton and Barto | $R_{t+1}$ | $R_{t+1} + \gamma R_{t+2} + \dots$ | $G_t = R_{t+1} + \gamma G_{t+1}$ |
#
# The number $G_t$ is the same in both: the first reward counts in full. What goes wrong in practice is to take the
# names of one and the powers of the other. In an array of the second kind, place 0 is empty:

# %%
theirs = np.concatenate([[np.nan], rewards[:, 0]])  # theirs[t + 1] is our rewards[t]
t, gamma = 2, yard.discount
ours_t = sum(gamma**k * rewards[t + k, 0] for k in range(len(rewards) - t))
theirs_t = sum(gamma ** (k - t - 1) * theirs[k] for k in range(t + 1, len(theirs)))
mixed_up = sum(gamma ** (k - t) * theirs[k] for k in range(t + 1, len(theirs)))
print(f"G at step {t}: {ours_t:.3f} here, {theirs_t:.3f} there")
print(f"their names with our powers: {mixed_up:.3f}, too small by the factor {gamma:g}")
assert abs(ours_t - theirs_t) < 1e-12 and abs(mixed_up - gamma * ours_t) < 1e-12

# %% [markdown]
# **Try it on the episode.** In the picture below, pale bars are rewards, dark ones what they count from step $t$ on.
# Move **step**: what has been paid before it is no longer part of the return. Then move **discount** to 0, and to 1.
# At which step is the return of each agent largest? For which discount is the team's return at step 0 above 0?

# %%
from marl_edu.hyperparameters import Real
from marl_edu.panels import Explorer


def look_from(axes, discount, step):
    return lesson_03.draw_returns(axes, rewards, discount, step)


HUNDREDTHS = [k / 100 for k in range(101)]
controls = {
    "discount": Real(0.9, 0, 1, "weight of the next reward, gamma", choices=HUNDREDTHS),
    "step": Real(0, 0, 9, "from which step on", choices=range(len(rewards))),
}
Explorer(look_from, "Returns of one episode", controls, columns=3)

# %% jupyter={"outputs_hidden": true, "source_hidden": true}
# What you should have seen: run this cell, then open it.
ahead = [discounted(rewards[t:], yard.discount) for t in range(len(rewards))]
(step_1, step_2), (top_1, top_2) = np.argmax(ahead, axis=0), np.max(ahead, axis=0)
summed = {g: discounted(rewards.sum(axis=1), g) for g in HUNDREDTHS}
above = min(g for g, found in summed.items() if found > 0)
Markdown(
    lesson_03.folded(
        f"The return of agent 1 is largest at step {step_1} ({top_1:.3g}), that of agent 2 at "
        f"step {step_2} ({top_2:.3g}): the step at which it arrives. The team's return at "
        f"step 0 is above 0 from a discount of {above:g} on: the price of the way is paid at "
        "once, the 10 for arriving come late. With discount 0 one bar is dark; with discount "
        "1 all bars from the step on are as dark as they are long."
    )
)

# %% [markdown]
# ## 3 What a discount does
#
# The reward $k$ steps ahead has the weight $\gamma^k$. All weights together are
# $1 + \gamma + \gamma^2 + \dots = 1 / (1 - \gamma)$. That number is the **effective horizon**: a return is about as
# large as the sum of so many rewards. It is a scale, not a border. The share of the weight within the first $h$ steps
# is
#
# $$\frac{1 + \gamma + \dots + \gamma^{h-1}}{1 + \gamma + \gamma^2 + \dots} = 1 - \gamma^h .$$

# %%
for discount in (0.5, 0.9, 0.99):
    horizon = round(1 / (1 - discount))
    weights = discount ** np.arange(100_000)
    share = weights[:horizon].sum() / weights.sum()
    print(
        f"discount {discount:<4g}  horizon {horizon:3d}  weight within it: {share:.3f}"
    )
    assert abs(share - (1 - discount**horizon)) < 1e-9
print(f"for discounts near 1, the share comes close to 1 - 1/e = {1 - np.exp(-1):.3f}")

# %% [markdown]
# **Move the sliders.** On the left are the weights; those of the first **steps** are dark, and the dashed line is the
# horizon. On the right are two plans: one pays 4 at once, the other pays 10, but only after **delay** steps. Where the
# lines cross, the plans **swap places**.
#
# 1. Discount 0.9: how many steps hold nine tenths of the weight? For 0.99 the picture is too short: solve
#    $1 - \gamma^h = 0.9$.
# 2. Drag **delay** from 1 to 20. Where does the crossing go? What must the discount be to wait for 20 steps?


# %%
def weigh(axes, discount, steps, delay):
    h, d, line = round(steps), round(delay), np.linspace(0, 1, 201)
    words = lesson_03.draw_weights(axes[0], discount, h)
    worth = {"4 now": np.full(201, 4.0), "10 later": 10 * line**d}
    swap = (4 / 10) ** (1 / d)
    title = f"10 after {d} step{'s' * (d > 1)}: they swap at {swap:.3f}"
    lesson_03.draw_plans(axes[1], line, worth, discount, ylabel="return", title=title)
    better = "to wait" if discount > swap else "to take what there is"
    return f"{words} The better plan here is {better}."


controls = {
    "discount": Real(0.9, 0, 0.99, "weight, gamma", choices=HUNDREDTHS[:-1]),
    "steps": Real(10, 1, 40, "how many first steps are dark", choices=range(1, 41)),
    "delay": Real(5, 1, 20, "steps until the 10 is paid", choices=range(1, 21)),
}
Explorer(weigh, "Weights, and two plans", controls, columns=2)

# %% jupyter={"outputs_hidden": true, "source_hidden": true}
# What you should have seen: run this cell, then open it.
nine_tenths = [int(np.ceil(np.log(1 - 0.9) / np.log(g))) for g in (0.9, 0.99)]
near, far = (0.4 ** (1 / delay) for delay in (1, 20))
Markdown(
    lesson_03.folded(
        f"1. {nine_tenths[0]} steps for 0.9. For 0.99, $h = \\log 0.1 / \\log 0.99$: "
        f"{nine_tenths[1]} steps.\n2. The crossing goes to the right, from {near:.2f} for one "
        f"step to {far:.3f} for twenty: who waits long has to care for what comes late."
    )
)

# %% [markdown]
# ### Exercise 1: the discount at which two plans swap places
#
# *03.2 · about 6 minutes · easy*
#
# One plan pays `now` for the first action and nothing afterwards; the other pays `later`, but only for the action
# `delay` steps after the first one. All three are above 0. Return the discount at which both are worth the same, and 1
# if waiting does not pay for any discount below 1.


# %%
def swap_discount(now, later, delay):
    """Return the discount at which the two plans are worth the same: one number."""
    ...


# %%
lesson_03.swap.check(swap_discount)

# %% [markdown]
# ### Back to the mirror
#
# *Always defect* is paid 5 once and 1 for ever after; *always cooperate* is paid 3 for ever. **Your guess**: from
# which discount on is cooperating worth more? (You can also compute it: what is $3 + 3\gamma + 3\gamma^2 + \dots$?)

# %%
from marl_edu.panels import MarkerGuess

swap_guess = MarkerGuess(
    "03.swap_discount",
    "From which discount on is it worth more to always cooperate than to always defect?",
    axis=(0, 1, "discount"),
)
swap_guess

# %% jupyter={"outputs_hidden": true}
from marl_edu.planning import expected_return


def worth(plan, discount):
    """Exact return of agent 1 that follows a plan against the mirror."""
    game = dilemma.replace(discount=discount)
    return expected_return(game, [plan, mirror])[0]


together, alone = PLANS["always cooperate"], PLANS["always defect"]
low, high = 0.0, 0.99
for _ in range(50):  # halve the interval in which they swap
    middle = (low + high) / 2
    if worth(together, middle) > worth(alone, middle):
        high = middle
    else:
        low = middle
swap_guess.reveal(high)

# %% jupyter={"outputs_hidden": true}
folded()
by_hand = (5 - 3) / (5 - 1)  # 3 / (1 - gamma) = 5 + gamma / (1 - gamma)
assert abs(high - by_hand) < 1e-6
Markdown(
    "By hand: $3 / (1 - \\gamma) = 5 + \\gamma / (1 - \\gamma)$, which gives "
    f"$\\gamma = (5 - 3) / (5 - 1) = {by_hand:g}$."
)

# %% [markdown]
# Is one of these two the *best* plan, then? The mirror is a fixed policy, so agent 1 has a decision problem of its
# own, and `best_response` solves it exactly. Move the **discount** slowly from left to right, and watch which line is
# on top; then make the **temptation** (what it pays to defect alone) larger. Returns are multiplied by $1 - \gamma$
# here, which makes them a mean reward per step: so they can be compared across discounts.

# %%
from marl_edu.planning import best_response


def best_plan(discount, temptation=5):
    """Name of the best of all plans against the mirror."""
    paid = dilemma.rewards.copy()
    paid[0, :, 1, 0] = temptation  # agent 1 defects, the mirror cooperates
    game = dilemma.replace(rewards=paid, discount=discount)
    first, after_defecting = best_response(game, 0, [None, mirror]).actions
    if first == 0:
        return "always cooperate"  # whatever it would do after having defected
    return "always defect" if after_defecting else "take turns"


# %% jupyter={"outputs_hidden": true}
folded()


def plans(ax, discount, temptation):
    line = np.linspace(0, 0.98, 99)
    values = (np.full(99, 3.0), temptation * (1 - line) + line, temptation / (1 + line))
    worth, label = dict(zip(PLANS, values, strict=True)), "mean reward per step"
    lesson_03.draw_plans(ax, line, worth, discount, ylabel=label, ylim=(0, 9))
    best = best_plan(discount, temptation)
    return f"Discount {discount:g}: the best plan of all is to {best}."


TEMPTATIONS = [3.5 + 0.5 * k for k in range(10)]
controls = {
    "discount": Real(0.1, 0, 0.98, "weight, gamma", choices=HUNDREDTHS[:-2]),
    "temptation": Real(5, 3.5, 8, "reward of defecting alone", choices=TEMPTATIONS),
}
Explorer(plans, "Three plans against the mirror", controls)

# %% jupyter={"outputs_hidden": true}
folded()
grid = np.arange(2, 99) / 100
found = [best_plan(discount) for discount in grid]
changes = [k for k in range(1, len(grid)) if found[k] != found[k - 1]]
first, second = (grid[k] for k in changes)
assert abs(first - 1 / 4) < 0.011 and abs(second - (5 - 3) / (3 - 0)) < 0.011
Markdown(
    f"Best of all: *{found[0]}* below a discount of about **{first:.2f}**, "
    f"*{found[changes[0]]}* up to about **{second:.2f}**, and *{found[-1]}* above. "
    "Nothing about the world has changed on the way, only how much later counts. With "
    "chance one half of another turn (a discount of 0.5), to "
    f"{best_plan(0.5)} is best: {worth(PLANS['take turns'], 0.5):.2f}, against "
    f"{worth(together, 0.5):.2f} for always cooperating."
)

# %% jupyter={"outputs_hidden": true, "source_hidden": true}
# What you should have seen: run this cell, then open it.
first_crossing = {t: 1 / (t - 1) for t in (5, 6, 7)}
for t, crossing in first_crossing.items():
    assert best_plan(crossing - 0.01, t) == "always defect"
    assert best_plan(crossing + 0.01, t) == "take turns"
assert best_plan(0.98, 6) == "take turns" and best_plan(0.34, 4) == "always cooperate"
told = ", ".join(f"{g:.2f} for {t}" for t, g in first_crossing.items())
Markdown(
    lesson_03.folded(
        "A larger temptation $T$ moves the first crossing to the left, to $1 / (T - 1)$ "
        f"({told}), and the second to the right, to $(T - 3) / 3$: "
        "taking turns is best for ever more discounts. From 6 on it is never overtaken. At 4 "
        "and below it is never the best: defect up to $(T - 3) / (T - 1)$, then cooperate."
    )
)

# %% [markdown]
# There are two ways to read a discount. It may be a *taste*: later counts less. Or it is a *chance*: if every turn is
# followed by another one with probability $\gamma$, the expected sum of the rewards, not discounted, is
# $\mathbb{E}[G_0]$. (That was the last question of section 1.) In either case it is part of the problem that is posed,
# not a knob of the learner: change it, and another policy may be the best.

# %% [markdown]
# ## 4 Backwards
#
# Take the first reward out of the sum, and what remains is the next return:
#
# $$G_t = R_t + \gamma \, (R_{t+1} + \gamma R_{t+2} + \dots) = R_t + \gamma\, G_{t+1}.$$
#
# So all returns of an episode are found in one pass, from the last step to the first. Where does the pass begin? It
# depends on why the episode stopped.
#
# - The world has **ended** (*terminated*): nothing follows, so $G$ is 0 there.
# - A **time limit** has cut it off (*truncated*): something would have followed, we only don't see it. Its expected
#   value $V^i(s)$ in the last state $s$ stands in its place. (Lesson 04 is about how to get such values.)
#
# How much does it matter? Two agents that always cooperate, watched for ten steps:

# %%
from marl_edu.planning import evaluate

values = evaluate(dilemma, [together, mirror])[:, 0]  # after the limit, both agents
seen = paid_to_1(together, 10)
gamma = dilemma.discount
as_end = discounted(seen, gamma)
as_limit = as_end + gamma**10 * values[0]
print(f"exact:                          {values[0]:.3f}")
print(f"the limit taken for an end:     {as_end:.3f}")
print(f"the limit taken for what it is: {as_limit:.3f}")
assert abs(as_limit - values[0]) < 1e-6 and as_end < values[0] - 5

# %% [markdown]
# ### Exercise 2: all returns of an episode, backwards
#
# *03.1 · about 8 minutes · medium*
#
# `rewards` has the axes (step, agent). `future` has one number for each agent: what it may expect from the state in
# which the episode stopped. It counts after a time limit, and not if `terminated` is true. Return one row for each
# step: the returns of all agents, and in a last column that of the team.


# %%
def returns_backwards(rewards, discount, terminated, future):
    """Return an array (steps, agents + 1): G_t of each agent, then of the team."""
    ...


# %%
lesson_03.backwards.check(returns_backwards)

# %% [markdown]
# ### Exercise 3: find the bugs: returns of a recorded stream
#
# *03.1 · about 10 minutes · hard*
#
# Training programs record steps in one long stream, over the ends of episodes. The listing below computes $G_t$ for
# every step and agent of such a stream. It runs, its numbers look reasonable, and it has four faults, each of them
# found in published code. `values[t]` is what each agent may expect from the state that step `t` led to, before
# anything is reset. If `terminated[t]` and `truncated[t]` are both true, the world has ended. The stream itself may
# stop in the middle of an episode. Mend it.


# %%
def recorded_returns(rewards, discount, terminated, truncated, values):
    returns = np.zeros(rewards.shape)
    following = np.zeros(rewards.shape[1])
    for t in reversed(range(len(rewards))):
        if terminated[t] or truncated[t]:
            following = np.zeros(rewards.shape[1])
        following = discount * (rewards[t] + following)
        returns[t] = following[0]
    return returns


# %%
lesson_03.stream.check(recorded_returns)

# %% [markdown]
# ## 5 Monte Carlo
#
# A return is a random number: the agents' choices and the world's chance decide. What we want to know of a joint
# policy is its *expected* return, $V^i = \mathbb{E}[G_0^i]$. **Monte Carlo** estimation plays $n$ episodes and takes
# the mean:
#
# $$\bar G = \frac{1}{n} \sum_{j=1}^{n} G_0^{(j)}, \qquad
# \text{standard error} = \frac{\sigma}{\sqrt n} \approx \frac{s}{\sqrt n},$$
#
# with $\sigma$ the standard deviation of *one* return and $s$ its estimate from the sample. About 95 % of the
# intervals $\bar G \pm 1.96\, s / \sqrt n$ hold the expected return.

# %% [markdown]
# `lesson_03.play_episode` plays one: it draws a start, then actions by each agent's table and a next state, until a
# terminal state or the limit; it returns the rewards, the last state, and whether that is terminal.
# (`lesson_03.play_episode??` shows its ten lines.)

# %%
rng, n = np.random.default_rng(1), 400
sample = []
for _ in range(n):
    paid, _, over = lesson_03.play_episode(yard, policies, rng)
    assert over  # no episode was cut off
    sample.append(discounted(paid.sum(axis=1), yard.discount))
mean, s = np.mean(sample), np.std(sample, ddof=1)
exact = expected_return(yard, policies).sum()
print(f"{n} episodes: {mean:.2f} +- {1.96 * s / n**0.5:.2f}   exact: {exact:.2f}")
assert abs(mean - exact) < 4 * s / n**0.5

# %% [markdown]
# The model of the yard is known, so the exact value can be had, and we can watch how estimates come to it.
# `MonteCarlo` does the same as the cell above, fast, for a hundred independent runs ("seeds") side by side. It knows
# $\sigma$, too: the variance of the return obeys a recursion like the one for its mean, solved by `return_moments`.
#
# **Your guess**: draw the standard error of the team's mean return from the 10th to the 1,000th episode. After one
# episode it would be $\sigma$, which is between 3 and 4.

# %%
from marl_edu.panels import CurveGuess

error_guess = CurveGuess(
    "03.error_curve",
    "How large is the standard error of the mean after so many episodes?",
    x=(0, 1_000, "episodes"),
    y=(0, 1.4, "standard error (reward)"),
)
error_guess

# %% jupyter={"outputs_hidden": true}
from marl_edu import record
from marl_edu.planning import MonteCarlo

estimate = MonteCarlo(yard, policies, seeds=100, seed=1)
runs = record(estimate, units=1_000, every=10)
standard_errors = runs.series("standard_error")[1:, :, 2]  # column 2: the team
error_guess.reveal(runs.units[1:], standard_errors)

# %% jupyter={"outputs_hidden": true}
folded()
sigma = estimate.deviation[2]
at = {int(n): standard_errors[k].mean() for k, n in enumerate(runs.units[1:])}
off = runs.series("error")[1:, :, 2]
slope = np.polyfit(np.log10(runs.units[1:]), np.log10((off**2).mean(axis=1)) / 2, 1)[0]
covered = (np.abs(off[-1]) < 1.96 * standard_errors[-1]).mean()
assert abs(at[1000] * 1000**0.5 / sigma - 1) < 0.05 and abs(slope + 0.5) < 0.1
assert 0.88 <= covered <= 1
Markdown(
    f"From 10 to 40 episodes the error falls from {at[10]:.2f} to {at[40]:.2f}; to halve "
    f"it again takes 160: {at[160]:.2f}. After 1,000 it is {at[1000]:.2f}, and $\\sigma / "
    f"\\sqrt{{n}}$ says {sigma / 1000**0.5:.2f}. On logarithmic axes that is a straight "
    f"line of slope $-1/2$; the slope of the error of the hundred runs is {slope:.2f}. "
    f"Of the hundred 95 % intervals at the end, {100 * covered:.0f} hold the exact value."
)

# %% [markdown]
# **Now see it happen.** On the left is the distance of the running mean from the exact value, both axes logarithmic:
# thin lines are single seeds, the thick one all of them, and the dashed line is $\sigma / \sqrt n$. On the right,
# bars are the returns of single episodes and dots the running means of thirty seeds.
#
# **Try these**, and write down what you saw:
#
# 1. Press **play**, then drag the **timeline** back and forth. Which of the two clouds on the right gets narrower,
#    the bars or the dots? By how much from 100 to 10,000 episodes?
# 2. Look at one thin line. Is it ever by chance much closer to the truth than the dashed line, and does it stay there?
# 3. **Reset**, set **limit** to 10, **play**: episodes are cut off after ten steps, and what would have come counts
#    nothing. Where does the thick line leave the dashed one? Do more episodes help?
# 4. Set **after limit** to *exact value*, reset, play. Is it back on the line? Is the line where it was?
# 5. Limit 200, nothing after it, **discount** 0.5, reset, play; then 0.98. Which one needs more episodes for the same
#    error?

# %% jupyter={"outputs_hidden": true}
folded()
from marl_edu import Panel
from marl_edu.views import MonteCarloError, ReturnDistribution

Panel(
    MonteCarlo(yard, policies, seeds=30, seed=1),
    [MonteCarloError(), ReturnDistribution()],
    units=10_000,
    speed=500,
    controls=["discount", "limit", "after_limit"],
)

# %% jupyter={"outputs_hidden": true, "source_hidden": true}
# What you should have seen: run this cell, then open it.
from marl_edu.planning import return_moments

low, high = (
    return_moments(yard.replace(discount=g), policies)[1][2] for g in (0.5, 0.98)
)
Markdown(
    lesson_03.folded(
        "1. The dots. The bars stay as wide as they are; the spread of the dots falls to a "
        f"tenth, for $\\sqrt{{{10_000 // 100}}} = 10$.\n2. Yes: where a running mean crosses "
        "the exact value its line dips, and comes back.\n3. It leaves the dashed line after "
        "some ten episodes, is flat from about a hundred on, and more episodes don't help: "
        "they make it *surely* wrong.\n4. It is back, even a little below the dashed line, "
        "which is that of whole episodes: an expectation has taken the place of chance.\n5. "
        f"0.98: $\\sigma$ is {high:.2f} there and {low:.2f} with 0.5, so that 0.98 needs "
        f"about {(high / low) ** 2:.0f} times as many."
    )
)

# %% [markdown]
# Two kinds of error, then. **Noise** gets smaller with more episodes. A **bias** does not: whoever takes the time
# limit for an end estimates another number, ever more precisely. (A time limit of ten steps, in numbers:)

# %% jupyter={"outputs_hidden": true}
folded()
ten = {}
for after in ("nothing", "exact value"):
    short = MonteCarlo(yard, policies, seeds=100, seed=1, limit=10, after_limit=after)
    short.advance(1_000)
    error = short.frame()["error"][:, 2]
    ten[after] = error.mean(), 1.96 * error.std(ddof=1) / 10
    print(
        f"{after:12} after the limit: off by {error.mean():+.3f} +- {ten[after][1]:.3f}"
    )
assert abs(ten["nothing"][0]) > 10 * ten["nothing"][1]
assert abs(ten["exact value"][0]) < 2 * ten["exact value"][1]

# %% [markdown]
# And the returns of the *agents*? Each has its own spread. For independent returns the variances would add; these two
# are not quite independent: they meet in the same yard.

# %% jupyter={"outputs_hidden": true}
folded()
one, two, both = estimate.deviation
Markdown(
    f"Standard deviation of one return: agent 1 {one:.2f}, agent 2 {two:.2f}, team "
    f"{both:.2f}. If the two were independent, the team's would be "
    f"{np.hypot(one, two):.2f}."
)

# %% [markdown]
# ### Exercise 4: how many episodes for a wanted precision
#
# *03.3 · about 7 minutes · medium*
#
# `returns` holds the returns of a few episodes that were played first, to see how widely they are spread. How many
# episodes are needed *in all*, so that the 95 % interval of the mean reaches at most `half_width` to either side? Use
# 1.96 and the sample's standard deviation with n - 1 in the denominator, and return the smallest such whole number.


# %%
def episodes_needed(returns, half_width):
    """Return how many episodes make the interval as narrow as wanted: an int."""
    ...


# %%
lesson_03.episodes.check(episodes_needed)

# %% [markdown]
# ## 6 Whose return?
#
# So far we looked. Now two agents *learn*, each to make its own return as large as it can. What counts for it is what
# it is *paid* while it learns. Let $w_i$ be how **selfish** agent $i$ is paid:
#
# $$\tilde R^i = R^i + (1 - w_i) \sum_{j \ne i} R^j .$$
#
# With $w_i = 0$ it is paid the reward of the team, with $w_i = 1$ its own. What we *report* is always measured in the
# true game: each agent's own return, and their sum.
#
# The learners are independent Q-learners, each with a table of what it expects from its actions (lesson 06 opens them
# up); here we only need that each corrects its table towards what it is paid. The game is the prisoner's dilemma,
# played again and again, nobody remembering anything. (The class below is folded; open it if you want to see that it
# does what the formula says, in `_advance`, and that its returns are those of the true game, in `frame`.)

# %%
from marl_edu.learning import IndependentQLearning
from marl_edu.learning.loop import world_of
from marl_edu.planning import deterministic_returns, reference_returns


# %% jupyter={"source_hidden": true}
class PaidLearners(IndependentQLearning):
    """Q-learners that are paid a mixture; their returns are measured in the true game."""

    title = "Q-learners that are paid a mixture"
    selfish_1 = Real(0, 0, 1, "0: agent 1 is paid for the team, 1: for itself")
    selfish_2 = Real(0, 0, 1, "0: agent 2 is paid for the team, 1: for itself")

    def __init__(self, game, **options):
        self._true = game
        super().__init__(game, **options)

    def _advance(self, n):
        own, selfish = self._true.rewards, (self.selfish_1, self.selfish_2)
        paid = [w * own[i] + (1 - w) * own.sum(axis=0) for i, w in enumerate(selfish)]
        self._game = self._true.replace(rewards=np.array(paid))
        self._world = world_of(self._game)
        super()._advance(n)

    def _inputs(self):
        return (self._true,)

    def frame(self):
        own = deterministic_returns(self._true, self.greedy_actions())
        return super().frame() | {"own_return": own}

    def references(self):
        return reference_returns(self._true)


# %% [markdown]
# Three teams: both agents are paid for the team; agent 1 only for itself; both only for themselves. **Your guess**:
# agent 2 is paid for the team, agent 1 only for itself. What becomes of agent 2's *own* return?

# %%
from marl_edu.panels import ChoiceGuess

choice_guess = ChoiceGuess(
    "03.one_selfish",
    "Agent 1 is paid for itself, agent 2 for the team. How do they end?",
    options=[
        "both cooperate: agent 2's care for the team carries over",
        "both defect: agent 2 sees that it is exploited and stops",
        "agent 1 defects, agent 2 cooperates and earns nothing",
        "agent 2 defects, agent 1 cooperates",
    ],
)
choice_guess

# %% jupyter={"outputs_hidden": true}
game = prisoners_dilemma(discount=0.5)
TEAMS = {"both for the team": (0, 0), "agent 1 selfish": (1, 0), "both selfish": (1, 1)}
runs = {}
for name, (w1, w2) in TEAMS.items():
    learner = PaidLearners(game, seeds=20, selfish_1=w1, selfish_2=w2)
    runs[name] = record(learner, units=5_000, every=50)
ends = {name: run.series("own_return")[-1].mean(axis=0) for name, run in runs.items()}
assert np.allclose(list(ends.values()), [[6, 6], [10, 0], [2, 2]], atol=0.3)
choice_guess.reveal(2, because="to defect pays agent 1 whatever agent 2 does.")

# %% jupyter={"outputs_hidden": true}
folded()
for name, (one, two) in ends.items():
    print(f"{name:18} agent 1 {one:5.2f}  agent 2 {two:5.2f}  team {one + two:5.2f}")

# %% jupyter={"outputs_hidden": true}
show(
    lesson_03.draw_teams(runs),
    "Three learning curves, each agent's own return in the true game, mean of 20 seeds "
    "with its 95 % interval. Dashed: the mean per agent of the best team; dotted: random "
    "play. Left, both paid for the team: both climb to the dashed line. Middle, agent 1 "
    "selfish: agent 1 rises far above it, agent 2 falls to 0. Right, both selfish: both "
    "sink below random play.",
)

# %% jupyter={"outputs_hidden": true}
folded()
sums = {name: values.sum() for name, values in ends.items()}
best = 2 * reference_returns(game)["team optimum"]
assert sums["both for the team"] > sums["agent 1 selfish"] > sums["both selfish"]
Markdown(
    f"The best possible global return is {best:.0f}. With one agent paid for itself it is "
    f"**{sums['agent 1 selfish']:.0f}**, which looks like a small loss. But agent 1 has "
    f"{ends['agent 1 selfish'][0]:.0f} of it and agent 2 has "
    f"**{ends['agent 1 selfish'][1]:.0f}**. With both paid for themselves the global "
    f"return is {sums['both selfish']:.1f}, below random play. **A global return hides how "
    "it is shared: report the individual ones beside it.**"
)

# %% [markdown]
# Why does agent 2 put up with it? Write down what each is *paid* there. Agent 1 sees its own payoffs: to defect pays
# more in either column. Agent 2 sees the team's: if agent 1 defects, the team has 5 if it cooperates, and 2 if it
# does not. `lesson_03.equilibria` finds the joint actions at which neither gains by changing alone:

# %% jupyter={"outputs_hidden": true}
folded()
for name, (w1, w2) in TEAMS.items():
    total = payoffs.sum(axis=0)
    paid = [w * payoffs[i] + (1 - w) * total for i, w in enumerate((w1, w2))]
    rest = [
        " / ".join(game.actions[i][a] for i, a in enumerate(joint))
        for joint in lesson_03.equilibria(np.array(paid))
    ]
    print(f"{name:18} neither gains by changing alone at: {'; '.join(rest)}")

# %% [markdown]
# **Try it in between.** The panel learns with any mixture. On the left is each agent's own return, on the right what
# the team has.
#
# 1. Both sliders at 0: **play**. When they have settled, drag **selfish 1** to 1 and **play** on. Then back to 0.
# 2. From which value of **selfish 1** on does agent 1 defect, if agent 2 cooperates? Compute it first: with 5 and 0
#    against 3 and 3, agent 1 is paid $5$ against $3 + 3 (1 - w_1)$. Then reset and try values away from that border:
#    0.2, 0.6, 0.95. (Near the border the gain is small, and learners waver.)
# 3. Set both to the same value: 0.2, 0.6, 0.95. Is the team lost all at once, or step by step?

# %% jupyter={"outputs_hidden": true}
folded()
from marl_edu.views import LearningCurve

levels = {"references": True, "y_label": "return, exact, greedy"}
Panel(
    PaidLearners(game, seeds=20),
    [
        LearningCurve("own_return", agents="each", title="Each agent", **levels),
        LearningCurve("own_return", agents="sum", title="The team (sum)", **levels),
    ],
    units=2_000,
    speed=200,
    controls=["selfish_1", "selfish_2"],
)

# %% jupyter={"outputs_hidden": true, "source_hidden": true}
# What you should have seen: run this cell, then open it.
total, rest = payoffs.sum(axis=0), {}
for w in (0.2, 0.6, 0.95):
    paid = np.array([w * own + (1 - w) * total for own in payoffs])
    rest[w] = sorted({f"{total[joint]:g}" for joint in lesson_03.equilibria(paid)})
hundredths = np.arange(101) / 100
border_1 = min(w for w in hundredths if 3 + 3 * (1 - w) < 5)
border_2 = min(w for w in hundredths if 1 + (1 - w) > 5 * (1 - w))
assert abs(border_1 - 1 / 3) < 0.011 and abs(border_2 - 3 / 4) < 0.011
sums_of_one_play = ", ".join(
    f"{' or '.join(found)} at {w:g}" for w, found in rest.items()
)
Markdown(
    lesson_03.folded(
        "1. Agent 1 defects, and agent 2 puts up with it; back at 0 agent 1 unlearns it.\n"
        f"2. Above $w_1 = 1/3$ (the first hundredth is {border_1:g}).\n3. In two steps. Up to "
        "$1/3$ both cooperate. From there to $3/4$ one of them defects and the other one goes "
        "on cooperating; which one differs from seed to seed, so that the mean curves of both "
        "agents look alike. Above $3/4$ (the first hundredth is "
        f"{border_2:g}) both defect: $1 + (1 - w)$ is then more than $5 (1 - w)$. In one play "
        f"the team has {sums_of_one_play}; with discount 0.5 returns are twice that. Near a "
        "border a few seeds are still undecided, or sit where nothing is to be gained soon."
    )
)

# %% [markdown]
# ### Is selfishness always bad?
#
# The prisoner's dilemma was built to make it so. Take the corridor of lesson 06: two agents have to get past each
# other, and what is good for one, to arrive, need not hurt the other. The same three teams, measured the same way:

# %% jupyter={"outputs_hidden": true}
folded()
from marl_edu.games import CORRIDOR

corridor = gridworld(CORRIDOR, reward="individual", name="corridor")
best, chance = (2 * level for level in reference_returns(corridor).values())
on_the_way = {}
print(f"team optimum {best:.2f}, random play {chance:.2f} (sum of both agents)")
for name, (w1, w2) in TEAMS.items():
    options = {"selfish_1": w1, "selfish_2": w2, "step_size": 0.2}
    learner = PaidLearners(corridor, seeds=40, **options)
    on_the_way[name] = record(learner, units=10_000, every=200)
    own = on_the_way[name].series("own_return")[-1]
    half = 2.02 * own.sum(axis=1).std(ddof=1) / 40**0.5  # Student's t, 39 degrees
    print(
        f"{name:18} team {own.sum(axis=1).mean():5.2f} +- {half:.2f}   agent 1 "
        f"{own[:, 0].mean():5.2f}   agent 2 {own[:, 1].mean():5.2f}"
    )

# %% jupyter={"outputs_hidden": true}
show(
    lesson_03.draw_teams(on_the_way),
    "The same three teams on the corridor, each agent's own return, mean of 40 seeds with "
    "its 95 % interval. All three teams learn to get past each other. Left and right the "
    "two agents end close together; in the middle the selfish agent 1 ends clearly above "
    "agent 2, which makes room for it.",
)

# %% jupyter={"outputs_hidden": true}
folded()
ends = {k: run.series("own_return")[-1].mean(axis=0) for k, run in on_the_way.items()}
gap = ends["agent 1 selfish"][0] - ends["agent 1 selfish"][1]
loss = ends["both for the team"].sum() - ends["both selfish"].sum()
assert gap > 2 and loss < 0.5 and min(v.sum() for v in ends.values()) > 1
Markdown(
    f"Here the team loses nothing if both are paid for themselves: "
    f"{ends['both selfish'].sum():.2f} against {ends['both for the team'].sum():.2f} on "
    f"average, after 10,000 steps, with these settings, neither at the optimum of "
    f"{best:.2f}. But a single selfish agent again takes from the other: it ends "
    f"**{gap:.1f}** above its partner, who has learned to wait for it. Whether individual "
    "rewards hurt depends on the game: here, and in the dilemma, a single selfish agent "
    "gained at the expense of the other one; the team as a whole was hurt in the dilemma, "
    "where to defect costs the other one more than it brings, and not here."
)

# %% [markdown]
# There is a price on the other side too. A team reward says nothing about *who* has earned it: with many agents, each
# hears the luck and the mistakes of all others in its own reward. That is the problem of **credit assignment**
# ([lesson 08](08_value_factorisation.ipynb)).

# %% [markdown]
# ### Exercise 5, open-ended: pay them so that selfishness does no harm
#
# *03.4 · about 15 minutes · hard · for fast students, on top of the 120 minutes*
#
# Both agents learn to maximise what they are paid, and come to rest where neither
# gains by changing alone. You are the one who pays. From the table of payoffs, axes (agent, action of agent 1, action
# of agent 2), return a table of payments of the same shape. In every cell they must add up to what was earned there;
# and *every* joint action at which they can come to rest must be best for the team (and there must be one). There are
# many right answers.


# %%
def payments(payoffs):
    """Return what each agent is paid, axes as in payoffs; sums stay as they are."""
    ...


# %%
lesson_03.share.check(payments)

# %% [markdown]
# ## 7 Quiz
#
# Five questions. Every answer, wrong or right, is explained; you may try as often as you like.

# %%
lesson_03.quiz

# %% [markdown]
# ## What you should take away
#
# 1. $G_t = R_t + \gamma G_{t+1}$, for each agent and for the team; computed backwards, with 0 after an end and with
#    what may be expected after a time limit.
# 2. $R_t$ here is $R_{t+1}$ in Sutton and Barto: the return is the same, the powers go with the names.
# 3. A discount is part of the problem. Its horizon is $1 / (1 - \gamma)$; move it, and plans swap places.
# 4. The error of a mean falls like $1 / \sqrt n$: half the error costs four times the episodes. A bias stays.
# 5. Agents maximise what they are paid. Say whose return you report; a sum hides how it is shared.
#
# ## Common misconceptions
#
# - **"A time limit is an end."** Only a terminal state has no future. Zero after a limit is a bias that no data cures.
# - **"Beyond the horizon nothing counts."** For discounts near 1, more than a third of the weight lies beyond it.
# - **"The discount is a setting of the learner."** Another discount is another problem, with other best plans.
# - **"Twice the episodes, half the error."** Four times.
# - **"With more episodes returns vary less."** Single returns stay as they are; their mean becomes sure.
# - **"The team does well, so everybody does."** One agent may have it all.
# - **"Selfish agents always hurt the team."** It depends on the game: measure it.
#
# ## Sources
#
# - R. Sutton and A. Barto, *Reinforcement Learning: An Introduction*, 2nd edition, 2018: equation (3.8), the return;
#   (3.9), the recursion; section 5.1, Monte Carlo prediction.
# - F. Pardo and others, "Time limits in reinforcement learning", ICML 2018: why a time limit is no end.
# - M. Sobel, "The variance of discounted Markov decision processes", *Journal of Applied Probability* 19 (1982),
#   794-802.
# - R. Axelrod, *The Evolution of Cooperation*, 1984, chapter 1: the prisoner's dilemma, 5, 3, 1, 0; tit for tat; and
#   proposition 2: nothing does better against tit for tat than tit for tat from the discount on that is the larger of
#   $(5 - 3) / (5 - 1)$ and $(5 - 3) / (3 - 0)$.
# - S. Albrecht, F. Christianos and L. Schäfer, *Multi-Agent Reinforcement Learning: Foundations and Modern
#   Approaches*, MIT Press 2024, section 4.1: joint policy and expected return.
#
# **Next**: [lesson 04, value functions](04_value_functions.ipynb): what may be expected from *every* state, and how it
# moves when somebody else changes. Equilibria follow in
# [lesson 05](05_nash_and_convergence.ipynb).
