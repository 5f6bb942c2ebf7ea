"""Questions to the operator. A dialog knows nothing of who asks: it takes texts and gives an answer."""

from __future__ import annotations

from cratejoy_tui.tui.dialogs.choice import Choice, ChoiceDialog
from cratejoy_tui.tui.dialogs.page import PageDialog
from cratejoy_tui.tui.dialogs.plan import PlanDialog, PlanTexts
from cratejoy_tui.tui.dialogs.question import Field, Question

__all__ = ["Choice", "ChoiceDialog", "Field", "PageDialog", "PlanDialog", "PlanTexts", "Question"]
