"""/docs: the OpenAPI document as one page, without a script or anything from elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from services.monitor.pages.html import Pages, reader

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A parameter of an operation, or a member of a model."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Answer:
    """A status that an operation may answer, and with which model."""

    status: str
    description: str
    model: str


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    summary: str
    paragraphs: Sequence[str]
    parameters: Sequence[Field]
    examples: Sequence[tuple[str, str]]
    answers: Sequence[Answer]


@dataclass(frozen=True)
class Model:
    """What travels in an answer."""

    name: str
    paragraphs: Sequence[str]
    fields: Sequence[Field]


def describe_problems(app: FastAPI, problem: type[BaseModel]) -> None:
    """Put the model of our problems into the app's OpenAPI document, in place of FastAPI's own. Call it last."""
    document = app.openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            operation["responses"] = {
                status: answer for status, answer in answers.items() if "HTTPValidationError" not in str(answer)
            }


def router(app: FastAPI, pages: Pages) -> APIRouter:
    """Return the route of the page."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        """Show the API."""
        document = app.openapi()
        return pages.respond(
            "docs.html",
            reader(request),
            about=_paragraphs(document["info"].get("description", "")),
            version=document["info"]["version"],
            operations=list(operations(document)),
            models=[model(name, schema) for name, schema in sorted(document["components"]["schemas"].items())],
        )

    return routes


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield every operation of an OpenAPI document, in its order."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield Operation(
                id=f"{method}{path.replace('/', '-').translate(str.maketrans('', '', '{}'))}",
                method=method.upper(),
                path=path,
                summary=operation.get("summary", ""),
                paragraphs=_paragraphs(operation.get("description", "")),
                parameters=[_parameter(each) for each in operation.get("parameters", ())],
                examples=list(_examples(operation.get("requestBody", {}))),
                answers=[_answer(status, each) for status, each in operation["responses"].items()],
            )


def model(name: str, schema: Schema) -> Model:
    """Return a model of the document with its members."""
    required = schema.get("required", ())
    return Model(
        name=name,
        paragraphs=_paragraphs(schema.get("description", "")),
        fields=[
            Field(member, kind(each), member in required, each.get("description", ""))
            for member, each in schema.get("properties", {}).items()
        ],
    )


def kind(schema: Schema) -> str:
    """Return the type that a schema asks for, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"array of {kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any")


def _parameter(parameter: Schema) -> Field:
    schema = parameter.get("schema", {})
    default = f" Default: {schema['default']}." if schema.get("default") is not None else ""
    description = parameter.get("description", "") + default
    return Field(parameter["name"], kind(schema), parameter.get("required", False), description.strip())


def _examples(body: Schema) -> Iterator[tuple[str, str]]:
    for media_type, content in body.get("content", {}).items():
        for example in content.get("examples", {}).values():
            text = orjson.dumps(example["value"], option=orjson.OPT_INDENT_2).decode()
            yield f"{example.get('summary', '')} ({media_type})", text


def _answer(status: str, answer: Schema) -> Answer:
    contents = list(answer.get("content", {}).values())
    model_name = kind(contents[0].get("schema", {})) if contents else ""
    return Answer(status, answer.get("description", ""), model_name if model_name[:1].isupper() else "")


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]
