"""What is touched: the live panel with its timeline."""

from marl_edu.panels.panel import Panel

__all__ = ["Panel"]
