"""Nothing is asked of a system that only Unix has, but where it is known to be there."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

SRC = Path(__file__).parents[1] / "src" / "dripline"

MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "uvloop", "posix", "crypt"}

NAMES = {
    "os": {"getuid", "geteuid", "getgid", "getegid", "fork", "forkpty", "fchmod", "fchown", "chown", "killpg", "setsid"}
    | {
        "getpgid",
        "umask",
        "mkfifo",
        "nice",
        "getloadavg",
        "sysconf",
        "statvfs",
        "uname",
        "wait",
        "WNOHANG",
        "initgroups",
    }
    | {"O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_SYNC", "register_at_fork", "sched_getaffinity", "openpty"},
    "signal": {"SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "SIGPIPE", "SIGQUIT", "SIGWINCH"}
    | {"alarm", "setitimer", "pause", "pthread_sigmask", "sigwait", "siginterrupt"},
    "socket": {"AF_UNIX", "SO_REUSEPORT", "socketpair", "SCM_RIGHTS"},
    "select": {"poll", "epoll", "kqueue"},
    "time": {"tzset"},
}

METHODS = {"add_signal_handler", "remove_signal_handler", "create_unix_server", "open_unix_connection"}
"""What only the event loops of Unix can do."""


def found(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What only Unix has, where nothing says that this is it."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                used = [one.name for one in names if one.name.partition(".")[0] in MODULES]
            case ast.ImportFrom(module=str(module)):
                used = [module] if module.partition(".")[0] in MODULES else []
            case ast.Attribute(value=ast.Name(id=of), attr=name) if name in NAMES.get(of, ()):
                used = [f"{of}.{name}"]
            case ast.Call(func=ast.Attribute(attr=name)) if name in METHODS:
                used = [name]
            case _:
                used = []
        if used and not is_guarded(node, parents):
            yield from ((line_of(node), one) for one in used)


def line_of(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def body_of(node: ast.AST) -> list[ast.stmt]:
    body: object = getattr(node, "body", None)
    return cast("list[ast.stmt]", body) if isinstance(body, list) else []


def is_guarded(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether it is tried, or stands where the platform was asked, or behind where others have returned."""
    inner = node
    while inner in parents:
        outer = parents[inner]
        if isinstance(outer, ast.If) and asks(outer.test):
            return True
        if isinstance(outer, ast.Try) and any(catches(one) for one in outer.handlers):
            return True
        before = [one for one in body_of(outer) if one.lineno < line_of(node)]
        if any(isinstance(one, ast.If) and asks(one.test) and isinstance(one.body[-1], ast.Return) for one in before):
            return True
        inner = outer
    return False


def asks(test: ast.expr) -> bool:
    written = ast.unparse(test)
    return "sys.platform" in written or "os.name" in written or "hasattr" in written


def catches(handler: ast.ExceptHandler) -> bool:
    written = "" if handler.type is None else ast.unparse(handler.type)
    return any(kind in written for kind in ("ImportError", "AttributeError", "NotImplementedError"))


def unnamed_encodings(tree: ast.Module) -> Iterator[int]:
    """Texts that are read or written in whatever encoding a machine is set to."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="read_text" | "write_text" as name), args=args, keywords=named):
                is_named = len(args) > (name == "write_text") or any(one.arg == "encoding" for one in named)
            case ast.Call(func=ast.Name(id="open") | ast.Attribute(attr="open"), args=args, keywords=named):
                modes = [one.value for one in args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                is_text = any(set(mode) <= set("rwxa+t") for mode in modes)
                is_named = not is_text or any(one.arg == "encoding" for one in named)
            case _:
                is_named = True
        if not is_named:
            yield line_of(node)


FILES = sorted(SRC.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_nothing_is_asked_that_only_unix_has(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert list(found(tree)) == []
    assert list(unnamed_encodings(tree)) == []


@pytest.mark.parametrize(
    ("code", "many"),
    [
        ("import fcntl", 1),
        ("from resource import getrlimit", 1),
        ("import os\nos.getuid()", 1),
        ("loop.add_signal_handler(2, stop)", 1),
        ("try:\n    import fcntl\nexcept ImportError:\n    pass", 0),
        ("def one():\n    if sys.platform == 'win32':\n        return 1\n    import resource", 0),
        ("signal.SIGHUP if hasattr(signal, 'SIGHUP') else None", 1),
        ("if os.name == 'posix':\n    os.getuid()", 0),
    ],
)
def test_what_only_unix_has_is_found(code: str, many: int) -> None:
    assert len(list(found(ast.parse(code)))) == many
