"""Loaded by every Python process of a run: gives exit code 97 where a watched file ends the process."""
import builtins
import json
import os
import sys

_watched = frozenset(json.loads(os.environ.get("KARPATHY_LOOP_WATCHED") or "[]"))
_exit = os._exit


def _guarded(name, original):
    def end(*args):
        frame = sys._getframe(1)
        while frame is not None:
            path = os.path.abspath(frame.f_code.co_filename)
            if path in _watched:
                text = f"{path} ended the process by {name}, which a file under test may not do; exit code 97"
                os.write(2, f"karpathy-loop: {text}\n".encode())
                _exit(97)
            frame = frame.f_back
        return original(*args)

    return end


os._exit = _guarded("os._exit", os._exit)
os.abort = _guarded("os.abort", os.abort)
for _name in ("exec" + _suffix for _suffix in ("v", "ve", "vp", "vpe", "l", "le", "lp", "lpe")):
    setattr(os, _name, _guarded("os." + _name, getattr(os, _name)))


class _SystemExit(SystemExit):
    """Replaces SystemExit for `raise`."""

    __init__ = _guarded("SystemExit", SystemExit.__init__)


_SystemExit.__name__ = _SystemExit.__qualname__ = "SystemExit"
builtins.SystemExit = _SystemExit
sys.exit = _guarded("sys.exit", lambda *args: _raise(args[0] if args else None))


def _raise(code):
    raise _SystemExit(code)


# `site` made them before this file.
for _name in ("exit", "quit"):
    if hasattr(builtins, _name):
        setattr(builtins, _name, _guarded(_name, getattr(builtins, _name)))
