# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 From one agent to many
#
# **One agent and a world go round in a loop. Put a second agent into the same world, and almost everything changes:**
# what an action is, how large a table gets, who has to know what, and what it means to do well. In this lesson you take
# both loops apart, and find out what one controller for all can do that many can't, and what that costs.
#
# Here is the question as a picture that moves: one agent, one world, and what goes back and forth between them.
# Press **step** a few times and follow the bold arrow; drag the **timeline** to go back.
#
# *If a name is not defined or buttons don't answer (after a restart or a reload), choose
# **Run > Run All Above Selected Cell**, then run this cell again.*

# %%
from marl_edu import Panel, gridworld
from marl_edu.exercises import lesson_01
from marl_edu.views import LoopView, folded

alone = gridworld(["1..", ".#.", "..A"], observe="own position", name="one agent")


def policy_1(row, column):
    return "south" if row < 2 else "east"


loop = lesson_01.Interaction(alone, [policy_1])
Panel(loop, LoopView(), units=35, speed=2, title="One agent: the loop")

# %% [markdown]
# ## You will be able to
#
# - **01.1** read the loop of one agent and of many, and find the faults of a loop in code;
# - **01.2** write a policy as a function and as a network, and count its parameters;
# - **01.3** count joint actions and the entries of tables exactly, and say where the machine gives up;
# - **01.4** say what a central controller can do that decentralised ones can't, and compute what it is worth;
# - **01.5** place a game on the map from cooperative to competitive by the correlation of its payoffs.
#
# **About 120 minutes**, exercises and the quiz included; the whole notebook runs from top to bottom in under
# 30 seconds. It builds on lesson 00, [start here](00_start_here.ipynb), which explains panels, guesses and checks.
#
# | section | minutes to read and run | and to do |
# |---|---|---|
# | 1 Play first: the loop | 8 | |
# | 2 Many agents, one world | 9 | find the bugs: 8 |
# | 3 A policy is a function, or a network | 9 | exercise: 8 |
# | 4 One controller for all? | 9 | exercise: 5 |
# | 5 What a centre sees | 12 | exercise: 12 |
# | 6 What a centre learns | 9 | |
# | 7 The map of settings | 10 | exercise: 6 (open-ended one for fast students: 15) |
# | 8 The neighbours | 7 | |
# | 9 Quiz | | 8 |
#
# Functions named `draw_...` only draw: you may skip them. Results that would give a guess away are stored folded, in
# JupyterLab, until you run their cells; so run cell by cell. Below each list to try stands, folded, what there was to
# see. Look after you have tried.

# %% [markdown]
# ## 1 Play first: the loop
#
# In the panel above, the agent is the box on the left; the world is the box on the right, with the agent in it as a
# disc and its goal as a frame in the same colour. One **turn** has three moments:
#
# 1. the agent gets an **observation** $o$: here its own cell, as (row, column);
# 2. it takes an **action** $a$, by its **policy**: here the function `policy_1`;
# 3. the world moves to its next **state** and pays a **reward** $R$: minus 1 for each step, and 10 more on the goal.
#
# Then the next turn begins. The lines below the picture are the **trace**: all that a learner ever gets.
#
# **Try these**, in the panel above:
#
# 1. **Step** from the start to the goal. How many moments is that, and how many turns?
# 2. Drag the **timeline** back to the moment before the goal. Which reward was paid for the last action, and does the
#    trace write it in the same line as that action?
# 3. Drag **epsilon** to the right (with that chance the agent takes any action at all), **reset**, **play**. The policy
#    is the same function as before. Why does it still get home?
# 4. In the cell below, let `my_policy` say `"east"` in row 0, run the cell, and look. What must it say in column 2?
#    (`policy_1` itself stays as it is: later cells need it.)


# %%
def my_policy(row, column):
    return "south" if row < 2 else "east"


my_loop = lesson_01.Interaction(alone, [my_policy])
Panel(my_loop, LoopView(), units=35, speed=2, title="One agent with your policy")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# 1. Four turns, and each has three moments: observe, act, be paid.
# 2. The largest reward, that of the goal minus that of the step. It stands in the line of the action that led there.
# 3. A policy answers to wherever the agent *is*; it does not rely on where it should have been.
# 4. It must say `"south"` in column 2, or else the agent walks into the edge for ever: before the line that is there,
#    write `if row == 0 and column < 2: return "east"`.
#
# </details>

# %% [markdown]
# **The index of a reward.** This course writes $R_t$ for the reward that is paid *for* the action $a_t$, so a line of
# the trace is $(o_t, a_t, R_t)$. (Sutton and Barto write $R_{t+1}$ for the same reward.) Here is one episode of the
# recorded loop, and its sum:

# %%
from marl_edu import record

episode = record(lesson_01.Interaction(alone, [policy_1]), units=11, every=1)
for frame in episode:
    if frame["moment"][0] == 2:  # the world has moved and paid
        place = alone.layout.place(frame["observation"][0, 0])
        action = alone.actions[0][frame["action"][0, 0]]
        print(
            f"t={frame['time'][0]}  o={place}  a={action:5}  R={frame['reward'][0, 0]:g}"
        )
earned = episode[-1]["earned"][0, 0]
print(f"earned in the episode: {earned:g}")
at_home = alone.terminal[episode[-1]["state"][0]]
assert earned == 6 and at_home, "policy_1 is not as given: run the first cell as it was"

# %% [markdown]
# ## 2 Many agents, one world
#
# Now a second agent. Each agent $i$ has its own observation $o^i$, its own policy $\pi^i$, its own action $a^i$ and its
# own reward $R^i$ (the raised number is the agent, not a power). But there is **one** world, and it moves **once** a
# turn, on all actions together: the **joint action**
#
# $$a = (a^1, a^2, \dots, a^N).$$
#
# In the picture below the actions meet in the black bar; what goes on to the world is the joint action.
#
# 1. **Step** through the first two turns. What does agent 2 know of agent 1's action when it chooses its own?
# 2. Let them play to the end. Does anybody bump into anybody?
# 3. **Epsilon** to about a third, **reset**, **play**: now they collide. (Both then stay where they are, and each pays
#    1 more.) Find it with the timeline. Whose mistake was it? Can an agent tell from *its own* line of the trace?
# 4. In the cell after the panel, let `my_policy_2` go `"south"` in column 2 and `"west"` in row 2; run it, and leave
#    epsilon at 0. What happens, for how long, and which of the two policies is "wrong"?


# %%
def policy_2(row, column):
    if row == 0 and column > 0:
        return "west"
    return "south"


