"""Hostile texts in every field of *My clinic*, in a real browser; many clients at once; other machines."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.command_line import simclinic  # noqa: F401
from tests.web.test_screens import shown_in
from tests.web.test_serve import WIDE, opened

pytest.importorskip("fastapi", reason="the extra web is not installed")
pytest.importorskip("uvicorn", reason="the extra web is not installed")

ONE = "window.hurt=1"
INJECTIONS = (
    f'"><script>{ONE}</script>',
    f"'><img src=x onerror='{ONE}'>",
    f"<svg onload={ONE}>",
    f"</title><script>{ONE}</script>",
    f"</template><script>{ONE}</script>",
    f"</span></p></form><script>{ONE}</script>",
    f'" autofocus onfocus="{ONE}',
    f'" onmouseover="{ONE}" x="',
    f"<body onload={ONE}>",
    f"<details open ontoggle={ONE}>x</details>",
    f"<iframe srcdoc='<script>parent.{ONE.removeprefix('window.')}</script>'></iframe>",
    f"<iframe src=javascript:parent.{ONE.removeprefix('window.')}></iframe>",
    f"<a href=javascript:{ONE}>x</a>",
    f"<form action=javascript:{ONE}><button>x</button></form>",
    "<base href=http://evil.example/>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<style>@import url(http://evil.example/x.css)</style>",
    '" style="background:url(http://evil.example/x)',
    "<img src=http://evil.example/x.png>",
    "<object data=http://evil.example/x></object>",
    "<embed src=http://evil.example/x>",
    f"<math><mtext><table><mglyph><style><img src onerror={ONE}>",
    f"<svg><script>{ONE}</script></svg>",
    f"<svg><animate onbegin={ONE} attributeName=x dur=1s>",
    f"<video><source onerror={ONE}></video>",
    f"<audio src onerror={ONE}>",
    f"<input autofocus onfocus={ONE}>",
    f"<marquee onstart={ONE}>",
    f"<noscript><p title='</noscript><img src=x onerror={ONE}>'>",
    f"<!--><script>{ONE}</script>-->",
    f"<![CDATA[<script>{ONE}</script>]]>",
    f"&lt;script&gt;{ONE}&lt;/script&gt;",
    f"&#60;script&#62;{ONE}&#60;/script&#62;",
    f"%3Cscript%3E{ONE}%3C/script%3E",
    f"\\u003cscript\\u003e{ONE}\\u003c/script\\u003e",
    f"+ADw-script+AD4-{ONE}+ADw-/script+AD4-",
    f"<scr\0ipt>{ONE}</scr\0ipt>",
    f"\x00<script>{ONE}</script>",
    f"＜script＞{ONE}＜/script＞",
    "{{7*7}}{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    '1\n[run]\nseed = 9\n"',
    '"""\n[clinic]\nchairs = 99\n',
    "1} #",
    "'; DROP TABLE patients; --",
    "../../../../etc/passwd",
    '=cmd|"/c calc"!A1',
    "\u202egnp.exe\u202c \u200b\ufeff",
    "<b>" * 200,
)
OURS = 'name = "Ours"\n'
KINDS = (
    "img, script, iframe, svg, object, embed, base, meta, link, style, math, video, audio, marquee, noscript"
)


