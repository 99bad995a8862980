"""Whatever a browser would load from another host is found; links are none."""

from __future__ import annotations

import base64
from random import Random
from urllib.parse import quote

import pytest

from generator.pages.other_hosts import _SCRIPT_ADDRESS, in_css, in_html, in_script

X = "https://example.org/x"
IMAGE = f"<img src='{X}'>"
IN_FRAME = "&quot;<img src=//x.org/y>&quot;"
IN_BASE64 = base64.b64encode(IMAGE.encode()).decode()

LOADED = {
    "img": f'<img src="{X}">',
    "img without quotes": f"<img src={X} alt=a>",
    "img with a slash": f"<img/src='{X}'>",
    "capitals": f'<IMG SRC="{X.upper()}">',
    "no scheme": '<img src="//example.org/x">',
    "backslashes": r'<img src="\\example.org/x">',
    "scheme without slashes": '<img src="https:example.org/x">',
    "entities": '<img src="&#104;ttps&colon;//example.org/x">',
    "a tab in it": '<img src="ht&#9;tps://example.org/x">',
    "spaces before": '<img src=" \n https://example.org/x">',
    "a share of Windows": '<img src="file://host/share">',
    "srcset": f'<img srcset="a.png 1x, {X} 2x">',
    "source": f'<picture><source srcset="{X}"></picture>',
    "preload": f'<link rel="preload" imagesrcset="{X}" as="image">',
    "style": f'<p style="background: url({X})">',
    "style with quotes": f"<p style=\"background: url('{X}')\">",
    "style with escapes": r'<p style="background: url(\68ttps://example.org/x)">',
    "style with a comment": f'<p style="background: url(/**/{X})">',
    "style without a scheme": '<p style="background: url(//example.org/x)">',
    "image-set": f'<p style="background: image-set(&quot;{X}&quot; 1x)">',
    "style element": f"<style>p {{ background: url({X}) }}</style>",
    "import": f'<style>@import "{X}";</style>',
    "import with url": f"<style>@import url({X});</style>",
    "style that is never closed": f"<style>@import '{X}';",
    "import in an address": "<style>@import url(data:text/css,%40import%20%22https%3A//x.org%22);",
    "font": f"<style>@font-face {{ src: url({X}) }}</style>",
    "script": f'<script src="{X}"></script>',
    "inline fetch": f"<script>fetch('{X}')</script>",
    "inline fetch with escapes": r"<script>fetch('\x68ttps:\/\/example.org/x')</script>",
    "inline fetch without a scheme": "<script>fetch('//example.org/x')</script>",
    "socket": "<script>new WebSocket('wss://example.org/x')</script>",
    "module": f'<script type="module">import "{X}"</script>',
    "import map": f'<script type="importmap">{{"imports": {{"a": "{X}"}}}}</script>',
    "handler": f"<p onclick=\"fetch('{X}')\">",
    "stylesheet": f'<link rel="stylesheet" href="{X}">',
    "icon": f'<link rel="icon" href="{X}">',
    "preconnect": '<link rel="preconnect" href="//example.org">',
    "link of two kinds": f'<link rel="canonical stylesheet" href="{X}">',
    "link of no kind": f'<link href="{X}">',
    "iframe": f'<iframe src="{X}"></iframe>',
    "srcdoc": f'<iframe srcdoc="{IMAGE}"></iframe>',
    "srcdoc in srcdoc": f'<iframe srcdoc="<iframe srcdoc={IN_FRAME}>"></iframe>',
    "data": f'<iframe src="data:text/html,{IMAGE}"></iframe>',
    "data with percents": f'<iframe src="data:text/html,{quote(IMAGE)}"></iframe>',
    "data in base64": f'<iframe src="data:text/html;base64,{IN_BASE64}">',
    "object": f'<object data="{X}"></object>',
    "embed": f'<embed src="{X}">',
    "base": f'<base href="{X}">',
    "refresh": f'<meta http-equiv="refresh" content="0; url={X}">',
    "refresh with quotes": f"<meta http-equiv=Refresh content=\"0;URL='{X}'\">",
    "refresh without url": f'<meta http-equiv="refresh" content="0;{X}">',
    "form": f'<form action="{X}"></form>',
    "button": f'<button formaction="{X}">a</button>',
    "input": f'<input type="image" src="{X}">',
    "ping": f'<a href="a.html" ping="{X}">a</a>',
    "video": f'<video src="{X}"></video>',
    "poster": f'<video poster="{X}"></video>',
    "audio": f'<audio src="{X}"></audio>',
    "track": f'<track src="{X}">',
    "body": f'<body background="{X}">',
    "cell": f'<td background="{X}">',
    "manifest": f'<html manifest="{X}">',
    "frame": f'<frame src="{X}">',
    "applet": f'<applet codebase="{X}"></applet>',
    "parameter that scripts read": f'<div data-source="{X}">',
    "svg image": f'<svg><image href="{X}"/></svg>',
    "svg image of old": f'<svg><image xlink:href="{X}"/></svg>',
    "svg use": f'<svg><use href="{X}#a"/></svg>',
    "svg filter": f'<svg><feImage href="{X}"/></svg>',
    "svg script": f'<svg><script href="{X}"/></svg>',
    "svg fill": f'<svg><rect fill="url({X}#a)"/></svg>',
    "svg mask": f'<svg><rect mask="url({X}#a)"/></svg>',
    "svg animation": f'<svg><image><set attributeName="href" to="{X}"/></image></svg>',
    "svg values": f'<svg><animate attributeName="href" values="a;{X}"/></svg>',
    "svg style": f"<svg><style>rect {{ fill: url({X}) }}</style></svg>",
    "svg stylesheet": f'<?xml-stylesheet type="text/css" href="{X}"?><svg/>',
    "javascript": f"<a href=\"javascript:fetch('{X}')\">a</a>",
    "javascript with a tab": f"<a href=\"java&#9;script:fetch('{X}')\">a</a>",
    "javascript in a frame": f"<iframe src=\"javascript:fetch('{X}')\"></iframe>",
    "what the theme draws": '<pre class="mermaid"></pre>',
    "what the theme counts": '<a href="https://github.com/a/b" data-md-component="source">',
}