crossing = gridworld(
    ["1.2", "...", "B.A"],
    observe="own position",
    reward="individual",
    name="two agents",
)
# with this seed, chance makes them meet soon after you turn epsilon up
both = lesson_01.Interaction(crossing, [policy_1, policy_2], seed=28)
Panel(
    both, LoopView(), units=35, speed=2, title="Two agents: one world, one joint action"
)


# %%
def my_policy_2(row, column):
    if row == 0 and column > 0:
        return "west"
    return "south"


with_mine = lesson_01.Interaction(crossing, [policy_1, my_policy_2])
Panel(with_mine, LoopView(), units=35, speed=2, title="Two agents, agent 2 is yours")

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# 1. Nothing: both choose at the same time. It may learn of it afterwards, from what it sees next.
# 2. Nobody: they pass each other, each on its own way.
# 3. An agent sees in its own line that it paid one more than for a step, and in the next one that it has not moved.
#    (At a wall it would not have moved either, without paying more.) Whose mistake it was it can't tell.
# 4. In row 2 both want the middle cell, and so for ever: neither gets there, and each pays 2 a turn. Neither policy is
#    wrong by itself; the *pair* is. (With `if row == 2: return "west"`, and `return "south"` for the rest.)
#
# </details>

# %% [markdown]
# `policy_1` has not changed by a letter. But whether it is good now depends on `policy_2`, which agent 1 cannot see.
# That is the thread of the whole course: *what is the environment of one agent when the others act and learn too?*
# What agent 1 lives in is the world **and** the other agents together. Below, agent 1 always keeps to `policy_1`.
# Agent 2 uses `policy_2`, but with some chance it does what `head_on` says. The curve is what agent 1 can expect to
# earn (its rewards added up, later ones counting a little less, 5 % less each step; lesson 03 says why), computed
# exactly. **Drag the slider**: nothing of agent 1 changes, nor does the world.

# %%
import numpy as np

from marl_edu.hyperparameters import Choice, Real
from marl_edu.panels import Explorer
from marl_edu.planning import evaluate

ACTIONS = crossing.actions[0]


def head_on(row, column):
    return "south" if row < 2 else "west"


# %%
def as_table(policy):
    """A policy as an array: one row for each cell, one probability for each action."""
    table = np.zeros((crossing.layout.n_cells, len(ACTIONS)))
    for cell, row in enumerate(table):
        row[ACTIONS.index(policy(*crossing.layout.place(cell)))] = 1
    return table


def earns(share):
    """What agent 1 and agent 2 can expect, if agent 2 goes head-on this often."""
    mixed = (1 - share) * as_table(policy_2) + share * as_table(head_on)
    return evaluate(crossing, [as_table(policy_1), mixed]) @ crossing.start


# %%
from marl_edu.games.colours import agent_colour

shares = np.linspace(0, 1, 41)
curve = np.array([earns(share) for share in shares])


def draw_partner(ax, head_on_share):
    value = earns(head_on_share)[0]
    ax.plot(shares, curve[:, 0], color=agent_colour(0), linewidth=2)
    ax.plot([head_on_share], [value], "o", color=agent_colour(0), markersize=11)
    ax.set_xlabel("chance that agent 2 goes head-on")
    ax.set_ylabel("agent 1's discounted return")
    return (
        f"If agent 2 goes head-on with chance {head_on_share:.2f}, agent 1 can expect "
        f"{value:.1f}. Agent 1's own policy is the same all along the curve."
    )


# %%
falls = curve[0, 0] > 4.5 and curve[-1, 0] < -35 and (np.diff(curve[:, 0]) < 0).all()
assert falls, "policy_1 or policy_2 is not as given: run their cells as they were"
dial = Real(0.1, 0, 1, "chance that agent 2 does what head_on says")
Explorer(
    draw_partner,
    "The same policy, another partner",
    {"head_on_share": dial},
    height=300,
)

# %% [markdown]
# ### Exercise 1: find the bugs: a loop that looks right
#
# *01.1 · about 8 minutes · medium*
#
# Here is the loop of two agents as somebody wrote it. It runs, and what it returns looks like a trace. There are three
# faults in it: one is about *whose*, two are about *when*. Mend them.
#
# A world is given as nested lists of whole numbers: `next_state[s][a1][a2]`, `rewards[i][s][a1][a2]`, `sees[i][s]`
# (what agent `i` observes in state `s`) and `policies[i][o]` (what it does then). The loop starts in state 0.


# %%
def collect(next_state, rewards, sees, policies, steps):
    state, trace = 0, []
    for _ in range(steps):
        seen = [sees[0][state] for i in range(2)]
        actions = [policies[i][seen[i]] for i in range(2)]
        state = next_state[state][actions[0]][actions[1]]
        paid = [rewards[i][state][actions[0]][actions[1]] for i in range(2)]
        seen = [sees[0][state] for i in range(2)]
        trace.append((seen, actions, paid))
    return trace


# %%
lesson_01.loop.check(collect)

# %% [markdown]
# ## 3 A policy is a function, or a network
#
# `policy_1` is a function: an observation goes in, an action comes out. Most policies in this course give a
# *probability* for each action instead: $\pi^i(a^i \mid o^i)$, read "the chance that agent $i$ does $a^i$ when it
# observes $o^i$". Such a function can be written down in two ways.
#
# **As a table**: one row for each observation, one column for each action (`as_table` above makes one). It can hold any
# policy, but it needs a row for everything that may ever be seen.
#
# **As a network**: the observation is a list of numbers, here row and column; two matrices $W_1$, $W_2$ and two lists
# of numbers $b_1$, $b_2$ turn it into one **score** for each action, and the **softmax** turns scores into
# probabilities:
#
# $$h = \tanh(W_1 o + b_1), \qquad z = W_2 h + b_2, \qquad
# \pi(a \mid o) = \frac{e^{z_a}}{\sum_b e^{z_b}}.$$
#
# ($o$ is counted from the middle cell here, so that it lies between -1 and 1: `place - 1` in the code.)
# $h$ are the **hidden units**. The entries of $W_1, b_1, W_2, b_2$ are the network's **parameters**: whoever turns
# them, changes the policy. A policy that is a network is called a *deep* policy when it has several such layers.

