// The tracks and the inspector over a real session, by real mouse events, without a GPU.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "rnn/sensitivity.h"
#include "track_screen.h"
#include "ui/readout.h"
#include "ui/tracks/lines.h"

using namespace ribostep;

namespace {

using tests::kHeight;
using tests::Screen;

bool on_state(const ui::Hover& hover) { return hover.layer == 0 && hover.gate == -1; }

}  // namespace

TEST_CASE("tracks: a click moves the cursor to the letter under it, and to 0 left of the first") {
  Screen screen;
  const float y = screen.y_where(on_state);
  REQUIRE(y > 0);
  for (const int position : {17, 1, 40, 0, 23}) {
    screen.click(screen.x_of(position), y);
    CHECK(screen.session().position() == position);
  }
}

TEST_CASE("tracks: dragging scrubs the cursor") {
  Screen screen;
  const float y = screen.y_where(on_state);
  screen.mouse(screen.x_of(3), y);
  screen.button(0, true);
  screen.mouse(screen.x_of(20), y);
  CHECK(screen.session().position() == 20);
  screen.mouse(screen.x_of(31), y);
  CHECK(screen.session().position() == 31);
  screen.button(0, false);
  screen.mouse(screen.x_of(8), y);
  CHECK(screen.session().position() == 31);
}

TEST_CASE("tracks: hovering tells unit, gate and position, and the value in full") {
  Screen screen;
  const float y =
      screen.y_where([](const ui::Hover& h) { return h.layer == 0 && h.gate == -1 && h.unit == 3; });
  REQUIRE(y > 0);
  CHECK(screen.state.hover.position == 5);
  bool found = false;
  for (const auto& track : screen.state.tracks.tracks) {
    if (track->key() != "h") continue;
    found = true;
    const float share = 3.5f / 6;
    const std::string text = track->value_at(screen.session(), 5, share);
    const std::string prefix = "h₃ at position 5 = ";
    REQUIRE(text.substr(0, prefix.size()) == prefix);
    // %.9g identifies the float.
    CHECK(std::strtof(text.c_str() + prefix.size(), nullptr) == screen.session().trace()->layers[0].h(4, 3));
    CHECK(track->value_at(screen.session(), 0, share) ==
          "h₃ at position 0 = 0 (the state before the first letter)");
  }
  CHECK(found);
  CHECK(screen.y_where([](const ui::Hover& h) { return h.gate == 1; }) > 0);
}

TEST_CASE(
    "tracks: the wheel zooms around the mouse, a double click fits, and the view is kept in the project") {
  Screen screen;
  const float y = screen.y_where(on_state);
  const float x = std::floor(screen.x_of(30));  // ImGui keeps whole pixels
  screen.mouse(x, y);
  const double under = screen.state.axis.letter_at(x);
  for (int i = 0; i < 3; ++i) {
    ImGui::GetIO().AddMouseWheelEvent(0, 1);
    screen.frames(2);
  }
  CHECK_FALSE(screen.state.axis.fitted());
  CHECK(screen.state.axis.letter_at(x) == doctest::Approx(under).epsilon(1e-4));
  CHECK(screen.session().project().view.span == doctest::Approx(screen.state.axis.span));
  const double first = screen.state.axis.first;
  ImGui::GetIO().AddMouseWheelEvent(-1, 0);
  screen.frames(2);
  CHECK(screen.state.axis.first > first);
  for (int i = 0; i < 2; ++i) {
    screen.button(0, true);
    screen.button(0, false);
  }
  CHECK(screen.state.axis.fitted());
  CHECK(screen.session().project().view.span == 0);
}

TEST_CASE("tracks: stepping out of the view turns the page, looking elsewhere does not") {
  Screen screen;
  io::View view = screen.session().project().view;
  view.span = 16;
  view.first = 0;
  screen.session().set_view(view);
  screen.session().go_to(16);
  screen.frames(2);
  CHECK(screen.state.axis.first == 0);
  screen.session().step(1);
  screen.frames(2);
  CHECK(screen.state.axis.shows(16));
  CHECK(screen.state.axis.first > 0);
  view.first = 0;
  screen.session().set_view(view);
  screen.frames(3);
  CHECK(screen.state.axis.first == 0);
}

