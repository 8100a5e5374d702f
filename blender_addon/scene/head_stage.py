"""The example head's stage: four soft lights, a camera that frames the head, a mild grey world."""

from dataclasses import dataclass
from math import atan, radians, tan
from typing import Final

import bpy
from mathutils import Euler, Vector

from .actions import enable_nodes

STAGE_NAME: Final = "Mien Stage"
CAMERA_LENS_MM: Final = 85.0  # a portrait lens: little distortion of the face
FRAME_HEIGHT: Final = 0.295  # metres of the subject that must fit in the picture
FRAME_WIDTH: Final = 0.25
FRAME_CENTRE_BELOW_EYES: Final = 0.03
WORLD_GREY: Final = 0.22
_DRAWN_LINE: Final = 0.1  # metres
DEFAULT_WORLD_GREY: Final = 0.05087609  # the colour of Blender's factory world


@dataclass(frozen=True)
class AreaLight:
    """A square light looking at the face."""

    name: str
    offset: tuple[float, float, float]  # metres from the eyes
    size: float  # metres
    watts: float
    colour: tuple[float, float, float]


LIGHTS: Final = (
    AreaLight("Key", (0.75, -0.95, 0.55), 0.55, 20.0, (1.0, 0.95, 0.88)),
    AreaLight("Fill", (-0.95, -0.85, 0.05), 0.9, 6.5, (0.86, 0.93, 1.0)),
    AreaLight("Front", (0.0, -0.9, -0.25), 0.5, 4.5, (1.0, 0.98, 0.95)),  # from below the eyes: it reaches the teeth
    AreaLight("Rim", (-0.55, 0.85, 0.5), 0.5, 6.0, (1.0, 0.98, 0.95)),
)


def set_stage(scene: bpy.types.Scene, eyes: Vector) -> None:
    """Adds lights and camera once to a scene; whatever the user has set up stays in charge."""
    if any(child.name.startswith(STAGE_NAME) for child in scene.collection.children):
        return
    stage = bpy.data.collections.new(STAGE_NAME)
    scene.collection.children.link(stage)
    for light in LIGHTS:
        stage.objects.link(_make_light(light, eyes))
    camera = _make_camera(scene, eyes)
    stage.objects.link(camera)
    camera.hide_set(True, view_layer=scene.view_layers[0])  # its frame would cross the face; it films all the same
    if scene.camera is None or _is_untouched_default(scene.camera):
        scene.camera = camera
    _brighten_default_world(scene)


def _make_light(light: AreaLight, eyes: Vector) -> bpy.types.Object:
    data = bpy.data.lights.new(f"Mien {light.name}", "AREA")
    data.energy, data.size, data.color = light.watts, light.size, light.colour
    data.cutoff_distance = _DRAWN_LINE  # not in use; but the viewport draws the light's line so long, over the face
    obj = bpy.data.objects.new(f"Mien {light.name}", data)
    obj.location = eyes + Vector(light.offset)
    obj.rotation_euler = _looking(-Vector(light.offset))
    return obj


def _make_camera(scene: bpy.types.Scene, eyes: Vector) -> bpy.types.Object:
    data = bpy.data.cameras.new("Mien Camera")
    data.lens = CAMERA_LENS_MM
    data.clip_start = 0.01
    render = scene.render
    width = render.resolution_x * render.pixel_aspect_x
    height = render.resolution_y * render.pixel_aspect_y
    half_angle = atan(data.sensor_width / 2 / data.lens)  # of the longer side
    per_metre = 2 * tan(half_angle)
    longer = max(width, height)
    distance = max(FRAME_HEIGHT / (per_metre * height / longer), FRAME_WIDTH / (per_metre * width / longer))
    obj = bpy.data.objects.new("Mien Camera", data)
    obj.location = eyes + Vector((0.0, -distance - 0.05, -FRAME_CENTRE_BELOW_EYES))
    obj.rotation_euler = (radians(90), 0.0, 0.0)
    return obj


def _looking(direction: Vector) -> Euler:
    return direction.to_track_quat("-Z", "Y").to_euler()


def _is_untouched_default(camera: bpy.types.Object) -> bool:
    """Whether this is the camera that Blender's factory scene starts with, where it starts."""
    default_place = Vector((7.3589, -6.9258, 4.9583))
    return camera.name == "Camera" and (camera.location - default_place).length < 0.01 and camera.animation_data is None


def _brighten_default_world(scene: bpy.types.Scene) -> None:
    if scene.world is None:
        scene.world = bpy.data.worlds.new("Mien World")
    elif not _is_default_world(scene.world):
        return
    enable_nodes(scene.world)
    tree = scene.world.node_tree
    background = next((node for node in tree.nodes if node.type == "BACKGROUND"), None)
    if background is None:
        background = tree.nodes.new("ShaderNodeBackground")
        output = tree.nodes.new("ShaderNodeOutputWorld")
        tree.links.new(background.outputs["Background"], output.inputs["Surface"])
    background.inputs["Color"].default_value = (WORLD_GREY, WORLD_GREY, WORLD_GREY * 1.04, 1.0)
    scene.world.color = (WORLD_GREY, WORLD_GREY, WORLD_GREY * 1.04)


def _is_default_world(world: bpy.types.World) -> bool:
    backgrounds = [node for node in world.node_tree.nodes if node.type == "BACKGROUND"] if world.node_tree else []
    if len(backgrounds) != 1 or backgrounds[0].inputs["Color"].is_linked:
        return False
    red, green, blue, _ = backgrounds[0].inputs["Color"].default_value
    return all(abs(channel - DEFAULT_WORLD_GREY) < 1e-4 for channel in (red, green, blue))