# %%
HIDDEN = 8
rng = np.random.default_rng(1)
cells = np.array([(r, c) for r in range(3) for c in range(3)], dtype=float)
W1, b1 = rng.normal(size=(HIDDEN, 2)), rng.normal(size=HIDDEN)
hidden = np.tanh((cells - 1) @ W1.T + b1)
wanted = 3 * as_table(policy_1)
with_bias = np.column_stack([hidden, np.ones(9)])
found = np.linalg.lstsq(with_bias, wanted, rcond=0.02)[0]
W2, b2 = found[:-1].T, found[-1]
n_parameters = W1.size + b1.size + W2.size + b2.size
print(f"parameters: {W1.size} + {b1.size} + {W2.size} + {b2.size} = {n_parameters}")
print(f"entries of the table for 3 x 3 cells:     {as_table(policy_1).size:,}")
print(f"entries of the table for 100 x 100 cells: {100 * 100 * 5:,}")
assert n_parameters == 69

# %% [markdown]
# The table grows with the world, the network does not: for 100 x 100 cells it would still have as many parameters as
# here (whether so few are *enough* is another question). The weights above were fitted so that the network does what
# `policy_1` does; how weights are *learned* is for lesson 09 (planned).
#
# In the picture: on the left the probabilities for one observation, on the right the likeliest action in every cell.
#
# 1. Change **row** and **column**. Where is the network sure, where is it not?
# 2. Push **nudge** to an end: it is added to *one* weight, the one from the first hidden unit to "north". How many
#    cells change? In a table, one entry would change one cell.
# 3. **Sharpness** multiplies all scores. What is left of the policy at 0? What is the largest value like?
#
# <details><summary>What you should have seen</summary>
#
# 1. Nowhere is it quite sure, and least so in (1, 2), beside the row in which the policy turns: the network is smooth,
#    and can't jump from one row to the next as a table can.
# 2. Two cells go north at either end, and the chances move in all nine, since the hidden unit is at work everywhere:
#    whoever turns one parameter turns the policy in many places. (That is also how a network has something to say
#    about cells that it has never seen.)
# 3. At 0 all actions are alike: the scores are all 0. At the largest value the policy is nearly the function again.
#
# </details>


# %%
def forward(place, nudge, sharpness):
    """Probabilities of the five actions in one cell."""
    weights = W2.copy()
    weights[ACTIONS.index("north"), 0] += nudge
    return lesson_01.action_probabilities(
        place - 1, W1, b1, sharpness * weights, sharpness * b2
    )


# %%
def draw_network(axes, row, column, nudge, sharpness):
    chances = forward(np.array([row, column]), nudge, sharpness)
    axes[0].barh(ACTIONS, chances, color=agent_colour(0))
    axes[0].set(xlim=(0, 1), xlabel=f"probability in ({row:g}, {column:g})")
    axes[0].invert_yaxis()
    everywhere = [forward(place, nudge, sharpness) for place in cells]
    lesson_01.draw_fields(axes[1], everywhere, ACTIONS, (row, column))
    best = ACTIONS[int(chances.argmax())]
    does = f"goes {best} with" if np.ptp(chances) > 1e-9 else "gives each action the"
    return (
        f"Seeing ({row:g}, {column:g}), the network {does} chance "
        f"{chances.max():.2f}. {n_parameters} parameters."
    )


# %%
network_explorer = Explorer(
    draw_network,
    "A network as a policy",
    {
        "row": Real(1, 0, 2, "row that the agent sees", choices=(0, 1, 2)),
        "column": Real(1, 0, 2, "column that the agent sees", choices=(0, 1, 2)),
        "nudge": Real(0, -6, 6, "added to one weight: first hidden unit to north"),
        "sharpness": Real(1, 0, 5, "what all scores are multiplied by"),
    },
    columns=2,
)
greedy = [ACTIONS[forward(place, 0, 1).argmax()] for place in cells]
assert greedy == [policy_1(*place) for place in cells]
network_explorer

# %% [markdown]
# ### Exercise 2: a policy network, forwards
#
# *01.2 · about 8 minutes · medium*
#
# The cells above took this function from the package. Now write the formula yourself: observation in, probabilities
# out. `weights_1` is $W_1$ with one row for each hidden unit, `weights_2` is $W_2$ with one row for each action. Take
# care: scores may be as large as thousands, and `np.exp(1000)` is infinite. What may you subtract from all scores
# without changing any probability?


# %%
def network_policy(observation, weights_1, bias_1, weights_2, bias_2):
    """Return the probability of each action, an array (A,)."""
    ...


# %%
lesson_01.network.check(network_policy)

# %% [markdown]
# ## 4 One controller for all?
#
# Why not put *one* controller in charge of everybody? A **central controller** (a **centre**) sees all there is to see
# and chooses the joint action. To it, the many agents are one agent with many hands, and all that is known about one
# agent applies. **Decentralised** control means: each agent chooses its own action from its own observation.
#
# What does the centre pay? To choose well it must know how good each choice is, and the plainest way is to write down a
# number for each (such a number is called $Q$; lesson 04 says what it means). With a table $Q(s, a^1, \dots, a^N)$,
# which holds one number for each state and joint action, the joint actions alone are $A^N$ for $N$ agents of $A$
# actions each: they *multiply*. Tables of the agents' own, $Q^i(s, a^i)$ or $Q^i(o^i, a^i)$, *add up*.
#
# A guess first. **Ten agents** walk on the 3 x 3 grid, each in any of the 9 cells, each with 5 actions, so there are
# $9^{10}$ states. A number takes 8 bytes. How large is the centre's table? A laptop's memory of 16 GB is marked.

# %%
from marl_edu.panels import MarkerGuess

table_guess = MarkerGuess(
    "01.joint_table",
    "How many bytes is the centre's table, as a power of ten? (9 means 10^9, a GB)",
    axis=(3, 30, "power of ten of the bytes"),
    references={"16 GB of memory": float(np.log10(16e9))},
)
table_guess

# %% jupyter={"outputs_hidden": true}
import math

CELLS, OWN_ACTIONS, BYTES = 9, 5, 8
exact = (CELLS * OWN_ACTIONS) ** 10 * BYTES
assert exact == 9**10 * 5**10 * 8
table_guess.reveal(math.log10(exact))


# %% jupyter={"outputs_hidden": true}
folded()


def tables_of(agents, actions, places):
    """Bytes of three ways to keep values, as exact integers."""
    states = places**agents
    return {
        "centre: Q(s, a1, ..., aN)": states * actions**agents * BYTES,
        "each its own action: Q(s, ai)": agents * states * actions * BYTES,
        "each what it sees: Q(oi, ai)": agents * places * actions * BYTES,
    }


for way, size in tables_of(10, OWN_ACTIONS, CELLS).items():
    print(f"{way:30} {size:>27,} bytes")

# %% [markdown]
# The second line is a warning: with own actions only, but the whole **state** as the row, tables still explode, since
# places multiply too. Only the third, with own observations *and* own actions, grows as slowly as one would wish, and
# section 5 shows what that costs. **Drag the sliders.** How many agents fit into the laptop, in each of the three ways?
# (The sentence below the picture counts them for you.) And which slider hurts the third way most?

