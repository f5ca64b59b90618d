"""The pixels that a hint colours: regions, how far hints reach, strokes."""

import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import colour_photo
from PIL import Image, ImageDraw

from colorizer import Colorizer, Hint, build
from colorizer.architectures.networks.mobile_unet import Prediction
from colorizer.colour.bins import in_gamut_centres, plausibility
from colorizer.inference.hints import check, honour, rasterize
from colorizer.inference.reach import clues, hints_for_network, paint
from colorizer.inference.region import Regions, geodesic

RED = (50.0, 30.0)


@pytest.fixture(scope="module")
def flagship():
    torch.manual_seed(0)
    network = build("mobile-unet", width=0.25)
    network.working_size = 96
    return Colorizer(network)


def dress() -> Image.Image:
    """A dark shape on a light ground, 120 x 160, with a gentle slope of light over both."""
    photo = Image.new("L", (120, 160), 200)
    ImageDraw.Draw(photo).polygon([(50, 30), (70, 30), (95, 130), (25, 130)], fill=70)
    slope = np.linspace(-8, 8, 120)[None]
    return Image.fromarray((np.asarray(photo) + slope).astype(np.uint8)).convert("RGB")


def inside() -> np.ndarray:
    """The dress: bool (160, 120)."""
    mask = Image.new("L", (120, 160), 0)
    ImageDraw.Draw(mask).polygon([(50, 30), (70, 30), (95, 130), (25, 130)], fill=255)
    return np.asarray(mask) > 0


def at_full_size(mask: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(mask).resize((120, 160), Image.Resampling.BILINEAR))


def test_the_cheapest_way_goes_around_a_wall():
    across, down = torch.full((5, 6), 0.01), torch.full((4, 7), 0.01)
    across[:4, 2] = 10.0  # a wall with a gap in the last row
    begins = torch.zeros(2, 5, 7, dtype=torch.bool)
    begins[:, 0, 0] = begins[1, 0, 6] = True
    way, two = geodesic(across, down, begins)
    assert way[0, 0] == 0
    assert way[0, 2] == pytest.approx(0.02, abs=1e-5)
    assert way[0, 3] == pytest.approx(0.01 * (4 + 3 + 4), abs=1e-5)
    assert way.shape == (5, 7)
    assert (two <= way).all()
    assert two[0, 3] == pytest.approx(0.03, abs=1e-5)


@pytest.mark.parametrize("features", [True, False])
def test_a_region_stays_inside_an_obvious_thing(features):
    L = torch.full((80, 80), 80.0)
    L[20:60, 24:56] = 30.0
    seen = [torch.stack((L, 100 - L, L * 0))[:, ::4, ::4], torch.stack((L, 100 - L))[:, ::8, ::8]] if features else []
    regions = Regions(L, seen)
    assert regions.size == (20, 20)
    mask, way = regions.at([(10, 10)])
    assert mask.dtype == way.dtype == torch.float32
    assert mask[10, 10] == 1
    assert way[10, 10] == 0
    thing = (L < 50)[::4, ::4]
    assert mask[thing].mean() > 0.6
    outside = (F.max_pool2d((L < 50).float()[None], 13, 1, 6)[0] == 0)[::4, ::4]  # 6 pixels away, or more
    assert mask[outside].mean() < 0.05
    other, _ = regions.at([(1, 1)])
    assert other[thing].mean() < 0.3
    with pytest.raises(ValueError, match="begins somewhere"):
        regions.at([])


