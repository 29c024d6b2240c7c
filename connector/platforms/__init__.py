"""The platforms, each a docstring of facts and a table of streams."""

from connector.platforms.tailed import TAILED
from connector.platforms.talent_ray import TALENT_RAY

PLATFORMS = {platform.name: platform for platform in (TALENT_RAY, TAILED)}

__all__ = ["PLATFORMS", "TAILED", "TALENT_RAY"]
