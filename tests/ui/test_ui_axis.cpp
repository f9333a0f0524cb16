// The axis, level of detail, colours and typeset lines: everything of the tracks that is arithmetic.
#include <doctest/doctest.h>

#include <cmath>

#include "ui/axis.h"
#include "ui/colour.h"
#include "ui/equation.h"
#include "ui/heatmap.h"
#include "ui/lod.h"
#include "ui/readout.h"
#include "ui/theme.h"
#include "ui/track_layout.h"

using namespace ribostep;
using ui::Axis;

namespace {

Axis axis_over(int length, float width) {
  Axis axis;
  axis.length = length;
  axis.x0 = 100;
  axis.width = width;
  axis.fit();
  return axis;
}

// value = t + 1000 * row, or a spike.
class Ramp final : public ui::LodSource {
 public:
  Ramp(int rows, int length, int spike = -1) : rows_(rows), length_(length), spike_(spike) {}
  int rows() const override { return rows_; }
  int length() const override { return length_; }
  void read(int t, float* out) const override {
    for (int r = 0; r < rows_; ++r)
      out[r] = t == spike_ ? 1.0f : static_cast<float>(t % 2 == 0 ? r : -r) * 0.1f;
  }

 private:
  int rows_, length_, spike_;
};

std::vector<std::uint8_t> filled(const ui::LodPyramid& pyramid, const ui::LodSource& source, int level,
                                 int begin, int count) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(source.rows() * count));
  pyramid.fill(source, level, begin, count, bytes.data());
  return bytes;
}

}  // namespace

TEST_CASE("axis: pixels and letters are inverse, and every letter has its pixels") {
  Axis axis = axis_over(57, 570);
  CHECK(axis.fitted());
  CHECK(axis.pixels_per_letter() == doctest::Approx(10));
  for (int t = 0; t < 57; ++t) CHECK(axis.index_at(axis.x_of(t + 0.5)) == t);
  CHECK(axis.index_at(-1e6f) == 0);
  CHECK(axis.index_at(1e6f) == 56);
  CHECK(axis_over(0, 300).index_at(120) == -1);
}

TEST_CASE("axis: short sequences are not blown up") {
  const Axis axis = axis_over(3, 600);
  CHECK(axis.pixels_per_letter() <= ui::kWidestLetter + 0.01f);
  CHECK(axis.begin_index() == 0);
  CHECK(axis.end_index() == 3);
}

TEST_CASE("axis: zoom keeps the letter under the mouse, and stops at both ends") {
  Axis axis = axis_over(50000, 600);
  const float x = 100 + 431;
  const double under = axis.letter_at(x);
  for (int i = 0; i < 12; ++i) axis.zoom(1.5, x);
  // Single pixels are floats: a thousandth of a letter at this zoom.
  CHECK(axis.letter_at(x) == doctest::Approx(under).epsilon(1e-6));
  for (int i = 0; i < 100; ++i) axis.zoom(1.5, x);
  CHECK(axis.pixels_per_letter() <= ui::kWidestLetter + 0.01f);
  CHECK(axis.span >= ui::kFewestLetters);
  for (int i = 0; i < 200; ++i) axis.zoom(0.5, 110);
  CHECK(axis.fitted());
  CHECK(axis.first == 0);
  axis.zoom(-1, 110);
  axis.set(std::nan(""), std::nan(""));
  CHECK(axis.fitted());
}

TEST_CASE("axis: panning stays inside, revealing moves only when it must") {
  Axis axis = axis_over(1000, 500);
  axis.set(300, 100);
  axis.reveal(350);
  CHECK(axis.first == 300);
  axis.reveal(400);
  CHECK(axis.shows(400));
  CHECK(axis.first > 300);
  axis.reveal(5);
  CHECK(axis.shows(5));
  axis.pan(1e9);
  CHECK(axis.first == 900);
  axis.pan(-1e9);
  CHECK(axis.first == 0);
}

TEST_CASE("axis: ticks are round, inside the window, and their numbers do not collide") {
  for (const int length : {1, 7, 57, 999, 50000}) {
    for (const double share : {1.0, 0.31, 0.02}) {
      Axis axis = axis_over(length, 600);
      axis.set(length * 0.4, length * share);
      float last = -1e9f;
      int majors = 0;
      for (const ui::AxisTick& tick : axis_ticks(axis, 60)) {
        CHECK(tick.position >= axis.begin_index() + 1);
        CHECK(tick.position <= axis.end_index());
        if (!tick.major) continue;
        ++majors;
        const float x = axis.x_of(tick.position - 0.5);
        CHECK(x - last >= 59);
        last = x;
      }
      CHECK(majors >= 1);
    }
  }
}

TEST_CASE("level of detail: cells are at least a pixel and under two") {
  CHECK(ui::LodPyramid::level_for(0.1) == 0);
  CHECK(ui::LodPyramid::level_for(1.0) == 0);
  CHECK(ui::LodPyramid::level_for(1.01) == 1);
  CHECK(ui::LodPyramid::level_for(100) == 7);
}

