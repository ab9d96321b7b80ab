"""Replay: what is kept, what gives way, what is drawn; episodes and their masks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marl_edu.learning.replay import LARGEST, EpisodeReplay, Replay, expect_room

STAMP = {"stamp": ((), np.int64)}


def streams(seeds: int) -> list[np.random.Generator]:
    return [np.random.default_rng([5, k]) for k in range(seeds)]


# --- a ring of transitions -------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(seeds=st.integers(1, 3), capacity=st.integers(1, 12), copies=st.integers(1, 12), turns=st.integers(1, 20))
def test_the_latest_transitions_of_each_seed_are_kept_and_no_others(seeds, capacity, copies, turns):
    copies = min(copies, capacity)
    replay, added = Replay(seeds, capacity, STAMP), [[] for _ in range(seeds)]
    for turn in range(turns):
        stamps = 10_000 * np.arange(seeds)[:, None] + 100 * turn + np.arange(copies)
        replay.add(stamp=stamps)
        for k in range(seeds):
            added[k].extend(stamps[k].tolist())
    assert len(replay) == min(capacity, copies * turns)
    drawn = replay.sample(600, streams(seeds))["stamp"]
    for k in range(seeds):
        assert set(drawn[k].tolist()) == set(added[k][-capacity:])  # (1 - 1/12)^600 < 1e-22 to miss one
        assert sorted(replay.kept["stamp"][k].tolist()) == sorted(added[k][-capacity:])


def test_a_replay_that_is_too_small_or_too_large_is_refused():
    expect_room(2, 64, 64, STAMP)
    with pytest.raises(ValueError, match="capacity is 63; expected at least the number of worlds, 64"):
        expect_room(2, 63, 64, STAMP)
    expect_room(1, LARGEST // 8, 1, STAMP)
    with pytest.raises(ValueError, match="replay of 1 seeds needs 4,096 MiB; expected at most 4,096 MiB"):
        expect_room(1, LARGEST // 8 + 1, 1, STAMP)


def test_fields_of_one_transition_stay_together():
    replay = Replay(2, 7, {"state": ((), np.int32), "actions": ((3,), np.int8), "seen": ((2, 2), np.float32)})
    for t in range(9):
        state = np.array([[t, t + 50], [t + 100, t + 150]])
        replay.add(
            state=state.astype(np.int32),
            actions=(state[..., None] % [2, 3, 5]).astype(np.int8),
            seen=np.broadcast_to(state[..., None, None], (2, 2, 2, 2)).astype(np.float32),
        )
    batch = replay.sample(50, streams(2))
    assert {name: values.shape[2:] for name, values in batch.items()} == {"state": (), "actions": (3,), "seen": (2, 2)}
    assert (batch["actions"] == batch["state"][..., None] % [2, 3, 5]).all()
    assert (batch["seen"] == batch["state"][..., None, None]).all()
    assert (batch["state"][0] < 100).all() and (batch["state"][1] >= 100).all()  # seeds never meet
    assert batch["actions"].dtype == np.int8


def test_sampling_is_uniform():
    replay = Replay(1, 10, STAMP)
    replay.add(stamp=[np.arange(8)])
    counts = np.bincount(replay.sample(80_000, streams(1))["stamp"][0], minlength=10)
    assert (counts[8:] == 0).all()  # nothing that was never filled
    assert ((counts[:8] - 10_000) ** 2 / 10_000).sum() < 24.3  # chi squared, 7 degrees of freedom, 1 in 1000


def test_what_one_seed_draws_does_not_depend_on_the_others():
    alone, beside = Replay(1, 20, STAMP), Replay(3, 20, STAMP)
    stamps = np.arange(3 * 15).reshape(3, 15)
    alone.add(stamp=stamps[2:])
    beside.add(stamp=stamps)
    own = [np.random.default_rng([5, 2])]
    assert (alone.sample(30, own)["stamp"][0] == beside.sample(30, streams(3))["stamp"][2]).all()


def test_a_batch_is_a_copy():
    replay = Replay(1, 2, STAMP)
    replay.add(stamp=[[7]])
    replay.sample(3, streams(1))["stamp"][:] = 0
    assert (replay.sample(3, streams(1))["stamp"] == 7).all()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: Replay(0, 5, STAMP), "seeds is 0; expected a whole number from 1 up"),
        (lambda: Replay(1, 2.5, STAMP), "capacity is 2.5; expected a whole number"),
        (lambda: Replay(1, 5, {}), "example is empty"),
        (lambda: Replay(1, 5, STAMP).sample(3, streams(1)), "nothing to sample from"),
        (lambda: Replay(1, 5, STAMP).sample(0, streams(1)), "batch is 0"),
        (lambda: Replay(1, 5, STAMP).add(other=[[1]]), "add was given other; expected stamp"),
        (lambda: Replay(1, 5, STAMP).add(), "add was given nothing; expected stamp"),
        (lambda: Replay(2, 5, STAMP).add(stamp=[[1]]), r"stamp has shape \(1, 1\); expected \(2, 1\)"),
        (lambda: Replay(1, 5, STAMP).add(stamp=[[0.5]]), "stamp holds float64; expected int64"),
        (lambda: Replay(1, 2, STAMP).add(stamp=[[1, 2, 3]]), "3 copies were added at once; expected at most"),
        (lambda: EpisodeReplay(1, 2, 0, STAMP), "longest is 0"),
        (lambda: EpisodeReplay(1, 2, 3, {"mask": ((), np.float32)}), "expected others than 'ended' and 'mask'"),
        (lambda: EpisodeReplay(1, 2, 3, STAMP).add(stamp=[[1]], ended=[[1]]), "ended has shape .* of int64"),
        (lambda: EpisodeReplay(1, 2, 3, STAMP).sample(1, streams(1)), "nothing to sample from"),
    ],
)
def test_what_does_not_fit_is_refused(act, said):
    with pytest.raises(ValueError, match=said):
        act()


def test_as_many_generators_as_seeds():
    replay = Replay(2, 5, STAMP)
    replay.add(stamp=[[1], [2]])
    with pytest.raises(ValueError, match="1 generators were given; expected one for each of 2 seeds"):
        replay.sample(1, streams(1))


# --- whole episodes: padding counts nothing, and nothing is left of longer ones --------------------------------------

STEP = {"reward": ((), np.float32), "terminated": ((), bool)}


def play(replay: EpisodeReplay, lengths: list[int], terminates=True) -> None:
    """Episodes of one seed and one copy; the reward of step t of episode e is 10 e + t + 1, never 0."""
    for e, length in enumerate(lengths):
        for t in range(length):
            last = t == length - 1
            replay.add(
                reward=np.array([[10 * e + t + 1]], dtype=np.float32),
                terminated=np.array([[last and terminates]]),
                ended=np.array([[last]]),
            )


def by_episode(replay: EpisodeReplay, draws: int = 200) -> dict[int, dict[str, np.ndarray]]:
    """One drawn copy of each episode of seed 0, by its number."""
    batch = replay.sample(draws, streams(replay.seeds))
    first = batch["reward"][0, :, 0]
    return {int(first[b]) // 10: {name: values[0, b] for name, values in batch.items()} for b in range(draws)}


def test_the_mask_counts_every_step_made_the_terminal_one_included_and_no_padding():
    lengths = [3, 5, 1, 2]
    replay = EpisodeReplay(1, 4, 5, STEP)
    play(replay, lengths)
    found = by_episode(replay)
    assert {e: episode["mask"].sum() for e, episode in found.items()} == dict(enumerate(lengths))
    for e, length in enumerate(lengths):
        assert found[e]["mask"].tolist() == [1.0] * length + [0.0] * (5 - length)
        assert found[e]["terminated"].tolist() == [False] * (length - 1) + [True] + [False] * (5 - length)
        # the reward that came with the end weighs 1 in a loss: on a mask of (1 - terminated) it would weigh 0
        assert (found[e]["mask"] * found[e]["reward"]).max() == 10 * e + length


def test_a_short_episode_leaves_nothing_of_the_long_one_before_it():
    replay = EpisodeReplay(1, 1, 6, STEP)
    play(replay, [6, 2])
    assert by_episode(replay)[1]["reward"].tolist() == [11, 12, 0, 0, 0, 0]
    assert by_episode(replay)[1]["mask"].tolist() == [1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("terminates", [True, False], ids=["terminated", "truncated"])
def test_the_ring_moves_on_at_any_end(terminates):
    replay = EpisodeReplay(1, 3, 4, STEP)
    play(replay, [4, 4, 2, 3, 4], terminates)
    assert len(replay) == 3
    found = by_episode(replay)
    assert set(found) == {2, 3, 4}  # the latest three
    assert all(episode["terminated"].any() == terminates for episode in found.values())


def test_an_episode_is_not_seen_before_it_ends():
    replay = EpisodeReplay(1, 3, 4, STEP)
    play(replay, [2])
    replay.add(reward=[[99.0]], terminated=[[False]], ended=[[False]])
    assert len(replay) == 1 and set(by_episode(replay)) == {0}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), seeds=st.integers(1, 3), copies=st.integers(1, 4), capacity=st.integers(1, 5))
def test_copies_and_seeds_that_end_at_different_times(seed, seeds, copies, capacity):
    """Beside a plain list of episodes for each seed, in the order in which they ended."""
    rng, longest = np.random.default_rng(seed), 4
    replay = EpisodeReplay(seeds, capacity, longest, {"stamp": ((2,), np.int64)})
    running = [[[] for _ in range(copies)] for _ in range(seeds)]
    done = [[] for _ in range(seeds)]
    stamp = 0
    for _ in range(25):
        stamps = stamp + 1 + np.arange(seeds * copies).reshape(seeds, copies)
        stamp = int(stamps.max())
        ended = rng.random((seeds, copies)) < 0.3
        for k in range(seeds):
            for w in range(copies):
                running[k][w].append(int(stamps[k, w]))
                ended[k, w] |= len(running[k][w]) == longest
                if ended[k, w]:
                    done[k].append(running[k][w])
                    running[k][w] = []
        replay.add(stamp=np.stack([stamps, -stamps], axis=-1), ended=ended)
    assert len(replay) == min(min(map(len, done)), capacity)
    if len(replay) == 0:
        return
    batch = replay.sample(150, streams(seeds))
    for k in range(seeds):
        wanted = {tuple(episode + [0] * (longest - len(episode))) for episode in done[k][-capacity:]}
        assert {tuple(row) for row in batch["stamp"][k, ..., 0].tolist()} == wanted
        assert (batch["mask"][k] == (batch["stamp"][k, ..., 0] > 0)).all()
        assert (batch["stamp"][k, ..., 1] == -batch["stamp"][k, ..., 0]).all()


def test_an_episode_that_is_too_long_is_refused():
    replay = EpisodeReplay(1, 3, 2, STAMP)
    for _ in range(2):
        replay.add(stamp=[[1]], ended=[[False]])
    with pytest.raises(ValueError, match="an episode has more than 2 steps"):
        replay.add(stamp=[[1]], ended=[[False]])


def test_the_number_of_copies_stays_the_same():
    replay = EpisodeReplay(1, 3, 2, STAMP)
    replay.add(stamp=[[1]], ended=[[False]])
    with pytest.raises(ValueError, match="2 copies were added; expected 1, as before"):
        replay.add(stamp=[[1, 2]], ended=[[False, False]])


# --- n-step returns from padded episodes: they stop at the end -------------------------------------------------------


def test_padding_adds_nothing_to_a_return_of_any_number_of_steps():
    """Rewards after the end are 0 and the mask is 0, so a sum over steps needs no special case at the end."""
    replay = EpisodeReplay(1, 1, 8, STEP)
    play(replay, [8, 3])  # the long one was there before
    episode = by_episode(replay)[1]
    for n in range(1, 9):
        padded = np.concatenate([episode["reward"], np.zeros(n)])
        returns = np.array([padded[t : t + n].sum() for t in range(8)])
        plain = [sum([11, 12, 13][t : t + n]) for t in range(3)]
        assert returns[:3].tolist() == plain
        assert (returns[3:] == 0).all() and (episode["mask"][3:] == 0).all()
