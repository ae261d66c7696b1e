"""An independent reader agrees with every word."""

from __future__ import annotations

import io
import json
import shutil
import subprocess

import pytest
from PIL import Image, ImageCms

from stockgen.metadata.jpeg import with_metadata

pytestmark = [
    pytest.mark.exiftool,
    pytest.mark.skipif(not shutil.which("exiftool"), reason="the exiftool program is not installed"),
]
_FOREIGN = ("ExifTool", "System", "File", "JFIF", "Composite")  # what is not in our three blocks
_URI = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def _run(*arguments):
    return subprocess.run(["exiftool", *map(str, arguments)], check=True, capture_output=True).stdout


def _read(path):
    fields = json.loads(_run("-json", "-G1", "-a", path))[0]
    return {name: fields[name] for name in fields if ":" in name and name.split(":")[0] not in _FOREIGN}


def _faults(*paths):
    """Warnings and errors of each file; `-validate` also misses what a standard asks for."""
    told = json.loads(_run("-json", "-validate", "-warning", "-error", "-a", *paths))
    return [{name: value for name, value in each.items() if name != "SourceFile"} for each in told]


@pytest.fixture
def written(tmp_path, encoded):
    """Write a file with these words, return its path."""

    def write(metadata, name="picture.jpg", **options):
        path = tmp_path / name
        path.write_bytes(with_metadata(encoded(**options), metadata))
        return path

    return write


def test_every_field_is_read_back_with_its_korean(written, words):
    fox = words()
    title, description = fox.title, fox.description
    assert _read(written(fox)) == {
        "XMP-dc:Title": title["ko"],
        "XMP-dc:Title-en-US": title["en"],
        "XMP-dc:Title-ko-KR": title["ko"],
        "XMP-dc:Description": description["ko"],
        "XMP-dc:Description-en-US": description["en"],
        "XMP-dc:Description-ko-KR": description["ko"],
        "XMP-dc:Subject": list(fox.keywords),
        "XMP-dc:Creator": fox.creator,
        "XMP-dc:Rights": fox.copyright,
        "XMP-xmpRights:Marked": True,
        "XMP-photoshop:Headline": title["ko"],
        "XMP-xmp:CreatorTool": fox.tool,
        "XMP-xmp:CreateDate": "2026:11:23 05:55:00.123Z",
        "XMP-iptcExt:DigitalSourceType": _URI + "trainedAlgorithmicMedia",
        "XMP-iptcExt:AISystemUsed": fox.system,
        "XMP-iptcExt:AISystemVersionUsed": fox.system_version,
        "XMP-iptcExt:AIPromptInformation": fox.prompt,
        "IFD0:ImageDescription": description["ko"],
        "IFD0:XResolution": 300,
        "IFD0:YResolution": 300,
        "IFD0:ResolutionUnit": "inches",
        "IFD0:Software": fox.tool,
        "IFD0:ModifyDate": "2026:11:23 05:55:00",
        "IFD0:Artist": fox.creator,
        "IFD0:YCbCrPositioning": "Centered",
        "IFD0:Copyright": fox.copyright,
        "ExifIFD:ExifVersion": "0232",
        "ExifIFD:OffsetTime": "+00:00",
        "ExifIFD:ComponentsConfiguration": "Y, Cb, Cr, -",
        "ExifIFD:FlashpixVersion": "0100",
        "ExifIFD:ColorSpace": "sRGB",
        "ExifIFD:ExifImageWidth": 64,
        "ExifIFD:ExifImageHeight": 48,
        "IPTC:CodedCharacterSet": "UTF8",
        "IPTC:ApplicationRecordVersion": 4,
        "IPTC:ObjectName": title["ko"],
        "IPTC:Keywords": list(fox.keywords),
        "IPTC:OriginatingProgram": fox.tool,
        "IPTC:By-line": fox.creator,
        "IPTC:Headline": title["ko"],
        "IPTC:CopyrightNotice": fox.copyright,
        "IPTC:Caption-Abstract": description["ko"],
    }


def test_a_drawn_picture_names_no_model(written, words):
    drawn = words(source_type="algorithmicMedia", system="", system_version="", prompt="")
    fields = _read(written(drawn))
    assert fields["XMP-iptcExt:DigitalSourceType"] == _URI + "algorithmicMedia"
    assert not [name for name in fields if "AI" in name]


def test_a_market_s_words_replace_the_master_s_everywhere(written, words, tmp_path):
    market = words(title={"en": "Moon"}, description={}, keywords=("moon",), default_language="en", prompt="")
    master = written(words())
    basket = tmp_path / "basket.jpg"
    basket.write_bytes(with_metadata(master.read_bytes(), market))
    assert _read(basket) == _read(written(market, "direct.jpg"))
    assert "IFD0:ImageDescription" not in _read(basket)


def test_the_strictest_reader_has_nothing_to_warn_of(written, words):
    nasty = "\x00<&>'\"]]>\r\n🦊 \x1b\ud800"
    both = {"en": nasty, "ko": "한" * 500}
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    paths = [
        written(words(), "full.jpg", icc_profile=srgb),
        written(words(), "progressive.jpg", progressive=True, dpi=(300, 300)),
        written(words(title={}, description={}, keywords=(), creator="", copyright=""), "empty.jpg"),
        written(words(title=both, description=both, keywords=(nasty, "낱" * 50), prompt=nasty), "nasty.jpg"),
        written(words(title=both, keywords=tuple("낱" * n for n in range(1, 50)), copyright=nasty), "long.jpg"),
    ]
    assert _faults(*paths) == [{"Validate": "OK"}] * len(paths)


def test_the_profile_that_exiftool_takes_out_is_the_one_put_in(written, words):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + bytes(80_000)
    path = written(words(), icc_profile=profile)
    assert Image.open(io.BytesIO(path.read_bytes())).info["icc_profile"] == profile
    assert _run("-icc_profile", "-b", path) == profile
