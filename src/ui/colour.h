// Colour maps and the colours of letters and classes. Signed values run orange - neutral - blue, shares run
// neutral - violet; both differ in lightness as well as hue, so they survive colour-blind eyes and grey
// print.
#pragma once
#include <imgui.h>

#include <array>
#include <cstdint>

#include "bio/alphabet.h"

namespace ribostep::ui {

using ColourMap = std::array<std::uint32_t, 256>;
ColourMap diverging(bool dark);   // byte 0: low end (negative), 255: high end; the middle is nearly the panel
ColourMap sequential(bool dark);  // byte 0: nearly the panel, 255: one

// Fill behind a letter. Bases have a colour each; residues one per class (hydrophobic, aromatic, polar,
// positive, negative, special); ambiguity codes and anything else are grey. Letters are always written as
// well.
ImU32 letter_colour(char letter, bool nucleic, bool dark);
// The same for any alphabet: letters of formal languages have the colours of classes.
ImU32 letter_colour(char letter, const bio::Alphabet& alphabet, bool dark);
const char* residue_class(char letter);  // "hydrophobic", ...; "" for none
// The k-th of a row of classes (lines, stacks, swatches), repeating after eight.
ImU32 class_colour(int k, bool dark);
// Black or white, whichever reads better on `fill`.
ImU32 ink_on(ImU32 fill);

}  // namespace ribostep::ui
