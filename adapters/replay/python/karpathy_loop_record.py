"""Runs inside the sandbox: rewritten modules offer their functions here, to be recorded or given to the caller."""
import functools
import inspect
import os
import sys
import tempfile
import types

from karpathy_loop_canonical import KEYWORDS, LIMITS, Writer, stringify

RECORDED = os.path.join(tempfile.gettempdir(), LIMITS["recordingDirectory"])
# Tells that a module was loaded.
os.makedirs(RECORDED, exist_ok=True)
# Set by the caller, which takes functions as they are: by file and name.
taken = None
busy = False
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
        module[name] = recorder_of(file, name, value)
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
    # By process, since one that was forked has the same functions.
    with open(os.path.join(RECORDED, f"{os.getpid()}.jsonl"), "a", encoding="utf-8") as file:
        file.write(line + "\n")