TEST_CASE("tracks: a view that came with the project is not overwritten by drawing it") {
  Screen screen;
  io::View view;
  view.first = 7.25;
  view.span = 18.5;
  screen.session().set_view(view);
  ui::UiState fresh;
  screen.state = std::move(fresh);
  screen.frames(3);
  CHECK(screen.session().project().view == view);
  CHECK(screen.state.axis.first == 7.25);
}

TEST_CASE("tracks: hidden tracks take no room, and pressing a title folds its group") {
  Screen screen;
  REQUIRE(screen.y_where([](const ui::Hover& h) { return h.gate == 2; }) > 0);
  io::View view = screen.session().project().view;
  view.hidden_tracks = {"gate g"};
  screen.session().set_view(view);
  screen.frames(2);
  CHECK(screen.y_where([](const ui::Hover& h) { return h.gate == 2; }) < 0);
  REQUIRE(screen.y_where(on_state) > 0);
  screen.state.tracks.folded.insert("Layer 1, forward, 6 units");
  screen.frames(2);
  CHECK(screen.y_where(on_state) < 0);
}

TEST_CASE("tracks: pictures are painted again only when something changed") {
  Screen screen;
  screen.mouse(-100, -100);
  screen.frames(5);
  const int settled = screen.headless.textures.updates;
  screen.frames(20);
  screen.session().go_to(9);
  screen.frames(5);
  CHECK(screen.headless.textures.updates == settled);
  screen.session().train_once();
  screen.fixture.worker.settle();
  screen.frames(3);
  CHECK(screen.headless.textures.updates > settled);
}

TEST_CASE("tracks: another set of the same lengths gets its own letters") {
  Screen screen;
  const auto stripes = [&](char letter) {
    screen.fixture.paste(">a\n" + std::string(300, letter) + "\n>b\n" + std::string(300, 'A') + "\n");
    screen.frames(3);
    for (const auto& [id, picture] : screen.headless.textures.pictures) {
      if (picture.w == 300 && picture.pixels[0] == ui::letter_colour(letter, true, false)) return true;
    }
    return false;
  };
  CHECK(stripes('C'));
  CHECK(stripes('T'));
}

TEST_CASE("tracks: a picture holds the trace: the first texel row is unit 0 of every position") {
  Screen screen;
  const rnn::LayerTrace& layer = screen.session().trace()->layers[0];
  const ui::ColourMap map = ui::diverging(false);
  bool found = false;
  for (const auto& [id, picture] : screen.headless.textures.pictures) {
    if (picture.h != 6 || picture.w != 40) continue;
    bool same = true;
    for (int t = 0; t < 40; ++t) {
      const std::uint8_t byte = ui::ValueRange{-1, 1}.byte(layer.h(t, 0));
      same = same && picture.pixels[static_cast<std::size_t>(t)] == map[byte];
    }
    found = found || same;
  }
  CHECK(found);
}

TEST_CASE("tracks and inspector: every cell, task and direction draws at every position") {
  Screen screen;
  for (int c = 0; c < rnn::kCount<rnn::CellKind>; ++c) {
    for (const rnn::Task task : {rnn::Task::SequenceLabel, rnn::Task::NextSymbol}) {
      for (int d = 0; d < rnn::kCount<rnn::Directions>; ++d) {
        rnn::ModelSpec spec = screen.session().network().spec;
        spec.cell = static_cast<rnn::CellKind>(c);
        spec.task = task;
        spec.directions = static_cast<rnn::Directions>(d);
        spec.layers = 2;
        spec.layer_norm = d % 2 == 1;
        spec.peepholes = rnn::is_lstm(spec.cell) && task == rnn::Task::SequenceLabel;
        if (!rnn::problem(spec).empty()) continue;
        screen.session().set_model(spec);
        screen.frames(2);  // the trace is being computed
        screen.fixture.worker.settle();
        for (const int position : {0, 1, 25, 40}) {
          screen.session().go_to(position);
          screen.frames(2);
          CHECK(screen.headless.vertices() > 1000);
        }
      }
    }
  }
}

