// What the panels around the tracks remember between frames, and what every panel is handed. Nothing here is
// part of the project; sizes and the chosen theme are kept per browser (App saves them as preferences).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "session/session.h"
#include "ui/fonts.h"
#include "ui/theme.h"

namespace ribostep::ui {

enum class ThemeMode : std::uint8_t { System, Light, Dark };
enum class BottomTab : std::uint8_t {
  Curves,
  Sequences,
  Results,
  Runs,
  Conditions,
  Compare,
  Attribution,
  Space,
  Units,
  Weights,
  Machine
};
enum class PhoneTab : std::uint8_t { Data, Model, Train, Tracks, Inspector, Results };
enum class Column : std::uint8_t { Index, Name, Length, Label, Prediction, Probability, Loss, Set };

inline constexpr float kLeftWidth = 320, kRightWidth = 340, kBottomHeight = 236;  // CSS pixels

inline constexpr std::uint8_t kTrainSet = 0, kValidationSet = 1, kNoSet = 2;

// Which records the table shows and in what order; rebuilt only when what it depends on changes.
struct TableState {
  std::string search;
  Column sort = Column::Index;
  bool ascending = true;
  std::vector<int> order;
  std::vector<std::uint8_t> set_of;  // per record: kNoSet, kTrainSet, kValidationSet
  std::uint64_t built_from = 0;      // fingerprint of everything `order` depends on; 0: never built
  int builds = 0;                    // how often it was built, for tests
  int shown_sequence = -1;           // scrolls there when another sequence is selected elsewhere
  bool apply_sort = false;           // hand sort/ascending to ImGui's table in the next frame
};

// A number being typed or dragged: committed when the mouse or Enter lets go, so that one gesture is one
// change.
struct Editing {
  unsigned item = 0;
  double value = 0;
};

// Records per class, counted once per labelling instead of once per frame.
struct ClassCounts {
  const int* of = nullptr;
  std::size_t records = 0;
  std::vector<int> counts;
};

// Where the lines of a text begin, so that a long table is drawn without reading it all.
struct Lines {
  const char* of = nullptr;
  std::size_t size = 0;
  std::vector<std::size_t> starts;
};

enum class ResultKind : std::uint8_t { CrossValidation, Predictions, Scan };

struct PanelState {
  ThemeMode theme_mode = ThemeMode::System;
  bool system_dark = false;
  bool hint_dismissed = false;
  bool help_open = false;
  bool help_models = false;  // its second page
  bool licence_open = false;
  bool all_diagnostics = false;
  bool log_loss = false;
  float left = kLeftWidth, right = kRightWidth, bottom = kBottomHeight, bottom_machine = kBottomHeight + 70;
  float train_controls_height = 150;  // as last drawn
  BottomTab bottom_tab = BottomTab::Curves;
  PhoneTab phone_tab = PhoneTab::Tracks;
  bool show_bottom_tab = false;  // bring bottom_tab to the front in the next frame
  bool show_phone_tab = false;
  TableState table;
  ClassCounts class_counts;
  Lines scan_lines;
  ResultKind result = ResultKind::CrossValidation;
  Editing editing;
  bio::ShuffleKind negatives = bio::ShuffleKind::Dinucleotide;
  int folds = 10;
  bool leave_one_out = false;
  std::uint64_t fold_seed = 1;
  int scan_window = 100, scan_stride = 25;
  bool scan_both = true;
  bool preferences_changed = false;
};

struct Panel {
  session::Session& session;
  PanelState& state;
  const Theme& theme;
  const FontSet& fonts;
  std::vector<session::Message>& outbox;  // what only the screen asks of the page: pick, editor, copy
  bool touch = false;                     // phone layout: taller targets, nothing that needs a hovering mouse
};

// The page's own dialogues.
inline void post(Panel& p, nlohmann::json head) { p.outbox.push_back({std::move(head), {}}); }

}  // namespace ribostep::ui
