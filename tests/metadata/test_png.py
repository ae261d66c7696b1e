"""Words in a PNG: nothing of the picture changes, and an independent reader agrees with every word."""

from __future__ import annotations

import io
import json
import shutil
import struct
import subprocess
import zlib

import pytest
from PIL import Image, PngImagePlugin

from stockgen.domain.errors import BadPicture
from stockgen.finishes.encode import png
from stockgen.metadata.embed import with_metadata
from stockgen.metadata.png import pixel_data

_exiftool = pytest.mark.skipif(not shutil.which("exiftool"), reason="the exiftool program is not installed")
_FOREIGN = ("ExifTool", "System", "File", "Composite", "PNG", "PNG-pHYs", "ICC_Profile", "ICC-header", "ICC-chrm")


@pytest.fixture(params=["RGBA", "RGB"])
def original(request):
    noise = [Image.effect_noise((64, 48), 80) for _ in range(len(request.param))]
    return png(Image.merge(request.param, noise), 95)


def _names(data):
    at, names = 8, []
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(name + body)
        names.append(name.decode())
        at += 12 + length
    return names


def _run(*arguments):
    return subprocess.run(["exiftool", *map(str, arguments)], check=True, capture_output=True).stdout


def _read(path):
    fields = json.loads(_run("-json", "-G1", "-a", path))[0]
    return {name: fields[name] for name in fields if ":" in name and name.split(":")[0] not in _FOREIGN}


def test_words_change_no_byte_of_the_picture(original, words):
    told = with_metadata(original, words())
    assert pixel_data(told) == pixel_data(original)
    assert Image.open(io.BytesIO(told)).tobytes() == Image.open(io.BytesIO(original)).tobytes()
    assert _names(told) == ["IHDR", "iCCP", "pHYs", "eXIf", "iTXt", *["IDAT"] * _names(original).count("IDAT"), "IEND"]
    assert told.startswith(original[: 8 + 25])


def test_doing_it_again_is_the_same_as_having_done_it_at_once(original, words):
    market = words(title={"en": "Moon"}, description={}, keywords=("moon",), default_language="en", prompt="")
    assert with_metadata(with_metadata(original, words()), market) == with_metadata(original, market)


def test_prompts_that_other_programs_left_in_the_file_go(words):
    left = PngImagePlugin.PngInfo()
    left.add_text("parameters", "secret prompt")
    left.add_text("workflow", "secret graph", zip=True)
    left.add_itxt("Description", "비밀")
    file = io.BytesIO()
    Image.effect_noise((32, 32), 80).save(
        file, "PNG", pnginfo=left, dpi=(72, 72), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"
    )
    told = with_metadata(file.getvalue(), words())
    assert _names(told).count("iTXt") == 1
    assert not {"tEXt", "zTXt"} & {*_names(told)}
    assert "비밀".encode() not in told
    assert [round(dots) for dots in Image.open(io.BytesIO(told)).info["dpi"]] == [300, 300]


@pytest.mark.exiftool
@_exiftool
def test_every_field_is_read_back_as_from_a_jpeg(original, words, tmp_path, encoded):
    picture, photo = tmp_path / "a.png", tmp_path / "a.jpg"
    picture.write_bytes(with_metadata(original, words()))
    photo.write_bytes(with_metadata(encoded(), words()))
    in_jpeg = {name: value for name, value in _read(photo).items() if name.split(":")[0] not in ("IPTC", "JFIF")}
    assert _read(picture) == in_jpeg


@pytest.mark.exiftool
@_exiftool
def test_the_strictest_reader_has_nothing_to_warn_of(original, words, tmp_path):
    nasty = "\x00<&>'\"]]>\r\n🦊 \x1b\ud800"
    both = {"en": nasty, "ko": "한" * 500}
    texts = [
        words(),
        words(title=both, description=both, keywords=(nasty,) * 3, prompt=nasty),
        words(title={}, creator=""),
    ]
    paths = []
    for number, text in enumerate(texts):
        paths.append(tmp_path / f"{number}.png")
        paths[-1].write_bytes(with_metadata(original, text))
    told = json.loads(_run("-json", "-validate", "-warning", "-error", "-a", *paths))
    assert [{name: value for name, value in each.items() if name != "SourceFile"} for each in told] == [
        {"Validate": "OK"}
    ] * len(paths)


@pytest.mark.parametrize("cut", [8, 20, 60, -4, -13])
def test_a_file_that_was_cut_off_is_refused(original, words, cut):
    with pytest.raises(BadPicture, match=r"not_a_png|png_truncated"):
        with_metadata(original[:cut], words())


def test_what_is_neither_is_refused(words):
    with pytest.raises(BadPicture):
        with_metadata(b"GIF89a" + bytes(40), words())
