"""tree-sitter-cpp over masked text: what the node at a hit says, and which functions there are."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.model import Span
from migrate.parse.squeeze import Squeezed

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query, Tree

#: Parents under which a name may be declared, with the field that holds the declared name.
_DECLARING = {
    "declaration": "declarator",
    "init_declarator": "declarator",
    "parameter_declaration": "declarator",
    "optional_parameter_declaration": "declarator",
    "variadic_parameter_declaration": "declarator",
    "pointer_declarator": "declarator",
    "reference_declarator": None,
    "array_declarator": "declarator",
    "function_declarator": "declarator",
    "parenthesized_declarator": None,
    "field_declaration": "declarator",
    "enumerator": "name",
    "alias_declaration": "name",
    "type_definition": "declarator",
    "namespace_definition": "name",
    "namespace_alias_definition": "name",
    "type_parameter_declaration": None,
    "optional_type_parameter_declaration": "name",
    "labeled_statement": "label",
    "goto_statement": "label",
    "structured_binding_declarator": None,
    "for_range_loop": "declarator",
    "lambda_capture_initializer": "left",
    "concept_definition": "name",
}

_CLASSES = frozenset({"class_specifier", "struct_specifier", "union_specifier", "enum_specifier"})


#: Nodes around a place; chains of 500 `else if` reach half of this.
DEEPEST = 2_000

#: Children of an ERROR node, which stand in one flat row; a place inside a wider one is answered from tokens.
WIDEST = 5_000


class Position(NamedTuple):
    """What the tree says about a hit."""

    verdict: str  # "use", "declared", "member", "qualified", or "token" when the tree cannot tell
    is_type: bool
    is_call: bool


class FunctionRange(NamedTuple):
    """A function or lambda definition; byte offsets."""

    start: int
    end: int
    body: int  # start of its body
    node: Any


TOKEN = Position("token", is_type=False, is_call=False)
_DECLARED = Position("declared", is_type=False, is_call=False)
#: `CHECK cudaFree(p);` in a body: to the grammar a variable of type CHECK, a call when the name is CUDA's own.
_DECLARED_OR_CALL = Position("declared", is_type=False, is_call=True)
_MEMBER = Position("member", is_type=False, is_call=False)


@lru_cache(maxsize=1)
def _language() -> Language:
    from tree_sitter import Language

    return Language(_grammar())


def _grammar() -> Any:
    """The grammar, straight from its extension module: the package around it imports 12 ms of what we do not need."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    package = PathFinder.find_spec("tree_sitter_cpp")
    binding = package and PathFinder.find_spec("_binding", package.submodule_search_locations)
    if binding is None or binding.loader is None:  # an importer of its own, as in a zip file
        import tree_sitter_cpp

        return tree_sitter_cpp.language()
    module = module_from_spec(binding)
    binding.loader.exec_module(module)
    return module.language()


@lru_cache(maxsize=1)
def _parser() -> Parser:
    from tree_sitter import Parser

    return Parser(_language())


@lru_cache(maxsize=1)
def _lambdas() -> Query:
    """Made when first asked for: compiling a query costs 12 ms."""
    from tree_sitter import Query

    query: Query = Query(_language(), "(lambda_expression) @lambda")
    return query


#: Nodes that hold function definitions, directly or further down; everything else is not descended into.
_HOLDERS = frozenset(
    (
        "translation_unit declaration_list namespace_definition linkage_specification "
        "template_declaration ERROR class_specifier struct_specifier union_specifier "
        "field_declaration_list declaration field_declaration type_definition preproc_if preproc_ifdef "
        "preproc_else preproc_elif preproc_elifdef export_declaration"
    ).split()
)


