"""A real JupyterLab in a real Chromium, driven as a student would drive it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY = """() => Promise.race([
  new Promise((_, no) => setTimeout(() => no(new Error('the notebook was not ready within 100 s')), 100000)),
  (async () => {
  const app = window.jupyterapp; await app.restored;
  const notebook = app.shell.currentWidget;
  await notebook.context.ready; await notebook.sessionContext.ready; await notebook.revealed;
  const began = Date.now();
  while (true) {
    const session = notebook.sessionContext.session;
    const kernel = session && session.kernel;
    if (kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle') return;
    if (Date.now() - began > 90000) throw new Error('the kernel did not become idle');
    await new Promise(done => setTimeout(done, 50));
  }
})()])"""


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Lab:
    """A Jupyter server of its own in ``folder``, and a browser."""

    def __init__(self, folder: Path, scratch: Path, chromium: str):
        settings = scratch / "config/lab/user-settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))
        self.port, self.token = free_port(), "token-of-the-tests"
        places = {f"JUPYTER_{what.upper()}_DIR": str(scratch / what) for what in ("config", "data", "runtime")}
        options = [
            "--no-browser", "--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0", "--allow-root",
            f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={folder}", "--expose-app-in-browser",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]  # fmt: skip
        self.log = (scratch / "lab.log").open("w")
        self.server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], env=os.environ | places, stdout=self.log, stderr=self.log
        )
        self._wait_for_server()
        self.playwright = sync_playwright().start()
        self.browser = self.playwright.chromium.launch(executable_path=chromium, args=FLAGS)

    def _wait_for_server(self) -> None:
        for _ in range(450):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api?token={self.token}", timeout=1)
                return
            except OSError:
                if self.server.poll() is not None:
                    raise RuntimeError(f"jupyter lab ended: {Path(self.log.name).read_text()[-2000:]}") from None
                time.sleep(0.2)
        raise RuntimeError("jupyter lab did not answer within 90 s")

    def open(self, notebook: str, size=(1400, 1000)) -> Page:
        """Open a notebook in a page of its own and wait for its kernel."""
        page = Page(self.browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page())
        page.address = (
            f"http://127.0.0.1:{self.port}/doc/workspaces/w{time.time_ns()}/tree/{notebook}?token={self.token}"
        )
        page.load(page.address + "&reset")
        return page

    def close(self) -> None:
        """End browser and server."""
        self.browser.close()
        self.playwright.stop()
        self.server.terminate()
        self.server.wait(20)
        self.log.close()


class Page:
    """One notebook in the browser."""

    def __init__(self, page):
        self.page = page
        self.complaints: list[str] = []
        self.console: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.console.append(f"console: {said.text}"))

    def load(self, address: str) -> None:
        """Go to an address and wait until the notebook and its kernel are ready."""
        self.page.goto(address)
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.context", timeout=90_000)
        self.page.evaluate(READY)

    def command(self, name: str) -> None:
        """Run a JupyterLab command."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name).then(() => null)", name)

    def command_with(self, name: str, options: dict) -> None:
        """Run a JupyterLab command that takes options."""
        run = "([name, options]) => window.jupyterapp.commands.execute(name, options).then(() => null)"
        self.page.evaluate(run, [name, options])

    def run_all(self, seconds: float = 120) -> None:
        """Run all cells and wait for the last."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        self.page.wait_for_timeout(500)
        self.page.wait_for_function(
            """() => { const panel = window.jupyterapp.shell.currentWidget;
                return panel.sessionContext.session.kernel.status === 'idle'
                    && !panel.content.widgets.some(cell => (cell.prompt || '').includes('*')); }""",
            timeout=1000 * seconds,
        )

    def errors(self) -> list[str]:
        """Tracebacks and error outputs of all cells."""
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(cell =>
                cell.model.type !== 'code' ? [] : [...Array(cell.model.outputs.length).keys()]
                    .map(i => cell.model.outputs.get(i).toJSON()).filter(o => o.output_type === 'error'
                        || o.name === 'stderr').map(o => o.ename ? o.ename + ': ' + o.evalue : o.text))"""
        )

    def eval(self, code: str, seconds: float = 30) -> str:
        """What the notebook's kernel prints for some code, run beside the cells."""
        return self.page.evaluate(
            """async ([code, limit]) => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const future = kernel.requestExecute({code, store_history: false, silent: false});
                let text = '';
                future.onIOPub = m => { if (m.header.msg_type === 'stream') text += m.content.text;
                    if (m.header.msg_type === 'error') text += m.content.ename + ': ' + m.content.evalue; };
                const late = new Promise((_, no) => setTimeout(() => no(new Error('too slow')), limit));
                await Promise.race([future.done, late]);
                return text; }""",
            [code, 1000 * seconds],
        ).strip()

    def shutdown(self) -> None:
        """End the kernel and the page."""
        try:
            self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        finally:
            self.page.context.close()


class PanelOnPage:
    """The n-th panel of a page."""

    def __init__(self, page: Page, number: int = 0):
        self.page = page.page
        self.root = self.page.locator(".marl-panel").nth(number)
        self.image = self.root.locator("img.marl-picture")

    def press(self, word: str) -> None:
        """Click a button."""
        self.root.locator(f"button.marl-{word}").click()

    def word(self) -> str:
        """What the play button says."""
        return self.root.locator("button.marl-play").inner_text().strip()

    def text(self, what: str) -> str:
        """Words of the panel: status, words or notice."""
        return self.root.locator(f".marl-{what}").inner_text().strip()

    def slide(self, name: str, key: str = "ArrowRight", times: int = 1) -> None:
        """Move a slider by the keyboard."""
        handle = self.root.locator(f".marl-{name} .noUi-handle").first
        handle.focus()
        for _ in range(times):
            handle.press(key)

    def drag(self, name: str, share: float) -> None:
        """Drag a slider's handle with the mouse to a share of its track."""
        self.root.locator(f".marl-{name}").first.scroll_into_view_if_needed()
        handle = self.root.locator(f".marl-{name} .noUi-handle").first.bounding_box()
        track = self.root.locator(f".marl-{name} .noUi-base").first.bounding_box()
        self.page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(track["x"] + share * track["width"], track["y"] + track["height"] / 2, steps=8)
        self.page.mouse.up()

    def source(self) -> str:
        """Address of the picture shown; it changes with every new picture."""
        return self.image.get_attribute("src")

    def picture_changes(self, milliseconds: float = 3000) -> bool:
        """Whether another picture is seen within a time."""
        return self.page.evaluate(
            """([image, wait]) => new Promise(done => {
                const before = image.src, watch = new MutationObserver(() => {
                    if (image.src !== before) { watch.disconnect(); done(true); } });
                watch.observe(image, {attributes: true});
                setTimeout(() => { watch.disconnect(); done(false); }, wait); })""",
            [self.image.element_handle(), milliseconds],
        )

    def until(self, condition: str, milliseconds: float = 8000) -> None:
        """Wait until a JavaScript condition on ``root`` (the panel's element) holds."""
        self.page.wait_for_function(f"root => {condition}", arg=self.root.element_handle(), timeout=milliseconds)
