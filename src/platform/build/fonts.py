#!/usr/bin/env python3
"""Cuts the system's fonts down to what the page draws: python3 fonts.py OUTPUT_FOLDER

Inter for text, JetBrains Mono for letters and numbers, and a small symbol font made from DejaVu Sans:
the signs the other two lack, plus transport icons (no free text font in Debian has those) put together
from DejaVu's triangle and square. The licences go to OUTPUT_FOLDER/licenses.
"""
import os
import shutil
import sys

try:
    from fontTools import subset
    from fontTools.pens.transformPen import TransformPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import TTFont
except ImportError:
    subset = None

FONTS = os.environ.get("RIBOSTEP_FONTS", "/usr/share/fonts")
DOC = "/usr/share/doc"

LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180)]
GREEK = [c for c in range(0x391, 0x3CA) if c != 0x3A2]
SIGNS = [ord(c) for c in (
    "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ⁰¹²³⁴⁵⁶⁷⁸⁹⁻ʰᵗ"
    "⊙⊕∘·×÷−±∓∂∇Σ∏∑√∞∈∥‖≤≥≠≈≡∝⟨⟩⌊⌋"
    "←→↑↓↔↕↦⇒⇧⇥⌘↵↺↻⟲⟳"
    "–—‐‑…•“”‘’‚„′″‹›«»†‡°½¼%‰"
    "▶◀▲▼▸▾▴◂■□▪●○◆◇◉◌★☆✓✗✕✎⚠ℹ☰⌂⚙"
    "█▇▆▅▄▃▂▁░▒▓─│┌┐└┘├┤┬┴┼"
)]
# Drawn here: (code point, glyph name, parts). A part is a bar (x, width) or a triangle pointing right or left
# at x, in thousandths of the icon's width; each icon is as tall as DejaVu's black square.
ICONS = [
    (0x23EE, "first", [("bar", 60, 130), ("left", 200), ("left", 520)]),
    (0x23ED, "last", [("right", 80), ("right", 400), ("bar", 810, 130)]),
    (0x23F8, "pause", [("bar", 180, 220), ("bar", 600, 220)]),
    (0x23F9, "stop", [("bar", 120, 760)]),
    (0x23F5, "play", [("wide", 150)]),
    (0x23EA, "rewind", [("left", 80), ("left", 500)]),
    (0x23E9, "forward", [("right", 80), ("right", 500)]),
]


def cut(source, wanted, target, tabular=False):
    font = TTFont(source)
    if tabular:
        use_tabular_digits(font)
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 1, 2, 13, 14], notdef_outline=True,
                             glyph_names=False, drop_tables=["GSUB", "GPOS", "GDEF", "DSIG", "gasp", "FFTM"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    font.save(target)
    return set(font.getBestCmap())


def use_tabular_digits(font):
    """Maps 0-9 to the font's own equal-width digits, so that numbers do not jump while stepping."""
    gsub = font["GSUB"].table
    lookups = {i for f in gsub.FeatureList.FeatureRecord if f.FeatureTag == "tnum" for i in f.Feature.LookupListIndex}
    swap = {}
    for i in lookups:
        for table in gsub.LookupList.Lookup[i].SubTable:
            swap.update(getattr(getattr(table, "ExtSubTable", table), "mapping", {}))
    for table in font["cmap"].tables:
        for code in range(ord("0"), ord("9") + 1):
            name = table.cmap.get(code)
            if name in swap:
                table.cmap[code] = swap[name]


def add_icons(font):
    glyphs = font["glyf"]
    square = glyphs[font.getBestCmap()[ord("■")]]
    low, high = square.yMin, square.yMax
    size = high - low
    unit = size / 1000

    def polygon(pen, points):
        pen.moveTo(points[0])
        for p in points[1:]:
            pen.lineTo(p)
        pen.closePath()

    order = font.getGlyphOrder()
    for code, name, parts in ICONS:
        pen = TTGlyphPen(None)
        scaled = TransformPen(pen, (unit, 0, 0, unit, 0, low))
        for kind, x, *width in parts:
            if kind == "bar":
                polygon(scaled, [(x, 60), (x, 940), (x + width[0], 940), (x + width[0], 60)])
            elif kind == "left":
                polygon(scaled, [(x, 500), (x + 400, 900), (x + 400, 100)])
            elif kind == "right":
                polygon(scaled, [(x, 100), (x, 900), (x + 400, 500)])
            else:
                polygon(scaled, [(x, 40), (x, 960), (x + 760, 500)])
        glyph = pen.glyph()
        glyphs[name] = glyph
        glyph.recalcBounds(glyphs)
        font["hmtx"][name] = (round(size), glyph.xMin)
        order.append(name)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name
    font.setGlyphOrder(list(dict.fromkeys(order)))


def symbol_font(source, wanted, target):
    font = TTFont(source)
    for record in font["name"].names:  # a changed font carries its own name
        if record.nameID in (1, 3, 4, 6, 16):
            record.string = "RibostepSymbols"
    add_icons(font)
    font.save(target)
    return cut(target, wanted | {code for code, _, _ in ICONS}, target)


def main(out):
    os.makedirs(f"{out}/licenses", exist_ok=True)
    if subset is None or not os.path.exists(f"{FONTS}/opentype/inter/Inter-Regular.otf"):
        # Not Debian: the page then draws with ImGui's built-in font and lacks some signs.
        print("fonts: fonttools or the fonts are not installed; the page will use a plain built-in font")
        return
    inter = f"{FONTS}/opentype/inter"
    mono = f"{FONTS}/truetype/jetbrains-mono"
    text = set(LATIN + GREEK + SIGNS)
    # Bold and mono hold what they are used for; for the rest the page falls back on the text font (fonts.cpp).
    western = {*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "–—…’“”")}
    have = cut(f"{inter}/Inter-Regular.otf", text, f"{out}/text.otf", tabular=True)
    cut(f"{inter}/Inter-SemiBold.otf", western, f"{out}/bold.otf", tabular=True)
    cut(f"{mono}/JetBrainsMono-Regular.ttf", western | set(SIGNS), f"{out}/mono.ttf")
    missing = text - have
    have_symbols = symbol_font(f"{FONTS}/truetype/dejavu/DejaVuSans.ttf", missing, f"{out}/symbols.ttf")
    lost = sorted(missing - have_symbols)
    if lost:
        sys.exit("fonts.py: no font has " + " ".join(f"U+{c:04X} {chr(c)}" for c in lost))
    for package, name in (("fonts-inter", "inter"), ("fonts-jetbrains-mono", "jetbrains-mono"),
                          ("fonts-dejavu-core", "dejavu")):
        shutil.copyfile(f"{DOC}/{package}/copyright", f"{out}/licenses/{name}.txt")
    total = sum(os.path.getsize(f"{out}/{f}") for f in ("text.otf", "bold.otf", "mono.ttf", "symbols.ttf"))
    print(f"fonts: {total / 1000:.0f} kB")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
