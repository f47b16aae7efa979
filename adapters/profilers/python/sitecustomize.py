"""Loaded by every Python process of a run that is profiled: writes as JSON what cProfile saw of it."""
import atexit
import cProfile
import json
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
_start = os.getcwd()
_profile = cProfile.Profile()


def _load_next():
    """Another sitecustomize, which this one hides."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    spec = PathFinder.find_spec("sitecustomize", [path for path in sys.path if os.path.abspath(path) != _here])
    if spec and spec.loader:
        sys.modules["sitecustomize"] = module = module_from_spec(spec)
        spec.loader.exec_module(module)


def _frame(code):
    if isinstance(code, str):
        return "", 0, code
    path = code.co_filename
    return (
        path if path.startswith("<") else os.path.normpath(os.path.join(_start, path)),
        code.co_firstlineno,
        getattr(code, "co_qualname", code.co_name),
    )


def _write():
    _profile.disable()
    entries = _profile.getstats()
    frames = {}
    for entry in entries:
        frames.setdefault(_frame(entry.code), len(frames))
        for call in entry.calls or ():
            frames.setdefault(_frame(call.code), len(frames))
    stats = {
        "frames": list(frames),
        "functions": [[frames[_frame(e.code)], e.callcount, e.inlinetime, e.totaltime] for e in entries],
        "calls": [
            [frames[_frame(e.code)], frames[_frame(c.code)], c.totaltime] for e in entries for c in e.calls or ()
        ],
    }
    with open(os.path.join(_directory, f"python-{os.getpid()}.cprofile"), "w") as file:
        json.dump(stats, file)


def _before_fork():
    """multiprocessing forgets at a fork what a process is to do at its end, and asks who wants to say it anew."""
    util = sys.modules.get("multiprocessing.util")
    if util and not _before_fork.__dict__:
        _before_fork.known = True
        util.register_after_fork(_write, lambda write: util.Finalize(None, write, exitpriority=0))


def _after_fork():
    _profile.disable()
    _profile.clear()
    _profile.enable()


_load_next()
_directory = os.environ.get("KARPATHY_LOOP_PROFILE")
if _directory:
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
    atexit.register(_write)
    _profile.enable()
