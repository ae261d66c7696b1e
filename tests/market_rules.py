"""A market's rules once more, written from the markets' own pages and not from our data: what is wrong with a table.

Nothing of stockgen is imported. Two readings of the same pages can only agree, or one of them is wrong.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

Row = Mapping[str, str]
BOM = b"\xef\xbb\xbf"
# "generative AI", models' names and technical words: what Adobe refuses in titles and keywords.
MACHINE = re.compile(
    r"\b(ai|a\.i\.|artificial intelligence|generative|generated|midjourney|dall-?e|stable diffusion|sdxl|flux|firefly|"
    r"gemini|chatgpt|gpt|openai|imagen|nano banana|prompt|4k|8k)\b",
    re.IGNORECASE,
)
DREAMSTIME_EDITORIAL = {*range(178, 186)}
DREAMSTIME_TOP = 212  # the highest id that is known


def wrong(market: str, data: bytes, drawn: frozenset[str] = frozenset()) -> list[str]:
    """Everything that this market would refuse in its table; `drawn`: names of files that no model made."""
    return [f"{market}: {fault}" for fault in RULES[market](data, drawn)]


# -- any table -------------------------------------------------------------------------------------------------


def rows_of(data: bytes, header: str, delimiter: str, *, bom: bool, quoted: bool) -> tuple[list[Row], list[str]]:
    """The rows by column, and what is wrong with the bytes. `quoted`: every cell of every row is in quotes."""
    faults = []
    if data.startswith(BOM) is not bom:
        faults.append(f"BOM is {data.startswith(BOM)}")
    text = data.removeprefix(BOM).decode()  # raises where it is no UTF-8
    lines = text.split("\r\n")
    if lines[0] != header:
        faults.append(f"header {lines[0]!r}")
    if lines[-1] != "" or "\n" in "".join(lines) or "\r" in "".join(lines) or "\t" in text:
        faults.append("a line end or tab within a row")
    rows = list(csv.reader(lines[1:-1], delimiter=delimiter, strict=True))
    names = next(csv.reader([header], delimiter=delimiter))
    faults += [f"{len(row)} cells in {row}" for row in rows if len(row) != len(names)]
    for line, row in zip(lines[1:-1], rows, strict=True):
        again = delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row)
        if quoted and line != again:
            faults.append(f"not all in quotes: {line}")
    return [dict(zip(names, row, strict=False)) for row in rows], faults


def common(rows: Sequence[Row], file: str, words: Sequence[str], keywords: str) -> Iterator[str]:
    """Names of files, formulas, signs that nobody sees."""
    for row in rows:
        for column, cell in row.items():
            yield from _cell(column, cell)
        yield from (f"no {column} for {row[file]}" for column in words if not row[column])
    names = [row[file] for row in rows]
    if len(set(names)) < len(names):
        yield "a file twice"
    for name in names:
        if not re.fullmatch(r"[a-z0-9-]+(\.(jpg|png))?", name) or len(name) > 30:
            yield f"file name {name!r}"
    for column in words[:1]:
        said = [row[column].casefold() for row in rows]
        if len(set(said)) < len(said):
            yield f"{column} twice: {next(one for one in said if said.count(one) > 1)!r}"
    for row in rows:
        yield from _keywords(row[keywords])


def _cell(column: str, cell: str) -> Iterator[str]:
    if cell[:1] in tuple("=+-@"):
        yield f"a formula in {column}: {cell!r}"
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") for char in cell):
        yield f"an unseen sign in {column}: {cell!r}"
    if cell != cell.strip() or "  " in cell:
        yield f"blanks in {column}: {cell!r}"


def _keywords(cell: str) -> Iterator[str]:
    words = [word.strip() for word in cell.split(",")]
    if "" in words:
        yield f"an empty keyword: {cell!r}"
    if len({word.casefold() for word in words}) < len(words):
        yield f"a keyword twice: {cell!r}"
    if any(len(word) > 50 for word in words):
        yield f"a keyword above 50 characters: {cell!r}"


def between(rows: Sequence[Row], column: str, least: int, most: int) -> Iterator[str]:
    """Characters of a cell."""
    for row in rows:
        if not least <= len(row[column]) <= most:
            yield f"{len(row[column])} characters of {column}: {row[column]!r}"


def counted(rows: Sequence[Row], column: str, least: int, most: int) -> Iterator[str]:
    """Keywords of a cell."""
    for row in rows:
        if not least <= len(row[column].split(",")) <= most:
            yield f"{len(row[column].split(','))} keywords: {row[column]!r}"


def english(rows: Sequence[Row], *columns: str) -> Iterator[str]:
    """Latin letters only."""
    for row in rows:
        for column in columns:
            letters = [char for char in row[column] if char.isalpha()]
            if not all("LATIN" in unicodedata.name(char) for char in letters):
                yield f"not English, {column}: {row[column]!r}"


# -- markets ---------------------------------------------------------------------------------------------------


def _adobe(data: bytes, drawn: frozenset[str]) -> Iterator[str]:
    rows, faults = rows_of(data, "Filename,Title,Keywords,Category,Releases", ",", bom=False, quoted=False)
    yield from faults
    if len(rows) > 5000 or len(data) > 1_000_000:
        yield "more than 5,000 rows or 1 MB"
    yield from common(rows, "Filename", ["Title"], "Keywords")
    yield from between(rows, "Title", 1, 70)
    yield from counted(rows, "Keywords", 5, 49)
    yield from english(rows, "Title", "Keywords")
    for row in rows:
        if re.search(r"[^\w\s'.-]|_", row["Title"]):
            yield f"a special character: {row['Title']!r}"
        if MACHINE.search(row["Title"]) or MACHINE.search(row["Keywords"]):
            yield f"says that AI made it: {row['Title']!r} {row['Keywords']!r}"
        if not row["Category"].isdecimal() or not 1 <= int(row["Category"]) <= 21:
            yield f"category {row['Category']!r}"
        if row["Releases"]:
            yield f"a release {row['Releases']!r}"


def _miricanvas(data: bytes, drawn: frozenset[str]) -> Iterator[str]:
    header = '"fileName","uniqueId","elementName","keywords","tier","contentType"'
    rows, faults = rows_of(data, header, ",", bom=True, quoted=True)
    yield from faults
    yield from common(rows, "fileName", ["elementName"], "keywords")
    yield from between(rows, "elementName", 1, 100)
    yield from counted(rows, "keywords", 1, 25)
    for row in rows:
        if "." in row["fileName"]:
            yield f"an extension: {row['fileName']}"
        if row["uniqueId"]:
            yield f"a uniqueId {row['uniqueId']!r}"
        if not re.fullmatch(r"[가-힣A-Za-z0-9 ]+", row["elementName"]):
            yield f"elementName {row['elementName']!r}"
        if not re.fullmatch(r"[가-힣A-Za-z0-9 ,-]+", row["keywords"]):
            yield f"keywords {row['keywords']!r}"
        if row["tier"] not in ("Premium", "Standard"):
            yield f"tier {row['tier']!r}"
        if row["contentType"] not in ("Background", "PNG element"):
            yield f"contentType {row['contentType']!r}"


def _magnific(data: bytes, drawn: frozenset[str]) -> Iterator[str]:
    rows, faults = rows_of(data, "File name;Title;Keywords;Prompt;Model", ";", bom=False, quoted=True)
    yield from faults
    yield from common(rows, "File name", ["Title"], "Keywords")
    yield from between(rows, "Title", 1, 100)
    yield from counted(rows, "Keywords", 5, 50)
    yield from english(rows, "Title", "Keywords")
    for row in rows:
        marked = "_ai_generated" in row["Keywords"].split(",")
        if marked is (row["File name"] in drawn):
            yield f"the mark of AI is {marked}: {row}"
        if marked is not bool(row["Prompt"] and row["Model"]):
            yield f"prompt and model: {row}"


def _vecteezy(data: bytes, drawn: frozenset[str]) -> Iterator[str]:
    rows, faults = rows_of(data, "Filename,Title,Description,Keywords,License", ",", bom=False, quoted=False)
    yield from faults
    yield from common(rows, "Filename", ["Title", "Description"], "Keywords")
    yield from between(rows, "Title", 1, 100)
    yield from between(rows, "Description", 1, 500)
    yield from counted(rows, "Keywords", 5, 50)
    yield from english(rows, "Title", "Description", "Keywords")
    for row in rows:
        if re.search(r"[^\w\s'-]|_", row["Title"]):
            yield f"a special character: {row['Title']!r}"
        ai = row["Filename"] not in drawn
        if ai is not ("ai generated" in row["Title"].lower()) or ai is not ("ai generated" in row["Keywords"]):
            yield f"AI is {ai}: {row['Title']!r} {row['Keywords']!r}"
        if row["License"] not in ("free", "pro"):
            yield f"licence {row['License']!r}"


def _dreamstime(data: bytes, drawn: frozenset[str]) -> Iterator[str]:
    header = (
        "Filename,Image Name,Description,Category 1,Category 2,Category 3,keywords,Free,W-EL,P-EL,SR-EL,SR-Price,"
        "Editorial,MR doc Ids,Pr Docs"
    )
    rows, faults = rows_of(data, header, ",", bom=False, quoted=False)
    yield from faults
    yield from common(rows, "Filename", ["Image Name", "Description"], "keywords")
    yield from between(rows, "Image Name", 5, 200)
    yield from between(rows, "Description", 50, 1000)
    yield from counted(rows, "keywords", 7, 50)
    yield from english(rows, "Image Name", "Description", "keywords")
    for row in rows:
        ai = row["Filename"] not in drawn
        if ai is not row["Description"].endswith("(AI generated)"):
            yield f"AI is {ai}: {row['Description']!r}"
        ids = [int(row[f"Category {number}"]) for number in (1, 2, 3)]
        if len({*ids}) < 3 or not all(11 <= one <= DREAMSTIME_TOP for one in ids) or {*ids} & DREAMSTIME_EDITORIAL:
            yield f"categories {ids}"
        if ai is not (ids[2] == 212):
            yield f"AI is {ai}, categories {ids}"
        if re.search(r"\b(faces?|wom[ae]n|m[ae]n|people|persons?)\b", row["Image Name"].lower()):
            yield f"a face: {row['Image Name']!r}"
        if [*row.values()][7:] != ["0", "1", "1", "0", "0", "0", "0", "0"]:
            yield f"licences {[*row.values()][7:]}"


def _123rf(data: bytes, drawn: frozenset[str]) -> Iterator[str]:
    header = '"oldfilename","123rf_filename","description","keywords","country"'
    rows, faults = rows_of(data, header, ",", bom=False, quoted=True)
    yield from faults
    yield from common(rows, "oldfilename", ["description"], "keywords")
    yield from between(rows, "description", 1, 500)
    yield from counted(rows, "keywords", 1, 50)
    yield from english(rows, "description", "keywords")
    yield from (f"not empty: {row}" for row in rows if row["123rf_filename"] or row["country"])


RULES: Mapping[str, Callable[[bytes, frozenset[str]], Iterator[str]]] = {
    "adobe_stock": _adobe,
    "miricanvas": _miricanvas,
    "magnific": _magnific,
    "vecteezy": _vecteezy,
    "dreamstime": _dreamstime,
    "123rf": _123rf,
}
