"""Turns Doxygen's XML into one that Breathe shows by header, in C++ that Sphinx can read.

Doxygen lists what a header declares under its namespace, which Breathe would open anew for every
header, and calls headers by names without folders, of which two are equal.
"""

import copy
import re
import sys
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

NOT_READ = re.compile(r'\[\]\(|"\s*"')
"""What Sphinx's parser of C++ does not take in an initializer: lambdas, strings that are joined."""


def location_of(element: Element) -> str:
    """Return the file that an element is declared in."""
    location = element.find("location")
    return "" if location is None else location.get("file", "")


def is_instantiation(member: Element) -> bool:
    """Return whether a function is an explicit instantiation, which declares nothing new."""
    return any("".join(kind.itertext()).startswith("template") for kind in member.iter("type"))


def simplify(member: Element) -> None:
    """Leave out an initializer that would not be read."""
    for initializer in member.findall("initializer"):
        if NOT_READ.search("".join(initializer.itertext())):
            member.remove(initializer)


def add_members(namespace: Element, sections: dict[str, dict[str, Element]]) -> None:
    """Put copies of a namespace's members, with full names, into sections by header and kind."""
    prefix = namespace.findtext("compoundname")
    for section in namespace.findall("sectiondef"):
        for member in section.findall("memberdef"):
            if member.get("kind") == "function" and is_instantiation(member):
                continue
            qualified = copy.deepcopy(member)
            name = qualified.find("name")
            assert name is not None
            name.text = f"{prefix}::{name.text}"
            kind = section.get("kind", "")
            of_header = sections.setdefault(location_of(member), {})
            of_header.setdefault(kind, Element("sectiondef", kind=kind)).append(qualified)


def prepare(folder: Path) -> None:
    """Rewrite the XML in a folder."""
    index = ElementTree.parse(folder / "index.xml")
    sections: dict[str, dict[str, Element]] = {}
    for path in folder.glob("*.xml"):
        tree = ElementTree.parse(path)
        for compound in tree.iterfind("compounddef"):
            for section in compound.findall("sectiondef"):
                if section.get("kind", "").startswith(("private", "friend")):
                    compound.remove(section)
        for member in tree.iter("memberdef"):
            simplify(member)
        tree.write(path, encoding="utf-8", xml_declaration=True)
        for compound in tree.iterfind("compounddef[@kind='namespace']"):
            add_members(compound, sections)
    for entry in index.iterfind("compound[@kind='file']"):
        path = folder / f"{entry.get('refid')}.xml"
        tree = ElementTree.parse(path)
        header = tree.find("compounddef")
        assert header is not None
        file = location_of(header)
        name = entry.find("name")
        assert name is not None
        name.text = file
        for element in [*header.findall("innernamespace"), *header.findall("sectiondef")]:
            header.remove(element)
        header.extend(sections.get(file, {}).values())
        tree.write(path, encoding="utf-8", xml_declaration=True)
    index.write(folder / "index.xml", encoding="utf-8", xml_declaration=True)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