TEST_CASE("tracks and inspector: every wiring, input and initial state draws, with a trace and without") {
  Screen screen;
  const rnn::ModelSpec plain = screen.session().network().spec;
  using Change = std::function<void(rnn::ModelSpec&)>;
  const std::vector<Change> changes = {
      [](rnn::ModelSpec& s) { s.input = rnn::Input::Codons; },
      [](rnn::ModelSpec& s) { s.input = rnn::Input::Kmers, s.embedding = 4; },
      [](rnn::ModelSpec& s) { s.layers = 2, s.window = 7, s.window_carry = false; },
      [](rnn::ModelSpec& s) { s.layers = 2, s.window = 3, s.input = rnn::Input::Codons, s.truncate = 5; },
      [](rnn::ModelSpec& s) {
        s.layers = 3, s.dilations = {1, 2, 50};
      },
      [](rnn::ModelSpec& s) { s.circular = rnn::Circular::FixedPoint, s.directions = rnn::Directions::Both; },
      [](rnn::ModelSpec& s) { s.circular = rnn::Circular::Doubled, s.layers = 2; },
      [](rnn::ModelSpec& s) { s.initial = rnn::InitialState::Learned, s.directions = rnn::Directions::Both; },
      [](rnn::ModelSpec& s) { s.task = rnn::Task::NextSymbol, s.input = rnn::Input::Codons; }};
  for (const Change& change : changes) {
    rnn::ModelSpec spec = plain;
    change(spec);
    REQUIRE(rnn::problem(spec).empty());
    screen.session().set_model(spec);
    screen.frames(2);
    screen.fixture.worker.settle();
    for (const int position : {0, 1, 2, 25, 40})
      for (std::size_t layer = 0; layer < screen.session().network().layers.size(); ++layer) {
        screen.session().go_to(position);
        screen.state.inspector.layer = static_cast<int>(layer);
        screen.frames(2);
        CHECK(screen.headless.vertices() > 1000);
        CHECK(screen.state.inspector.layer == static_cast<int>(layer));
      }
  }
  // Two letters are no codon: nothing is read, and that is said.
  screen.fixture.paste(">a\nAC\n>b\nGT\n");
  screen.change([](rnn::ModelSpec& s) { s.input = rnn::Input::Codons; });
  for (const int position : {0, 1, 2}) {
    screen.session().go_to(position);
    screen.frames(2);
    for (const auto& track : screen.state.tracks.tracks)
      if (track->present(screen.session())) track->value_at(screen.session(), position, 0.5f);
  }
}

TEST_CASE("tracks: a level that reads windows names its steps and their letters, and shows them by letter") {
  Screen screen;
  screen.change([](rnn::ModelSpec& s) { s.layers = 2, s.window = 10; });
  const auto lower = screen.track("h"), upper = screen.track("h", 1);
  REQUIRE(upper);
  CHECK(lower->group() == "Layer 1, forward, 6 units");
  CHECK(upper->group() == "Layer 2, windows of 10, forward, 6 units, a step is 10 letters");
  const float share = 3.5f / 6;
  const std::string prefix = "h₃ of window 3, letters 21–30 = ";
  for (const int position : {21, 25, 30}) {
    const std::string text = upper->value_at(screen.session(), position, share);
    REQUIRE(text.substr(0, prefix.size()) == prefix);
    CHECK(std::strtof(text.c_str() + prefix.size(), nullptr) == screen.session().trace()->layers[1].h(2, 3));
  }
  CHECK(upper->value_at(screen.session(), 31, share).find("window 4, letters 31–40") != std::string::npos);
  // The picture: all letters of a window have its colour.
  const rnn::LayerTrace& layer = screen.session().trace()->layers[1];
  const ui::ColourMap map = ui::diverging(false);
  bool found = false;
  for (const auto& [id, picture] : screen.headless.textures.pictures) {
    if (picture.h != 6 || picture.w != 40) continue;
    bool same = true;
    for (int t = 0; t < 40; ++t)
      same = same && picture.pixels[static_cast<std::size_t>(t)] ==
                         map[ui::ValueRange{-1, 1}.byte(layer.h(t / 10, 0))];
    found = found || same;
  }
  CHECK(found);
}

