#include "ui/space_points.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "ui/colour.h"

namespace ribostep::ui {
namespace {

constexpr std::uint8_t kNoClass = 255;
constexpr int kMostShapes = 6;

// Protein letters have a colour per kind of residue.
constexpr const char* kResidueClasses[] = {"hydrophobic", "aromatic", "polar",
                                           "positive",    "negative", "special"};
constexpr char kResidueOf[] = {'L', 'F', 'S', 'K', 'D', 'G'};

const std::vector<std::string>& label_names(const session::Session& session, SpaceState& state) {
  if (state.label_names_of != &session.data()) {
    state.label_names_of = &session.data();
    state.label_names = bio::position_classes(session.data()).names;
  }
  return state.label_names;
}

}  // namespace

const char* name(SpaceColour colour) {
  static constexpr const char* kNames[] = {"letter", "codon phase", "label", "output", "position"};
  return kNames[static_cast<std::size_t>(colour)];
}

std::string colour_obstacle(const session::Session& session, SpaceColour colour) {
  const rnn::ModelSpec& spec = session.project().model;
  switch (colour) {
    case SpaceColour::Letter:
      return session.data().channels() > 0 ? "a series has numbers, no letters" : "";
    case SpaceColour::Phase:
      if (session.data().channels() > 0) return "a series has no codons";
      return spec.input == rnn::Input::Codons ? "each step is a whole codon" : "";
    case SpaceColour::Label:
      return session.example().position_labels.empty() ? "positions of this sequence have no labels" : "";
    case SpaceColour::Output:
      return spec.task == rnn::Task::NextVector ? "a predicted vector has no class" : "";
    case SpaceColour::Position:
      break;
  }
  return {};
}

void SpaceGrid::build(const experiment::StateSpace& space, int component_x, int component_y,
                      std::uint64_t of) {
  serial = of;
  x = component_x;
  y = component_y;
  low_x = high_x = space.steps > 0 ? static_cast<double>(space.at(0, x)) : 0;
  low_y = high_y = space.steps > 0 ? static_cast<double>(space.at(0, y)) : 0;
  for (int t = 1; t < space.steps; ++t) {
    const double px = static_cast<double>(space.at(t, x)), py = static_cast<double>(space.at(t, y));
    low_x = std::min(low_x, px);
    high_x = std::max(high_x, px);
    low_y = std::min(low_y, py);
    high_y = std::max(high_y, py);
  }
  const auto cell = [](double value, double low, double high) {
    const double share = high > low ? (value - low) / (high - low) : 0;
    return std::isfinite(share) ? std::clamp(static_cast<int>(share * kCells), 0, kCells - 1) : 0;
  };
  const auto cell_of = [&](int t) {
    return static_cast<std::size_t>(cell(static_cast<double>(space.at(t, y)), low_y, high_y) * kCells +
                                    cell(static_cast<double>(space.at(t, x)), low_x, high_x));
  };
  begin.assign(static_cast<std::size_t>(kCells * kCells + 1), 0);
  for (int t = 0; t < space.steps; ++t) ++begin[cell_of(t) + 1];
  for (std::size_t c = 1; c < begin.size(); ++c) begin[c] += begin[c - 1];
  std::vector<int> next(begin.begin(), begin.end() - 1);
  steps.resize(static_cast<std::size_t>(space.steps));
  for (int t = 0; t < space.steps; ++t) steps[static_cast<std::size_t>(next[cell_of(t)]++)] = t;
}

std::vector<int> SpaceGrid::within(experiment::PlanePoint low, experiment::PlanePoint high) const {
  const auto cell = [](double value, double from, double to) {
    const double share = to > from ? (value - from) / (to - from) : 0;
    return static_cast<int>(std::floor(std::clamp(share, -1.0, 2.0) * kCells));
  };
  const int left = std::max(0, cell(low.x, low_x, high_x)),
            right = std::min(kCells - 1, cell(high.x, low_x, high_x));
  const int bottom = std::max(0, cell(low.y, low_y, high_y)),
            top = std::min(kCells - 1, cell(high.y, low_y, high_y));
  const auto each = [&](auto visit) {
    for (int row = bottom; row <= top; ++row)
      for (int column = left; column <= right; ++column) {
        const auto c = static_cast<std::size_t>(row * kCells + column);
        if (begin[c + 1] > begin[c]) visit(begin[c], begin[c + 1] - begin[c]);
      }
  };
  std::int64_t total = 0;
  each([&](int, int count) { total += count; });
  std::vector<int> out;
  each([&](int from, int count) {
    const int wanted =
        total <= kShown ? count : std::max(1, static_cast<int>(std::int64_t{count} * kShown / total));
    for (int i = 0; i < wanted; ++i)
      out.push_back(
          steps[static_cast<std::size_t>(from + static_cast<int>(std::int64_t{i} * count / wanted))]);
  });
  return out;
}

void refresh_classes(const Panel& p, const session::SpaceView& view, SpaceState& state) {
  SpaceClasses& c = state.classes;
  const session::Session& session = p.session;
  if (c.serial == view.serial && c.trace == session.trace_serial() && c.colour == state.colour &&
      c.dark == p.theme.dark)
    return;
  c = {};
  c.serial = view.serial;
  c.trace = session.trace_serial();
  c.colour = state.colour;
  c.dark = p.theme.dark;
  const std::string_view letters = session.letters();
  const bio::Alphabet& alphabet = session.data().alphabet();
  const rnn::Example example = session.example();
  const rnn::Trace* trace = session.trace();
  const bool residues = alphabet.kind == bio::AlphabetKind::Protein;
  if (state.colour == SpaceColour::Letter) {
    if (!residues)
      for (const char symbol : alphabet.symbols) c.names.emplace_back(1, symbol);
    else
      c.names.assign(std::begin(kResidueClasses), std::end(kResidueClasses));
  } else if (state.colour == SpaceColour::Phase) {
    c.names = {"phase 1", "phase 2", "phase 3"};
  } else if (state.colour == SpaceColour::Label) {
    c.names = label_names(session, state);
  } else if (state.colour == SpaceColour::Output) {
    c.names = session.output_names();
  } else {
    c.names = {"first quarter", "second quarter", "third quarter", "last quarter"};
  }
  const std::size_t known = c.names.size();
  bool others = false;
  const int steps = view.space.steps;
  c.of_step.reserve(static_cast<std::size_t>(steps));
  for (int t = 0; t < steps; ++t) {
    const int position = view.position_of(t);
    const auto at = static_cast<std::size_t>(std::max(0, position - 1));
    std::size_t cls = kNoClass;
    if (state.colour == SpaceColour::Letter && at < letters.size()) {
      if (!residues) {
        const int token = alphabet.token(letters[at]);
        if (alphabet.is_symbol(token)) cls = static_cast<std::size_t>(token);
      } else {
        const std::string_view residue = residue_class(letters[at]);
        for (std::size_t k = 0; k < known; ++k)
          if (residue == kResidueClasses[k]) cls = k;
      }
    } else if (state.colour == SpaceColour::Phase) {
      cls = at % 3;
    } else if (state.colour == SpaceColour::Label) {
      if (at < example.position_labels.size()) cls = example.position_labels[at];
    } else if (state.colour == SpaceColour::Output) {
      if (trace != nullptr && trace->rows > 0 && trace->length == view.length) {
        const int row = trace->row_of(static_cast<int>(at));
        int best = 0;
        for (int k = 1; k < trace->outputs; ++k)
          if (trace->p(row, k) > trace->p(row, best)) best = k;
        cls = static_cast<std::size_t>(best);
      }
    } else {
      cls = std::min<std::size_t>(
          3, static_cast<std::size_t>(t) * 4 / static_cast<std::size_t>(std::max(1, steps)));
    }
    if (cls >= known) {
      others = true;
      cls = known;
    }
    c.of_step.push_back(static_cast<std::uint8_t>(std::min<std::size_t>(cls, kNoClass)));
  }
  if (others) c.names.push_back(state.colour == SpaceColour::Label ? "no label" : "other");
  c.counts.assign(c.names.size(), 0);
  for (const std::uint8_t cls : c.of_step)
    if (cls < c.counts.size()) ++c.counts[cls];
  for (std::size_t k = 0; k < c.names.size(); ++k) {
    const bool rest = k >= known;
    if (rest)
      c.colours.push_back(p.theme.text_dim);
    else if (state.colour == SpaceColour::Letter)
      c.colours.push_back(letter_colour(residues ? kResidueOf[k] : c.names[k][0], alphabet, p.theme.dark));
    else
      c.colours.push_back(class_colour(static_cast<int>(k), p.theme.dark));
  }
  c.shapes = state.colour != SpaceColour::Position && c.names.size() <= kMostShapes;
}

void refresh_picked(const session::SpaceView& view, const std::vector<int>& picked, SpaceState& state) {
  const int first = picked.empty() ? 0 : picked.front(), last = picked.empty() ? 0 : picked.back();
  const bool same = state.picked_size == picked.size() && state.picked_first == first &&
                    state.picked_last == last && state.picked_serial == state.classes.serial &&
                    state.picked_counts.size() == state.classes.names.size();
  if (same) return;
  state.picked_size = picked.size();
  state.picked_first = first;
  state.picked_last = last;
  state.picked_serial = state.classes.serial;
  state.picked_counts.assign(state.classes.names.size(), 0);
  int before = -1;
  for (const int position : picked) {
    const int step = view.step_of(position);
    if (step == before || step < 0 || step >= static_cast<int>(state.classes.of_step.size())) continue;
    before = step;
    const std::uint8_t cls = state.classes.of_step[static_cast<std::size_t>(step)];
    if (cls < state.picked_counts.size()) ++state.picked_counts[cls];
  }
}

std::vector<int> positions_of(const session::SpaceView& view, const std::vector<int>& steps) {
  std::vector<int> out;
  for (const int step : steps) {
    const int last = step + 1 == view.space.steps ? view.length : view.position_of(step);
    for (int p = step * view.letters_per_step + 1; p <= last; ++p) out.push_back(p);
  }
  return out;
}

std::vector<int> nearest_steps(const session::SpaceView& view, int x, int y, int step, double share) {
  const experiment::StateSpace& space = view.space;
  std::vector<int> order;
  if (step < 0 || step >= space.steps) return order;
  for (int t = 0; t < space.steps; ++t) order.push_back(t);
  const auto distance = [&](int t) {
    const double dx = static_cast<double>(space.at(t, x)) - static_cast<double>(space.at(step, x));
    const double dy = static_cast<double>(space.at(t, y)) - static_cast<double>(space.at(step, y));
    return dx * dx + dy * dy;
  };
  const auto wanted = static_cast<std::size_t>(
      std::clamp(static_cast<int>(std::lround(share * space.steps)), 1, space.steps));
  // Equal states in the order of the sequence.
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(wanted - 1), order.end(),
                   [&](int a, int b) {
                     const double da = distance(a), db = distance(b);
                     return da != db ? da < db : a < b;
                   });
  order.resize(wanted);
  std::sort(order.begin(), order.end());
  return order;
}

