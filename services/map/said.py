"""What stands beside a map: how it was drawn, and how far it can be believed."""

from services.domain.maps import Drawn, Map
from services.domain.words import count


def drawn(of: Map) -> str:
    """How the points got their places, in full sentences."""
    size = count(len(of.scripts), "script")
    if of.drawn is Drawn.UMAP:
        told = f"{size}, placed by UMAP so that what {of.model_name} finds alike lies together."
    else:
        told = f"{size}, placed by the two directions in which they differ most for {of.model_name} (PCA)."
    later = len(of.scripts) - int(of.fitted.sum())
    if later:
        told += f" {later:,} of them {'was' if later == 1 else 'were'} put among the nearest of the others afterwards."
    return f"{told} {of.note}".strip()


def shortly(of: Map) -> str:
    """The same in one sentence, for people who need no names of methods."""
    if of.drawn is Drawn.UMAP:
        return f"Scripts that {of.model_name} reads as alike lie together."
    return f"Placed by the two directions in which the scripts differ most, as {of.model_name} reads them."


def looked_at(of: Map) -> str:
    """Of how many scripts it was found out how far the map can be believed, where not of all; else empty."""
    if of.quality is None or of.quality.looked_at >= len(of.scripts):
        return ""
    return f"Looked at for {of.quality.looked_at:,} of them."


def believed(of: Map) -> str:
    """That positions are an impression, and by how much."""
    told = "Where a point stands is only an impression: a plane has no room for all distances."
    if (quality := of.quality) is None:
        return f"{told} With so few scripts it cannot be measured how good an impression."
    trust = f"how far nearness here can be trusted: {quality.trustworthiness:.2f} of 1. {looked_at(of)}".strip()
    if quality.neighbours == 1:
        return f"{told} For {quality.kept:.0%} of the scripts the nearest one is the nearest here too; {trust}"
    return (
        f"{told} Of a script's {quality.neighbours} nearest, {quality.kept:.0%} are among the {quality.neighbours} "
        f"nearest here; {trust}"
    )
