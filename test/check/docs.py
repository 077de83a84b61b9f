# SPDX-License-Identifier: Apache-2.0
"""The documentation names what exists: links, paths in backquotes, commands of ./dev, verbs of llmc."""
import os
import re

from tree import ROOT, files, finish, read

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
FOLDERS = {name.split("/")[0] for name in files() if "/" in name}


def exists(path):
    return os.path.exists(os.path.join(ROOT, path))


def dev_commands():
    return set(re.findall(r"^\./dev (\w+)", read("dev"), re.M))


def verbs():
    found = set()
    for name in files(".cpp"):
        if name.startswith("tools/llmc/"):
            found |= set(re.findall(r'addVerb\(\s*app,\s*shell,\s*"(\w+)"', read(name)))
            found |= set(re.findall(r'addCompilerVerb\(\s*app,\s*shell,\s*"(\w+)"', read(name)))
            found |= set(re.findall(r'add_subcommand\(\s*"(\w+)"', read(name)))
    return found


def wrong_path(code):
    """A path of the repository that is not there, unless it has a placeholder or is made by the build."""
    path = code.split(" ")[0].rstrip("/")
    if "/" not in path or path.split("/")[0] not in FOLDERS or re.search(r"[<>*{},]|\.\.\.", path):
        return None
    return None if exists(path) else path


def wrong_command(line, commands, known_verbs):
    words = line.split()
    if len(words) > 1 and words[0] == "./dev" and words[1] not in commands:
        return line
    if len(words) > 1 and os.path.basename(words[0]) == "llmc" and "/" not in words[1] and words[1].isalpha():
        return None if words[1] in known_verbs or not words[1].islower() else line
    return None


def check(name, commands, known_verbs):
    text = read(name)
    for match in LINK.finditer(FENCE.sub("", text)):
        target = match.group(1)
        if "://" not in target and not exists(os.path.join(os.path.dirname(name), target)):
            yield f"{name}: a link to {target}, which is not there"
    for match in CODE.finditer(FENCE.sub("", text)):
        path = wrong_path(match.group(1))
        if path:
            yield f"{name}: names {path}, which is not there"
        if wrong_command(match.group(1), commands, known_verbs):
            yield f"{name}: no such command: {match.group(1)}"
    for fence in FENCE.findall(text):
        for line in fence.splitlines()[1:-1]:
            if wrong_command(line, commands, known_verbs):
                yield f"{name}: no such command: {line}"


def main():
    commands, known_verbs = dev_commands(), verbs()
    finish([problem for name in files(".md") for problem in check(name, commands, known_verbs)])


main()
