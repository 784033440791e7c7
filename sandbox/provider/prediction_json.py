"""Renders a prediction as the API's JSON: its keys depend on the state, and unknown values are absent."""

from datetime import UTC, datetime
from typing import Any

from sandbox.provider.prediction import Prediction, Status
from sandbox.provider.prediction_logs import logs

OFFICIAL = "https://api.replicate.com"
"""The host in `urls.*`, even behind a gateway: a client that follows these URLs sends its key there."""
ODD_STATUS = "warming"
Json = dict[str, Any]


def milliseconds(moment: float) -> str:
    """Format a time with three fraction digits, as `created_at` has them."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def nanoseconds(moment: float) -> str:
    """Format a time with nine fraction digits, as `started_at` and `completed_at` have them."""
    whole = datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{int(moment % 1 * 1e9):09d}Z"


def render(prediction: Prediction, now: float, *, output: object = None) -> Json:
    """Render a prediction as it is now; `output` (links in the model's shape) is given if the prediction succeeded."""
    if prediction.status in (Status.CANCELED, Status.ABORTED):
        return _stopped(prediction)
    removed = prediction.is_removed(now)
    made: Json = {
        "id": prediction.id,
        "model": prediction.model.id,
        "version": prediction.version,
        "input": {} if removed else dict(prediction.input),
        "logs": logs(prediction, now),
    }
    if prediction.status is Status.SUCCEEDED:
        made["output"] = None if removed else output
    made |= {"data_removed": removed, "error": prediction.error, "source": "api", "status": _status(prediction)}
    made["created_at"] = milliseconds(prediction.created)
    made |= _later(prediction)
    return made | {"urls": _urls(prediction)}


def listed(prediction: Prediction, now: float, *, output: object = None) -> Json:
    """Render a prediction as a list shows it: without its log, as in recorded answers."""
    shown = render(prediction, now, output=output)
    del shown["logs"]
    return shown


def early(prediction: Prediction, now: float, *, output: object) -> Json:
    """Render the answer to a create that waited for the run's end: still `processing`, but with its output."""
    shown = render(prediction, now, output=output)
    for key in ("started_at", "completed_at", "metrics"):
        shown.pop(key, None)
    return shown | {"status": Status.PROCESSING}


def unstarted(prediction: Prediction, now: float) -> Json:
    """Render the answer to a create whose wait ran out: `starting`, although the run may have started."""
    shown = render(prediction, now)
    shown.pop("started_at", None)
    return shown | {"status": Status.STARTING, "logs": ""}


def _status(prediction: Prediction) -> str:
    if prediction.status is Status.PROCESSING and "odd" in prediction.words:
        return ODD_STATUS
    return prediction.status


def _later(prediction: Prediction) -> Json:
    made: Json = {}
    if prediction.started is not None:
        made["started_at"] = nanoseconds(prediction.started - prediction.skew_s)
    if prediction.completed is not None:
        made["completed_at"] = nanoseconds(prediction.completed)
        made["metrics"] = _metrics(prediction)
    if prediction.deadline is not None:
        made["deadline"] = milliseconds(prediction.deadline)
    return made


def _metrics(prediction: Prediction) -> Json:
    started = prediction.started if prediction.started is not None else prediction.completed
    completed = prediction.completed or 0.0
    made: Json = {
        "predict_time": round(completed - (started or 0.0), 9),
        "total_time": round(completed - prediction.created, 9),
    }
    if prediction.model.price_per == "image" and prediction.made:
        made["image_count"] = prediction.made
    return made


def _stopped(prediction: Prediction) -> Json:
    """Render a canceled or aborted prediction, with different keys in a different order, as in recorded answers."""
    completed = prediction.completed or prediction.created
    started = prediction.started if prediction.started is not None else completed
    made: Json = {
        "completed_at": nanoseconds(completed),
        "created_at": milliseconds(prediction.created),
        "error": None,
        "id": prediction.id,
        "input": dict(prediction.input),
        "logs": None,
        "metrics": {"predict_time": max(2e-06, round(completed - started, 9))},
        "output": None,
        "started_at": nanoseconds(started),
        "status": prediction.status,
        "urls": _urls(prediction),
        "model": prediction.model.id,
        "version": prediction.version,
        "webhook_completed": None,
        "data_removed": False,
    }
    if prediction.deadline is not None:
        made["deadline"] = milliseconds(prediction.deadline)
    return made


def _urls(prediction: Prediction) -> Json:
    here = f"{OFFICIAL}/v1/predictions/{prediction.id}"
    return {
        "cancel": f"{here}/cancel",
        "get": here,
        "stream": f"https://stream.replicate.com/v1/files/bcwr-{prediction.id}",
        "web": f"https://replicate.com/p/{prediction.id}",
    }
