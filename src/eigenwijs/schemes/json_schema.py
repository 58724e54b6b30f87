"""The language as a JSON Schema, made from the types of the blocks: editors check and complete by it.

It knows keys and kinds of value. Names in formulas, kinds of figures, sources and blocks that need
each other are known to the checker alone.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from eigenwijs.schemes.blocks import Scheme


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a scheme as an editor reads its YAML."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **Scheme.model_json_schema(schema_generator=_AsEditorsRead),
    }


class _AsEditorsRead(GenerateJsonSchema):
    """To an editor an unquoted number is a number; to the reader here every value is text."""

    def str_schema(self, schema: Any) -> JsonSchemaValue:
        found = super().str_schema(schema)
        return found if "pattern" in found else {**found, "type": ["string", "number"]}

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        """A key is left out or has a value; it never stands empty."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def function_before_schema(self, schema: Any) -> JsonSchemaValue:
        """What is read before a block makes the block from a plain value."""
        found = super().function_before_schema(schema)
        if "$ref" in found:
            return {"anyOf": [{"type": ["string", "number"]}, found]}
        return found

    def dict_schema(self, schema: Any) -> JsonSchemaValue:
        found = super().dict_schema(schema)
        return {"additionalProperties": False, **found}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False
