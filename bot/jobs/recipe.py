"""Recipes: everything needed to make a result again, how two of them differ, and orders that repeat one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from bot.catalogue.order import InputFile, Order, Task
from bot.jobs.records import Snapshot, StoredInput

NOT_OPTIONS = frozenset({"task", "model", "seed", "seeds", "files", "advanced"})
"""Fields of an order that a recipe shows separately."""


@dataclass(frozen=True, slots=True)
class RecipeInput:
    """An input file: its slot, its display name, and the hash of its content once it is in our store."""

    slot: str
    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that went into a result. `seeds` has the true seed of each run, None if the logs did not show it."""

    short_id: str
    task: Task
    model: str
    version: str | None
    options: Mapping[str, str]
    seeds: tuple[int | None, ...]
    inputs: tuple[RecipeInput, ...]
    parent: str | None
    advanced: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Difference:
    """A value in which two recipes differ; None means that it is not set."""

    name: str
    left: str | None
    right: str | None


def recipe(snapshot: Snapshot, inputs: Sequence[StoredInput]) -> Recipe:
    """Return the recipe of a job. `inputs` are its files in our store."""
    job = snapshot.job
    hashes = {file.slot: file.sha256 for file in inputs}
    return Recipe(
        short_id=job.short_id,
        task=job.order.task,
        model=job.plan.model,
        version=job.plan.version,
        options=options(job.order),
        seeds=snapshot.true_seeds,
        inputs=tuple(RecipeInput(file.slot, file.name, hashes.get(file.slot)) for file in job.order.files),
        parent=snapshot.lineage.short_id if snapshot.lineage else None,
        advanced=dict(job.order.advanced or ()),
    )


def options(order: Order) -> dict[str, str]:
    """Return the options given in an order, by name."""
    given = {one.name: getattr(order, one.name) for one in fields(order) if one.name not in NOT_OPTIONS}
    return {name: str(value) for name, value in given.items() if value is not None}


def diff(left: Recipe, right: Recipe) -> tuple[Difference, ...]:
    """Return the differences between two recipes, in the order in which a recipe is shown."""
    ours, theirs = _lines(left), _lines(right)
    names = dict.fromkeys((*ours, *theirs))
    return tuple(
        Difference(name, ours.get(name), theirs.get(name)) for name in names if ours.get(name) != theirs.get(name)
    )


def again(snapshot: Snapshot, *, seeded: bool) -> Order:
    """Return an order that makes the same requests again. `seeded` is whether the model supports a seed."""
    order = with_stored_files(snapshot)
    if not seeded or order.seed is not None or order.seeds is not None:
        return order
    found = snapshot.true_seeds
    if len(found) == 1:
        return replace(order, seed=found[0])
    return replace(order, seeds=found) if any(seed is not None for seed in found) else order


def reroll(snapshot: Snapshot) -> Order:
    """Return the same order with a new seed."""
    return replace(with_stored_files(snapshot), seed=None, seeds=None)


def with_stored_files(snapshot: Snapshot) -> Order:
    """Return a job's order with its files taken from our store, because their original links have expired."""
    order = snapshot.job.order
    return replace(order, files=tuple(stored_file(snapshot.job.id, file) for file in order.files))


def stored_file(job: str, file: InputFile) -> InputFile:
    """Return a file of a job's order as it is in our store."""
    # A file that was itself reused keeps its first reference, so that repeating a repeated order never builds a chain.
    return replace(file, url="", artefact=file.artefact or f"{job}:{file.slot}")


def source_of(artefact: str) -> str:
    """Return the job that a stored file belongs to; the file is given as `job/number` or `job:slot`."""
    return artefact.partition("/")[0].partition(":")[0]


def sources(order: Order) -> tuple[str, ...]:
    """Return the jobs whose files an order uses, each once."""
    return tuple(dict.fromkeys(source_of(file.artefact) for file in order.files if file.artefact))


def _lines(one: Recipe) -> dict[str, str]:
    """Return a recipe as one string for each value that can differ."""
    lines = {"task": one.task.value, "model": one.model, "version": one.version, **one.advanced, **one.options}
    lines["seed"] = ", ".join("?" if seed is None else str(seed) for seed in one.seeds)
    lines |= {file.slot: file.sha256 or file.name for file in one.inputs}
    return {name: value for name, value in lines.items() if value}
