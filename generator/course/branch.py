"""A branch that holds a site and nothing else, made without touching what is checked out.

In: a repository, the name of a branch, files. Out: a commit on that branch, pushed if there is a
remote. Files go straight into git's store: neither the index nor the working tree is used, and no
filter or `.gitignore` changes what is published.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from generator.errors import GeneratorError, UsageError
from generator.project.suggest import did_you_mean

DEFAULT_REMOTE = "origin"
"""Whoever names no other one may do without it."""
_MARK = ".nojekyll"
"""Tells GitHub to publish files as they are, and us that a branch holds a site."""
_KEPT = "CNAME"
"""A host's own name for the site, which is no part of the build."""
_MESSAGE = "Publish the handout's site"


def commit_to(root: Path, branch: str, files: Mapping[str, Path], remote: str) -> str:
    """Commits files to a branch, and returns what is to be said of it.

    Args:
        root: a folder in the repository.
        branch: made if it is missing; its history goes on.
        files: by their names in the branch.
        remote: is asked for the branch first, and pushed to; "" is none. The default is passed over
            if it is not there.

    Raises:
        UsageError: there is no repository or no such remote, or the branch is checked out, holds
            something other than a site, or has gone another way than the remote's.
        GeneratorError: git refused.
    """
    git = _Git(root)
    _refuse_branch(git, branch)
    there = _remote(git, remote)
    ours = git.resolved(f"refs/heads/{branch}")
    parent = _parent(git, branch, there, ours)
    tree = _tree(git, files, parent)
    if parent and git.one("rev-parse", f"{parent}^{{tree}}") == tree:
        commit, told = parent, f"{branch} holds this site already."
    else:
        parents = ("-p", parent) if parent else ()
        commit = git.one("commit-tree", tree, *parents, "-m", _MESSAGE)
        told = f"{branch} holds the site, {len(files)} files."
    git.run("update-ref", f"refs/heads/{branch}", commit, ours)  # refused if it moved meanwhile
    if not there:
        return f"{told} It was pushed nowhere: `git push REMOTE {branch}` does that."
    git.run("push", "--quiet", there, f"refs/heads/{branch}:refs/heads/{branch}")
    return f"{told} It was pushed to {there}."


class _Git:
    def __init__(self, root: Path) -> None:
        self._root = root

    def run(self, *arguments: str, given: str = "", index: Path | None = None) -> str:
        """What git printed."""
        # A question for a password would wait where nobody sees it.
        variables = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        if index is not None:
            variables["GIT_INDEX_FILE"] = str(index)
        try:
            done = subprocess.run(
                ("git", *arguments), cwd=self._root, env=variables, capture_output=True,
                # Bytes: text would get Windows' ends of lines, and names would end in \r.
                input=given.encode(), check=False,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise UsageError("--to needs git, which is not installed here") from error
        if done.returncode:
            said = " ".join(done.stderr.decode(errors="replace").split())
            raise GeneratorError(f"git {arguments[0]}: {said or f'exit code {done.returncode}'}")
        return done.stdout.decode(errors="replace")

    def lines(self, *arguments: str) -> Sequence[str]:
        return self.run(*arguments).splitlines()

    def one(self, *arguments: str, given: str = "", index: Path | None = None) -> str:
        return self.run(*arguments, given=given, index=index).strip()

    def resolved(self, name: str) -> str:
        """The commit of a name; "" if there is none."""
        return self.one("for-each-ref", "--format=%(objectname)", name)

    def has_more(self, one: str, other: str) -> bool:
        """Whether a commit, if there is one, or an earlier one is not part of another's history."""
        return bool(one and self.run("rev-list", "--max-count=1", one, f"^{other}"))


def _refuse_branch(git: _Git, branch: str) -> None:
    try:
        git.run("rev-parse", "--git-dir")
    except GeneratorError as error:
        raise UsageError(f"--to {branch}: this is no git repository") from error
    try:
        git.run("check-ref-format", "--branch", branch)
    except GeneratorError as error:
        raise UsageError(f"--to {branch}: git takes no such name for a branch") from error
    worktrees = git.lines("worktree", "list", "--porcelain")
    if f"branch refs/heads/{branch}" in worktrees:
        raise UsageError(f"--to {branch}: is checked out; the site needs a branch of its own")


def _remote(git: _Git, name: str) -> str:
    """The remote of a name; "" if none is wanted, or the default is not there."""
    known = git.lines("remote")
    if name in known:
        return name
    if name not in ("", DEFAULT_REMOTE):
        raise UsageError(f"--remote {name}: there is no such remote{did_you_mean(name, known)}")
    return ""


def _parent(git: _Git, branch: str, remote: str, ours: str) -> str:
    """The commit that the new one follows, of ours and the remote's the later; "" if neither is."""
    parent = ours
    if remote and git.run("ls-remote", "--heads", remote, f"refs/heads/{branch}"):
        git.run("fetch", "--quiet", "--no-tags", remote, f"refs/heads/{branch}")
        theirs = git.one("rev-parse", "FETCH_HEAD")
        if not git.has_more(ours, theirs):
            parent = theirs
        elif git.has_more(theirs, ours):
            raise UsageError(
                f"--to {branch}: has commits that {remote} lacks, and lacks some of {remote}'s; "
                f"nothing was changed. Keep yours under another name: `git branch -m {branch} NAME`"
            )
    if parent and not git.run("ls-tree", "--full-tree", parent, "--", _MARK):
        raise UsageError(
            f"--to {branch}: holds something other than a site (it has no {_MARK}); name another "
            "branch, or remove that one"
        )
    return parent


def _tree(git: _Git, files: Mapping[str, Path], parent: str) -> str:
    """Writes the files into git's store, and returns the name of their tree."""
    names, paths = list(files), [str(path.resolve()) for path in files.values()]
    digests = git.run("hash-object", "-w", "--no-filters", "--stdin-paths", given=_lined(paths))
    rows = [f"100644 {digest}\t{name}" for digest, name in zip(digests.split(), names, strict=True)]
    mark = git.one("hash-object", "-w", "--stdin")
    rows.append(f"100644 {mark}\t{_MARK}")
    if parent and _KEPT not in files:
        rows += git.lines("ls-tree", "--full-tree", parent, "--", _KEPT)
    with tempfile.TemporaryDirectory() as place:
        index = Path(place, "index")
        git.run("update-index", "--add", "--index-info", given=_lined(rows), index=index)
        return git.one("write-tree", index=index)


def _lined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
