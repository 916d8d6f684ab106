"""The pages on which somebody with the token lets their browser's Temporal Web UI read payloads."""

from html import escape

# the form posts where the page came from, and nothing else may be loaded or may frame it
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Read payloads</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }}</style>
<h1>Read payloads</h1>
{content}
</html>
"""

_FORM = """{problem}<form method="post">
<p><label for="token">Token of the codec server (CODEC_TOKEN)</label><br>
<input id="token" name="token" type="password" autocomplete="off" required autofocus size="70"></p>
<p><button>Let this browser read payloads for {hours} hours</button></p>
</form>"""

_DONE = """<p>For {hours} hours this browser may read payloads. {ui}</p>
<p>Where the Web UI shows them encrypted, tell it once to send this browser's cookie:</p>
<ol>
<li>press the button of the codec server, at the top right;</li>
<li>choose <em>Use my browser setting and ignore Cluster-level setting</em>;</li>
<li>enter the endpoint <code>{endpoint}</code>;</li>
<li>switch on <em>Include cross-origin credentials</em>, and apply.</li>
</ol>"""


def sign_in_page(hours: int, problem: str = "") -> str:
    """A form that asks for the token."""
    told = f'<p role="alert">{escape(problem)}</p>\n' if problem else ""
    return _PAGE.format(content=_FORM.format(problem=told, hours=hours))


def signed_in_page(hours: int, endpoint: str, ui_url: str | None) -> str:
    """What is left to do in the Web UI."""
    ui = (
        f'<a href="{escape(ui_url)}">To the Web UI</a>'
        if ui_url
        else "Set TEMPORAL_UI_URL, or it will not be asked from there."
    )
    return _PAGE.format(content=_DONE.format(hours=hours, endpoint=escape(endpoint), ui=ui))