TEST_CASE("tracks: the first column shows the state a sequence starts from") {
  Screen screen;
  screen.change([](rnn::ModelSpec& s) { s.initial = rnn::InitialState::Learned; });
  screen.session().train_once();
  screen.fixture.worker.settle();
  const auto track = screen.track("h");
  const std::string text = track->value_at(screen.session(), 0, 0.5f / 6);
  const std::string prefix = "h₀ at position 0 = ";
  REQUIRE(text.substr(0, prefix.size()) == prefix);
  CHECK(std::strtof(text.c_str() + prefix.size(), nullptr) ==
        screen.session().trace()->layers[0].initial_h[0]);
  CHECK(text.find("(learned, the same for every sequence)") != std::string::npos);
  screen.change([](rnn::ModelSpec& s) {
    s.initial = rnn::InitialState::Zero;
    s.circular = rnn::Circular::TwoPass;
  });
  CHECK(screen.track("h")->value_at(screen.session(), 0, 0.5f / 6).find("carried round the circle") !=
        std::string::npos);
}

TEST_CASE("tracks: a row tells windows, codons, cuts of the gradient and the circle") {
  Screen screen;
  const auto text = [&](int position) {
    return screen.track("wiring")->value_at(screen.session(), position, 0.5f);
  };
  CHECK_FALSE(screen.track("wiring")->present(screen.session()));
  screen.change(
      [](rnn::ModelSpec& s) { s.layers = 2, s.window = 8, s.truncate = 15, s.window_carry = false; });
  CHECK(screen.track("wiring")->present(screen.session()));
  CHECK(text(17) ==
        "window 3, letters 17–24\nthe state starts anew in every window\n"
        "training sends gradients along letters 16–30 only: cut every 15 steps");
  screen.change([](rnn::ModelSpec& s) {
    s.layers = 1, s.window = 0, s.truncate = 0, s.window_carry = true, s.input = rnn::Input::Codons;
  });
  CHECK(text(17) == "codon 6, letters 16–18");
  CHECK(text(40) == "behind the last whole codon: not read");
  screen.change([](rnn::ModelSpec& s) {
    s.input = rnn::Input::Letters;
    s.circular = rnn::Circular::TwoPass;
  });
  CHECK(text(3) == "a circle: letter 1 follows letter 40");
  // It is drawn: the row adds something to the picture.
  const int with = screen.headless.vertices();
  io::View view = screen.session().project().view;
  view.hidden_tracks = {"wiring"};
  screen.session().set_view(view);
  screen.frames(2);
  CHECK(screen.headless.vertices() < with);
}

namespace {

// Three series of two channels each, a position a row.
std::string series_text() {
  std::string text = "gene\ttime\texpr\tmeth\n";
  for (int g = 0; g < 3; ++g)
    for (int t = 0; t < 30; ++t) {
      char line[80];
      std::snprintf(line, sizeof line, "g%d\t%d\t%.4f\t%.4f\n", g, t, std::sin(0.4 * t + g),
                    40 * std::cos(0.3 * t));
      text += line;
    }
  return text;
}

}  // namespace

