"""The only place that puts real parts together: `catalogue` reads, `build` opens and wires."""

from stockgen.app.build import App, open_app
from stockgen.app.catalogue import PLUGINS, Catalogue

__all__ = ["PLUGINS", "App", "Catalogue", "open_app"]