# %%
LIMITS = {
    "16 GB of memory": math.log10(16e9),
    "largest NumPy array": 63 * math.log10(2),
}


def draw_tables(ax, agents, actions, places):
    numbers = [int(x) for x in (agents, actions, places)]
    sizes = [tables_of(n, *numbers[1:]) for n in range(1, 31)]
    powers = {way: [math.log10(size[way]) for size in sizes] for way in sizes[0]}
    lesson_01.draw_tables(ax, powers, numbers[0], LIMITS)
    return in_bytes(numbers)


# %%
def in_bytes(numbers):
    sizes = list(tables_of(*numbers).values())
    joint = numbers[1] ** numbers[0]
    told = f"{joint:,}" if joint < 10**15 else f"a number of {len(str(joint))} digits"
    fits = [max(n for n in range(200) if tables_of(n, *numbers[1:])[way] <= 16e9)
            for way in tables_of(1, 1, 1)]  # fmt: skip
    most = [str(n) if n < 199 else "199 or more" for n in fits]
    return (
        f"Agents {numbers[0]}, actions {numbers[1]}: joint actions {told}; tables of "
        f"10^{math.log10(sizes[0]):.1f}, 10^{math.log10(sizes[1]):.1f} and "
        f"{sizes[2]:,} bytes. Agents that fit into 16 GB: {', '.join(most)}."
    )


# %% jupyter={"outputs_hidden": true}
folded()
Explorer(
    draw_tables,
    "Three ways to keep values",
    {
        "agents": Real(4, 1, 30, "number of agents", choices=range(1, 31)),
        "actions": Real(5, 2, 20, "actions of each agent", choices=range(2, 21)),
        "places": Real(9, 1, 100, "places where each may be",
                       choices=(1, 2, 4, 9, 16, 25, 49, 100)),
    },
)  # fmt: skip

# %% [markdown]
# <details><summary>What you should have seen</summary>
#
# On an axis of powers of ten the first way is a straight line, and the second nearly one: each further agent
# *multiplies* the table, so that with ten times the memory a centre can't take in even one agent more. The third way
# bends down: there a further agent *adds* a table. So all sliders only make it longer by what they say; none of them
# hurts it much, and nothing stands in an exponent.
#
# </details>

# %% [markdown]
# ### Where the machine gives up
#
# It does so in three ways, and the first is the worst, because nobody is told:

# %%
with np.errstate(over="ignore"):
    wrapped = np.prod(np.full(30, 5, dtype=np.int64))
print(f"5^30 by Python: {5**30:,}")
print(f"5^30 by NumPy:  {wrapped:,} (64 bits ran over, without a word)")
for n_agents in (25, 27):
    try:
        np.zeros((5,) * n_agents)
    except (MemoryError, ValueError) as error:
        print(f"a table for {n_agents} agents: {type(error).__name__}")
assert int(wrapped) != 5**30

# %% [markdown]
# A centre with a *network* needs no table, but the explosion comes back at its end: a score for each joint action is
# still $A^N$ outputs, and so is a maximum over them. Much of this course is about ways around that.

# %% [markdown]
# ### Exercise 3: how large the tables are, exactly
#
# *01.3 · about 5 minutes · easy*
#
# Everybody sees the state here. `n_states` is the number of states, `n_actions` a list with each agent's number of
# actions; agents may differ. Count the entries of the centre's table and of all agents' own tables together. Exactly:
# `==` is tried with forty agents.


# %%
def table_entries(n_states, n_actions):
    """Return (entries of the centre's table, entries of all agents' own tables together)."""
    ...


# %%
lesson_01.tables.check(table_entries)

# %% [markdown]
# ## 5 What a centre sees
#
# So the centre is expensive. What does one get for it? First: **it knows what everybody knows.** Here is the smallest
# game in which that matters.
#
# **The two lamps.** Each of two agents has a lamp before it, which is on or off by the toss of a fair coin; each sees
# its own lamp only. At the same time, each presses *left* or *right*. They win if both press the same, **except when
# both lamps are on: then they must press different ones.** They may agree on policies beforehand, but when the lamps
# are lit they can't talk.
#
# A centre that sees both lamps always wins. How often can two agents win, with the best policies there are?

# %%
lamp_guess = MarkerGuess(
    "01.two_lamps",
    "The two lamps: which share of rounds can the best decentralised agents win?",
    axis=(50, 100, "rounds won (%)"),
    references={"random play": 50.0},
)
lamp_guess

# %% [markdown]
# Now try. A policy of one agent is two decisions: what to press when its lamp is off, and what when it is on. The
# picture shows all four cases. Can you turn all four into wins?

# %%
# axes: lamp 1, lamp 2, action 1, action 2; 0 is off, or left
wins = lesson_01.lamps_table()
PRESS = ("left", "right")


def draw_lamps(ax, agent_1_off, agent_1_on, agent_2_off, agent_2_on):
    plans = [(agent_1_off, agent_1_on), (agent_2_off, agent_2_on)]
    won = lesson_01.draw_lamps(ax, wins, plans, PRESS)
    return f"These two policies win in {won} of the 4 cases, all equally likely."


# %% jupyter={"outputs_hidden": true}
folded()
Explorer(
    draw_lamps,
    "The two lamps, decentralised",
    {
        "agent_1_off": Choice("left", PRESS, "agent 1, lamp off"),
        "agent_1_on": Choice("right", PRESS, "agent 1, lamp on"),
        "agent_2_off": Choice("left", PRESS, "agent 2, lamp off"),
        "agent_2_on": Choice("right", PRESS, "agent 2, lamp on"),
    },
    height=300,
)

# %% [markdown]
# There are 4 policies for each agent, so 16 pairs. All of them:

# %% jupyter={"outputs_hidden": true}
from itertools import product

policies = list(product(range(2), repeat=2))  # (what to do when off, when on)
lamps = list(product(range(2), repeat=2))
values = {
    (p, q): np.mean([wins[l1, l2, p[l1], q[l2]] for l1, l2 in lamps])
    for p, q in product(policies, policies)
}
apart, centre = max(values.values()), wins.max(axis=(2, 3)).mean()
lamp_guess.reveal(100 * apart)

# %% jupyter={"outputs_hidden": true}
folded()
best_pairs = sum(value == apart for value in values.values())
print(f"pairs tried: {len(values)}, best: {apart:.0%}, reached by {best_pairs} pairs")
print(f"a centre that sees both lamps: {centre:.0%}; random play: {wins.mean():.0%}")
assert apart == 0.75 and centre == 1 and best_pairs == 8

