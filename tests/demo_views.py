"""What a person does before a picture is taken."""

from __future__ import annotations

from demo_scene import Scene
from textual.widgets import OptionList

from tui_sessions.tui.screens.ask_agent import AskAgentScreen
from tui_sessions.tui.screens.help import HelpScreen
from tui_sessions.tui.screens.switcher import QuickSwitcher
from tui_sessions.tui.screens.templates import TemplatesScreen
from tui_sessions.tui.screens.trash import TrashScreen


async def as_it_starts(scene: Scene) -> None:
    """Nothing: the app has just started."""


async def at_work(scene: Scene) -> None:
    """Look at everything while one agent answers elsewhere and another one is done."""
    tree = scene.app.main.session_tree
    for session_id in ("s-backup", "s-bread", "s-boat", "s-books"):
        tree.update_session(await scene.app.main.manager.get_session(session_id))
        tree.move_to(session_id)
    await scene.until(lambda: tree._outline.is_complete)
    await scene.reply_elsewhere()
    tree.move_to("s-unary")


async def in_the_tree(scene: Scene) -> None:
    """Go to the tree and show all that is below the first session there."""
    await scene.press("f3", "g", "j", "l", "G")
    scene.app.main.session_tree.move_to(scene.app.main.current.session_id or "")
    await scene.press()


async def going_somewhere(scene: Scene) -> None:
    """Ask for the quick switcher and type some letters, once all there is to find is known."""
    await scene.manager.search("the", wait_s=None)
    await scene.press("ctrl+s")
    await scene.screen(QuickSwitcher)
    await scene.press(*"the")
    switcher = scene.app.screen
    assert isinstance(switcher, QuickSwitcher)
    await scene.until(lambda: switcher._ranked_text == "the")
    await scene.until(lambda: switcher.results._heading.endswith(" found"))
    await scene.press("down", "down")


async def at_the_keys(scene: Scene) -> None:
    """Ask for help."""
    await scene.press("f1")
    await scene.screen(HelpScreen)
    await scene.press()


async def in_the_inspector(scene: Scene) -> None:
    """Go to the inspector and begin to change the model."""
    await _to_the_rows(scene)
    await scene.press(*"jjjjjjjjjj", "enter")
    await scene.press()


async def at_the_inspector(scene: Scene) -> None:
    """Go to the inspector."""
    await _to_the_rows(scene)
    await scene.press("j", "j", "j")


async def _to_the_rows(scene: Scene) -> None:
    """Go to the inspector's rows, once all of them are there."""
    await scene.press("f5")
    await scene.until(lambda: _has_figures(scene))
    await scene.press()


def _has_figures(scene: Scene) -> bool:
    inspected = scene.app.main.inspector._subject
    return inspected is not None and inspected.stats is not None


async def at_the_templates(scene: Scene) -> None:
    """Look at an agent template."""
    await scene.app.main.run_action("templates")
    await scene.screen(TemplatesScreen)
    await scene.until(lambda: any(one.options for one in scene.app.screen.query(OptionList)))
    await scene.press("j")


async def asking_agents(scene: Scene) -> None:
    """Choose two agents to ask about a message."""
    await scene.press("escape", "a")
    await scene.screen(AskAgentScreen)
    await scene.until(lambda: scene.app.screen.query("PickList:focus"))
    await scene.press("j", "space", "j", "space")


async def asked_for_a_tool(scene: Scene) -> None:
    """Go to the tool call that waits."""
    await scene.ask_for_tools()
    await scene.press("f9")
    await scene.until(lambda: scene.app.main.approval_bar.has_focus)


async def after_the_tools(scene: Scene) -> None:
    """Refuse the call, and look into the result of the other one."""
    await asked_for_a_tool(scene)
    await scene.press("n")
    await scene.until(lambda: not scene.manager.running())
    await scene.until(lambda: scene.app.main.composer.has_focus)
    await scene.press("escape")
    await scene.until(lambda: scene.app.main.transcript.has_focus)
    await scene.press("k", "k", "space")


async def in_the_trash(scene: Scene) -> None:
    """Look through what was deleted."""
    await scene.press("f3", "T")
    await scene.screen(TrashScreen)
    await scene.until(lambda: scene.app.screen.query_one(OptionList).options)
    await scene.press("j")
