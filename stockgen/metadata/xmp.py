"""XMP: the only one of the three formats with several languages and with the words on AI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape  # that of xml.sax loads the whole of urllib

from stockgen.domain.words import Language
from stockgen.metadata.words import Metadata, clean, in_language

# dc, xmp, xmpRights: ISO 16684-1; photoshop: Adobe's XMP part 2; Iptc4xmpExt: IPTC Photo Metadata 2025.1
_NAMESPACES: Mapping[str, str] = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_LOCALES: Mapping[Language, str] = {"en": "en-US", "ko": "ko-KR"}


def packet(metadata: Metadata) -> bytes:
    """The whole packet in UTF-8, without padding: nobody is meant to edit it in place.

    The AI properties are those of IPTC Photo Metadata 2025.1 (iptc.org, 2025-11).
    """
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    body = "\n".join(filter(None, _properties(metadata)))
    text = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/">\n<rdf:RDF xmlns:rdf="{_RDF}">\n'
        f'<rdf:Description rdf:about=""{spaces}>\n{body}\n</rdf:Description>\n'
        '</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="r"?>'
    )
    return text.encode()


def _properties(metadata: Metadata) -> list[str]:
    return [
        _languages("dc:title", metadata.title, metadata.default_language),
        _languages("dc:description", metadata.description, metadata.default_language),
        _items("dc:subject", "Bag", metadata.keywords),
        _items("dc:creator", "Seq", [metadata.creator]),
        _alternatives("dc:rights", {"x-default": clean(metadata.copyright)}),
        _text("xmpRights:Marked", "True" if clean(metadata.copyright) else ""),
        _text("photoshop:Headline", metadata.main_title),
        _text("xmp:CreatorTool", metadata.tool),
        _text("xmp:CreateDate", metadata.created),
        _text("Iptc4xmpExt:DigitalSourceType", _SOURCE_TYPE + metadata.source_type),
        _text("Iptc4xmpExt:AISystemUsed", metadata.system),
        _text("Iptc4xmpExt:AISystemVersionUsed", metadata.system_version),
        _text("Iptc4xmpExt:AIPromptInformation", metadata.prompt),
    ]


def _languages(name: str, texts: Mapping[Language, str], default: Language) -> str:
    locales = {locale: clean(texts.get(language, "")) for language, locale in _LOCALES.items()}
    return _alternatives(name, {"x-default": in_language(texts, default)} | locales)


def _alternatives(name: str, texts: Mapping[str, str]) -> str:
    items = (
        f'<rdf:li xml:lang="{locale}">{escape(text, quote=False)}</rdf:li>' for locale, text in texts.items() if text
    )
    return _container(name, "Alt", items)


def _items(name: str, kind: str, texts: Iterable[str]) -> str:
    return _container(
        name, kind, (f"<rdf:li>{escape(text, quote=False)}</rdf:li>" for text in map(clean, texts) if text)
    )


def _container(name: str, kind: str, items: Iterable[str]) -> str:
    inner = "".join(items)
    return f"<{name}><rdf:{kind}>{inner}</rdf:{kind}></{name}>" if inner else ""


def _text(name: str, text: str) -> str:
    inner = escape(clean(text), quote=False)
    return f"<{name}>{inner}</{name}>" if inner else ""
