"""Shell completion for bash, zsh and fish."""

from __future__ import annotations

import rich_click as click

from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Verb

WHERE = {
    "bash": '~/.bashrc: eval "$(cratejoy-tui completion bash)"',
    "zsh": '~/.zshrc: eval "$(cratejoy-tui completion zsh)"',
    "fish": "~/.config/fish/config.fish: cratejoy-tui completion fish | source",
}


@click.command("completion", cls=Verb, examples=list(WHERE.values()))
@click.argument("shell", type=click.Choice(list(WHERE)))
def completion_verb(shell: str) -> ExitCode:
    """Print the script that lets your shell complete commands and options."""
    from click.shell_completion import get_completion_class

    from cratejoy_tui.cli.root import root

    found = get_completion_class(shell)
    assert found is not None, "the three shells are known to click"
    click.echo(found(root, {}, "cratejoy-tui", "_CRATEJOY_TUI_COMPLETE").source())
    return ExitCode.WELL