@pytest.mark.parametrize("page", LOADED.values(), ids=LOADED.keys())
def test_what_is_loaded_is_found(page: str) -> None:
    assert list(in_html(f"<p>before</p>{page}")) != []


@pytest.mark.parametrize(
    "page",
    [
        f'<a href="{X}">a link</a>',
        f'<a href="{X}" title="{X}" rel="noopener">a link</a>',
        '<a href="mailto:a@example.org">mail</a>',
        f'<map><area href="{X}" alt="there"></map>',
        f'<svg><a xlink:href="{X}"><text>a link</text></a></svg>',
        f'<link rel="canonical" href="{X}">',
        f'<meta property="og:url" content="{X}">',
        f'<blockquote cite="{X}">said</blockquote>',
        f'<img src="a.png" alt="{X}">',
        f"<p>{X} and url({X})</p>",
        f"<pre><code>&lt;img src=\"{X}\"&gt; fetch('{X}')</code></pre>",
        f"<!-- {IMAGE} -->",
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"></svg>',
        "<script>document.createElementNS('http://www.w3.org/2000/svg', 'svg')</script>",
        f'<script type="application/json">{{"a": "{X}"}}</script>',
        '<img src="data:image/png;base64,AAAA">',
        '<iframe src="about:blank"></iframe>',
        '<p style="background: url(a.png); color: red">',
        '<p style="margin: 1px" data-check=\'{"a": 1}\' data-note="Note: this">',
        "<script>const a = 1; // a remark\n//another\n</script>",
        '<link rel="stylesheet" href="assets/a.css">',
        '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "a" "http://www.w3.org/Graphics/a.dtd"><svg/>',
    ],
)
def test_links_and_words_are_none(page: str) -> None:
    assert list(in_html(page)) == []


def test_styles_of_their_own() -> None:
    assert list(in_css(f"@import '{X}'; a {{ b: url(c.png) }}")) == [X]
    assert list(in_css("@namespace svg url(http://www.w3.org/2000/svg); rows: ws: 0")) == []
    assert list(in_css(f"/* {X} '{X}' */ .file:focus-within {{ grid: auto / 1fr }}")) == []


def test_scripts_of_their_own() -> None:
    assert list(in_script(f"fetch(`{X}/${{a}}`)")) == [f"{X}/${{a}}"]
    assert list(in_script("const half = a / b // c\nlet d = '//'")) == []


def test_a_script_is_read_as_its_pattern_says() -> None:
    """From slash to slash, which is fast, finds what the pattern finds from letter to letter."""
    pieces = ("http", "HTTPS", "ws", "wss", "ftp", ":", "://", '"//', "a.b", "x", "-", " ", ")")
    random, seen = Random(1), 0
    for _ in range(5000):
        text = "".join(random.choices(pieces, k=random.randint(1, 12)))
        expected = [one[0] for one in _SCRIPT_ADDRESS.finditer(text)]
        assert list(in_script(text)) == expected, text
        seen += len(expected)
    assert seen > 100
    assert list(in_script(r"fetch('https:\/\/x.org'); '\x2f\u002fa.b/c'")) == [
        "https://x.org",
        "//a.b/c",
    ]