TEST_CASE("tracks: a series has a row per channel and shows its next values beside those that came") {
  Screen screen;
  screen.fixture.paste(series_text());
  screen.change([](rnn::ModelSpec& s) {
    s.input = rnn::Input::Values;
    s.task = rnn::Task::NextVector;
  });
  REQUIRE(screen.session().length() == 30);
  const auto values = screen.track("values");
  REQUIRE(values->present(screen.session()));
  CHECK_FALSE(screen.track("letters")->present(screen.session()));
  const std::span<const float> given = screen.session().example().values;
  REQUIRE(given.size() == 60);
  const std::string prefix = "meth at position 7 = ";
  const std::string text = values->value_at(screen.session(), 7, 0.75f);
  REQUIRE_MESSAGE(text.substr(0, prefix.size()) == prefix, text);
  CHECK(std::strtof(text.c_str() + prefix.size(), nullptr) == given[13]);
  // Each channel fills its own scale: both rows reach the ends of the colours.
  const ui::ColourMap map = ui::diverging(false);
  bool found = false;
  for (const auto& [id, picture] : screen.headless.textures.pictures) {
    if (picture.h != 2 || picture.w != 30) continue;
    for (int row = 0; row < 2; ++row) {
      const auto begin = picture.pixels.begin() + row * 30;
      found = std::any_of(begin, begin + 30, [&](std::uint32_t c) { return c == map[0] || c == map[255]; });
      if (!found) break;
    }
  }
  CHECK(found);
  const std::string output = screen.track("output")->value_at(screen.session(), 7, 0.25f);
  const float predicted = screen.session().trace()->p(6, 0);
  CHECK(output ==
        "after position 7\nexpr: predicted " + ui::exact(predicted) + ", next is " + ui::exact(given[14]));
  CHECK(screen.track("output")->value_at(screen.session(), 30, 0.25f).find("next is") == std::string::npos);
  for (const int position : {0, 1, 15, 30}) {
    screen.session().go_to(position);
    screen.frames(2);
    CHECK(screen.headless.vertices() > 1000);
  }
  CHECK(screen.session().step_sentence().substr(0, 15) == "read 2 values: ");
}

TEST_CASE("tracks: gradients are computed while their group is open, and read on a log scale") {
  Screen screen;
  CHECK(screen.session().sensitivity() == nullptr);
  // Pressing the title opens the group.
  screen.state.tracks.folded.erase(ui::kGradients);
  screen.frames(2);
  screen.fixture.worker.settle();
  screen.frames(2);
  const rnn::Sensitivity* found = screen.session().sensitivity();
  REQUIRE(found);
  REQUIRE(found->state_gradient.size() == 1);
  const auto text = [&](const char* key, int position) {
    return screen.track(key)->value_at(screen.session(), position, 0.5f);
  };
  const auto i = std::size_t{11};
  CHECK(text("grad h", 12) == "position 12\n|dL/dh| = " + ui::from_log10(found->state_gradient[0][i]));
  CHECK(text("grad x", 12) == "position 12\n|dL/dx| = " + ui::from_log10(found->input_gradient[i]));
  CHECK(text("jacobian", 12).find("of all steps up to here = " + ui::from_log10(found->product_sigma[i])) !=
        std::string::npos);
  CHECK(text("direct path", 12)
            .find(" = " + ui::from_log10(static_cast<double>(found->direct_path[0][i * 6 + 3]))) !=
        std::string::npos);
  // The choice beside the title.
  CHECK(screen.track("grad h")->group_choice(screen.session()) ==
        std::string("of: ") + rnn::label(rnn::SensitivityLoss::Whole));
  screen.session().set_sensitivity_loss(rnn::SensitivityLoss::LastOutput);
  screen.fixture.worker.settle();
  CHECK(screen.track("grad h")->group_choice(screen.session()) ==
        std::string("of: ") + rnn::label(rnn::SensitivityLoss::LastOutput));
  for (const int position : {0, 1, 40}) {
    screen.session().go_to(position);
    screen.frames(2);
  }
  // Folded again, nobody wants them any more.
  screen.state.tracks.folded.insert(ui::kGradients);
  screen.frames(2);
  screen.fixture.worker.settle();
  CHECK(screen.session().sensitivity() == nullptr);
}

