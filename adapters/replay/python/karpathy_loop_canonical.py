"""Runs inside the sandbox: values to the canonical form of domain/replay/contract.ts, and back."""
import enum
import json
import math
import os
import re
import types

DIRECTORY = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(DIRECTORY, "limits.json"), encoding="utf-8") as _file:
    LIMITS = json.load(_file)
# Longest list and string that a recorder takes of an argument; the rest is cut off.
CUT_LIST, CUT_TEXT = 200, 4096
KEYWORDS = "(keywords)"
BASES = (dict, list, tuple, set, frozenset, str, bytes, int, float)
TOLD_BY_REPR = {"decimal", "datetime", "fractions", "uuid", "pathlib"}


def stringify(value, dumps=json.dumps):
    return dumps(value, separators=(",", ":"))


class Writer:
    """Makes one canonical value. `why` tells why no caller can make such a value; None where one can."""

    def __init__(self, is_cut=False):
        self.is_cut, self.nodes, self.chars, self.above, self.why = is_cut, 0, 0, [], None

    def ungiven(self, what, made=None):
        self.why = self.why or what
        return made or {"$": "opaque", "what": what}

    def text(self, text, make=None):
        self.chars += len(text)
        return self.ungiven("too large") if self.chars > LIMITS["chars"] else make(text) if make else text

    def values(self, values):
        values = list(values)[: CUT_LIST if self.is_cut else LIMITS["nodes"] + 1]
        return [self.visit(value) for value in values]

    def visit(self, value):
        self.nodes += 1
        if self.nodes > LIMITS["nodes"]:
            return self.ungiven("too large")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            if value.bit_length() <= 53:
                return value
            # Python itself refuses to write longer ones as digits.
            return {"$": "bigint", "text": str(value)} if value.bit_length() < 14_000 else self.ungiven("too large")
        if kind is float:
            special = "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
            return {"$": "float", "text": repr(value) if math.isfinite(value) else special}
        if kind is str:
            return self.text(value[:CUT_TEXT] if self.is_cut else value, from_text)
        if kind in (bytes, bytearray):
            taken = value[:CUT_TEXT] if self.is_cut else value
            return self.text(taken.hex(), lambda text: {"$": "bytes", "class": kind.__name__, "hex": text})
        for up, one in enumerate(reversed(self.above)):
            if one is value:
                return self.ungiven("cycle", {"$": "cycle", "up": up})
        if len(self.above) >= LIMITS["depth"]:
            return self.ungiven("too deep")
        self.above.append(value)
        try:
            return self.visit_object(value, kind)
        finally:
            self.above.pop()

    def visit_object(self, value, kind):
        name = kind.__name__
        if kind is list:
            return self.values(value)
        if kind is tuple or (issubclass(kind, tuple) and hasattr(kind, "_fields")):
            return {"$": "tuple", "class": name, "values": self.values(value)}
        # Their order does not count: that of strings is another one in every process.
        if kind in (set, frozenset):
            return {"$": "set", "class": name, "values": sorted(self.values(value), key=stringify)}
        if kind is dict:
            items = list(value.items())[: CUT_LIST if self.is_cut else LIMITS["nodes"] + 1]
            if all(type(key) is str for key, _ in items):
                return {"$": "object", "entries": self.entries(items)}
            made = ([self.visit(key), self.visit(one)] for key, one in items)
            return {"$": "map", "entries": sorted(made, key=stringify)}
        if kind is re.Pattern and type(value.pattern) is str:
            return {"$": "regexp", "source": self.text(value.pattern), "flags": str(int(value.flags))}
        if isinstance(value, BaseException):
            return self.ungiven("error", {"$": "error", "class": name})
        if isinstance(value, (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
            return self.ungiven("function")
        if hasattr(kind, "__next__") or hasattr(kind, "__await__"):
            return self.ungiven("iterator" if hasattr(kind, "__next__") else "promise")
        fields = self.entries(self.fields(value, kind))
        made = {"$": "instance", "class": name, "entries": fields}
        return self.ungiven(name, made if fields else None)

    def entries(self, items):
        self.chars += sum(len(key) for key, _ in items)
        return [[key, self.visit(value)] for key, value in sorted(items, key=lambda item: item[0])]

    def fields(self, value, kind):
        if isinstance(value, enum.Enum):
            return [("name", value.name)]
        if kind.__module__ in TOLD_BY_REPR or kind in (complex, range, slice):
            return [("text", repr(value))]
        found = dict(getattr(value, "__dict__", {}))
        for one in kind.__mro__:
            slots = one.__dict__.get("__slots__", ())
            for slot in [slots] if type(slots) is str else slots:
                if hasattr(value, slot):
                    found[slot] = getattr(value, slot)
        base = next((base for base in BASES if isinstance(value, base)), None)
        if base:
            found["(items)"] = base(value)
        return [(str(key), one) for key, one in found.items()]


def from_text(text):
    try:
        text.encode("utf-8")
        return text
    except UnicodeEncodeError:
        units = text.encode("utf-16-le", "surrogatepass")
        return {"$": "units", "units": [int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2)]}


def from_canonical(value):
    """Makes a value. Raises where none can be made: of a class of the program, of a dict as key."""
    if isinstance(value, list):
        return [from_canonical(one) for one in value]
    if not isinstance(value, dict):
        return value
    tag, kind = value["$"], value.get("class")
    if tag == "float":
        return float(value["text"])
    if tag == "bigint":
        return int(value["text"])
    if tag == "units":
        return b"".join(unit.to_bytes(2, "little") for unit in value["units"]).decode("utf-16-le", "surrogatepass")
    if tag in ("object", "map"):
        return {from_canonical(key): from_canonical(one) for key, one in value["entries"]}
    if tag == "regexp":
        return re.compile(value["source"], int(value["flags"]))
    if tag == "bytes":
        return {"bytes": bytes, "bytearray": bytearray}[kind].fromhex(value["hex"])
    makers = {"tuple": tuple, "set": set, "frozenset": frozenset}
    return makers[kind](from_canonical(one) for one in value["values"])

