"""The rules of XES 1.0 for a document, in plain Python, written from the standard's text.

A log has a version, then extensions (name, prefix, address), then at most one set of globals for traces and one for
events, then classifiers, then its own attributes, then traces. A trace has attributes, then events. Attributes are
elements named for their type, with a key and a value of that type. Whatever is declared global is an attribute,
of the same type, of every trace or event. A prefix in a key is one of a declared extension.
"""

import datetime
import re
import xml.etree.ElementTree as ET

SPACE = "{http://www.xes-standard.org/}"
NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:.-]*")
ORDER = ("extension", "global", "classifier", "attribute", "trace")


def _boolean(text):
    assert text in ("true", "false", "1", "0"), text


TYPES = {
    "string": str,
    "date": datetime.datetime.fromisoformat,
    "int": int,
    "float": float,
    "boolean": _boolean,
    "id": str,
}


def tag(element):
    assert element.tag.startswith(SPACE), element.tag
    return element.tag.removeprefix(SPACE)


def attributes(parent, prefixes):
    """Check the attributes of a log, a trace, an event or a set of globals; give them by key."""
    result = {}
    for element in parent:
        kind = tag(element)
        if kind not in TYPES:
            continue
        assert set(element.attrib) == {"key", "value"}
        key = element.attrib["key"]
        assert NAME.fullmatch(key), key
        assert ":" not in key or key.partition(":")[0] in prefixes, key
        assert key not in result, f"{key} twice"
        assert not list(element)
        result[key] = (kind, TYPES[kind](element.attrib["value"]))
    return result


def check(text):
    """Check a document; give its traces as (attributes, list of events' attributes)."""
    log = ET.fromstring(text)
    assert tag(log) == "log"
    assert float(log.attrib["xes.version"]) == 1.0
    assert set(log.attrib) <= {"xes.version", "xes.features"}
    places = [ORDER.index("attribute" if tag(each) in TYPES else tag(each)) for each in log]
    assert places == sorted(places)
    prefixes, shared = set(), {}
    for each in log:
        if tag(each) == "extension":
            assert set(each.attrib) == {"name", "prefix", "uri"}
            prefixes.add(each.attrib["prefix"])
        elif tag(each) == "global":
            assert set(each.attrib) == {"scope"}
            assert each.attrib["scope"] in ("trace", "event")
            assert each.attrib["scope"] not in shared
            shared[each.attrib["scope"]] = attributes(each, prefixes)
        elif tag(each) == "classifier":
            assert set(each.attrib) == {"name", "keys"}
            assert set(each.attrib["keys"].split()) <= set(shared["event"])
    attributes(log, prefixes)
    traces = []
    for trace in log.iter(f"{SPACE}trace"):
        kinds = [tag(each) == "event" for each in trace]
        assert kinds == sorted(kinds), "attributes come before events"
        own = attributes(trace, prefixes)
        _has_all(own, shared["trace"])
        events = []
        for event in trace.iter(f"{SPACE}event"):
            assert all(tag(each) in TYPES for each in event)
            events.append(attributes(event, prefixes))
            _has_all(events[-1], shared["event"])
        traces.append((own, events))
    return traces


def _has_all(own, shared):
    for key, (kind, _) in shared.items():
        assert own[key][0] == kind, key
