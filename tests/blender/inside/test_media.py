"""Every source gives the picture that the user sees, and leaves the file as it was."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from bl_ext.user_default.mien.core.errors import InputError, TooLargeError
from bl_ext.user_default.mien.scene import media
from bl_ext.user_default.mien.scene.actions import strips_of

from .scenes import digest


def read(picture):
    """The samples of a picture's bytes, as Blender reads them: float32 of shape (height, width, 4), top row first."""
    path = Path(bpy.app.tempdir, "read.png")
    path.write_bytes(picture.data)
    image = bpy.data.images.load(str(path), check_existing=False)
    values = np.empty(len(image.pixels), dtype=np.float32)
    image.pixels.foreach_get(values)
    size = tuple(image.size)
    bpy.data.images.remove(image)
    path.unlink()
    return values.reshape(size[1], size[0], 4)[::-1]


def gradient(*, is_float):
    """A generated image: red rises to the right, green upwards."""
    image = bpy.data.images.new("Gradient", 64, 48, alpha=True, float_buffer=is_float)
    pixels = np.zeros((48, 64, 4), dtype=np.float32)
    pixels[..., 0] = np.linspace(0, 1, 64)
    pixels[..., 1] = np.linspace(0, 1, 48)[:, np.newaxis]
    pixels[..., 3] = 1
    image.pixels.foreach_set(pixels.ravel())
    image.update()
    return image, pixels[::-1]


@pytest.fixture
def unchanged():
    """Calls a function and checks that the file is the same afterwards."""

    def call(function, *arguments):
        before = digest()
        result = function(*arguments)
        assert digest() == before
        return result

    return call


def test_a_file_is_handed_over_as_it_is(photo, unchanged):
    picture = unchanged(media.picture_of_file, photo)
    assert (picture.data, picture.name) == (Path(photo).read_bytes(), "astronaut.png")


def test_an_open_image_on_disk_is_its_file(photo, unchanged):
    assert unchanged(media.picture_of_image, bpy.data.images.load(photo), 1).data == Path(photo).read_bytes()


def test_a_packed_image_is_its_packed_file(photo, unchanged, tmp_path):
    copy = tmp_path / "copy.png"
    copy.write_bytes(Path(photo).read_bytes())
    image = bpy.data.images.load(str(copy))
    image.pack()
    copy.unlink()
    assert unchanged(media.picture_of_image, image, 1).data == Path(photo).read_bytes()


def test_painted_strokes_are_included(photo, unchanged):
    image = bpy.data.images.load(photo)
    pixels = np.empty(len(image.pixels), dtype=np.float32)
    image.pixels.foreach_get(pixels)
    pixels.reshape(512, 512, 4)[:100] = (1, 0, 0, 1)  # the lowest hundred rows
    image.pixels.foreach_set(pixels)
    image.update()
    seen = read(unchanged(media.picture_of_image, image, 1))
    np.testing.assert_allclose(seen[-50, 200], (1, 0, 0, 1), atol=0.01)
    np.testing.assert_allclose(seen[:400], pixels.reshape(512, 512, 4)[::-1][:400], atol=0.01)


def test_a_generated_image_of_bytes(unchanged):
    image, pixels = gradient(is_float=False)
    np.testing.assert_allclose(read(unchanged(media.picture_of_image, image, 1)), pixels, atol=0.01)


def test_linear_light_becomes_srgb(unchanged):
    image, pixels = gradient(is_float=True)
    seen = read(unchanged(media.picture_of_image, image, 1))
    light = pixels[0, :, 0]
    srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(seen[0, :, 0], srgb, atol=0.01)


def test_formats_that_only_blender_reads(unchanged, tmp_path, scene):
    image, _ = gradient(is_float=True)
    image.file_format = "OPEN_EXR"
    path = tmp_path / "light.exr"
    image.filepath_raw = str(path)
    image.save()
    bpy.data.images.remove(image)
    seen = read(unchanged(media.picture_of_file, str(path)))
    assert seen.shape == (48, 64, 4)
    assert seen[0, -1, 0] > 0.95


