"""What a gridworld should do, written again from its description, one state and one move at a time.

Nothing here is shared with the package: places are (row, column), states are tuples of places, and slipping is
worked out by listing every way in which every agent may slip.
"""

import itertools
from collections import defaultdict

STEPS = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]


class SlowGrid:
    def __init__(self, free, goals, *, collision, slip, reward, ends, goal_reward, step_cost, collision_cost):
        self.free, self.goals = free, goals
        self.collision, self.slip, self.reward, self.ends = collision, slip, reward, ends
        self.goal_reward, self.step_cost, self.collision_cost = goal_reward, step_cost, collision_cost

    def home(self, places):
        return [place in own for place, own in zip(places, self.goals, strict=True)]

    def over(self, places, crashed=False):
        home = self.home(places)
        return crashed or (all(home) if self.ends == "all" else any(home))

    def move(self, places, actions):
        """Where one joint move leads, and the set of agents that collide."""
        wanted = []
        for place, there, action in zip(places, self.home(places), actions, strict=True):
            target = (place[0] + STEPS[action][0], place[1] + STEPS[action][1])
            wanted.append(place if there or target not in self.free else target)
        if self.collision == "pass":
            return tuple(wanted), set()
        stopped, collided = set(), set()
        while True:
            target = [places[i] if i in stopped else wanted[i] for i in range(len(places))]
            now = set()
            for i, j in itertools.permutations(range(len(places)), 2):
                exchange = places[i] != places[j] and target[i] == places[j] and target[j] == places[i]
                arrived = target[i] in self.goals[i] or target[j] in self.goals[j]
                if exchange or (target[i] == target[j] and not arrived):
                    now |= {i, j}
            collided |= now
            if self.collision != "block" or now <= stopped | {i for i in now if wanted[i] == places[i]}:
                break
            stopped |= now
        if self.collision == "end":
            for i, j in itertools.combinations(range(len(places)), 2):
                if places[i] != places[j] and target[i] == places[j] and target[j] == places[i]:
                    if target[i] in self.goals[i]:
                        target[i] = places[i]
                    else:
                        target[j] = places[j]
        return tuple(target), collided

    def outcomes(self, places, actions, crashed=False):
        """``{(next places, whether crashed, rewards): probability}`` of a joint action."""
        found = defaultdict(float)
        if self.over(places, crashed):
            return {(places, crashed, (0.0,) * len(places)): 1.0}
        ways = []
        for action in actions:
            others = [other for other in (1, 2, 3, 4) if other != action]
            slips = [] if action == 0 or self.slip == 0 else [(other, self.slip / 3) for other in others]
            ways.append([(action, 1 - self.slip if action else 1.0), *slips])
        for way in itertools.product(*ways):
            probability = 1.0
            for _, one in way:
                probability *= one
            target, collided = self.move(places, [action for action, _ in way])
            crash = self.collision == "end" and bool(collided)
            rewards = []
            for i, (before, after) in enumerate(zip(self.home(places), self.home(target), strict=True)):
                paid = 0.0 if before else -self.step_cost
                paid += self.goal_reward if after and not before and not (crash and i in collided) else 0.0
                paid -= self.collision_cost if i in collided else 0.0
                rewards.append(paid)
            if self.reward == "team":
                rewards = [sum(rewards)] * len(rewards)
            if probability > 0:
                found[target, crash, tuple(rewards)] += probability
        return dict(found)
