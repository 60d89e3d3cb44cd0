"""A document with comments -> YAML as people write it, which reads back as the same whatever the texts in it. Pure."""

from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

_ONE_LINE = 4096


class _Representer(RoundTripRepresenter):
    """Writes a text with characters that do not print, such as line breaks of any kind, in quotes and escaped."""

    def represent_text(self, text: str) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Representer.add_representer(str, _Representer.represent_text)


def written(document: CommentedMap) -> str:
    """Return the text of a YAML file."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = _ONE_LINE
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(document, text)
    return text.getvalue()
