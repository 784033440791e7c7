"""Recipes: everything that is needed to make a result again, how two differ, and the orders that run one again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from bot.catalogue.order import InputFile, Order, Task
from bot.jobs.records import Snapshot, StoredInput

NOT_OPTIONS = frozenset({"task", "model", "seed", "seeds", "files"})
"""Fields of an order that a recipe shows in a place of their own."""


@dataclass(frozen=True, slots=True)
class RecipeInput:
    """A file that went in: its slot, its name for people, and its content's hash once it is in our store."""

    slot: str
    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """What made a result. `seeds` has the true seed of each run, None where the model's logs told none."""

    short_id: str
    task: Task
    model: str
    version: str | None
    options: Mapping[str, str]
    seeds: tuple[int | None, ...]
    inputs: tuple[RecipeInput, ...]
    parent: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in which two recipes differ; None is "not said"."""

    name: str
    left: str | None
    right: str | None


def recipe(snapshot: Snapshot, inputs: Sequence[StoredInput]) -> Recipe:
    """A job's recipe. `inputs` are its files in our store."""
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
    )


def options(order: Order) -> dict[str, str]:
    """What was said in an order, by the name of its option."""
    said = {one.name: getattr(order, one.name) for one in fields(order) if one.name not in NOT_OPTIONS}
    return {name: str(value) for name, value in said.items() if value is not None}


def diff(left: Recipe, right: Recipe) -> tuple[Difference, ...]:
    """What differs between two recipes, in the order in which people read one."""
    ours, theirs = _lines(left), _lines(right)
    names = dict.fromkeys((*ours, *theirs))
    return tuple(
        Difference(name, ours.get(name), theirs.get(name)) for name in names if ours.get(name) != theirs.get(name)
    )


def again(snapshot: Snapshot, *, seeded: bool) -> Order:
    """The order that makes the same requests again. `seeded` says whether the model takes a seed."""
    order = with_stored_files(snapshot)
    if not seeded or order.seed is not None or order.seeds is not None:
        return order
    found = snapshot.true_seeds
    if len(found) == 1:
        return replace(order, seed=found[0])
    return replace(order, seeds=found) if any(seed is not None for seed in found) else order


def reroll(snapshot: Snapshot) -> Order:
    """The same order with a new seed."""
    return replace(with_stored_files(snapshot), seed=None, seeds=None)


def with_stored_files(snapshot: Snapshot) -> Order:
    """A job's order with its files taken from our store: the links that came with them are dead by now."""
    order = snapshot.job.order
    return replace(order, files=tuple(_stored(snapshot.job.id, file) for file in order.files))


def _stored(job: str, file: InputFile) -> InputFile:
    return replace(file, url="", artefact=file.artefact or f"{job}:{file.slot}")


def _lines(one: Recipe) -> dict[str, str]:
    """A recipe as one text for each thing that can differ."""
    lines = {"task": one.task.value, "model": one.model, "version": one.version, **one.options}
    lines["seed"] = ", ".join("?" if seed is None else str(seed) for seed in one.seeds)
    lines |= {file.slot: file.sha256 or file.name for file in one.inputs}
    return {name: value for name, value in lines.items() if value}
