"""A thing that comes again in another shot keeps its colours."""

from itertools import islice

import pytest
import torch

from colorizer.colour.readout import Readout
from colorizer.films.motion import motion
from colorizer.films.shots import SHOTS, Shot, looks_of, recalled
from colorizer.films.steady import CHUNK, Average, Memory, State, Steady, seen
from tests.films.test_steady import texture


def random(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def look(features):
    """At a frame of even light."""
    return looks_of(torch.full((96, 128), 50.0), [features[None]])


def test_places_that_look_alike_recall_what_was_said_of_them_wherever_they_are():
    features, said = random(64, 6, 8, seed=1), random(5, 6, 8, seed=2)
    shots = [Shot.of(look(random(64, 6, 8, seed=3)), [random(5, 6, 8, seed=4)]), Shot.of(look(features), [said])]
    (found,) = recalled([random(5, 6, 8, seed=5)], look(features.flip(2)), shots)
    assert (found - said.flip(2)).abs().max() < 0.02


def test_places_that_were_never_seen_keep_their_own():
    own = random(5, 24, 32, seed=5)
    (found,) = recalled([own], look(random(64, 6, 8, seed=1)), [Shot.of(look(random(64, 6, 8, seed=3)), [own + 10])])
    assert (found - own).abs().mean() < 0.2


def test_a_network_without_features_recalls_nothing():
    assert looks_of(texture(1), []) is None


@pytest.mark.parametrize("before", [1, 2])
def test_a_film_that_goes_on_after_a_stop_remembers_its_shots(colorizer, tmp_path, before):
    frames = [texture(1)] * (CHUNK * before - 4) + [texture(2)] * 4 + [texture(1)] * 3
    whole = list(Steady(colorizer, Readout()).colours(seen(frames)))
    state = whole[CHUNK * before - 1].state
    state.save(tmp_path / "state")
    rest = islice(seen(frames), CHUNK * before, None)
    again = list(Steady(colorizer, Readout(), State.load(tmp_path / "state")).colours(rest))
    assert len(state.memory.shots) == 1
    assert len(again[-1].state.memory.shots) == 2
    assert all(torch.equal(one.ab, other.ab) for one, other in zip(whole[CHUNK * before :], again, strict=True))


FLASH = 9


def remembered(*lengths):
    """What a film remembers at its end: pairs of what a shot shows, a number, and how many frames it has."""
    still, memory = motion(texture(1), texture(1)), None
    for content, frames in lengths:
        looks, own = look(random(64, 6, 8, seed=content)), [torch.full((1, 24, 32), float(content))]
        for number in range(frames):
            if memory is None:
                memory = Memory(Average.of(own), looks)
            else:
                _, memory = memory.then(own, looks, still if number else None)
    return [round(float(shot.estimates[0].mean())) for shot in memory.shots]


def test_the_flashes_of_cameras_do_not_push_out_shots():
    """Each cuts a shot in two, and is a shot of one frame itself."""
    flashes = [(FLASH, 1), (2, 8)] * SHOTS
    assert remembered((1, 8), (2, 8), *flashes, (3, 1)) == [1, 2]


def test_people_who_talk_in_turns_do_not_push_out_shots():
    assert remembered((1, 8), *[(2, 8), (3, 8)] * SHOTS, (4, 1)) == [1, 2, 3]
