"""What foraging should do, written again from its description, one state and one move at a time.

Nothing here is shared with the package: places are (row, column), a state is the places of all agents and the foods
that are left, as a dict from place to level in the order of the drawing.
"""

STEPS = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
LOAD = 5


class SlowForaging:
    def __init__(self, free, foods, levels, *, penalty, step_cost, reward, sight):
        self.free, self.foods, self.levels = free, foods, levels
        self.penalty, self.step_cost, self.reward, self.sight = penalty, step_cost, reward, sight

    def step(self, places, left, actions):
        """Places, foods and rewards after a joint action."""
        if not left:
            return places, left, [0.0] * len(places)
        wanted = []
        for place, action in zip(places, actions, strict=True):
            row, column = STEPS[action] if action != LOAD else (0, 0)
            target = (place[0] + row, place[1] + column)
            wanted.append(place if target not in self.free or target in left or target in places else target)
        then = tuple(
            place if wanted.count(target) > 1 else target for place, target in zip(places, wanted, strict=True)
        )

        loads = {}
        for i, (place, action) in enumerate(zip(places, actions, strict=True)):
            near = [food for food in left if abs(food[0] - place[0]) + abs(food[1] - place[1]) == 1]
            if action == LOAD and near:
                loads.setdefault(near[0], []).append(i)
        rewards, after = [-self.step_cost] * len(places), dict(left)
        for food, loaders in loads.items():
            together = sum(self.levels[i] for i in loaders)
            for i in loaders:
                if together >= left[food]:
                    rewards[i] += self.levels[i] * left[food] / (together * sum(self.foods.values()))
                else:
                    rewards[i] -= self.penalty
            if together >= left[food]:
                del after[food]
        return then, after, [sum(rewards)] * len(places) if self.reward == "team" else rewards

    def seen(self, places, left, agent):
        """What an agent knows, as something that can be compared."""
        row, column = places[agent]

        def near(place):
            return max(abs(place[0] - row), abs(place[1] - column)) <= self.sight

        foods = tuple(food in left if near(food) else None for food in self.foods)
        others = tuple(
            (place[0] - row, place[1] - column) if near(place) else None for j, place in enumerate(places) if j != agent
        )
        return (row, column), foods, others
