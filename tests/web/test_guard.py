"""What the page's server refuses: each rule, asked as a hostile page or program would."""

import pytest

from tests.web.asking import HOST, OWN, TOKEN, Asking


async def inner(scope, receive, send):
    """Read the body, and say how long it was."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    if scope["path"] == "/fails":
        raise RuntimeError("patient 4711")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"ALLOW")]})
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.fixture
def known():
    return Asking(inner, most_bytes=1000, body_seconds=0.05).open()


def test_the_page_is_answered(known):
    assert known.get("/").status == 200
    assert known.post("/", {"a": "b"}).text == "3"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1", "127.0.0.1:8001", "127.0.0.1:8000.evil.example", ""],
)
def test_another_host_is_refused(known, host):
    assert known.ask("GET", "/", host=host).status == 421


def test_a_request_names_one_host(known):
    assert known.ask("GET", "/", host=None).status == 421
    assert known.get("/", [("host", "evil.example")]).status == 421


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", f"https://{HOST}", "http://127.0.0.1:9999", f"{OWN}.evil.example"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_origin_is_refused(known, origin, method):
    assert known.ask(method, "/", headers=[("origin", origin)]).status == 403


def test_a_change_without_an_origin_is_refused(known):
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert known.ask(method, "/").status == 403


def test_a_request_from_another_site_is_refused(known):
    assert known.get("/", [("sec-fetch-site", "cross-site")]).status == 403
    assert known.get("/", [("sec-fetch-site", "same-origin")]).status == 200


def test_without_the_cookie_nothing_is_shown():
    stranger = Asking(inner)
    assert stranger.get("/").status == 403
    assert stranger.get("/?token=").status == 403
    assert stranger.get(f"/?token={TOKEN}x").status == 403
    assert stranger.get(f"/other?token={TOKEN}").status == 403
    assert stranger.ask("POST", f"/?token={TOKEN}", headers=[("origin", OWN)]).status == 403
    stranger.cookie = "simclinic=1; =; \x01"
    assert stranger.get("/").status == 403


def test_the_cookie_of_another_server_is_no_key(known):
    stranger = Asking(inner)
    stranger.cookie = known.cookie
    assert stranger.get("/").status == 403
    name = stranger.get(f"/?token={TOKEN}").headers["set-cookie"].partition("=")[0]
    stranger.cookie = f"{name}=guess"
    assert stranger.get("/").status == 403


def test_the_cookie_is_for_this_page_alone():
    given = Asking(inner).get(f"/?token={TOKEN}").headers
    assert given["location"] == "/"
    words = {word.strip() for word in given["set-cookie"].split(";")[1:]}
    assert words == {"Path=/", "HttpOnly", "SameSite=Strict"}
    assert TOKEN not in given["set-cookie"]


@pytest.mark.parametrize("size", [1000, 1001])
def test_a_body_is_bounded_by_what_it_says(known, size):
    headers = [("origin", OWN), ("content-length", str(size))]
    assert (known.ask("POST", "/", [b"x"], headers).status == 413) == (size > 1000)


def test_a_body_is_bounded_while_it_arrives(known):
    assert known.ask("POST", "/", [b"x" * 500] * 2, [("origin", OWN)]).text == "1000"
    assert known.ask("POST", "/", [b"x" * 500] * 100, [("origin", OWN)]).status == 413


def test_a_body_that_stops_is_given_up(known):
    assert known.ask("POST", "/", [b"x", None], [("origin", OWN)]).status == 408


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "", "+5"])
def test_a_length_is_a_number(known, length):
    assert known.ask("POST", "/", headers=[("origin", OWN), ("content-length", length)]).status == 400


def test_a_mistake_shows_neither_a_traceback_nor_its_text(capsys):
    lines = []
    answer = Asking(inner, say=lines.append).open().get("/fails")
    assert answer.status == 500
    [said] = lines
    assert "RuntimeError" in said
    for text in (said, answer.text):
        assert "4711" not in text
        assert "Traceback" not in text
        assert TOKEN not in text
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("address", ["/", "/fails"])
def test_every_response_has_the_headers(known, address):
    stranger = Asking(inner)
    for answer in (
        known.get(address),
        stranger.get(address),
        stranger.ask("GET", address, host="evil.example"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self';" in policy
        assert "style-src 'self' 'sha256-" in policy
        assert "unsafe" not in policy
        assert "unsafe" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert not any(name.startswith("access-control") for name in answer.headers)