TEST_CASE("tracks: a line has gaps where there is no value, near and far") {
  Screen screen;
  const double none = -std::numeric_limits<double>::infinity();
  std::vector<double> values(4000);
  // Of the first line drawn: whether any vertex lies in the middle third, and at both ends.
  const auto drawn = [&](int count) {
    ui::Axis axis = screen.state.axis;
    axis.length = count;
    axis.fit();
    const ui::ColourMap map{};
    std::ptrdiff_t budget = 0;
    const auto n = static_cast<std::size_t>(count);
    for (std::size_t i = 0; i < n; ++i) values[i] = i < n / 3 || i >= 2 * n / 3 ? -2.0 : none;
    const ui::StepLine line{count, 0, 1, [&](int i) { return values[static_cast<std::size_t>(i)]; }};
    const ui::Span span = ui::span_of(line);
    CHECK(span.low == -2);
    CHECK(span.high == -2);
    std::vector<float> x;
    screen.headless.frame([&] {
      ImDrawList& draw = *ImGui::GetWindowDrawList();
      const ui::TrackContext context{screen.session(),
                                     screen.state,
                                     ui::theme(false),
                                     screen.headless.fonts,
                                     screen.headless.textures,
                                     draw,
                                     axis,
                                     map,
                                     map,
                                     budget};
      const int before = draw.VtxBuffer.Size;
      const ui::Area area{ImVec2(axis.x0, 100), ImVec2(axis.x0 + axis.width, 160)};
      ui::draw_step_line(context, area, line, -3, 0, ui::theme(false).accent, 1.5f);
      for (int v = before; v < draw.VtxBuffer.Size; ++v) {
        x.push_back((draw.VtxBuffer[v].pos.x - axis.x0) / (axis.x_of(count) - axis.x0));
        // log10 -2 on a scale from -3 to 0.
        CHECK(draw.VtxBuffer[v].pos.y == doctest::Approx(158.5 - 57.0 / 3).epsilon(0.03));
      }
    });
    const auto within = [&](float low, float high) {
      return std::count_if(x.begin(), x.end(), [&](float v) { return v > low && v < high; });
    };
    CHECK(within(0, 0.3f) > 0);
    CHECK(within(0.7f, 1) > 0);
    CHECK(within(0.36f, 0.63f) == 0);
  };
  drawn(30);
  drawn(4000);
}

TEST_CASE("readout: what a network says of the next vector or codon stands beside what came") {
  rnn::Trace trace;
  trace.length = 3;
  trace.outputs = 2;
  trace.rows = 3;
  trace.probabilities = {1, 2, 3, 4, 5, 6};
  const std::vector<float> values{10, 20, 30, 40, 50, 60};
  rnn::Example example;
  example.values = values;
  const auto first = ui::next_values(trace, example, 1), last = ui::next_values(trace, example, 3);
  REQUIRE(first.size() == 2);
  CHECK(first[1].predicted == 2);
  CHECK(first[1].next == 40);
  CHECK(first[1].known);
  CHECK(last[0].predicted == 5);
  CHECK_FALSE(last[0].known);
  trace.letters_per_row = 3;
  CHECK(ui::next_symbol(trace, "ACGTTTGA", 0) == "TTT");
  CHECK(ui::next_symbol(trace, "ACGTTTGA", 1).empty());
}

TEST_CASE("readout: numbers given as their log10, far below what a double holds") {
  CHECK(ui::from_log10(std::log10(0.032)) == "0.032");
  CHECK(ui::from_log10(0) == "1");
  CHECK(ui::from_log10(std::log10(3.2e-14)) == "3.2e-14");
  CHECK(ui::from_log10(-411.5) == "3.2e-412");
  CHECK(ui::from_log10(-6.0001) == "1.0e-06");  // not 10.0e-07
  CHECK(ui::from_log10(std::log10(2.5) + 20) == "2.5e+20");
  CHECK(ui::from_log10(-std::numeric_limits<double>::infinity()) == "0 (below 1e-308)");
}
