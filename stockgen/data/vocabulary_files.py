"""Reads `vocabulary/`, with the user's files over it, and refuses what points nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from stockgen.data import Shelf, merged
from stockgen.data.closed import data_fault, parsed
from stockgen.data.vocabulary import Category, Group, Phrases, Style, Subject, Vocabulary, plain
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Remark

KIND, SUBJECTS = "vocabulary", "vocabulary/subjects"
ONE_FILE = "vocabulary/subjects.yaml"  # of the user, over or beside the shipped ones
_SHARED = ("category", "palettes", "lights", "views")  # a subject has its group's where it names none
_NEAR = "near"  # a key of a file that the loaded subject no longer has
_GIVEN = set(Subject.model_fields)  # one set for all: nobody asks a subject which of its fields were given


def load_vocabulary(shelf: Shelf) -> Vocabulary:
    """Everything in `vocabulary/` but palettes and families. Raises ConfigError naming file and key.

    Also refused: a subject of an unknown group, category, palette or light, and a word that stands for two subjects,
    unless one of them is the user's: then it is theirs.
    """
    phrases = parsed(Phrases, "vocabulary/phrases.yaml", shelf.load(KIND, "phrases"))
    subjects, files = _subjects(shelf)
    vocabulary = Vocabulary.model_construct(
        categories=_entries(shelf, "categories", Category),
        subjects=subjects,
        styles=_entries(shelf, "styles", Style),
        words=_words(shelf),
        phrases=phrases,
    )
    palettes = frozenset(shelf.load(KIND, "palettes"))
    faults = [*_dangling(vocabulary, palettes, files), *_ambiguous(vocabulary, files)]
    if faults:
        raise ConfigError("config_faults", faults, path=ONE_FILE)
    return vocabulary


_Entry = TypeVar("_Entry", Category, Style, Group)


def _entries(shelf: Shelf, name: str, model: type[_Entry]) -> dict[str, _Entry]:
    file = f"{KIND}/{name}.yaml"
    return {key: parsed(model, file, entry, key) for key, entry in shelf.load(KIND, name).items()}


def _words(shelf: Shelf) -> dict[str, tuple[str, ...]]:
    given = shelf.load(KIND, "words")
    wrong = [data_fault("vocabulary/words.yaml", str(key), "?") for key, forms in given.items()
             if not (isinstance(forms, list) and forms and all(isinstance(one, str) for one in forms))]  # fmt: skip
    if wrong:
        raise ConfigError("config_faults", wrong, path="vocabulary/words.yaml")
    return {str(key): tuple(forms) for key, forms in given.items()}


def _subjects(shelf: Shelf) -> tuple[dict[str, Subject], dict[str, str]]:
    """All subjects, the user's own first, and the file of each; `subjects.yaml` of the user is laid over the folder."""
    groups = _entries(shelf, "groups", Group)
    entries: dict[str, Mapping[str, Any]] = {}
    files: dict[str, str] = {}
    for name in shelf.names(SUBJECTS):
        for key, entry in shelf.load(SUBJECTS, name).items():
            file = f"{SUBJECTS}/{name}.yaml"
            if key in files:
                raise ConfigError("config_faults", [data_fault(file, key, files[key])], path=file)
            entries[key], files[key] = entry, file
    own = shelf.load(KIND, "subjects")
    for key, entry in own.items():
        files[key] = ONE_FILE
        own[key] = merged(entries.pop(key, {}), entry) if isinstance(entry, Mapping) else entry
    entries = own | entries  # the first that has a word keeps it: a new version never takes one from its user
    subjects = {name: one for key, entry in entries.items() for name, one in _expanded(key, entry, groups, files[key])}
    return subjects, {name: files[name.partition("/")[0]] for name in subjects}


def _expanded(key: str, entry: Any, groups: Mapping[str, Group], file: str) -> Iterator[tuple[str, Subject]]:
    """The subject of an entry, and one for each thing that is `near` it: of its sort, with a name of its own."""
    if not isinstance(entry, Mapping):
        raise ConfigError("config_faults", [data_fault(file, key, "?")], path=file)
    group = groups.get(str(entry["group"])) if "group" in entry else None
    if "group" in entry and group is None:
        raise ConfigError("config_faults", [data_fault(file, key, str(entry["group"]))], path=file)
    base = {name: value for name, value in entry.items() if name != _NEAR}
    yield key, _subject(base, group, file, key)
    kept = {name: entry[name] for name in ("group", *_SHARED) if name in entry}
    for en, words in (entry.get("near") or {}).items():
        ko = words[0] if isinstance(words, list) and words else ""
        yield f"{key}/{en}", _subject({**kept, "en": en, "ko": ko, "words": words}, group, file, f"{key}.near.{en}")


def _subject(entry: Mapping[str, Any], group: Group | None, file: str, key: str) -> Subject:
    if group is None:
        return parsed(Subject, file, entry, key)
    shared = {name: getattr(group, name) for name in _SHARED}
    one = parsed(Subject, file, {**shared, **entry}, key)
    tags = {
        "tags_en": tuple(dict.fromkeys((one.en, *one.tags_en, *group.tags_en))),
        "tags_ko": tuple(dict.fromkeys((one.ko, *one.tags_ko, *group.tags_ko))),
    }
    return Subject.model_construct(_GIVEN, **dict(one) | tags)


def _dangling(vocabulary: Vocabulary, palettes: frozenset[str], files: Mapping[str, str]) -> Iterator[Remark]:
    for key, subject in vocabulary.subjects.items():
        missing = [name for name in subject.palettes if name not in palettes]
        missing += [name for name in subject.lights if name not in vocabulary.phrases.lights]
        missing += [name for name in subject.views if name not in vocabulary.phrases.compositions]
        missing += [subject.category] if subject.category not in vocabulary.categories else []
        for name in missing:
            yield data_fault(files[key], key, name)


def _ambiguous(vocabulary: Vocabulary, files: Mapping[str, str]) -> Iterator[Remark]:
    owner: dict[str, str] = {}
    for key, subject in vocabulary.subjects.items():
        for word in {plain(each) for each in (subject.en, subject.ko, *subject.words)}:
            first = owner.setdefault(word, key)
            if first != key and (files[first] == ONE_FILE) == (files[key] == ONE_FILE):
                yield data_fault(files[key], key, f"{word}: {first}")
