// Colours, numbers as text, axis ticks, preferences: what the screen is made of, without a frame.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "ui/format.h"
#include "ui/plot.h"
#include "ui/preferences.h"
#include "ui/theme.h"

using namespace ribostep;

namespace {

// What a translucent colour looks like on an opaque one.
ImU32 over(ImU32 top, ImU32 below) {
  const auto alpha = static_cast<float>((top >> IM_COL32_A_SHIFT) & 255u) / 255.0f;
  return ui::mixed(below, top | IM_COL32_A_MASK, alpha) | IM_COL32_A_MASK;
}

constexpr double kReadable = 4.5;  // WCAG 2.1 AA for text of any size

}  // namespace

TEST_CASE("theme: every text can be read on everything it stands on") {
  CHECK(ui::contrast(IM_COL32_WHITE, IM_COL32_BLACK) == doctest::Approx(21).epsilon(0.001));
  for (const bool dark : {false, true}) {
    const ui::Theme& t = ui::theme(dark);
    CHECK(t.dark == dark);
    for (const ImU32 ground : {t.background, t.panel, t.panel_alt}) {
      for (const ImU32 words : {t.text, t.text_dim, t.accent, t.positive, t.negative, t.warning, t.error}) {
        CHECK(ui::contrast(words, ground) >= kReadable);
      }
    }
    CHECK(ui::contrast(t.accent_text, t.accent) >= kReadable);
    CHECK(ui::contrast(t.accent_text, ui::mixed(t.accent, t.text, 0.3f)) >= kReadable);  // pressed
    for (const ImU32 veil : {t.hover, t.selection}) {
      CHECK(ui::contrast(t.text, over(veil, t.panel)) >= kReadable);
      CHECK(ui::contrast(t.text_dim, over(veil, t.panel)) >= kReadable);
    }
    CHECK(ui::contrast(t.text, ui::mixed(t.panel, t.accent, 0.30f)) >= kReadable);      // a chosen segment
    CHECK(ui::contrast(t.text, ui::mixed(t.panel_alt, t.accent, 0.30f)) >= kReadable);  // a pressed button
    // Lines and marks need 3:1 (WCAG 1.4.11).
    CHECK(ui::contrast(t.cursor, t.panel) >= 3);
  }
}

TEST_CASE("theme: blue and orange stay apart without red-green vision") {
  // Positive is bluer, negative is redder, and their blue channels alone tell them apart.
  for (const bool dark : {false, true}) {
    const ui::Theme& t = ui::theme(dark);
    const int blue_positive = static_cast<int>((t.positive >> IM_COL32_B_SHIFT) & 255u);
    const int blue_negative = static_cast<int>((t.negative >> IM_COL32_B_SHIFT) & 255u);
    CHECK(blue_positive - blue_negative > 90);
  }
}

TEST_CASE("format: few records are counted, not made into percentages") {
  CHECK(ui::accuracy(7, 9) == "7 of 9");
  CHECK(ui::accuracy(9, 10) == "90.0 %");
  CHECK(ui::accuracy(0, 0) == "-");
  CHECK(ui::uncertainty(9, {0.4, 0.9}) == "n 9");
  CHECK(ui::uncertainty(106, {0.738, 0.882}) == "n 106, 95 % interval 74\u201388 %");
}

TEST_CASE("format: numbers") {
  CHECK(ui::thousands(0) == "0");
  CHECK(ui::thousands(999) == "999");
  CHECK(ui::thousands(-1234567) == "-1,234,567");
  CHECK(ui::significant(0.69314718, 4) == "0.6931");
  CHECK(ui::significant(12.3456, 3) == "12.3");
  CHECK(ui::significant(0, 3) == "0.00");
  CHECK(ui::significant(0.00123, 2) == "0.0012");
  CHECK(ui::significant(1e-7, 2) == "1.0e-07");
  CHECK(ui::significant(std::nan(""), 3) == "NaN");
  CHECK(ui::duration(-1).empty());
  CHECK(ui::duration(0.2) == "1 s");
  CHECK(ui::duration(185) == "3 min 5 s");
  CHECK(ui::duration(4320) == "1 h 12 min");
  CHECK(ui::counted(1, "sequence", "sequences") == "1 sequence");
  CHECK(ui::counted(1200, "sequence", "sequences") == "1,200 sequences");
  CHECK(ui::shortened("abcdefgh", 5) == "ab...");
  CHECK(ui::contains_ignoring_case("Promoter_12", "ROMO"));
  CHECK(ui::contains_ignoring_case("x", ""));
  CHECK_FALSE(ui::contains_ignoring_case("abc", "abcd"));
}

TEST_CASE("format: ticks are round, inside, and not too many") {
  const auto texts = [](const std::vector<ui::Tick>& ticks) {
    std::string all;
    for (const ui::Tick& t : ticks) all += t.label + " ";
    return all;
  };
  CHECK(texts(ui::linear_ticks(0, 1, 4)) == "0.0 0.5 1.0 ");
  CHECK(texts(ui::linear_ticks(0, 360, 4)) == "0 100 200 300 ");
  CHECK(texts(ui::linear_ticks(0, 100000, 3)) == "0 50 k 100 k ");
  CHECK(texts(ui::log_ticks(0.001, 1, 4)) == "0.001 0.01 0.1 1 ");
  CHECK(ui::linear_ticks(1, 1, 4).empty());
  CHECK(ui::linear_ticks(0, INFINITY, 4).empty());
  CHECK(ui::log_ticks(0, 1, 4).empty());
  for (const double high : {1e-6, 0.03, 1.7, 42.0, 9e5, 3e12}) {
    const auto ticks = ui::linear_ticks(0, high, 5);
    CHECK(ticks.size() >= 2);
    CHECK(ticks.size() <= 7);
    CHECK(ticks.back().value <= high * (1 + 1e-9));
  }
}

TEST_CASE("plot: an envelope keeps the extremes of what it thins out") {
  std::vector<float> values(100000, 0.5f);
  values[31234] = 9;
  values[31235] = -9;
  values[50000] = std::nanf("");
  const auto slices = ui::envelope(values.size(), 100, [&](std::size_t i) { return values[i]; });
  REQUIRE(slices.size() == 100);
  CHECK(slices[31].high == 9);
  CHECK(slices[31].low == -9);
  CHECK(slices[50].low == 0.5f);
  CHECK(slices[50].high == 0.5f);
  const auto nothing = ui::envelope(0, 3, [](std::size_t) { return 1.0f; });
  CHECK(nothing[0].low > nothing[0].high);
}

TEST_CASE("preferences: what was liked comes back; damage changes nothing") {
  ui::PanelState liked;
  liked.theme_mode = ui::ThemeMode::Dark;
  liked.hint_dismissed = true;
  liked.left = 333;
  const session::Message saved = ui::preferences_message(liked);
  CHECK(saved.type() == "save");
  ui::PanelState read;
  ui::read_preferences(saved.body, read);
  CHECK(read.theme_mode == ui::ThemeMode::Dark);
  CHECK(read.hint_dismissed);
  CHECK(read.left == 333);

  for (const std::string text : {"", "{", "[1]", R"({"theme":7,"left":"x","right":-5,"hint_dismissed":1})"}) {
    ui::PanelState state;
    ui::read_preferences(session::Bytes(text.begin(), text.end()), state);
    CHECK(state.theme_mode == ui::ThemeMode::System);
    CHECK(state.left == ui::kLeftWidth);
    CHECK(state.right == ui::kRightWidth);
    CHECK_FALSE(state.hint_dismissed);
  }
}