def test_a_region_has_the_shape_of_the_colours(flagship):
    photo = colour_photo(120, 90)
    result = flagship.colorize(photo)
    mask = result.region(60, 45)
    assert mask.shape == tuple(result.low_ab.shape[1:])
    assert mask.dtype == np.float32
    assert 0 <= mask.min() <= mask.max() <= 1
    assert mask[mask.shape[0] // 2, mask.shape[1] // 2] > 0.5
    assert np.array_equal(result.region(-5, 1000), result.region(0, 89))
    assert np.array_equal(result.at_size(photo.resize((60, 45))).region(30, 22.5), mask)


@pytest.mark.parametrize("others", [(), (Hint(60, 120, (10.0, -50.0), reach="thing"),)], ids=["alone", "beside one"])
def test_a_region_is_exactly_what_a_hint_colours(flagship, others):
    photo = dress()
    before = flagship.colorize(photo, others)
    mask = torch.from_numpy(before.region(60, 50, [(40, 110)]))
    after = flagship.colorize(photo, [*others, Hint(60, 50, RED, reach="thing", path=((40, 110),))])
    automatic = flagship.colorize(photo).low_ab
    kept = automatic if not others else None
    if kept is not None:
        painted = kept + mask * (torch.tensor(RED)[:, None, None] - kept)
        assert torch.allclose(after.low_ab, painted, atol=0.5)
    far = mask < 0.01
    assert far.any()
    assert (after.low_ab - before.low_ab).norm(dim=0)[far].max() < 1
    assert before.with_readout(saturation=0.5).region(60, 50, [(40, 110)]) == pytest.approx(mask.numpy())


def test_regions_run_no_network_and_are_found_in_milliseconds(flagship, monkeypatch):
    result = flagship.colorize(dress(), size=(192, 160))
    result.region(60, 80)
    monkeypatch.setattr(flagship.network, "forward", lambda *_: pytest.fail("the network ran again"))
    seconds = []
    for x in range(10, 110, 10):
        start = time.process_time()
        result.region(x, 80)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.03, "what can be shown under a pointer that moves"


@pytest.mark.parametrize("name", ["siggraph17", "mobile-unet"])
def test_what_has_no_features_goes_by_lightness_alone(name):
    torch.manual_seed(0)
    network = build(name, width=0.125)
    network.working_size = 96
    if name == "mobile-unet":  # as predictions were once kept
        network.evidence = lambda prediction: ()
    mask = at_full_size(Colorizer(network).colorize(dress()).region(60, 90))
    assert mask[inside()].mean() > 0.5
    assert mask[~inside()].mean() < 0.15


def difference(flagship: Colorizer, *hints: Hint) -> np.ndarray:
    """How much hints change the dress, in Lab units, at full size."""
    photo = dress()
    changed = flagship.colorize(photo, hints).low_ab - flagship.colorize(photo).low_ab
    return at_full_size(changed.norm(dim=0).numpy())


def test_a_hint_about_a_thing_is_not_told_to_the_network(flagship, monkeypatch):
    given = []
    network = flagship.network
    monkeypatch.setattr(
        flagship, "network", lambda L, hints=None: (given.append(hints is not None), network(L, hints))[1]
    )
    result = flagship.colorize(dress(), [Hint(60, 80, RED, reach="thing")])
    assert given == [False]
    assert result.shares == (0.0,)
    flagship.colorize(dress(), [Hint(60, 80, RED, reach="picture")])
    assert given == [False, False, True]


def test_gray_is_a_colour_like_any_other(flagship):
    photo = dress()
    result = flagship.colorize(photo, [Hint(60, 90, (0.0, 0.0), reach="thing")], saturation=1.0)
    automatic = flagship.colorize(photo)
    height, width = result.low_ab.shape[1:]
    row, column = int(90 / 160 * height), int(60 / 120 * width)
    assert result.low_ab[:, row, column].norm() < 0.5
    mask = torch.from_numpy(automatic.region(60, 90))
    expected = automatic.low_ab * (1 - mask)
    assert torch.allclose(result.low_ab, expected, atol=1.0)


@pytest.mark.parametrize("reach", ["thing", "picture"])
def test_saturation_leaves_the_colours_of_hints_alone(flagship, reach):
    result = flagship.colorize(dress(), [Hint(60, 90, RED, reach=reach)], saturation=0.0)
    height, width = result.low_ab.shape[1:]
    place = int(90 / 160 * height), int(60 / 120 * width)
    for saturation in (0.0, 1.7):
        shown = result.with_readout(saturation=saturation).low_ab
        assert shown[:, place[0], place[1]].tolist() == pytest.approx(RED, abs=0.5)
    assert flagship.colorize(dress(), saturation=0.0).low_ab.abs().max() == 0


def test_a_stroke_is_one_hint(flagship):
    points = [(60.0, 50.0), (55.0, 90.0), (65.0, 120.0)]
    stroke = Hint.stroke(points, RED, reach="thing")
    assert stroke.points == tuple(points)
    assert (stroke.x, stroke.y) == points[0]
    apart = [Hint(x, y, RED, reach="thing") for x, y in points]
    photo = dress()
    one, three = flagship.colorize(photo, [stroke]), flagship.colorize(photo, apart)
    assert torch.allclose(one.low_ab, three.low_ab, atol=1e-3)
    assert difference(flagship, stroke)[inside()].mean() > difference(flagship, apart[0])[inside()].mean()
    assert torch.equal(rasterize([stroke], (160, 120), (64, 64)), rasterize(apart, (160, 120), (64, 64)))
    ab, L = torch.zeros(2, 40, 30), torch.full((40, 30), 50.0)
    assert torch.equal(honour(ab, L, [stroke], (160, 120)), honour(ab, L, apart, (160, 120)))
    half = stroke.scaled(0.5, 0.5)
    assert half.points == tuple((x / 2, y / 2) for x, y in points)
    with pytest.raises(ValueError, match="one point or more"):
        Hint.stroke([], RED)
    with pytest.raises(ValueError, match="outside the photo"):
        check([Hint.stroke([(1, 1), (200, 1)], RED)], (160, 120))


def test_hints_that_contradict_each_other(flagship):
    """At one place the later hint counts; two hints on one thing share it."""
    photo, blue = dress(), (10.0, -50.0)
    at_once = flagship.colorize(photo, [Hint(60, 90, RED, reach="thing"), Hint(60, 90, blue, reach="thing")])
    alone = flagship.colorize(photo, [Hint(60, 90, blue, reach="thing")])
    assert torch.allclose(at_once.low_ab, alone.low_ab, atol=1e-3)
    both = flagship.colorize(photo, [Hint(60, 40, RED, reach="thing"), Hint(60, 120, blue, reach="thing")])
    height, width = both.low_ab.shape[1:]
    for y, asked in ((40, RED), (120, blue)):
        cell = both.low_ab[:, int(y / 160 * height), width // 2]
        assert cell.tolist() == pytest.approx(asked, abs=0.5)


@pytest.mark.parametrize("reach", ["thing", "picture"])
def test_strength_is_how_far_a_colour_goes(flagship, reach):
    photo, hint = dress(), Hint(60, 90, RED, reach=reach)
    none, half, full = (flagship.colorize(photo, [hint._replace(strength=s)]).low_ab for s in (0.0, 0.5, 1.0))
    assert torch.allclose(none, flagship.colorize(photo).low_ab, atol=1e-3)
    if reach == "thing":
        assert torch.allclose(half, (none + full) / 2, atol=0.5)
    else:
        assert 0.2 * (full - none).norm() < (half - none).norm() < 0.8 * (full - none).norm()
    with pytest.raises(ValueError, match="from 0 to 1"):
        flagship.colorize(photo, [hint._replace(strength=1.5)])
    with pytest.raises(ValueError, match="200 letters"):
        flagship.colorize(photo, [hint._replace(note="x" * 201)])


def test_a_reach_that_there_is_not(flagship):
    with pytest.raises(ValueError, match="one of thing, picture"):
        flagship.colorize(dress(), [Hint(60, 90, RED, reach="world")])


def test_a_likely_colour_is_a_clue_and_an_unlikely_one_is_not(flagship):
    network = flagship.architecture
    centres = network.centres
    sure = torch.full((1, len(centres), 4, 4), -20.0)
    likely = int((centres - torch.tensor([10.0, 10.0])).norm(dim=1).argmin())
    sure[:, likely] = 0.0
    L = torch.zeros(1, 1, 32, 32)
    prediction = Prediction(network(L).calibrated._replace(logits=sure))
    yes, no = Hint(5, 5, (10.0, 10.0)), Hint(5, 5, (-60.0, 50.0))
    assert clues(network, prediction, [yes, no], (160, 120)) == (1.0, 0.0)
    forced = [yes._replace(reach="thing"), no._replace(reach="picture")]
    assert clues(network, prediction, forced, (160, 120)) == (0.0, 1.0)
    assert hints_for_network(network, prediction, L, [yes, no], (1.0, 0.0), (160, 120)) == [yes]
    (halved,) = hints_for_network(network, prediction, L, [no], (0.5,), (160, 120))
    assert halved.ab == pytest.approx((-25.0, 30.0), abs=0.5)


def test_plausibility_is_uniform_for_colours_drawn_from_the_distribution():
    centres = in_gamut_centres()
    p = torch.softmax(-(centres - torch.tensor([20.0, 10.0])).norm(dim=1) / 8, dim=0)
    drawn = torch.multinomial(p, 400, replacement=True, generator=torch.Generator().manual_seed(0))
    values = plausibility(p.expand(400, -1), centres, centres[drawn])
    assert (values < 0.05).float().mean() < 0.09
    assert 0.4 < values.mean() < 0.65
    likely, unlikely = plausibility(p.expand(2, -1), centres, torch.tensor([[20.0, 10.0], [-60.0, -40.0]]))
    assert likely == pytest.approx(1.0, abs=1e-4)
    assert unlikely < 1e-3


def test_painting_leaves_alone_what_is_all_clues():
    ab = torch.randn(2, 20, 20)
    regions = Regions(torch.rand(80, 80) * 100)
    assert paint(ab, regions, [Hint(1, 1, RED)], (1.0,), (80, 80), lambda maps: maps) is ab


def test_a_radius_holds_at_least():
    regions = Regions(torch.rand(160, 160, generator=torch.Generator().manual_seed(0)) * 100)
    ab = torch.zeros(2, 40, 40)
    done = paint(ab, regions, [Hint(80, 80, RED, radius=24)], (0.0,), (160, 160), lambda maps: maps)
    assert torch.allclose(done[0, 16:24, 16:24], torch.tensor(RED[0]), atol=0.1)
