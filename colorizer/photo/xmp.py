"""XMP of a result: the scan's, corrected, and how its colours were made.

Source: ISO 16684-1, IPTC Photo Metadata Standard 2023.
"""

from __future__ import annotations

import re

from lxml import etree

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's term for a photograph that a trained algorithm made in part, here its colours."""
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_X, _DC, _XMP = "adobe:ns:meta/", "http://purl.org/dc/elements/1.1/", "http://ns.adobe.com/xap/1.0/"
_MM, _EVENT = "http://ns.adobe.com/xap/1.0/mm/", "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_TIFF, _EXIF, _SHOP = (
    "http://ns.adobe.com/tiff/1.0/",
    "http://ns.adobe.com/exif/1.0/",
    "http://ns.adobe.com/photoshop/1.0/",
)
_XML = "http://www.w3.org/XML/1998/namespace"
_OURS = {"rdf": _RDF, "dc": _DC, "xmpMM": _MM, "stEvt": _EVENT, "Iptc4xmpExt": _EXT, "photoshop": _SHOP}
"""Namespaces of what we add, by prefix. What a scan's packet says keeps its own prefixes."""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""


def parsed(packet: bytes) -> etree._Element | None:
    """A packet's rdf:RDF; None if there is none, or none that can be read: it has 256 levels at most."""
    start, end = packet.find(b"<"), packet.rfind(b">")
    if start < 0 or b"<!" in packet.replace(b"<!--", b""):  # declarations, with which packets have no business
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(packet[start : end + 1], parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.internalDTD is not None:  # declarations that another encoding hid
        return None
    return root if root.tag == f"{{{_RDF}}}RDF" else root.find(f".//{{{_RDF}}}RDF")


def packet_of(
    before: bytes,
    size: tuple[int, int],
    profile: str,
    mime: str,
    event: dict[str, str],
    said: str,
    described: str = "",
) -> bytes:
    """A packet for a result of `size` (width, height) with the profile of that name.

    before: the scan's, unchanged where it does not speak of pixels; b"" for none. event: what was done, as the fields
    of a ResourceEvent. said: a sentence that follows the description.
    described: the scan's description elsewhere, for a packet without one: catalogues prefer a packet's to all others.
    """
    rdf = _read(before)
    abouts = [node.get(f"{{{_RDF}}}about") for node in rdf.findall(f"{{{_RDF}}}Description")]
    right = {
        (_TIFF, "Orientation"): "1", (_TIFF, "ImageWidth"): str(size[0]), (_TIFF, "ImageLength"): str(size[1]),
        (_EXIF, "PixelXDimension"): str(size[0]), (_EXIF, "PixelYDimension"): str(size[1]),
        (_EXIF, "ColorSpace"): "1" if profile.startswith("sRGB") else "65535", (_SHOP, "ICCProfile"): profile,
        (_SHOP, "ColorMode"): "3", (_DC, "format"): mime,
    }  # fmt: skip
    gone = {
        f"{{{_XMP}}}Thumbnails",
        f"{{{_EXT}}}DigitalSourceType",
        f"{{{_TIFF}}}BitsPerSample",
        f"{{{_TIFF}}}PhotometricInterpretation",
    }
    for node in rdf.findall(f"{{{_RDF}}}Description"):
        for (space, name), value in right.items():
            key = f"{{{space}}}{name}"
            if key in node.attrib:
                node.set(key, value)
            for child in node.findall(key):
                child.clear()
                child.text = value
        _remove(node, gone)
    ours = _added(rdf, abouts[0] or "" if abouts else "")
    ours.set(f"{{{_EXT}}}DigitalSourceType", SOURCE_TYPE)
    items = _items(rdf, ours, _MM, "History", "Seq")
    step = etree.SubElement(items, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"})
    for name, value in event.items():
        etree.SubElement(step, f"{{{_EVENT}}}{name}").text = _sound(value)
    words = _items(rdf, ours, _DC, "description", "Alt")
    first = words.find(f"{{{_RDF}}}li")
    if first is None:
        first = etree.SubElement(words, f"{{{_RDF}}}li", {f"{{{_XML}}}lang": "x-default"})
    words_before = (first.text or "").strip() or described
    first.text = _sound(f"{words_before}\n{said}" if words_before else said)
    made = f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n{_written(rdf)}\n<?xpacket end="w"?>'.encode()
    # What cannot be read again is not worth keeping: then the result says only what is its own.
    again = not before or parsed(made) is not None
    return made if again else packet_of(b"", size, profile, mime, event, said, described)


def with_caption(packet: bytes, title: str, year: str, credit: str) -> bytes:
    """A packet with a title, a year and a credit in place of others, as far as they are not ""."""
    rdf = _read(packet)
    dated = year if re.fullmatch(r"\d{4}", year) else ""
    written = {(_DC, "title"): title, (_SHOP, "DateCreated"): dated, (_SHOP, "Credit"): credit}
    about = next((node.get(f"{{{_RDF}}}about") for node in rdf.findall(f"{{{_RDF}}}Description")), "") or ""
    for node in rdf.findall(f"{{{_RDF}}}Description"):
        _remove(node, {f"{{{space}}}{name}" for (space, name), words in written.items() if words})
    ours = _added(rdf, about)
    for (space, name), words in written.items():
        if words and name == "title":
            items = etree.SubElement(etree.SubElement(ours, f"{{{space}}}{name}"), f"{{{_RDF}}}Alt")
            etree.SubElement(items, f"{{{_RDF}}}li", {f"{{{_XML}}}lang": "x-default"}).text = _sound(words)
        elif words:
            etree.SubElement(ours, f"{{{space}}}{name}").text = _sound(words)
    return _written(rdf).encode()


def caption_in(packet: bytes) -> tuple[str, str, str]:
    """A packet's title, year and credit, "" where it has none."""
    found = parsed(packet)
    if found is None:
        return "", "", ""
    title, date, credit = (_words(found, *key) for key in ((_DC, "title"), (_SHOP, "DateCreated"), (_SHOP, "Credit")))
    year = re.match(r"\d{4}(?!\d)", date)
    return title, year[0] if year else "", credit


def step_of(packet: bytes, program: str, task: str) -> str:
    """The parameters of the last step in a packet's history that is of that program, of any version, and whose
    parameters name a task; "" if there is none. Other programs write such steps anew, as attributes or as elements."""
    found = parsed(packet)
    last = ""
    steps = [] if found is None else found.findall(f"{{{_RDF}}}Description/{{{_MM}}}History/*/{{{_RDF}}}li")
    for step in steps:
        said: dict[str, str] = {}
        for node in step.iter():
            said |= {**node.attrib, node.tag: node.text or ""}
        agent, parameters = (said.get(f"{{{_EVENT}}}{name}", "") for name in ("softwareAgent", "parameters"))
        if agent.startswith(program) and task in parameters:
            last = parameters
    return last


def _read(packet: bytes) -> etree._Element:
    """A packet's rdf:RDF, an empty one if there is none that can be read."""
    found = parsed(packet)
    return etree.Element(f"{{{_RDF}}}RDF", nsmap={"rdf": _RDF}) if found is None else found


def _added(rdf: etree._Element, about: str) -> etree._Element:
    """A new description, for properties of ours."""
    return etree.SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": about}, nsmap=_OURS)


def _sound(words: str) -> str:
    return _FORBIDDEN.sub(" ", words)


def _written(rdf: etree._Element) -> str:
    """A packet as text."""
    root = etree.Element(f"{{{_X}}}xmpmeta", nsmap={"x": _X})
    root.append(rdf)
    rdf.tail = None
    return etree.tostring(root, encoding="unicode")


def _remove(node: etree._Element, keys: set[str]) -> None:
    """Remove properties."""
    for key in keys.intersection(node.attrib):
        del node.attrib[key]
    node[:] = [child for child in node if child.tag not in keys]


def _words(rdf: etree._Element, space: str, name: str) -> str:
    """The words of a property: an attribute, a text, or the first item of a list."""
    key = f"{{{space}}}{name}"
    for node in rdf.findall(f"{{{_RDF}}}Description"):
        found = node.find(key)
        texts = [node.get(key, "")] if found is None else found.itertext()
        words = next((text.strip() for text in texts if text.strip()), "")
        if words:
            return words
    return ""


def _items(rdf: etree._Element, ours: etree._Element, space: str, name: str, kind: str) -> etree._Element:
    """The list of a property, of the scan's or a new one; a plain value becomes its first item."""
    key, text = f"{{{space}}}{name}", ""
    for node in rdf.findall(f"{{{_RDF}}}Description"):
        text = node.attrib.pop(key, text)
        found = node.find(key)
        if found is not None and len(found):
            return found[0]
        if found is not None:
            text = found.text or text
            node.remove(found)
    items = etree.SubElement(etree.SubElement(ours, key), f"{{{_RDF}}}{kind}")
    if text:
        etree.SubElement(items, f"{{{_RDF}}}li", {f"{{{_XML}}}lang": "x-default"} if kind == "Alt" else {}).text = text
    return items