TEST_CASE("level of detail: the pyramid holds the means of the values, whatever the slices of work") {
  const Ramp source(3, 1003);
  ui::LodPyramid whole, sliced;
  whole.start(3, 1003, {-1, 1}, ui::Reduce::Mean);
  sliced.start(3, 1003, {-1, 1}, ui::Reduce::Mean);
  std::ptrdiff_t budget = 1 << 20;
  REQUIRE(whole.build(source, budget));
  int slices = 0;
  for (bool done = false; !done; ++slices) {
    std::ptrdiff_t little = 50;
    done = sliced.build(source, little);
  }
  CHECK(slices > 10);
  for (int level = 0; level <= 9; ++level) {
    const int cells = (1003 + (1 << level) - 1) >> level;
    CHECK(filled(whole, source, level, 0, cells) == filled(sliced, source, level, 0, cells));
  }
  // Rows alternate +-0.1 r: from pairs on the mean is 0, give or take the byte's rounding at each level.
  const std::vector<std::uint8_t> top = filled(whole, source, 6, 0, 15);
  for (const std::uint8_t b : top) CHECK(std::abs(b - 128) <= 3);
  CHECK(filled(whole, source, 0, 1, 1)[2] == ui::ValueRange{-1, 1}.byte(-0.2f));
}

TEST_CASE("level of detail: one spike among thousands is lost in the mean and kept as the extreme") {
  const Ramp source(2, 4096, 1777);
  ui::LodPyramid mean, extreme;
  mean.start(2, 4096, {-1, 1}, ui::Reduce::Mean);
  extreme.start(2, 4096, {-1, 1}, ui::Reduce::Extreme);
  std::ptrdiff_t budget = 1 << 20;
  REQUIRE(mean.build(source, budget));
  REQUIRE(extreme.build(source, budget));
  const int cell = 1777 >> 8;
  CHECK(filled(mean, source, 8, cell, 1)[0] < 140);
  CHECK(filled(extreme, source, 8, cell, 1)[0] == 255);
}

TEST_CASE("level of detail: before it is built there is a picture already") {
  const Ramp source(2, 4096);
  ui::LodPyramid pyramid;
  pyramid.start(2, 4096, {-1, 1}, ui::Reduce::Mean);
  CHECK_FALSE(pyramid.ready());
  const std::vector<std::uint8_t> bytes = filled(pyramid, source, 5, 0, 128);
  CHECK(bytes[128] == ui::ValueRange{-1, 1}.byte(0.1f));
}

TEST_CASE("level of detail: not-a-number and infinity stay bytes") {
  const ui::ValueRange range{-1, 1};
  CHECK(range.byte(std::nanf("")) == 0);
  CHECK(range.byte(INFINITY) == 255);
  CHECK(range.byte(-INFINITY) == 0);
  CHECK(std::fabs(range.value(range.byte(0.5f)) - 0.5f) < 1.0f / 255);
}

TEST_CASE("pictures: a stack is full where the shares are, and its parts are in proportion") {
  const std::vector<std::uint8_t> bytes = {64, 255, 191, 0};  // two rows, two columns
  const std::vector<std::uint32_t> pixels = ui::paint_stack(bytes, 2, 2, {7, 9}, 100);
  int low = 0, high = 0;
  for (int y = 0; y < 100; ++y) {
    low += pixels[static_cast<std::size_t>(2 * y)] == 7;
    high += pixels[static_cast<std::size_t>(2 * y)] == 9;
    CHECK(pixels[static_cast<std::size_t>(2 * y + 1)] == 7);
  }
  CHECK(low == 25);
  CHECK(low + high == 100);
  CHECK(pixels[0] == 9);  // the first row lies at the bottom
}

TEST_CASE("pictures: the window covers what is seen, with room to pan") {
  Axis axis = axis_over(50000, 600);
  axis.set(20000, 2000);
  const ui::CellWindow window = ui::window_for(axis);
  CHECK(ui::covers(window, axis));
  axis.pan(500);
  CHECK(ui::covers(window, axis));
  axis.pan(5000);
  CHECK_FALSE(ui::covers(window, axis));
  axis.fit();
  CHECK_FALSE(ui::covers(window, axis));
  CHECK(ui::window_for(axis_over(50000, 1900)).count <= 2048);
}

TEST_CASE("pictures: colour scales are round and hold their value") {
  for (const float size : {0.001f, 0.3f, 0.99f, 1.0f, 2.31f, 8.0f, 123.0f}) {
    const ui::ValueRange range = ui::symmetric_range(size);
    CHECK(range.high >= size * 0.9998f);
    CHECK(range.high <= size * 2.1f);
    CHECK(range.low == -range.high);
  }
  CHECK(ui::symmetric_range(0).high == 1);
  CHECK(ui::symmetric_range(INFINITY).high == 1);
}

