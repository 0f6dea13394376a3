"""What is wrong with a document of keys and values, said in one sentence that shows what to write instead."""

from collections.abc import Mapping
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dripline.core.secret import names_a_secret, shown_key

Examples = Mapping[str, str]
"""What a person may write, by key."""


def sentence(place: str, error: ValidationError, model: type[BaseModel], examples: Examples) -> str:
    """Say the first thing that is wrong; a misspelled key comes before the key that is missing because of it."""
    problem = first_problem(error)
    return problem_sentence(place, problem["loc"], problem, model, examples)


def first_problem(error: ValidationError) -> ErrorDetails:
    """Return the first thing that is wrong, a misspelled key before any other."""
    problems = error.errors(include_url=False)
    return next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])


def problem_sentence(
    place: str, where: tuple[str | int, ...], problem: ErrorDetails, model: type[BaseModel], examples: Examples
) -> str:
    """Say one thing that is wrong at a key of a document."""
    key, whole = str(where[0]), " ".join(map(str, where))
    match problem["type"]:
        case "extra_forbidden":
            return f"{place}: There is no key {shown_key(key)}: {_instead(key, model)}."
        case "missing":
            return f"{place}: The key {key} is missing: add {example(key, examples)}."
        case "too_short":
            return f"{place}: The list of {key} is empty: write {example(key, examples)}, or leave the key out."
        case _ if problem["input"] is None or problem["type"] == "string_too_short":
            return f"{place}: The key {whole} is empty: write {example(key, examples)}."
        case _:
            return f"{place}: The key {whole} holds the wrong kind of value: write {example(key, examples)}."


def example(key: str, examples: Examples) -> str:
    """Return what a person may write at a key; of yes and no, which need no example of their own, yes."""
    return examples.get(key, f"{key}: yes")


def _instead(key: str, model: type[BaseModel]) -> str:
    if names_a_secret(key):
        return "files hold no secrets, so set it in the environment, such as DRIPLINE_WHATSAPP_TOKEN"
    known = list(model.model_fields)
    close = get_close_matches(key.lower(), known, n=1)
    return f"write {close[0]}" if close else f"the keys here are {', '.join(known)}"
