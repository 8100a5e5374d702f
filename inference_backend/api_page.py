"""The HTTP interface as one page for people: made from the OpenAPI document, with nothing loaded from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "h2{font-size:1.1rem;margin:2rem 0 .3rem}code{background:#f2f2f2;padding:.1em .3em;border-radius:3px}"
    "table{border-collapse:collapse}td{padding:.15rem 1rem .15rem 0;vertical-align:top}"
)


def api_page(document: Mapping[str, Any]) -> str:
    """The page for an OpenAPI document: each address with its parameters and replies."""
    info = document["info"]
    title = escape(f"{info['title']} {info['version']}")
    operations = "".join(
        _operation(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
        f"<h1>{title}</h1><p>{escape(info['description'])}</p>"
        f"<p>The same for programs: <a href=openapi.json>openapi.json</a>.</p>{operations}</html>"
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    rows = "".join(f"<tr><td><code>{escape(name)}</code><td>{escape(words)}" for name, words in _rows(operation))
    heading = f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
    return f"{heading}<p>{escape(operation['summary'])}</p><table>{rows}</table>"


def _rows(operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for parameter in operation.get("parameters", ()):
        yield parameter["name"], f"{parameter['in']}: {parameter.get('description', '')}"
    if "requestBody" in operation:
        yield "body", operation["requestBody"]["description"]
    for status, reply in operation["responses"].items():
        yield status, reply["description"]
