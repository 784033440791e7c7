"""Small valid files of every supported kind, which the fuzzers damage."""

from pathlib import Path

from PIL import Image

from tests.unit.media.making import cut_out, noise, save, sound, video

DRAWING = """<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY n "http://www.w3.org/2000/svg">]>
<svg xmlns="&n;" width="12mm" height="10mm" viewBox="0 0 120 100"><defs><linearGradient id="g"><stop offset="0"
stop-color="red"/><stop offset="1" stop-color="#00f"/></linearGradient><pattern id="p" width="9" height="9"
patternUnits="userSpaceOnUse"><circle r="4"/></pattern><filter id="f"><feGaussianBlur stdDeviation="3"/>
<feComposite operator="arithmetic" k1="1" in2="SourceGraphic"/></filter></defs><g transform="rotate(9)">
<rect width="60" height="40" fill="url(#g)" filter="url(#f)"/><path d="M1 1L20 30A5 9 3 1 0 40 50z" fill="url(#p)"/>
<text x="5" y="70" font-size="20">Easel</text><use href="#p"/></g></svg>"""


def write_seeds(folder: Path) -> list[Path]:
    """Write one small file of each kind, and some that use rarer parts of their format."""
    folder.mkdir(parents=True, exist_ok=True)
    small, shape = noise((48, 48)).crop((0, 0, 48, 32)), cut_out((48, 32))
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = [noise((24, 24)) for _ in range(3)]
    made = [
        save(small, folder / "plain.png"),
        save(shape, folder / "cut-out.png", exif=exif),
        save(frames[0], folder / "animated.png", save_all=True, append_images=frames[1:], duration=50),
        save(small, folder / "photo.jpg", exif=exif),
        save(small, folder / "progressive.jpg", progressive=True),
        save(shape, folder / "cut-out.webp", exif=exif),
        save(frames[0], folder / "animated.webp", save_all=True, append_images=frames[1:], duration=50),
        save(frames[0], folder / "animated.gif", save_all=True, append_images=frames[1:], duration=50),
        *(video(folder / f"clip{suffix}", seconds=0.3, size=(48, 32)) for suffix in (".mp4", ".mov", ".webm")),
        video(folder / "sung.mp4", seconds=0.3, size=(48, 32), sound=True),
        *(sound(folder / f"song{suffix}", seconds=0.2) for suffix in (".wav", ".mp3", ".ogg", ".m4a", ".flac")),
    ]
    mpo, drawing, adts = folder / "camera.jpg", folder / "drawing.svg", folder / "song.aac"
    small.save(mpo, "MPO", save_all=True, append_images=[frames[0]])
    drawing.write_text(DRAWING, encoding="utf-8")
    sound(adts, seconds=0.2)
    return [*made, mpo, drawing, adts]