void draw_marker(ImDrawList& list, int shape, ImVec2 at, float radius, ImU32 colour) {
  const float r = radius;
  switch (shape) {
    case 1:
      list.AddRectFilled(ImVec2(at.x - r * 0.85f, at.y - r * 0.85f),
                         ImVec2(at.x + r * 0.85f, at.y + r * 0.85f), colour);
      break;
    case 2:
      list.AddTriangleFilled(ImVec2(at.x - r, at.y + r * 0.8f), ImVec2(at.x, at.y - r),
                             ImVec2(at.x + r, at.y + r * 0.8f), colour);
      break;
    case 3:
      list.AddQuadFilled(ImVec2(at.x - r * 1.1f, at.y), ImVec2(at.x, at.y - r * 1.1f),
                         ImVec2(at.x + r * 1.1f, at.y), ImVec2(at.x, at.y + r * 1.1f), colour);
      break;
    case 4:
      list.AddTriangleFilled(ImVec2(at.x - r, at.y - r * 0.8f), ImVec2(at.x + r, at.y - r * 0.8f),
                             ImVec2(at.x, at.y + r), colour);
      break;
    case 5:
      list.AddNgon(at, r, colour, 8, 1.5f);
      break;
    default:
      list.AddNgonFilled(at, r, colour, 8);
      break;
  }
}

}  // namespace ribostep::ui
