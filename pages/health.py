"""Health: can I trust what I retrieve? One sentence, then one row a collection, then the details."""

from pages.ui import checks, frame, rebuilding

frame.guard()
with frame.page("Health") as workbench:
    health = workbench.health()
    checks.verdict(health)
    checks.matrix(health)
    checks.findings(health)
    rebuilding.controls(workbench, health)
    checks.details(health, workbench)