def test_an_image_without_its_file_says_so(unchanged):
    image = bpy.data.images.new("Gone", 8, 8)
    image.source = "FILE"
    image.filepath = "//nowhere/gone.png"
    with pytest.raises(InputError, match="holds no picture"):
        unchanged(media.picture_of_image, image, 1)


def test_an_image_sequence_gives_the_file_of_the_frame(tmp_path, photo, unchanged):
    for number in (7, 8, 9):
        (tmp_path / f"shot_{number:04}.png").write_bytes(Path(photo).read_bytes() + bytes([number]))
    image = bpy.data.images.load(str(tmp_path / "shot_0007.png"))
    image.source = "SEQUENCE"
    assert unchanged(media.picture_of_image, image, 2).data[-1] == 8
    with pytest.raises(InputError, match=r"There is no file shot_0010\.png"):
        unchanged(media.picture_of_image, image, 4)


def test_a_multilayer_picture_says_so(scene, unchanged, tmp_path):
    add_view(scene, (1.0, 0.0, 0.0))
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.filepath = str(tmp_path / "layers.exr")
    bpy.ops.render.render(write_still=True)
    with pytest.raises(InputError, match="A multilayer EXR can't be read"):
        unchanged(media.picture_of_file, scene.render.filepath)


@pytest.mark.parametrize("frame", [1, 60, 120])
def test_a_clip_gives_the_frame_of_the_scene(movie, unchanged, frame):
    clip = bpy.data.movieclips.load(str(movie))
    clip.frame_start = 11
    seen = read(unchanged(media.picture_of_clip, clip, frame + 10))
    assert seen.shape == (144, 176, 4)
    others = [read(media.picture_of_clip(clip, other + 10)) for other in (1, 60, 120)]
    differences = [np.abs(seen - other).mean() for other in others]
    assert differences[(1, 60, 120).index(frame)] == 0.0
    assert sorted(differences)[1] > 0.01


def test_a_clip_has_no_picture_beyond_its_end(movie, unchanged):
    clip = bpy.data.movieclips.load(str(movie))
    with pytest.raises(InputError, match="no picture at frame 121"):
        unchanged(media.picture_of_clip, clip, 121)


def test_an_image_of_a_movie_gives_the_frame_too(movie, unchanged):
    image, clip = bpy.data.images.load(str(movie)), bpy.data.movieclips.load(str(movie))
    seen, same = unchanged(media.picture_of_image, image, 60), media.picture_of_clip(clip, 60)
    np.testing.assert_array_equal(read(seen), read(same))


def test_a_clip_of_numbered_pictures(tmp_path, photo, unchanged):
    for number in (7, 8, 9):
        (tmp_path / f"shot_{number:04}.png").write_bytes(Path(photo).read_bytes() + bytes([number]))
    clip = bpy.data.movieclips.load(str(tmp_path / "shot_0007.png"))
    assert clip.source == "SEQUENCE"
    assert unchanged(media.picture_of_clip, clip, 2).data[-1] == 8


def test_the_movie_strip_under_the_playhead(scene, movie, unchanged):
    strips = strips_of(scene.sequence_editor_create())
    strips.new_movie(name="movie", filepath=str(movie), channel=1, frame_start=11)
    scene.render.resolution_x, scene.render.resolution_y = 176, 144
    scene.frame_set(70)
    seen = read(unchanged(media.picture_of_strip, bpy.context))
    same = read(media.picture_of_clip(bpy.data.movieclips.load(str(movie)), 60))
    other = read(media.picture_of_clip(bpy.data.movieclips[0], 40))
    assert np.abs(seen - same).mean() < 0.01 < np.abs(seen - other).mean()