TEST_CASE("colours: signed and share maps are ordered in lightness, letters are readable on their fill") {
  const auto light = [](std::uint32_t c) { return ui::contrast(c, IM_COL32_BLACK); };
  for (const bool dark : {false, true}) {
    const ui::ColourMap map = ui::diverging(dark), share = ui::sequential(dark);
    // From the middle outwards: darker on light paper, lighter on dark.
    for (std::size_t i = 128; i + 1 < 256; ++i) {
      CHECK((dark ? light(map[i + 1]) >= light(map[i]) : light(map[i + 1]) <= light(map[i])));
      CHECK((dark ? light(map[254 - i]) >= light(map[255 - i]) : light(map[254 - i]) <= light(map[255 - i])));
    }
    for (std::size_t i = 0; i + 1 < 256; ++i) {
      CHECK((dark ? light(share[i + 1]) >= light(share[i]) : light(share[i + 1]) <= light(share[i])));
    }
    for (const bool nucleic : {false, true}) {
      for (char c = 'A'; c <= 'Z'; ++c) {
        const ImU32 fill = ui::letter_colour(c, nucleic, dark);
        CHECK(ui::contrast(fill, ui::ink_on(fill)) >= 4.5);  // WCAG 2.1 AA
      }
    }
  }
  CHECK(ui::letter_colour('T', true, false) == ui::letter_colour('U', true, false));
  CHECK(ui::letter_colour('N', true, false) != ui::letter_colour('A', true, false));
}

TEST_CASE("letters of formal languages have colours that differ") {
  for (const bool dark : {false, true})
    for (const auto kind : {bio::AlphabetKind::Bits, bio::AlphabetKind::Brackets, bio::AlphabetKind::Reber}) {
      const bio::Alphabet& alphabet = bio::alphabet(kind);
      for (int k = 0; k < alphabet.size(); ++k)
        for (int m = 0; m < k; ++m)
          CHECK(ui::letter_colour(alphabet.letter(k), alphabet, dark) !=
                ui::letter_colour(alphabet.letter(m), alphabet, dark));
    }
  const bio::Alphabet& dna = bio::alphabet(bio::AlphabetKind::Dna);
  CHECK(ui::letter_colour('T', dna, true) == ui::letter_colour('T', true, true));
  CHECK(ui::letter_colour('N', dna, true) == ui::letter_colour('N', true, true));
}

TEST_CASE("equations: subscripts, superscripts and commands") {
  using Place = ui::EquationRun::Place;
  const std::vector<ui::EquationRun> runs = ui::parse_equation("h_{t-1}^{(1)} = \\sigma(x) \\odot c_t");
  REQUIRE(runs.size() == 7);
  CHECK(runs[0] == ui::EquationRun{Place::Base, "h"});
  CHECK(runs[1] == ui::EquationRun{Place::Sub, "t−1"});
  CHECK(runs[2] == ui::EquationRun{Place::Super, "(1)"});
  CHECK(runs[3] == ui::EquationRun{Place::Base, " = σ(x) "});
  CHECK(runs[4].place == Place::CircleDot);
  CHECK(runs[5] == ui::EquationRun{Place::Base, " c"});
  CHECK(runs[6] == ui::EquationRun{Place::Sub, "t"});
  // Nothing is lost of what is not understood.
  CHECK(ui::parse_equation("a_").back().text == "a_");
  CHECK(ui::parse_equation("a_{b").back().text == "b");
  CHECK(ui::with_subscript("h", 312) == "h₃₁₂");
}

TEST_CASE("tracks: heights stretch to fill the pane, within limits") {
  CHECK(ui::stretch_to_fit(400, 200, 400) == 1);
  // 100 pixels short: the elastic 200 give them up.
  CHECK(400 - 200 + 200 * ui::stretch_to_fit(400, 200, 320) == doctest::Approx(320));
  CHECK(ui::stretch_to_fit(400, 200, 100) == 0.6f);
  CHECK(ui::stretch_to_fit(400, 200, 5000) == 2);
  CHECK(ui::stretch_to_fit(400, 0, 100) == 1);
}

TEST_CASE("read-outs: entropy and order of probabilities") {
  const std::vector<float> even = {0.25f, 0.25f, 0.25f, 0.25f}, sure = {0, 1, 0, 0};
  CHECK(ui::entropy_bits(even) == doctest::Approx(2));
  CHECK(ui::entropy_bits(sure) == 0);
  const std::vector<float> p = {0.2f, 0.5f, 0.2f, 0.1f};
  CHECK(ui::by_probability(p) == std::vector<int>{1, 0, 2, 3});
  CHECK(ui::list_probabilities(p, {"A", "C", "G", "T"}, 2) == "C 0.5000\nA 0.2000");
}
