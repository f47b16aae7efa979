"""Runs inside the sandbox: rewritten modules offer their functions here, to be recorded or given to the caller."""
import functools
import inspect
import os
import sys
import tempfile
import types

from karpathy_loop_canonical import DIRECTORY, KEYWORDS, LIMITS, Writer, stringify

RECORDED = os.path.join(tempfile.gettempdir(), LIMITS["recordingDirectory"])
# Tells that a module was loaded.
os.makedirs(RECORDED, exist_ok=True)
# Set by the caller, which takes functions as they are: by file and name.
taken = None
busy = False
WATCH = os.path.join(DIRECTORY, "watch")
# Chooses calls to be watched; none where calls are recorded.
chance = int(open(WATCH, encoding="utf-8").read()) if os.path.exists(WATCH) else None
# A recorder doubles the depth of a recursive function.
sys.setrecursionlimit(2 * sys.getrecursionlimit())


def offer(module, file, names):
    for name in names:
        value = module.get(name)
        is_cached = isinstance(value, functools._lru_cache_wrapper)
        if not is_cached and not isinstance(value, types.FunctionType):
            continue
        if inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value):
            continue
        if taken is not None:
            taken[file, name] = value
            continue
        module[name] = recorder_of(file, name, value) if chance is None else watcher_of(name, value)
        if is_cached:
            for part in ("cache_info", "cache_clear", "cache_parameters"):
                setattr(module[name], part, getattr(value, part, None))


def recorder_of(file, name, target):
    written, state = set(), {"calls": 0, "next": 1}

    @functools.wraps(target)
    def recorder(*args, **keywords):
        global busy
        state["calls"] += 1
        # Ever fewer of many: a benchmark calls millions of times.
        if state["calls"] >= state["next"] and len(written) < LIMITS["maxRecorded"] and not busy:
            state["next"] = max(state["calls"] + 1, state["calls"] * 3 // 2 - LIMITS["maxRecorded"] // 2)
            busy = True
            try:
                record(written, {"file": file, "name": name}, with_keywords(args, keywords))
            except Exception:
                pass  # A call that cannot be written down goes on as it is.
            finally:
                busy = False
        return target(*args, **keywords)

    return recorder


def with_keywords(args, keywords):
    """Puts arguments by name behind the others, as a tuple of a class that no program has."""
    return [*args, Keywords((keywords,))] if keywords else list(args)


Keywords = type(KEYWORDS, (tuple,), {"_fields": ()})


def record(written, about, args):
    writer = Writer(is_cut=True)
    arguments = [writer.visit(one) for one in args]
    line = stringify({**about, **({"leftOut": writer.why} if writer.why else {"arguments": arguments})})
    if line in written:
        return
    written.add(line)
    write(line)


def write(line):
    # By process, since one that was forked has the same functions.
    with open(os.path.join(RECORDED, f"{os.getpid()}.jsonl"), "a", encoding="utf-8") as file:
        file.write(line + "\n")


def watcher_of(name, target):
    """Writes down how calls end."""
    calls = 0

    @functools.wraps(target)
    def watcher(*args, **keywords):
        nonlocal calls
        calls += 1
        if busy or not is_chosen(calls):
            return target(*args, **keywords)
        before, end = written_quietly(with_keywords(args, keywords)), None
        try:
            value = target(*args, **keywords)
            end = {"kind": "returned", "value": written_quietly(value)}
            return value
        except BaseException as error:
            end = {"kind": "threw", "class": type(error).__name__, "code": None, "isAccident": False}
            raise
        finally:
            after = written_quietly(with_keywords(args, keywords))
            write(stringify({"name": name, "arguments": before, "end": end, "after": after}))

    return watcher


def is_chosen(nth):
    """The first few, then ever fewer, which nobody can tell beforehand."""
    return nth <= LIMITS["maxRecorded"] or nth * chance % 2**32 < 2**32 * LIMITS["maxRecorded"] / nth


def written_quietly(value):
    """Calls meanwhile are not looked at. What cannot be written down is left out of the comparison."""
    global busy
    busy = True
    try:
        return Writer(is_cut=True).visit(value)
    except Exception:
        return {"$": "opaque", "what": "unwritten"}
    finally:
        busy = False