@pytest.mark.parametrize(("frame", "multiview"), [(-10, False), (30, True)])
def test_a_strip_at_a_negative_frame_or_in_a_scene_of_two_eyes(scene, movie, unchanged, frame, multiview):
    strips = strips_of(scene.sequence_editor_create())
    strips.new_movie(name="movie", filepath=str(movie), channel=1, frame_start=frame - 59)
    scene.render.resolution_x, scene.render.resolution_y = 176, 144
    scene.render.use_multiview = multiview
    use_negative = bpy.context.preferences.edit.use_negative_frames
    bpy.context.preferences.edit.use_negative_frames = True
    scene.frame_set(frame)
    try:
        seen = read(unchanged(media.picture_of_strip, bpy.context))
    finally:
        bpy.context.preferences.edit.use_negative_frames = use_negative
    clip = bpy.data.movieclips.load(str(movie))
    same, other = (read(media.picture_of_clip(clip, number)) for number in (60, 40))
    assert np.abs(seen - same).mean() < 0.01 < np.abs(seen - other).mean()


def test_strips_above_the_active_one_do_not_cover_it(scene, movie, photo, unchanged):
    editor = scene.sequence_editor_create()
    below = strips_of(editor).new_movie(name="below", filepath=str(movie), channel=1, frame_start=1)
    strips_of(editor).new_image(name="above", filepath=photo, channel=2, frame_start=1)
    scene.render.resolution_x, scene.render.resolution_y = 176, 144
    editor.active_strip = below
    assert unchanged(media.picture_of_strip, bpy.context).name == "below"
    editor.active_strip = None
    assert unchanged(media.picture_of_strip, bpy.context).data == Path(photo).read_bytes()


def test_no_strip_under_the_playhead(scene, unchanged):
    with pytest.raises(InputError, match="No picture strip"):
        unchanged(media.picture_of_strip, bpy.context)


def add_view(scene, colour):
    """A scene that renders one flat colour."""
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.render.resolution_x, scene.render.resolution_y = 40, 30
    scene.view_settings.view_transform = "Standard"
    scene.world = bpy.data.worlds.new("World")
    scene.world.color = colour
    if bpy.app.version < (5, 0, 0):
        scene.world.use_nodes = True
    background = next(node for node in scene.world.node_tree.nodes if node.type == "BACKGROUND")
    background.inputs["Color"].default_value = (*colour, 1)
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)


@pytest.mark.parametrize("file_format", ["JPEG", "OPEN_EXR_MULTILAYER", "FFMPEG"])
def test_the_render_result_and_not_what_was_read_before(scene, movie, unchanged, file_format):
    add_view(scene, (1.0, 0.0, 0.0))
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        media_types = {"FFMPEG": "VIDEO", "OPEN_EXR_MULTILAYER": "MULTI_LAYER_IMAGE"}
        settings.media_type = media_types.get(file_format, "IMAGE")
    settings.file_format = file_format
    before = (settings.file_format, settings.color_mode, settings.color_depth)
    bpy.ops.render.render()
    media.picture_of_clip(bpy.data.movieclips.load(str(movie)), 5)  # renders in a scene of its own
    seen = read(unchanged(media.picture_of_render, scene))
    assert seen.shape == (30, 40, 4)
    np.testing.assert_allclose(seen[15, 20], (1, 0, 0, 1), atol=0.02)
    assert (settings.file_format, settings.color_mode, settings.color_depth) == before


def test_no_render_yet(scene, unchanged):
    with pytest.raises(InputError, match="There is no render yet"):
        unchanged(media.picture_of_render, scene)


def test_a_missing_file(unchanged):
    with pytest.raises(InputError, match=r"There is no file gone\.png"):
        unchanged(media.picture_of_file, "/nowhere/gone.png")


def test_a_folder_is_no_picture(unchanged, tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        unchanged(media.picture_of_file, str(tmp_path))


def test_a_film_is_not_read_into_memory(tmp_path):
    path = tmp_path / "film.png"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    with pytest.raises(TooLargeError, match="larger than 256 MB"):
        media.picture_of_file(str(path))
