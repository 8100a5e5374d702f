"""A scene of its own in which a bound head is filmed for pictures to learn from; the user's scenes stay as they are.

Only the head is in it, before a backdrop that differs from shot to shot, lit by distant lights. It is rendered by
Cycles with few samples and without denoising: a small picture takes a tenth of a second on one core.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import radians
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ..core.errors import CharacterError
from ..core.pose import Pose
from ..core.rotation import Facing, head_rotation
from ..core.training import Box, Light, View
from .actions import enable_nodes, set_action, set_still_output, slot_of
from .character import Character
from .facing import coordinates

_SCENE: Final = "Mien Training"
_SENSOR_MM: Final = 36.0
_SUN_ANGLE: Final = radians(20)  # soft shadows, as of a window
_MOVED: Final = 0.02  # of the largest movement of any shape; less is the neck's and the scalp's share

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FaceSpace:
    """Where a head's face is in the world, at rest.

    points: of what its shapes move, shape (N, 3). facing: in world space. pivot: what the head turns about.
    """

    points: Points
    facing: Facing
    pivot: Points

    @classmethod
    def of(cls, character: Character) -> "FaceSpace":
        """Measured on the shapes; raise CharacterError where they move nothing."""
        points = np.concatenate([_moved_points(character, mesh) for mesh in character.meshes])
        if not len(points):
            raise CharacterError(f"The shapes of {character.name} move nothing.", "Bind a head whose shape keys act.")
        world = np.array(character.anchor.matrix_world.to_3x3())
        facing = Facing(
            world @ character.facing.forward, world @ character.facing.up, is_mirrored=character.facing.is_mirrored
        )
        head = character.turns.get("head")
        pivot = None
        if head is not None:
            place = head.thing.matrix_world
            pivot = place @ head.holder.head if head.bone else place.translation
        return cls(points, facing, np.array(pivot) if pivot else points.mean(axis=0))

    @property
    def middle(self) -> Points:
        """The middle of the face."""
        return np.asarray((self.points.min(axis=0) + self.points.max(axis=0)) / 2)

    @property
    def extent(self) -> float:
        """Its height or its width, whichever is more, in metres."""
        spans = (self.points @ axis for axis in (self.facing.up, self.facing.left))
        return max(float(np.ptp(span)) for span in spans)

    def turned(self, pose: Pose) -> Points:
        """The points with the head turned as a pose says."""
        turn = head_rotation(pose["headYaw"], pose["headPitch"], pose["headRoll"], self.facing)
        return np.asarray((self.points - self.pivot) @ turn.T + self.pivot)


class Stage:
    """The scene with its camera, lights and world."""

    def __init__(self, character: Character, *, size_px: int, samples: int) -> None:
        """Make the scene; `close` removes it."""
        self.face = FaceSpace.of(character)
        self._turns_head = "head" in character.turns
        self.scene: Any = bpy.data.scenes.new(_SCENE)
        for thing in _objects_of(character):
            self.scene.collection.objects.link(thing)
        self._lamps: list[Any] = []
        self._camera: Any = bpy.data.objects.new(_SCENE, bpy.data.cameras.new(_SCENE))
        self.scene.collection.objects.link(self._camera)
        self.scene.camera = self._camera
        self.scene.world = bpy.data.worlds.new(_SCENE)
        self._backdrop = _Backdrop(self.scene.world)
        self._filmed: tuple[View, Points, Points] = View(), np.eye(3), np.zeros(3)
        _set_render(self.scene, size_px, samples)

    def set(self, view: View, pose: Pose) -> Box:
        """Place camera, lights and backdrop; gives the box of the face, in pixels of the picture."""
        camera = self._camera
        turn = head_rotation(view.yaw, view.pitch, view.roll, self.face.facing)
        towards, up = turn @ self.face.facing.forward, turn @ self.face.facing.up
        points = self.face.turned(pose) if self._turns_head else self.face.points
        aim = (points.min(axis=0) + points.max(axis=0)) / 2
        camera.data.lens, camera.data.sensor_width = view.lens_mm, _SENSOR_MM
        distance = self.face.extent / view.fill / (_SENSOR_MM / view.lens_mm)
        camera.data.clip_start, camera.data.clip_end = distance / 100, distance * 100
        camera.data.shift_x, camera.data.shift_y = -view.shift[0], -view.shift[1]
        axes = np.column_stack([np.cross(up, towards), up, towards])  # a camera looks along its own -Z
        place = aim + distance * towards
        camera.matrix_world = Matrix.Translation(Vector(place.tolist())) @ Matrix(axes.tolist()).to_4x4()
        self._filmed = view, axes, place
        self._set_lights(view.lights)
        self._backdrop.set(view)
        across, down = self.projected(points).T
        left, top = float(across.min()), float(down.min())
        return left, top, float(across.max()) - left, float(down.max()) - top

    def projected(self, points: Points) -> Points:
        """Where points of the world, shape (N, 3), are in the picture, in pixels from its upper left, shape (N, 2)."""
        view, axes, place = self._filmed
        local = (points - place) @ axes
        scale = view.lens_mm / _SENSOR_MM / -local[:, 2]
        shares = [0.5 + view.shift[0] + local[:, 0] * scale, 0.5 - view.shift[1] - local[:, 1] * scale]
        return np.asarray(np.column_stack(shares) * self.scene.render.resolution_x)

    def evaluated(self) -> Any:
        """The dependency graph of the scene, up to date; subdivision adds no vertices in it."""
        layer = self.scene.view_layers[0]
        layer.update()
        return layer.depsgraph

    def render(self, path: str) -> None:
        """Write the picture."""
        self.scene.render.filepath = path
        bpy.ops.render.render(write_still=True, scene=self.scene.name)

    def close(self) -> None:
        """Remove all that was made."""
        things = [self._camera, *self._lamps]
        datas = [thing.data for thing in things]
        world = self.scene.world
        bpy.data.scenes.remove(self.scene)
        bpy.data.batch_remove([*things, *datas, world])

    def _set_lights(self, lights: tuple[Light, ...]) -> None:
        while len(self._lamps) < len(lights):
            lamp: Any = bpy.data.objects.new(_SCENE, bpy.data.lights.new(_SCENE, "SUN"))
            lamp.data.angle = _SUN_ANGLE
            self.scene.collection.objects.link(lamp)
            self._lamps.append(lamp)
        for place, lamp in enumerate(self._lamps):
            lamp.hide_render = place >= len(lights)
            if place < len(lights):
                light = lights[place]
                lamp.data.energy, lamp.data.color = light.strength, light.colour
                turn = head_rotation(light.azimuth, light.elevation, 0.0, self.face.facing)
                shines = Vector((-(turn @ self.face.facing.forward)).tolist())
                lamp.rotation_euler = shines.to_track_quat("-Z", "Y").to_euler()


@contextmanager
def without_animation(character: Character) -> Iterator[None]:
    """The head without its Actions for a while: rendering would evaluate them over the pose that is shown."""
    owners = {id(owner): owner for owner in _owners(character) if owner.animation_data}.values()
    before = [(owner, owner.animation_data.action, slot_of(owner), owner.animation_data.use_nla) for owner in owners]
    try:
        for owner in owners:
            owner.animation_data.use_nla = False
            set_action(owner, None, "")
        yield
    finally:
        for owner, action, slot, uses_nla in before:
            set_action(owner, action, slot)
            owner.animation_data.use_nla = uses_nla


def _owners(character: Character) -> Iterator[Any]:
    for target in character.shapes:
        yield target.mesh.data.shape_keys
    for turned in character.turns.values():
        yield turned.thing


class _Backdrop:
    """A world that the camera sees as two colours wavering, and the lights see as even grey."""

    def __init__(self, world: Any) -> None:
        enable_nodes(world)
        tree = world.node_tree
        tree.nodes.clear()
        nodes = {kind: tree.nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "Mapping", "TexNoise", "ValToRGB")}
        seen, light = tree.nodes.new("ShaderNodeBackground"), tree.nodes.new("ShaderNodeBackground")
        path, mix = tree.nodes.new("ShaderNodeLightPath"), tree.nodes.new("ShaderNodeMixShader")
        output = tree.nodes.new("ShaderNodeOutputWorld")
        nodes["TexNoise"].inputs["Scale"].default_value = 2.0
        for start, end in (
            (nodes["TexCoord"].outputs["Window"], nodes["Mapping"].inputs["Vector"]),
            (nodes["Mapping"].outputs["Vector"], nodes["TexNoise"].inputs["Vector"]),
            (nodes["TexNoise"].outputs[0], nodes["ValToRGB"].inputs["Fac"]),
            (nodes["ValToRGB"].outputs["Color"], seen.inputs["Color"]),
            (path.outputs["Is Camera Ray"], mix.inputs[0]),
            (light.outputs[0], mix.inputs[1]),
            (seen.outputs[0], mix.inputs[2]),
            (mix.outputs[0], output.inputs["Surface"]),
        ):
            tree.links.new(start, end)
        self._place, self._ramp, self._light = nodes["Mapping"], nodes["ValToRGB"].color_ramp, light

    def set(self, view: View) -> None:
        """The colours of a view; where they waver follows from them, so that a shot can be made again."""
        (low, high), elements = view.backdrop, self._ramp.elements
        elements[0].position, elements[1].position = 0.35, 0.65
        elements[0].color, elements[1].color = (*low, 1.0), (*high, 1.0)
        self._place.inputs["Location"].default_value = tuple(100.0 * part for part in low)
        self._light.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
        self._light.inputs["Strength"].default_value = view.ambient


def _set_render(scene: Any, size_px: int, samples: int) -> None:
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = size_px
    scene.render.resolution_percentage = 100
    scene.render.use_persistent_data = True
    scene.render.use_simplify = True
    scene.render.simplify_subdivision = scene.render.simplify_subdivision_render = 0
    scene.cycles.samples, scene.cycles.use_denoising = samples, False
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.max_bounces = 2
    scene.world.cycles.sampling_method = "NONE"  # a map of its light would be made anew for each backdrop
    scene.view_settings.view_transform = "Standard"
    set_still_output(scene.render.image_settings)


def _objects_of(character: Character) -> list[Any]:
    """The head with all that hangs on it or that its armature deforms."""
    rigs = {character.anchor, *(target.thing for target in character.turns.values())}
    family = {*rigs, *character.meshes}
    family |= {thing for rig in tuple(family) for thing in rig.children_recursive}
    for thing in bpy.data.objects:
        if any(getattr(modifier, "object", None) in rigs for modifier in thing.modifiers):
            family.add(thing)
    return sorted(family, key=lambda thing: thing.name)


def _moved_points(character: Character, mesh: Any) -> Points:
    """World positions at rest of the vertices that a bound shape moves by more than a little, shape (N, 3)."""
    keys = mesh.data.shape_keys.key_blocks
    rest = coordinates(keys[0])
    farthest = np.zeros(len(rest))
    for target in character.shapes:
        if target.mesh == mesh and not target.channel.startswith("tongue"):
            farthest = np.maximum(farthest, np.linalg.norm(coordinates(keys[target.key]) - rest, axis=1))
    moved = rest[farthest > _MOVED * farthest.max(initial=0.0)] if farthest.any() else rest[:0]
    world = np.array(mesh.matrix_world)
    return np.asarray(moved @ world[:3, :3].T + world[:3, 3])