# %% [markdown]
# Nor does chance help: agents who toss coins, even a coin that both see, mix these 16 pairs, and a mean is never larger
# than the largest. What they lack is neither practice nor goodwill. It is *information*.
#
# ### The same with more at stake: the tiger
#
# Two agents stand before two doors, a tiger behind one of them. Listening
# costs the team 2, and each agent then hears the right side with some chance, each with its own ears. Opening the
# right door *together* pays the team 20; opening the tiger's door costs it up to 101. This game (Dec-Tiger) has been
# studied for twenty years, as a Dec-POMDP: a team whose members get observations instead of the state (lesson 02).
#
# We compute three values exactly: what *decentralised* agents can earn at most (by trying all policies), what a
# *centre* earns that hears what both hear, and what somebody earns who *sees* the tiger.

# %%
from marl_edu.games import DecPOMDP, dec_tiger
from marl_edu.planning import decentralised_optimum


def tiger(accuracy):
    """Dec-Tiger in which each hears the right side with this chance."""
    model = dec_tiger()
    heard = model.observation_probabilities.copy()
    for side in (0, 1):
        own = np.where(np.arange(2) == side, accuracy, 1 - accuracy)
        heard[0, 0, side] = np.outer(own, own)  # both listen: 0, 0
    return DecPOMDP(model.game, heard, model.observations)


# %%
def centre_value(model, belief, steps):
    """Best expected sum of rewards of a centre that hears what both hear."""
    now = np.tensordot(belief, model.game.rewards[0], 1)  # for each joint action
    if steps == 1:
        return now.max()
    best = -np.inf
    for a, value in np.ndenumerate(now):
        after = belief @ model.game.transitions[:, a[0], a[1]]
        told = after[:, None] * model.observation_probabilities[a].reshape(2, -1)
        for heard in told.T:  # all that both may hear, and how the belief changes
            if (chance := heard.sum()) > 0:
                value += chance * centre_value(model, heard / chance, steps - 1)
        best = max(best, value)
    return best


# %%
accuracies = np.round(np.linspace(0.5, 1, 11), 2).tolist()
start = dec_tiger().game.start
tiger_values = {
    steps: np.array([
        (decentralised_optimum(model, steps).value, centre_value(model, start, steps))
        for model in map(tiger, accuracies)
    ])
    for steps in (2, 3)
}  # fmt: skip

# %%
published = accuracies.index(0.85)
for steps, found in tiger_values.items():
    apart, centre = found[published]
    print(f"{steps} steps, hearing {accuracies[published]:.2f}: decentralised {apart:.2f}, "
          f"centre {centre:.2f}, sees the tiger {20 * steps}")  # fmt: skip
assert abs(tiger_values[2][published, 0] + 4) < 1e-9
assert abs(tiger_values[3][published, 0] - 5.190812) < 1e-6
assert all(abs(found[k, 0] - found[k, 1]) < 1e-9 for found in tiger_values.values() for k in (0, -1))  # fmt: skip


# %%
def draw_tiger(ax, hearing, steps):
    found = tiger_values[int(steps)]
    now = found[accuracies.index(hearing)]
    names = ("decentralised", "centre: hears what both hear")
    for k, look in enumerate(({"color": "#6f6f6f", "linestyle": "-."}, {"color": "k"})):
        ax.plot(accuracies, found[:, k], label=names[k], marker=".", **look)
        ax.plot(hearing, now[k], "o", color=look["color"], markersize=9)
    ax.axhline(20 * steps, color="#444444", linestyle="--", label="sees the tiger")
    ax.set(xlabel="chance to hear the right side", ylabel="best sum of rewards")
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0.93), fontsize=9)
    return (
        f"{steps:g} steps, hearing {hearing:.2f}: decentralised {now[0]:.1f}, centre "
        f"{now[1]:.1f}. What the other has heard is worth {now[1] - now[0]:.1f}."
    )


# %%
Explorer(
    draw_tiger,
    "Dec-Tiger: what shared ears are worth",
    {
        "hearing": Real(0.85, 0.5, 1, "chance to hear the right side",
                        choices=accuracies),
        "steps": Real(2, 2, 3, "length of an episode", choices=(2, 3)),
    },
)  # fmt: skip

# %% [markdown]
# Drag **hearing** to both ends. At the left end nobody hears anything, and shared nothing is nothing. At the right end
# everybody knows everything already. In between, the centre is ahead, because two pairs of ears hear more than one, and
# because agents who hear different things open *different doors*, the dearest mistake but one. With 2 steps, at the
# hearing of the published game, decentralised agents can do no better than listen twice and open nothing.

# %% [markdown]
# ### Exercise 4: what is it worth to see everything?
#
# *01.4 · about 12 minutes · hard*
#
# Compute both numbers for *any* such game: `wins[o1, o2, a1, a2]` is what the team gets for lamps `o1`, `o2` and
# actions `a1`, `a2`; all pairs of lamps are equally likely; there may be any number of signals and of actions. Return
# what a centre gets at best on average, and what decentralised agents get at best.


# %%
def best_values(wins):
    """Return (best mean with one centre, best mean with decentralised agents)."""
    ...


# %%
lesson_01.gain.check(best_values)

# %% [markdown]
# ## 6 What a centre learns
#
# A centre does not only see more. When things have to be *learned*, it can try joint actions on purpose, and it never
# mistakes a bad partner for a bad action. But it has more to learn: one value for each joint action.
#
# Any team game becomes a game of the centre's, an ordinary world of one agent whose actions are the joint actions:


# %%
from itertools import product

from marl_edu import MarkovGame


def one_centre(game):
    """The team game as a world of one agent, whose actions are the joint actions."""
    joint_names = [" / ".join(names) for names in product(*game.actions)]
    return MarkovGame(
        game.successors,  # from each state and joint action, in the same order
        game.rewards[:1].reshape(1, game.n_states, -1),
        game.discount,
        start=game.start,
        terminal=game.terminal,
        horizon=game.horizon,
        actions=[joint_names],
        name=f"{game.name}, one centre",
    )


# %%
from marl_edu.games import climbing

walkers = gridworld(["1.2", "...", "BCA", "3.."], discount=0.95, name="three walkers")
teams = {"the climbing game": climbing(), "three walkers on a grid": walkers}
for name, game in teams.items():
    one = one_centre(game)
    own = " + ".join(map(str, game.n_actions))
    print(f"{name}: {game.n_agents} agents with {own} actions, "
          f"states: {game.n_states:,}; the centre has {one.n_actions[0]} actions")  # fmt: skip

