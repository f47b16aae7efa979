"""Runs inside the sandbox: calls functions as calls.json says, and prints how each call ended."""
import dis
import importlib
import itertools
import json
import os
import signal
import sys

import karpathy_loop_record
from karpathy_loop_canonical import DIRECTORY, KEYWORDS, Writer, from_canonical, stringify
from karpathy_loop_record import with_keywords

TOP = os.path.dirname(DIRECTORY)
# Thrown by the language itself, where no statement of the program raises them.
ACCIDENTS = (TypeError, AttributeError, NameError, LookupError, ArithmeticError, RecursionError, MemoryError)
RAISE = dis.opmap["RAISE_VARARGS"]
# Values that are taken of an iterator, which may be endless.
MOST_OF_ITERATOR = 500


class Late(BaseException):
    pass


alarm = {"armed": False, "rang": False}


def on_alarm(*_):
    if alarm["armed"]:
        alarm["rang"] = True
        raise Late


def load(file):
    parts = file[: -len(".py")].split("/")
    start = len(parts) - 1
    while start > 0 and os.path.exists(os.path.join(TOP, *parts[:start], "__init__.py")):
        start -= 1
    sys.path.insert(0, os.path.join(TOP, *parts[:start]))
    try:
        return importlib.import_module(".".join(part for part in parts[start:] if part != "__init__")), None
    except BaseException as error:
        return None, f"its module cannot be loaded: {type(error).__name__}"


def answer_to(call, loaded, call_seconds, tracer):
    module, problem = loaded
    # Another function may bear that name now.
    target = karpathy_loop_record.taken.get((call["file"], call["name"])) or getattr(module, call["name"], None)
    if not callable(target):
        return {"end": {"kind": "unreachable", "why": problem or "no such function"}}
    try:
        args, keywords = make_arguments(call["arguments"])
    except Exception as error:
        return {"end": {"kind": "unreachable", "why": f"no such argument can be made: {type(error).__name__}"}}
    before = written(with_keywords(args, keywords))
    answer = {}
    try:
        signal.setitimer(signal.ITIMER_REAL, call_seconds, 0.05)
        alarm.update(armed=True, rang=False)
        sys.settrace(tracer)
        answer["end"] = end_of(target, args, keywords)
        after = written(with_keywords(args, keywords))
        if after != before:
            answer["after"] = after
    except Late:
        pass
    finally:
        sys.settrace(None)
        alarm["armed"] = False
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {"end": {"kind": "late"}} if alarm["rang"] or "end" not in answer else answer


def make_arguments(canonical):
    last = canonical[-1] if canonical else None
    if isinstance(last, dict) and last.get("class") == KEYWORDS:
        return from_canonical(canonical[:-1]), from_canonical(last["values"][0]) if last["values"] else {}
    return from_canonical(canonical), {}


def end_of(target, args, keywords):
    try:
        value = target(*args, **keywords)
        if hasattr(type(value), "__next__"):
            return {"kind": "returned", "value": {"$": "tuple", "class": "iterator", "values": written_all(value)}}
        return {"kind": "returned", "value": written(value)}
    except Late:
        raise
    except BaseException as error:
        return {"kind": "threw", "class": type(error).__name__, "code": None, "isAccident": is_accident(error)}


def written(value):
    return Writer().visit(value)


def written_all(iterator):
    writer = Writer()
    return [writer.visit(one) for one in itertools.islice(iterator, MOST_OF_ITERATOR)]


def is_accident(error):
    at = error.__traceback__
    while at.tb_next:
        at = at.tb_next
    return isinstance(error, ACCIDENTS) and at.tb_frame.f_code.co_code[at.tb_lasti] != RAISE


def main():
    with open(os.path.join(DIRECTORY, "calls.json"), encoding="utf-8") as file:
        request = json.load(file)
    out, nowhere = os.dup(1), os.open(os.devnull, os.O_RDWR)
    # What a program prints is no answer.
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    signal.signal(signal.SIGALRM, on_alarm)
    sys.path[1:1] = [TOP, os.path.join(TOP, "src")]
    karpathy_loop_record.taken = {}
    files = {os.path.join(TOP, file): file for file in request["traced"]}
    ran = set()

    def tracer(frame, *_):
        code = frame.f_code
        if code.co_filename in files and code.co_name != "<module>":
            ran.add((files[code.co_filename], code.co_firstlineno))

    loaded = {}
    for call in request["calls"]:
        file = call["file"]
        if file not in loaded:
            loaded[file] = load(file)
        ran.clear()
        answer = answer_to(call, loaded[file], request["callMs"] / 1000, tracer if files else None)
        told = {"ran": sorted(map(list, ran))} if files else {}
        rest = f"\n{request['mark']} {stringify({'id': call['id'], **answer, **told})}\n".encode()
        while rest:
            rest = rest[os.write(out, rest) :]
    os._exit(0)


main()
