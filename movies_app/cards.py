"""The pictures to share, as PNG: what `chart_pictures` sets, drawn by a template and resvg. Called by the door."""

import resvg_py
from django.template.loader import render_to_string

from movies_app import lettering
from movies_app.chart_parts import Numbers
from movies_app.chart_pictures import FORMATS, picture_of


def png(numbers: Numbers, *, name: str, site: str, shape: str) -> bytes:
    """Return the picture `card` (1200 by 630 pixels) or `story` (1080 by 1920) of what `stats.cached` returns.

    It takes about a tenth of a second: to be kept.
    """
    picture = picture_of(numbers, name=name, site=site, shape=FORMATS[shape])
    svg = render_to_string(f"pictures/{shape}.svg", {"picture": picture})
    fonts = [str(path) for path in lettering.fonts_of(svg)]
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, font_files=fonts, skip_system_fonts=True))
