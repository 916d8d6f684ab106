"""What the OpenAPI document says beyond what FastAPI finds: problems, tokens, envelopes around plain bodies."""

from collections.abc import Callable, Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api.envelope import ENVELOPED
from api.envelope_schemas import PaginationRequest, PaginationResponse, RequestHeader, ResponseHeader
from api.permissions import OPEN, REQUIRED, SIGNED
from api.problems import Problem

MODELS: list[tuple[type[BaseModel], JsonSchemaMode]] = [
    (Problem, "serialization"),
    (RequestHeader, "validation"),
    (PaginationRequest, "validation"),
    (ResponseHeader, "serialization"),
    (PaginationResponse, "serialization"),
]

Schema = dict[str, Any]

BEARER = "token"
UNTOKENED = {OPEN[REQUIRED], SIGNED[REQUIRED]}
"""What operations declare that ask for no token."""


def complete_document(app: FastAPI) -> Callable[[], Schema]:
    """The application's document, completed; made once."""
    generate = app.openapi

    @cache
    def openapi() -> Schema:
        document = generate()
        # FastAPI would document problems as application/json, which they are not, and knows nothing of envelopes
        _, schemas = models_json_schema(MODELS, ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= schemas["$defs"]
        document["components"]["securitySchemes"] = {
            BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        for operation in _operations(document):
            if operation[REQUIRED] not in UNTOKENED:
                operation["security"] = [{BEARER: []}]
            if operation.keys() & ENVELOPED.keys():
                _add_envelopes(operation)
        return document

    return openapi


def _operations(document: Schema) -> Iterator[Schema]:
    return (operation for methods in document["paths"].values() for operation in methods.values())


def _add_envelopes(operation: Schema) -> None:
    sent = operation["requestBody"]["content"]["application/json"]
    sent["schema"] = {"anyOf": [sent["schema"], _around_request(sent["schema"])]}
    unforeseen = operation["responses"][str(HTTPStatus.SERVICE_UNAVAILABLE.value)]["content"]
    unforeseen["application/json"] = {"schema": _around_answer({})}
    answered = operation["responses"]["200"]["content"]["application/json"]
    answered["schema"] = {"anyOf": [answered["schema"], _around_answer(answered["schema"])]}


def _around_request(payload: Schema) -> Schema:
    body = _object({"request_payload": payload}, {"pagination_request": _nullable(_ref("PaginationRequest"))})
    return {"title": "Enveloped"} | _object({"request_header": _ref("RequestHeader"), "request_body": body})


def _around_answer(payload: Schema) -> Schema:
    body = _object(
        {"pagination_response": _nullable(_ref("PaginationResponse")), "response_payload": _nullable(payload)}
    )
    return {"title": "Enveloped"} | _object({"response_header": _ref("ResponseHeader"), "response_body": body})


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    return {"type": "object", "required": list(required), "properties": required | (optional or {})}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
