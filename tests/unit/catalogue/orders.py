"""Orders for tests: by hand, and generated for a model by what it says of itself."""

from hypothesis import strategies as st

from bot.catalogue.model import InputKind, Model
from bot.catalogue.order import InputFile, Order, Role, Task

CONTENT_TYPES = {Role.VIDEO: "video/mp4", Role.AUDIO: "audio/mpeg"}
NAMES = {Role.VIDEO: "clip.mp4", Role.AUDIO: "speech.mp3"}
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip)


def a_file(role: Role = Role.IMAGE, slot: str | None = None, **changes) -> InputFile:
    facts = {
        "slot": slot or role.value,
        "role": role,
        "name": NAMES.get(role, "cat.png"),
        "url": "https://cdn.example/a",
        "size": 40_000,
        "content_type": CONTENT_TYPES.get(role, "image/png"),
        "width": 1024,
        "height": 768,
    }
    return InputFile(**(facts | changes))


def an_order(model: str, task: Task = Task.IMAGINE, **options) -> Order:
    files = options.pop("files", ())
    return Order(task=task, model=model, files=tuple(files), **options)


def links_for(order: Order) -> dict[str, str]:
    return {file.slot: f"https://files.example/{file.slot}" for file in order.files}


@st.composite
def legal_orders(draw: st.DrawFn, model: Model) -> Order:
    """Orders that the model says it can do, options and files included."""
    task = draw(st.sampled_from(model.tasks))
    files = draw(_files(model, task))
    options = {option: draw(TEXT) for option in ("prompt", "what", "prompt_end") if model.filled_by(option)}
    given = {file.role for file in files}
    for option in ("negative", "seed", "seconds", "resolution", "format"):
        if draw(st.booleans()):
            options |= _option(draw, model, option)
    if Role.FIRST_FRAME not in given and "resolution" not in options and draw(st.booleans()):
        options |= _option(draw, model, "aspect")
    options |= _speech(draw, model, given)
    count = draw(st.integers(1, model.max_count))
    return Order(task=task, model=model.id, count=count, files=tuple(files), **options)


def _option(draw: st.DrawFn, model: Model, option: str) -> dict[str, object]:
    choices = {"aspect": model.aspects, "resolution": model.resolutions, "seconds": model.seconds_choices}
    offered = choices.get(option, model.choices(option))
    if option == "resolution" and model.id.startswith("ideogram"):
        return {}
    if offered:
        return {option: draw(st.sampled_from(offered))}
    spec = model.filled_by(option)
    if spec is None:
        return {}
    return {option: draw(st.integers(1, int(spec.maximum or 2**31))) if spec.kind is InputKind.INTEGER else draw(TEXT)}


def _speech(draw: st.DrawFn, model: Model, given: set[Role]) -> dict[str, object]:
    if model.filled_by("text") is None or Role.AUDIO in given:
        return {}
    return {"text": draw(TEXT), "voice": draw(st.sampled_from(model.choices("voice")))}


@st.composite
def _files(draw: st.DrawFn, model: Model, task: Task) -> list[InputFile]:
    """Every place that must be filled, and now and then one that may be."""
    groups = {name for names in (*model.at_least_one, *model.exactly_one) for name in names[:1]}
    needed = groups | set(model.task_needs.get(task, ()))
    needed |= {spec.name for spec in model.inputs if spec.required}
    files = []
    for spec in model.inputs:
        alone = any(spec.name in names for names in (*model.exactly_one, *model.together)) or spec.needs
        if spec.roles and (spec.name in needed or (not alone and draw(st.booleans()))):
            files.append(a_file(spec.roles[0], slot=f"file{len(files)}"))
    if any(spec.name == "mask" for spec in model.inputs if spec.name in needed) and task is Task.ERASE:
        files += [a_file(Role.IMAGE, "image")] if not any(file.role is Role.IMAGE for file in files) else []
    return files


wild_files = st.lists(
    st.builds(lambda role, number: a_file(role, f"{role.value}{number}"), st.sampled_from(Role), st.integers(0, 3)),
    max_size=4,
    unique_by=lambda file: file.slot,
)


def wild_orders(model: Model) -> st.SearchStrategy[Order]:
    """Any order at all for the model: most of them make no sense for it."""
    words = st.none() | TEXT
    return st.builds(
        Order,
        task=st.sampled_from([*model.tasks, Task.IMAGINE]),
        model=st.just(model.id),
        prompt=words,
        prompt_end=words,
        negative=words,
        aspect=st.none() | st.sampled_from(["1:1", "16:9", "5:4", "custom", "Not set", *model.aspects]),
        count=st.integers(0, 12),
        seed=st.none() | st.integers(-2, 2**33),
        seconds=st.none() | st.sampled_from([5, 6, 10, 99]),
        resolution=st.none() | st.sampled_from(["768p", "1080p", "None", "2K", "1024x1024"]),
        strength=st.none() | st.floats(-1, 2),
        format=st.none() | st.sampled_from(["png", "jpg", "webp", "gif", "mp4", "bmp"]),
        style=st.none() | st.sampled_from(["any", "icon", "Anime"]),
        background=st.none() | st.sampled_from(["transparent", "#12ab34", "blue"]),
        what=words,
        text=words,
        voice=st.none() | st.just("en_AOT"),
        lora=st.none() | st.just("frosting"),
        files=wild_files.map(tuple),
    )
