"""The addresses of jobs."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from blender_addon.core.clips import TrackRequest
from blender_addon.core.errors import CancelledError
from blender_addon.core.performance import Performance
from blender_addon.core.wire import MOST_FACES, HeadFrame, JobKind, JobPhase, Started, job_status_to_json

from ..engines import ClipEngine, ScriptEngine, performed
from ..limits import Limits
from ..performing import PerformRoom
from ..request_room import RequestRoom
from ..schemas import SCRIPT_BODY
from ..shared_engine import SharedEngine, pick_engine
from .clip_source import receive_clip
from .job import Job
from .room import JobRoom
from .schemas import CLIP_BODY, EVENTS_REPLY, JOB_REPLY, JOBS_REPLY
from .tracking import track
from .work_folder import disk_fault

_EVENTS_TYPE = "application/x-ndjson"
_LONGEST_TITLE = 200

_JobId = Annotated[str, Path(description="The job's id.")]
_NewId = Annotated[
    str | None,
    Query(
        alias="id",
        pattern=r"^[A-Za-z0-9_-]{16,64}$",
        description="An id of the client's own making, by which it can cancel a job whose reply it never got.",
    ),
]


class ClipRoom(RequestRoom):
    """The engines for clips, and their rest."""

    def __init__(self, engines: Mapping[str, ClipEngine], limits: Limits) -> None:
        super().__init__(limits, noun="clip", body_bytes=limits.clip_bytes, too_large_hint="Cut it.")
        self.limits = limits
        self.engines = {name: SharedEngine(engine) for name, engine in engines.items()}


async def _track_request(
    start: Annotated[float, Query(ge=0, allow_inf_nan=False, description="Seconds on the clip's clock.")] = 0.0,
    end: Annotated[
        float | None, Query(ge=0, allow_inf_nan=False, description="Seconds; the clip's end if left out.")
    ] = None,
    stride: Annotated[int, Query(ge=1, description="Every n-th frame.")] = 1,
    face: Annotated[int, Query(ge=0, lt=MOST_FACES, description="Which face; 0 is the largest one.")] = 0,
    head_frame: Annotated[HeadFrame, Query(description="What the head's angles are measured from.")] = (
        HeadFrame.CAMERA
    ),
    engine: Annotated[str | None, Query(description="The engine's name; the default one if left out.")] = None,
    sequence_fps: Annotated[
        float,
        Query(gt=0, allow_inf_nan=False, description="Frames a second of a sequence of pictures."),
    ] = TrackRequest().sequence_fps,
) -> TrackRequest:
    return TrackRequest(start, end, stride, face, head_frame, engine, sequence_fps)


def add_job_routes(app: FastAPI, jobs: JobRoom, clips: ClipRoom, stage: PerformRoom) -> None:
    """The addresses under /v1/jobs, as far as there are engines for them."""
    if clips.engines:
        _add_track_route(app, jobs, clips)
    if stage.engines:
        _add_perform_route(app, jobs, stage)
    if clips.engines or stage.engines:
        _add_reading_routes(app, jobs)


def _add_track_route(app: FastAPI, jobs: JobRoom, clips: ClipRoom) -> None:
    @app.post(
        "/v1/jobs/track",
        summary="Follow a face through a clip",
        status_code=201,
        responses={201: JOB_REPLY},
        openapi_extra=CLIP_BODY,
    )
    async def track_clip(
        request: Request,
        wanted: Annotated[TrackRequest, Depends(_track_request)],
        job_id: _NewId = None,
        title: Annotated[
            str, Query(max_length=_LONGEST_TITLE, description="The clip's file name, shown in the list.")
        ] = "",
    ) -> Response:
        shared = pick_engine(clips.engines, wanted.engine)
        job = jobs.open_job(job_id, JobKind.TRACK, title, shared.name)
        try:
            clip = await receive_clip(request, job, clips.limits, jobs.free_bytes())
            await _stays(request, job)
            jobs.begin(job, shared, partial(track, clip=clip, request=wanted, job=job), clips)
        except OSError as fault:
            error = disk_fault(fault)
            jobs.drop(job, error)
            raise error from fault
        except BaseException as error:
            jobs.drop(job, error)
            raise
        return _created(job)


def _add_perform_route(app: FastAPI, jobs: JobRoom, stage: PerformRoom) -> None:
    @app.post(
        "/v1/jobs/perform",
        summary="Turn a script into described keyframes, however long the engine takes",
        status_code=201,
        responses={201: JOB_REPLY},
        openapi_extra=SCRIPT_BODY,
    )
    async def perform_script(request: Request, job_id: _NewId = None) -> Response:
        wanted = await stage.wanted(request)
        shared = pick_engine(stage.engines, wanted.engine)
        job = jobs.open_job(job_id, JobKind.PERFORM, wanted.script[:_LONGEST_TITLE], shared.name)

        def work(engine: ScriptEngine) -> Performance:
            job.tell(Started(), JobPhase.RUNNING)
            return performed(engine, wanted, cancelled=job.abandoned.is_set)

        try:
            await _stays(request, job)
            jobs.begin(job, shared, work, stage)
        except BaseException as error:
            jobs.drop(job, error)
            raise
        return _created(job)


def _add_reading_routes(app: FastAPI, jobs: JobRoom) -> None:
    @app.get("/v1/jobs", summary="The jobs, in the order in which they came", responses={200: JOBS_REPLY})
    async def list_jobs() -> Response:
        return JSONResponse({"jobs": [job_status_to_json(status) for status in jobs.statuses()]})

    @app.get(
        "/v1/jobs/{job_id}/events",
        summary="The events of a job as they come, one JSON object a line, until it has ended",
        responses={200: EVENTS_REPLY},
    )
    async def events(
        job_id: _JobId,
        after: Annotated[int, Query(ge=0, description="Begin behind the event of this number.")] = 0,
    ) -> Response:
        return StreamingResponse(jobs.find(job_id).lines(after), media_type=_EVENTS_TYPE)

    @app.delete(
        "/v1/jobs/{job_id}",
        summary="Cancel a job at once; forget it with all its events where it has ended",
        responses={200: JOB_REPLY},
    )
    async def cancel(job_id: _JobId) -> Response:
        return JSONResponse(job_status_to_json(jobs.cancel(job_id)))


def _created(job: Job) -> Response:
    return JSONResponse(job_status_to_json(job.status()), 201, {"location": f"/v1/jobs/{job.id}/events"})


async def _stays(request: Request, job: Job) -> None:
    """Raise CancelledError where nobody would learn of the job, or somebody has cancelled it meanwhile."""
    if await request.is_disconnected() or job.has_ended:
        raise CancelledError("The job was cancelled.")
