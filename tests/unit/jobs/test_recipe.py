from dataclasses import replace

from bot.catalogue import serial
from bot.catalogue.order import FileRole, InputFile
from bot.jobs.recipe import again, diff, options, recipe, reroll
from bot.jobs.records import Lineage, Parent, Relation, StoredInput
from tests.unit.chat.samples import delivered, order, run

PHOTO = InputFile("image", FileRole.IMAGE, "photo.png", "https://cdn.example/photo.png", 1_000, "image/png")


def of(snapshot, *, sha256="ab12"):
    stored = [
        StoredInput(snapshot.job.id, file.slot, "p", "image/png", 1, sha256, 1, 1, None)
        for file in snapshot.job.order.files
    ]
    return recipe(snapshot, stored)


def test_recipe_contains_model_options_seeds_files_and_parent():
    snapshot = delivered(order=order(aspect="16:9", files=(PHOTO,)), runs=(run(seed=62182),))
    snapshot = replace(snapshot, lineage=Lineage(Parent("J", Relation.EDIT, 1), "AAAA-22"))
    found = of(snapshot)
    assert found.model == "black-forest-labs/flux-schnell"
    assert found.options == {"prompt": "a lighthouse in fog", "aspect": "16:9", "count": "1"}
    assert found.seeds == (62182,)
    assert [(one.slot, one.sha256) for one in found.inputs] == [("image", "ab12")]
    assert found.parent == "AAAA-22"


def test_file_that_was_never_copied_has_no_hash():
    assert recipe(delivered(order=order(files=(PHOTO,))), []).inputs[0].sha256 is None


def test_equal_recipes_have_no_differences():
    assert diff(of(delivered()), of(delivered(short_id="BBBB-22"))) == ()


def test_differences_include_both_values_and_options_of_only_one():
    left = of(delivered(order=order(prompt="a cat"), runs=(run(seed=1),)))
    right = of(delivered(order=order(prompt="a dog", aspect="1:1"), runs=(run(seed=2),)))
    told = {one.name: (one.left, one.right) for one in diff(left, right)}
    assert told == {"prompt": ("a cat", "a dog"), "aspect": (None, "1:1"), "seed": ("1", "2")}


def test_advanced_inputs_are_compared_one_by_one():
    left = of(delivered(order=order(advanced=(("steps", "3"), ("go_fast", "true")))))
    right = of(delivered(order=order(advanced=(("go_fast", "true"), ("steps", "4"), ("output_quality", "50")))))
    assert left.advanced == {"steps": "3", "go_fast": "true"}
    told = {one.name: (one.left, one.right) for one in diff(left, right)}
    assert told == {"steps": ("3", "4"), "output_quality": (None, "50")}


def test_run_again_and_reroll_keep_advanced_inputs():
    snapshot = delivered(order=order(advanced=(("steps", "3"),)))
    assert again(snapshot, seeded=True).advanced == reroll(snapshot).advanced == (("steps", "3"),)


def test_different_content_under_the_same_name_is_a_difference():
    left, right = (of(delivered(order=order(files=(PHOTO,))), sha256=one) for one in ("ab", "cd"))
    assert [(one.name, one.left, one.right) for one in diff(left, right)] == [("image", "ab", "cd")]


def test_run_again_uses_the_true_seed_from_the_logs():
    assert again(delivered(runs=(run(seed=7),)), seeded=True).seed == 7


def test_run_again_keeps_the_seed_of_the_order():
    snapshot = delivered(order=order(seed=3), runs=(run(seed=3), run(2, seed=4)))
    assert again(snapshot, seeded=True) == snapshot.job.order


def test_run_again_gives_each_request_its_own_seed():
    made = again(delivered(runs=(run(1, seed=9), run(2, seed=None), run(3, seed=5))), seeded=True)
    assert made.seed is None
    assert made.seeds == (9, None, 5)
    assert serial.load_order(serial.dump_order(made)) == made


def test_model_without_a_seed_option_gets_no_seed():
    assert again(delivered(runs=(run(seed=7),)), seeded=False).seed is None


def test_reroll_drops_the_seeds():
    assert reroll(delivered(order=order(seed=3))).seed is None
    assert reroll(delivered(order=order(seeds=(3, 4)))).seeds is None


def test_repeated_order_uses_stored_files_instead_of_expired_links():
    (file,) = reroll(delivered(order=order(files=(PHOTO,)))).files
    assert (file.url, file.artefact) == ("", "01JOB0000000000000000AB:image")
    kept = replace(PHOTO, artefact="J/1")
    assert reroll(delivered(order=order(files=(kept,)))).files[0].artefact == "J/1"


def test_without_logs_a_single_run_has_the_seed_of_the_order():
    assert delivered(order=order(seed=3), runs=(run(),)).true_seeds == (3,)
    assert delivered(order=order(seed=3), runs=(run(1), run(2))).true_seeds == (None, None)


def test_options_are_those_given_in_the_order():
    assert options(order(seconds=5)) == {"prompt": "a lighthouse in fog", "count": "1", "seconds": "5"}
