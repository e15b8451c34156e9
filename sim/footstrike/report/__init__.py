"""One self-contained page from runs: verdicts, figures, tables and a moving runner."""

from footstrike.report.page import write_report

__all__ = ["write_report"]
