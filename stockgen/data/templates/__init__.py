"""Texts with variants, `{봄|가을} 공원`: parsed once, then drawn from.

{a|b}  {3::a|b}          one of them; a weight before ::
{2$$a|b|c}  {1-2$$a|b}   two of them in their order; one or two
{2$$ and $$a|b|c}        with what stands between them
__name__  __folder/*__   a line of a list (data/templates/wildcards.py)
${x={a|b}}  ${x}         chosen once for a picture, said wherever it stands
\\{ \\} \\| \\$ \\_ \\\\    the sign itself
"""

from stockgen.data.templates.draw import MOST_COMBINATIONS, rounds
from stockgen.data.templates.nodes import Chosen
from stockgen.data.templates.parse import Template, is_template, parse
from stockgen.data.templates.wildcards import Wildcards, load_wildcards

__all__ = ["MOST_COMBINATIONS", "Chosen", "Template", "Wildcards", "is_template", "load_wildcards", "parse", "rounds"]
