"""Values in XML and HTML: whatever they hold, a parser reads them back, and they break out of nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from scrubber.outputs.markup import attribute, attributes, element, escaped, harmless, on_a_line, xml_text

TEXTS = st.text() | st.text(alphabet="<>&\"'\t\r\n]-!\0 ab")


@given(TEXTS)
def test_a_parser_reads_back_what_was_written(text: str) -> None:
    document = etree.fromstring(element("any", {"value": text}, escaped(xml_text(text))).encode())
    assert document.get("value") == xml_text(text)
    assert (document.text or "") == xml_text(text)


@given(TEXTS)
def test_a_browser_reads_back_what_was_written(text: str) -> None:
    line = on_a_line(text)
    page = html.document_fromstring(f'<html><body><p title="{attribute(line)}">.{escaped(line)}</p></body></html>')
    (paragraph,) = page.iter("p")
    assert (paragraph.get("title"), paragraph.text_content()) == (line, f".{line}")
    assert line.isprintable()


@given(TEXTS | st.text(st.characters(codec="ascii")))
def test_harmless_text_is_that_which_stays_as_it_is(text: str) -> None:
    assert harmless(text) == (text.isascii() and text.isprintable() and attribute(escaped(on_a_line(text))) == text)


@given(st.lists(TEXTS))
def test_attributes_together_are_written_as_one_by_one(values: list[str]) -> None:
    record = {f"n{number}": text for number, text in enumerate(values)}
    assert attributes(record) == "".join(f' {name}="{attribute(xml_text(text))}"' for name, text in record.items())


def test_null_values_lists_and_tables_are_no_attributes() -> None:
    record = {"code": "A", "line": None, "number": 7, "list": ["x"], "table": {"y": 1}}
    assert element("any", record) == '<any code="A" number="7"/>'