class SyntaxTree:
    """The tree of one masked text."""

    def __init__(self, masked: bytes) -> None:
        self._squeezed = Squeezed(masked)
        self._tree: Tree = _parser().parse(self._squeezed.text)
        self._root = self._tree.root_node
        self._wide: list[Span] = []
        self.errors = self._errors()

    def _errors(self) -> list[Span]:
        """ERROR and MISSING nodes, found by descending only where the tree says there is an error."""
        found = []
        stack = [self._root] if self._root.has_error else []
        while stack:
            node = stack.pop()
            if node.is_error or node.is_missing:
                start = self._squeezed.outside(node.start_byte)
                found.append(Span(start, max(self._squeezed.end(node.end_byte), start + 1)))
                if node.child_count > WIDEST:
                    self._wide.append(found[-1])
            if node.has_error:
                stack.extend(child for child in node.children if child.has_error or child.is_missing)
        return sorted(found)

    def functions(self, *, lambdas: bool) -> list[FunctionRange]:
        """Function definitions, sorted by start; with *lambdas* lambdas too, which costs a walk of the whole tree."""
        found = []
        stack = [self._root]
        while stack:
            node = stack.pop()
            for child in node.named_children:
                kind = child.type
                if kind == "function_definition":
                    found.append(self._range(child))
                elif kind in _HOLDERS:
                    stack.append(child)
        if lambdas:
            from tree_sitter import QueryCursor

            captures = QueryCursor(_lambdas()).captures(self._root)
            found.extend(self._range(node) for node in captures.get("lambda", ()))
        found.sort(key=lambda function: (function.start, -function.end))
        return found

    def _range(self, node: Node) -> FunctionRange:
        outside, end = self._squeezed.outside, self._squeezed.end(node.end_byte)
        body = node.child_by_field_name("body")
        return FunctionRange(outside(node.start_byte), end, outside(body.start_byte) if body else end, node)

    def is_deep(self, offset: int) -> bool:
        """Whether more nodes lie around *offset* than code that people or programs write ever nests.

        Every question about a place costs a walk down to it, so that deep text full of names would cost quadratic time.
        """
        cursor = self._root.walk()
        offset = self._squeezed.inside(offset)
        depth = 0
        while cursor.goto_first_child_for_byte(offset) is not None:
            depth += 1
            if depth > DEEPEST:
                return True
        return False

    def error_bytes(self) -> int:
        """How many bytes lie in ERROR nodes, nested ones counted once."""
        total = end = 0
        for span in self.errors:
            if span.end > end:
                total += span.end - max(span.start, end)
                end = span.end
        return total

    def function_name(self, function: FunctionRange) -> str:
        """The name of *function* as written, "" for a lambda."""
        node = function.node
        if node.type == "lambda_expression":
            return ""
        declarator = node.child_by_field_name("declarator")
        for _ in range(12):
            if declarator is None:
                return ""
            if declarator.type in (
                "identifier",
                "qualified_identifier",
                "field_identifier",
                "destructor_name",
                "operator_name",
                "template_function",
                "operator_cast",
            ):
                return _text(self._squeezed.text, declarator)
            inner = declarator.child_by_field_name("declarator")
            if inner is None:
                inner = next(
                    (child for child in declarator.named_children if child.type.endswith(("declarator", "identifier"))),
                    None,
                )
            declarator = inner
        return ""

    def position(self, start: int, end: int) -> Position:
        """What stands at the name in [start, end): see Position."""
        if self._wide and any(span.start <= start < span.end for span in self._wide):
            return TOKEN
        length = end - start
        start = self._squeezed.inside(start)
        end = start + length
        node = self._root.named_descendant_for_byte_range(start, end)
        if node is None or node.start_byte != start or node.end_byte != end:
            return TOKEN
        parent = node.parent
        if parent is None:
            return TOKEN
        kind, above = node.type, parent.type
        if above == "call_expression":
            return Position("use", is_type=kind in ("type_identifier", "primitive_type"), is_call=True)
        if kind == "field_identifier":
            return _MEMBER if above == "field_expression" else _DECLARED
        if above in _DECLARING:
            field = _DECLARING[above]
            if field is None:
                declares = kind in ("identifier", "type_identifier", "field_identifier")
            else:
                declares = any(child == node for child in parent.children_by_field_name(field))
            if declares:
                if above == "function_declarator" and _in_body(parent):
                    # Inside a function a known name before "(" is a call that the grammar took for a declaration.
                    return Position("use", is_type=False, is_call=True)
                if above == "init_declarator" and _is_called(parent) and _in_body(parent):
                    return _DECLARED_OR_CALL
                return _DECLARED
        elif above in _CLASSES and kind == "type_identifier":
            if parent.child_by_field_name("body") is not None or _is_forward(parent):
                return _DECLARED
        elif above == "qualified_identifier":
            if parent.child_by_field_name("scope") is not None:
                return Position("qualified", is_type=False, is_call=False)
            grand = parent.parent
            called = grand is not None and grand.type == "call_expression"
            return Position("use", is_type=kind == "type_identifier", is_call=called)
        elif above in ("template_function", "template_type", "template_method"):
            grand = parent.parent
            return Position(
                "use", is_type=above == "template_type", is_call=grand is not None and grand.type == "call_expression"
            )
        elif above == "ERROR":
            return TOKEN
        return Position("use", is_type=kind in ("type_identifier", "primitive_type"), is_call=False)


def _text(text: bytes, node: Node) -> str:
    return b"".join(text[node.start_byte : node.end_byte].split()).decode("utf-8", "replace")


def _is_forward(node: Node) -> bool:
    """Whether a class specifier only announces a name: `struct CUstream_st;`."""
    parent = node.parent
    return parent is not None and parent.type in ("translation_unit", "declaration_list", "field_declaration_list")


def _is_called(node: Node) -> bool:
    """Whether a declarator's value is an argument list."""
    value = node.child_by_field_name("value")
    return value is not None and value.type == "argument_list"


def _in_body(node: Node) -> bool:
    """Whether a declarator stands in a function's body."""
    parent = node.parent
    for _ in range(8):
        if parent is None:
            return False
        if parent.type == "compound_statement":
            return True
        if parent.type in ("function_definition", "translation_unit", "declaration_list", "field_declaration_list"):
            return False
        parent = parent.parent
    return False