def test_there_are_fifty():
    assert len(set(INJECTIONS)) == 50


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server of a folder with one clinic: its address, its folder, and its process."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "ours.toml").write_text(OURS)
    command = [sys.executable, "-m", "simclinic", "serve", "--no-browser", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", process.stdout.readline())
        assert address is not None
        yield address[0], folder, process
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


FILL = """text => {
  for (const field of document.querySelectorAll("main input")) {
    if (field.name === "version") { continue; }
    field.value = text;
    if (field.type === "checkbox") { field.checked = true; }
  }
}"""


@pytest.mark.parametrize(
    "injections",
    [pytest.param(INJECTIONS[1:2], id="one"), pytest.param(INJECTIONS, id="all", marks=pytest.mark.long)],
)
def test_text_is_inert_in_every_field_of_a_browser(browser, served, injections):
    page = opened(browser, served, viewport=WIDE)
    elsewhere = []
    own = served[0].partition("?")[0]
    page.on(
        "request", lambda request: request.url.startswith((own, "data:")) or elsewhere.append(request.url)
    )
    page.locator(".cards a").first.click()
    page.wait_for_selector("#visit .edge")
    address, fields = page.url, page.locator("main input").count()
    kinds = page.locator(KINDS).count()
    assert fields > 100

    def is_inert(text):
        page.wait_for_timeout(20)
        assert page.evaluate("window.hurt === undefined"), text
        assert page.locator(KINDS).count() == kinds, text
        assert (page.complaints, elsewhere) == ([], []), text

    def save():
        before = int(page.evaluate("document.documentElement.dataset.saved || 0"))
        name = "document.getElementById('field-name')"
        page.evaluate(f"{name}.dispatchEvent(new Event('change', {{bubbles: true}}))")
        page.wait_for_selector(f'html[data-saved="{before + 1}"]')

    def submit(form):
        with page.expect_navigation():
            page.evaluate("form => document.getElementById(form).submit()", form)

    for text in injections:
        (served[1] / "ours.toml").write_text(OURS)
        page.goto(address)
        # a name is any text: saved by the script, which replaces parts of the page, and shown
        page.locator("#field-name").fill(text)
        save()
        is_inert(text)
        page.evaluate(FILL, text)
        submit("add-shift")
        is_inert(text)
        page.goto(own)
        is_inert(text)
        (served[1] / "ours.toml").write_text(OURS)
        page.goto(address)
        # all fields: refused by the script, and by the button, which opens the page anew
        page.evaluate(FILL, text)
        save()
        is_inert(text)
        page.evaluate(FILL, text)
        submit("settings")
        assert page.locator("main input").count() >= fields
        assert page.locator("main [aria-invalid=true]").count() > 50
        is_inert(text)
    page.context.close()


def rss(process):
    """Return the memory of a process, in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_twenty_clients_are_served_with_level_memory(served):
    host = re.search(r"127\.0\.0\.1:\d+", served[0])[0]

    def client(number, requests):
        """Ask again and again, and return what came."""
        link = http.client.HTTPConnection(host, timeout=120)
        came = []

        def ask(method, path, body=None, **headers):
            link.request(method, path, body, {"Host": host, **headers})
            answer = link.getresponse()
            text = answer.read().decode()
            came.append(answer.status)
            return answer, text

        cookie = ask("GET", served[0].partition(host)[2])[0].getheader("set-cookie").partition(";")[0]
        home = ask("GET", "/", Cookie=cookie)[1]
        clinic = re.search(r'href="(/clinic/\w+)"', home)[1]
        for at in range(requests):
            kind = (at + number) % 5
            if kind == 0:
                ask("GET", clinic, Cookie=cookie)
            elif kind == 1:
                form = shown_in(ask("GET", clinic, Cookie=cookie)[1])
                form["clinic.chairs"] = [str(1 + (at + number) % 9)]
                body = urlencode(form, doseq=True)
                ask("POST", clinic, body, Cookie=cookie, Origin=f"http://{host}")
            else:
                path = ("/", "/page.js", f"{clinic}/day", "/nowhere", "/alive")[at % 5]
                ask("GET", path, Cookie=cookie)
        link.close()
        return came

    client(0, 20)
    before = rss(served[2])
    with ThreadPoolExecutor(20) as clients:
        came = [
            status for each in clients.map(lambda number: client(number, 100), range(20)) for status in each
        ]
    assert len(came) >= 2000
    assert set(came) <= {200, 204, 303, 404, 409}
    assert rss(served[2]) < before + 60
    assert rss(served[2]) < 250


def test_other_machines_are_served_knowingly(tmp_path):
    from simclinic.web.server import serve

    said = []
    ending = threading.Thread(
        target=serve,
        args=(tmp_path,),
        kwargs={"host": "0.0.0.0", "port": 0, "browser": False, "say": said.append, "idle_seconds": 3.0},
    )
    ending.start()
    try:
        end = time.monotonic() + 20
        while not said:
            assert time.monotonic() < end
            time.sleep(0.02)
        here, port, path = re.search(r"http://([^:/]+):(\d+)(/\?token=\S+)", said[0]).groups()
        assert here == "127.0.0.1"
        names = [(here, 303), (socket.gethostname(), 303), ("evil.example", 421)]
        for name, status in names:
            link = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
            link.request("GET", path, headers={"Host": f"{name}:{port}"})
            assert link.getresponse().status == status, name
            link.close()
        assert any(f"http://{socket.gethostname()}:{port}/" in line for line in said)
        assert any("not encrypted" in line for line in said)
    finally:
        ending.join(timeout=30)
    assert not ending.is_alive()


def test_a_host_is_passed_on_with_i_know(simclinic, monkeypatch, tmp_path):  # noqa: F811
    asked = []
    monkeypatch.setattr("simclinic.web.server.serve", lambda folder, **given: asked.append((folder, given)))
    assert simclinic("serve", "--no-browser", "--host", "0.0.0.0", "--i-know", tmp_path).status == 0
    [(folder, given)] = asked
    assert (folder, given["host"], given["browser"]) == (tmp_path, "0.0.0.0", False)