# %% [markdown]
# In the **climbing game** (one state, three actions each) the best joint action pays 11, but whoever does its part of
# it while the other does not may cost the team 30. On the **grid** three agents walk to their goals, and whoever bumps
# into somebody pays. Both times the agents see the whole state, so seeing is not the question now. Who learns better:
# one learner for all, or each for itself? Both use Q-learning (lesson 06) with the same settings: step size 0.2 (a
# value moves a fifth of the way to what was last seen) and epsilon 0.1.

# %%
from marl_edu.panels import ChoiceGuess

learning_guess = ChoiceGuess(
    "01.who_learns",
    "Who is ahead: at the end of climbing, and after 1,200 of 3,000 steps on the grid?",
    options=[
        "the centre both times",
        "the centre in the climbing game, the independent learners on the grid",
        "the independent learners in the climbing game, the centre on the grid",
        "the independent learners both times",
    ],
)
learning_guess

# %%
from marl_edu import Recording
from marl_edu.learning import IndependentQLearning


def learned(world, steps, step_size=0.2, epsilon=0.1, moments=30):
    """The greedy return of ten learners along the way (and not their tables)."""
    learner = IndependentQLearning(
        world, seeds=10, step_size=step_size, epsilon=epsilon
    )
    curve = Recording.of(learner)
    curve.append(0, {"greedy_return": learner.frame()["greedy_return"]})
    for _ in range(moments):
        learner.advance(steps // moments)
        now = {"greedy_return": learner.frame()["greedy_return"]}
        curve.append(learner.units_done, now)
    return curve


# %%
from marl_edu.views import LearningCurve

steps = {"the climbing game": 2_400, "three walkers on a grid": 3_000}
WHO = ("independent learners", "one centre")
runs = {}
for name, game in teams.items():
    for who, world in zip(WHO, (game, one_centre(game)), strict=True):
        runs[name, who] = learned(world, steps[name])


def at(run, step):
    """Greedy team return at a step: mean and ends of its 95 % interval."""
    band = LearningCurve().bands(run)
    k = band.units.tolist().index(step)
    return band.middle[k, 0], band.low[k, 0], band.high[k, 0]


# %% jupyter={"outputs_hidden": true}
climb = [at(runs["the climbing game", who], 2_400) for who in WHO]
grid = [at(runs["three walkers on a grid", who], 1_200) for who in WHO]
assert climb[1][1] > climb[0][2] + 3 and grid[0][1] > grid[1][2]
learning_guess.reveal(
    1, because="it tells joint actions apart, and pays with time, at these settings."
)

# %% jupyter={"outputs_hidden": true}
import matplotlib.pyplot as plt

from marl_edu.planning import reference_returns
from marl_edu.views import show

figure, axes = plt.subplots(1, 2, figsize=(9.6, 3.4), layout="constrained")
for ax, (name, game) in zip(axes, teams.items(), strict=True):
    these = {who: runs[name, who] for who in WHO}
    lesson_01.draw_race(ax, these, reference_returns(game), name)
axes[1].legend(fontsize=9)
show(
    figure,
    "Learning curves, mean of 10 seeds with a 95 % band. Left, the climbing game: the "
    "centre rises to the optimum, the independent learners stay at about half of it. "
    "Right, three walkers: the independent learners are home first, the centre "
    "follows long after; neither reaches the optimum.",
)

# %% jupyter={"outputs_hidden": true}
folded()
said = ("the climbing game after 2,400 steps", "the grid after 1,200 steps")
for where, found in zip(said, (climb, grid), strict=True):
    for who, (mean, low, high) in zip(WHO, found, strict=True):
        print(f"{where}, {who}: {mean:.1f} ({low:.1f} to {high:.1f})")

# %% [markdown]
# **In the climbing game** an independent learner sees its best action punished whenever the other explores, and gives
# it up; to the centre the joint action is one thing, and it keeps its value. **On the grid** good moves of one agent
# are good whatever the others do, mostly; the centre has to find that out for every combination apart. (It also tosses
# one exploration coin where three agents toss three.) The same thing lies behind both: what a table of joint actions
# tells apart. (Neither was tuned: both had the step size and the epsilon of the cell above.)
#
# Much of this course looks for the middle: *train* with central knowledge, *act* on one's own (lessons 08 to 10,
# planned).
#
# But *is* the centre late, or was it made late by its settings? Here it is on the grid, for you to drive; the grey
# curve is that of the independent learners above. Is there a step size or an epsilon with which the centre is home as
# early?

# %% jupyter={"outputs_hidden": true}
folded()
walked = runs["three walkers on a grid", "independent learners"]
Panel(
    IndependentQLearning(one_centre(walkers), seeds=10, step_size=0.2, epsilon=0.1),
    lesson_01.CurveBeside("independent learners, as above", walked, title="The centre"),
    units=3_000,
    speed=300,
    controls=["step_size", "epsilon"],
    title="One centre for three walkers",
)

# %% [markdown]
# When you have tried: both of them, with five settings (looked at every 100 steps).

# %% jupyter={"outputs_hidden": true}
from IPython.display import Markdown

settings = [(0.2, 0.1), (0.5, 0.1), (1, 0.1), (0.5, 0), (1, 0)]  # step size, epsilon
tried = {}
for who, world in zip(WHO, (walkers, one_centre(walkers)), strict=True):
    tried[who, 0.2, 0.1] = runs["three walkers on a grid", who]
    for setting in settings[1:]:
        tried[who, *setting] = learned(world, 1_200, *setting, moments=12)


def home(run):
    """First step from which the mean greedy return is 10 or more; infinity: none."""
    band = LearningCurve().bands(run)
    there = np.flatnonzero(band.middle[:, 0] >= 10)
    return int(band.units[there[0]]) if len(there) else math.inf


# %% jupyter={"outputs_hidden": true}
folded()
rows = ["| who | step size | epsilon | after 800 steps | after 1,200 steps | first at 10 |",
        "|---|---|---|---|---|---|"]  # fmt: skip
for (who, step_size, epsilon), run in tried.items():
    first = f"{home(run):,}" if home(run) < math.inf else "not in 1,200"
    rows.append(f"| {who} | {step_size:g} | {epsilon:g} | {at(run, 800)[0]:.1f} "
                f"| {at(run, 1_200)[0]:.1f} | {first} |")  # fmt: skip
Markdown("\n".join(rows))

# %% jupyter={"outputs_hidden": true}
folded()
own, centre = (min(home(tried[who, *setting]) for setting in settings) for who in WHO)
full = home(tried["one centre", 1, 0])
late = home(tried["one centre", 0.2, 0.1])
assert full <= home(tried["independent learners", 0.2, 0.1]) < late
assert 0 < centre - own < 500 and home(tried["independent learners", 1, 0]) == math.inf
Markdown(
    f"**Yes**: with step size 1 and epsilon 0 the centre's mean is at 10 after {full:,} "
    f"steps, not {late:,}. Step size 1 means to believe the last thing seen in full. "
    "For *one* learner in a world without chance that is right: the same action in the "
    "same state always leads to the same, and there is nothing to average. Independent "
    "learners can't use it: to each of them the others *are* chance. With each at its "
    f"own best of these settings the independent ones are at 10 after {own:,} steps, "
    f"the centre after {centre:,}: a gap of {centre - own:,} steps is left. *Who learns "
    "faster* is a statement about settings too: compare each at its own best."
)

# %% [markdown]
# ## 7 The map of settings
#
# Everybody was on one team so far. In general each agent has a reward $R^i$ of its own, and the first question about a
# game is how these go together:
#
# - **cooperative**: what is good for one is good for all; at the extreme, one reward for everybody;
# - **competitive**: what one gains the other loses; at the extreme the rewards add up to zero (**zero-sum**);
# - **mixed**: partly this, partly that: most of life;
# - **self-interested** is not a place on the map but a way to look at it: each agent counts its own rewards only. In a
#   cooperative game that makes no difference; everywhere else it does.
#
# For two agents there is a number for it: take all joint actions, all alike, and compute the **correlation** of the two
# payoffs. It is +1 for a team, -1 for pure competition. A second number tells whether there is anything to share at
# all: how much of an agent's payoff is **in the others' hands**, that is, not explained by its own action (the share
# of the variance). At 0 there are just two games for one agent, side by side.
#
# **Fill the map.** Choose the classics one after the other: each stays on the map. Where do you expect each, before you
# choose it? Then choose *your own*: four payoffs for agent 1, one for each joint action, and what agent 2 gets.

# %%
from marl_edu import games

makers = (games.prisoners_dilemma, games.stag_hunt, games.chicken,
          games.battle_of_the_sexes, games.matching_pennies, games.rock_paper_scissors,
          games.shapley_game, games.climbing, games.penalty)  # fmt: skip
classics = {game.name.split(",")[0]: game.rewards[:, 0] for game in (make() for make in makers)}  # fmt: skip
OTHERS = {
    "the mirror image": lambda own: own.T,
    "the same": lambda own: own,
    "the opposite": lambda own: -own,
    "its own action only": lambda own: own[:, :1].T + np.zeros((2, 1)),
}

# %%
placed = {}
numbers = {name: k for k, name in enumerate(["your own", *classics])}


def draw_map(axes, game, pays_1_1, pays_1_2, pays_2_1, pays_2_2, agent_2):
    own = np.array([[pays_1_1, pays_1_2], [pays_2_1, pays_2_2]])
    tables = classics.get(game, np.stack([own, OTHERS[agent_2](own)]))
    if min(np.ptp(table) for table in tables) == 0:
        axes[0].set_axis_off()
        axes[0].text(0.5, 0.5, "somebody gets the same\nwhatever happens", ha="center")
        lesson_01.draw_places(axes[1], placed, numbers, "")
        return "A table is constant: its agent does not care, and nothing is placed."
    place = lesson_01.correlation(*tables), lesson_01.in_others_hands(*tables)
    placed[game] = place
    lesson_01.draw_payoffs(axes[0], tables)
    lesson_01.draw_places(axes[1], placed, numbers, game)
    unused = " (Payoffs and agent 2 belong to your own.)" if game in classics else ""
    return (
        f"{game}: correlation {place[0]:+.2f}, in the other's hands {place[1]:.2f}. "
        f"{len(placed)} of {len(numbers)} games are on the map.{unused}"
    )


# %%
Explorer(
    draw_map,
    "The map of settings",
    {
        "game": Choice("your own", ["your own", *classics], "which game to place"),
        "pays_1_1": Real(3, -5, 5, "your own: agent 1's payoff for 1,1"),
        "pays_1_2": Real(0, -5, 5, "your own: agent 1's payoff for 1,2"),
        "pays_2_1": Real(5, -5, 5, "your own: agent 1's payoff for 2,1"),
        "pays_2_2": Real(1, -5, 5, "your own: agent 1's payoff for 2,2"),
        "agent_2": Choice("the mirror image", OTHERS, "your own: what agent 2 gets"),
    },
    columns=2,
    height=380,
)

# %% [markdown]
# With your own game: what must agent 2 get so that the game lies at the left end, whatever agent 1 gets? Can you bring
# a *mirror image* game to the left end, by the four payoffs alone? And what must the payoffs be like so that nobody is
# in anybody's hands?
#
# <details><summary>What you should have seen</summary>
#
# - *The opposite* puts any game at the left end.
# - A *mirror image* gets there if 1,1 and 2,2 both pay the mean of what 1,2 and 2,1 pay: 0, -1, 1, 0, say. Whatever
#   one gains by being first the other loses, and where both do the same nobody gains.
# - Nobody is in anybody's hands if an agent's payoff depends on its own action only: 1,1 pays as 1,2, and 2,1 as 2,2,
#   with *the mirror image* or *its own action only* for agent 2.
#
# </details>
#
# All classics in one table:

# %%
rows = ["| game | correlation | in the other's hands | `setting` of the package |", "|---|---|---|---|"]  # fmt: skip
for make in makers:
    game = make()
    tables = game.rewards[:, 0]
    hands = lesson_01.in_others_hands(*tables)
    place = lesson_01.correlation(*tables)
    rows.append(f"| {game.name} | {place:+.2f} | {hands:.2f} | {game.setting} |")
assert lesson_01.correlation(*classics["matching pennies"]) < -0.999999
assert -0.7 < lesson_01.correlation(*classics["prisoner's dilemma"]) < -0.5
Markdown("\n".join(rows))

# %% [markdown]
# Two surprises are worth a thought. The **prisoner's dilemma** lies well to the left of the middle, although both would
# gain if both cooperated: the correlation is about *all* joint actions, and in two of the four one exploits the other.
# And in **matching pennies** *everything* is in the other's hands: your own action, taken alone, is worth nothing.
# Correlation is one way to summarise a game by a number, and like any such number it forgets: which joint actions
# sensible agents will choose is the business of equilibria ([lesson 05](05_nash_and_convergence.ipynb)).

# %% [markdown]
# ### Exercise 5: where does a game lie?
#
# *01.5 · about 6 minutes · medium*
#
# The map took its horizontal axis from the package. Now write that number yourself: the correlation of the two payoffs
# over all joint actions, which all count alike. Tables may have any size.


# %%
def alignment(payoffs_1, payoffs_2):
    """Return the correlation of two payoff tables over all joint actions."""
    ...


# %%
lesson_01.place.check(alignment)

# %% [markdown]
# ### Exercise 6, open-ended: a game of your own, wherever you want it
#
# *01.5 · about 15 minutes · hard · for fast students, on top of the 120 minutes*
#
# Now the other way round: given a place, build a game. For any `rho` from -1 to 1 return two 2 x 2 tables whose payoffs
# have that correlation, to six digits, such that the other agent's action matters to both. Which game it is, is up to
# you: give it a story.


# %%
def my_game(rho):
    """Return (payoffs of agent 1, payoffs of agent 2), two 2 x 2 tables."""
    ...


# %%
lesson_01.invent.check(my_game)

# %% [markdown]
# ## 8 The neighbours
#
# Two older fields meet in this course.
#
# **Game theory** asks what agents do who each want the best for themselves, knowing that the others do too. From it
# come the joint action, the payoff table, the classics on the map, and the question of what "best" means when it
# depends on everybody: the equilibrium ([lesson 05](05_nash_and_convergence.ipynb)).
# It mostly takes the rules as known and asks where play
# should end; we ask whether *learning* gets there.
#
# **Distributed systems** ask what many machines can do that have **no common clock** (they work *asynchronously*, each
# at its own pace), of which some may fail while the others go on (**partial failure**), and whose messages may be late
# or lost. A controller that is spread over many agents is such a system. Lessons 12 to 14 (planned) are about that.
#
# One message shows how closely both belong together. Back to the two lamps: let agent 1 *send* its lamp to agent 2,
# over a line that loses the message with some chance. Agent 2 notices when nothing comes. Agent 1 never knows whether
# it has arrived.

# %%
losses = np.linspace(0, 1, 21)
with_messages = np.array([lesson_01.value_with_messages(loss) for loss in losses])


def draw_messages(ax, loss):
    value = lesson_01.value_with_messages(loss)
    ax.plot(losses, 100 * with_messages, color=agent_colour(0), linewidth=2)
    ax.plot(loss, 100 * value, "o", color=agent_colour(0), markersize=11)
    ax.axhline(100, color="#444444", linestyle="--")
    ax.axhline(50, color="#444444", linestyle=":")
    ax.text(0.01, 97.5, "a centre", va="top")
    ax.text(0.01, 51, "random play")
    ax.set(xlabel="chance that the message is lost", ylabel="rounds won at best (%)")
    return (
        f"If the message is lost with chance {loss:.2f}, the best policies win "
        f"{100 * value:.1f} % of the rounds."
    )


# %%
assert with_messages[0] == 1 and with_messages[-1] == 0.75
Explorer(
    draw_messages,
    "The two lamps, with a message that may be lost",
    {"loss": Real(0.2, 0, 1, "chance that the message is lost")},
    height=300,
)

# %% [markdown]
# Between a centre and no contact at all there is a whole range, and *communication* is what moves along it. That the
# loss does no more harm than that is due to one thing: agent 1 may do the same whether its message arrives or not. In
# games in which *both* would have to know that the other knows, no number of messages over a lossy line is enough to be
# sure (the "two generals" of the theory of distributed systems).

# %% [markdown]
# ## 9 Quiz
#
# Five questions. Every answer, wrong or right, is explained; you may try as often as you like.

# %%
lesson_01.quiz

# %% [markdown]
# ## What you should take away
#
# 1. There is one world. All agents act, it moves once, on the joint action, and pays each agent its own reward.
# 2. A policy gives each action a probability, from what the agent observes; a table or a network can hold it. Whether
#    it is *good* depends on the others' policies.
# 3. Joint actions multiply, own actions add up. A centre's table is the first thing to go, and 64 bits the second.
# 4. A centre knows what everybody knows and tells joint actions apart. Decentralised agents lose what they can't see,
#    however well they play; each has far less to learn, but to each the others are chance. Which learns faster depends
#    on the game *and on the settings*: compare each at its own best.
# 5. Cooperative, competitive and mixed are regions of one map; the correlation of payoffs says where a game lies.
#
# ## Common misconceptions
#
# - **"The agents take turns."** They choose at the same time; the world moves once.
# - **"The other agents' actions are noise."** They are decisions, and change when the others learn.
# - **"Central control is always better."** It is never worse if the best policy is *given*. If it must be learned, its
#   size is a price.
# - **"With enough training, decentralised agents catch up."** Not where what is missing is information.
# - **"Self-interested means competitive."** In a team game each may be as selfish as it likes.
# - **"Zero correlation means that the agents have nothing to do with each other."** That is the other axis of the map.
#
# ## Sources
#
# - R. Sutton and A. Barto, *Reinforcement Learning: An Introduction*, 2nd edition, 2018, section 3.1: agent and
#   environment; chapter 13: policies with parameters, the softmax.
# - C. Boutilier, "Planning, learning and coordination in multiagent decision processes", TARK 1996, 195-210: the team
#   as one agent with joint actions.
# - D. Bernstein, R. Givan, N. Immerman and S. Zilberstein, "The complexity of decentralized control of Markov decision
#   processes", *Mathematics of Operations Research* 27 (2002), 819-840.
# - R. Nair, M. Tambe, M. Yokoo, D. Pynadath and S. Marsella, "Taming decentralized POMDPs", IJCAI 2003, 705-711: the
#   tiger for two.
# - J. Clauser, M. Horne, A. Shimony and R. Holt, *Physical Review Letters* 23 (1969), 880-884, and R. Cleve, P. Hoyer,
#   B. Toner and J. Watrous, "Consequences and limits of nonlocal strategies", CCC 2004: the two lamps.
# - C. Claus and C. Boutilier, "The dynamics of reinforcement learning in cooperative multiagent systems", AAAI 1998,
#   746-752: independent and joint-action learners, climbing.
# - J. Gray, "Notes on data base operating systems", in *Operating Systems: An Advanced Course*, 1978: the two generals.
# - S. Albrecht, F. Christianos and L. Schäfer, *Multi-Agent Reinforcement Learning*, MIT Press 2024, chapters 1 and 5:
#   the settings, central and independent learning.
#
# **Next**: lesson 02, [Markov games](02_markov_games.ipynb), in which worlds like these are written down as data. The
# equilibria, for which this lesson kept putting you off, come in [lesson 05](05_nash_and_convergence.ipynb).
