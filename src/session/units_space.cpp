// The space of states of the current sequence: principal components in slices, the untrained twin beside
// them, and axes that can be held.
#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

#include "session/mirror_section.h"
#include "session/state.h"
#include "session/step_words.h"
#include "session/units.h"

namespace ribostep::session {
namespace {

constexpr double kSliceWork = 1.5e5;    // multiply-adds, about half a millisecond in WebAssembly
constexpr double kImmediateWork = 2e6;  // done at once, so that no frame is without
constexpr int kMomentUpdates = 20;      // a panel that was not drawn for so long is closed
constexpr std::uint64_t kLargestTwin = 100u
                                       << 20u;  // bytes of a second trace, which is kept for a while only
constexpr int kTwinSteps = 2000;                // of it in a slice

std::string share_words(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", share * 100);
  return text;
}

}  // namespace

// The twin's trace is made and dropped; its states of the layer stay while somebody looks.
struct Units::Twin {
  std::string key;
  SideTrace trace;
  std::vector<float> states, initial;
  int steps = 0, units = 0;
  std::optional<experiment::StateSpaceBuilder> builder;
  bool building_own = false;
  std::optional<experiment::StateSpace> own, seen;
  std::uint64_t seen_in = 0;  // serial of the view whose axes `seen` is in
  experiment::StateRows rows() const {
    return {states.data(), static_cast<std::size_t>(units), steps, units};
  }
};

Units::Units(Session& session, Session::State& state)
    : session_(session), state_(state), twin_(std::make_unique<Twin>()) {}
Units::~Units() = default;

int SpaceView::position_of(int step) const { return std::min((step + 1) * letters_per_step, length); }
int SpaceView::step_of(int position) const {
  return position < 1 ? -1 : std::min((position - 1) / letters_per_step, space.steps - 1);
}

// ---- what is wanted

void Units::want_space(bool on) {
  if (space_on_ == on) return;
  space_on_ = on;
  state_.changed();
}
void Units::look_at_space() { unseen_updates_ = 0; }
bool Units::space_wanted() const { return space_on_ || unseen_updates_ < kMomentUpdates; }

int Units::space_layer() const {
  const int layers = static_cast<int>(state_.network.layers.size());
  if (chosen_layer_ >= 0) return std::min(chosen_layer_, layers - 1);
  return state_.network.level_begin(state_.network.spec.layers - 1);
}
bool Units::space_cell() const {
  return chosen_cell_ &&
         rnn::has_cell_state(state_.network.layers[static_cast<std::size_t>(space_layer())].cell);
}

void Units::choose_space(int layer, bool cell) {
  const int layers = static_cast<int>(state_.network.layers.size());
  layer = std::clamp(layer, 0, layers - 1);
  if (layer == space_layer() && cell == space_cell()) return;
  chosen_layer_ = layer;
  chosen_cell_ = cell;
  held_.reset();
  builder_.reset();
  next_.reset();
  view_.reset();
  *twin_ = {};
  state_.changed();
}

void Units::hold_axes(bool on) {
  if (on == axes_held()) return;
  if (on && !view_) return state_.say(Severity::Error, "there are no axes to hold yet: wait for the picture");
  if (on)
    held_ = view_->space;
  else
    held_.reset();
  if (held_) held_->path.clear();
  view_->held = on;
  if (!on) view_->trace = 0;  // fitted anew
  state_.changed();
}

void Units::drop_space() {
  builder_.reset();
  next_.reset();
  view_.reset();
  *twin_ = {};
  if (held_ && held_->units != state_.network.layers[static_cast<std::size_t>(space_layer())].hidden)
    held_.reset();
}

// ---- what there is

const SpaceView* Units::space() const {
  return view_ && view_->record == state_.project.cursor.sequence && view_->layer == space_layer() &&
                 view_->cell == space_cell() && view_->length == session_.length()
             ? view_.get()
             : nullptr;
}

double Units::space_progress() const { return builder_ ? builder_->progress() : space() != nullptr ? 1 : 0; }

std::string Units::space_obstacle() const {
  if (!state_.prepared || session_.length() == 0)
    return "there are no states yet: load sequences, or choose an example";
  if (session_.trace_too_large())
    return "this sequence is too long for this network to be kept step by step: choose fewer units";
  return {};
}

std::string Units::twin_obstacle() const {
  if (state_.twin) return "the untrained twin is on screen itself";
  if (rnn::trace_bytes(state_.network, session_.length()) > kLargestTwin)
    return "the sequence is too long for a second run of this network beside the first: choose fewer units";
  return {};
}

const experiment::StateSpace* Units::twin_own() const {
  return space() != nullptr && twin_->own && twin_->key == twin_key() ? &*twin_->own : nullptr;
}
const experiment::StateSpace* Units::twin_in_axes() const {
  return space() != nullptr && twin_->seen && twin_->key == twin_key() && twin_->seen_in == view_->serial
             ? &*twin_->seen
             : nullptr;
}

// ---- work

bool Units::space_is_due() const {
  if (!space_wanted() || !state_.trace || state_.trace->layers.empty()) return false;
  if (state_.builder || state_.trace_wanted) return false;  // another trace is on its way
  return space() == nullptr || view_->trace != state_.trace_serial;
}

void Units::begin_space() {
  const rnn::LayerTrace& layer = state_.trace->layers[static_cast<std::size_t>(space_layer())];
  next_ = std::make_unique<SpaceView>();
  next_->trace = state_.trace_serial;
  next_->layer = space_layer();
  next_->cell = space_cell();
  next_->record = state_.project.cursor.sequence;
  next_->held = axes_held();
  next_->length = state_.trace->length;
  next_->letters_per_step = std::max(1, layer.letters_per_step);
  builder_.emplace(experiment::state_rows(layer, next_->cell),
                   next_->cell ? std::span<const float>(layer.initial_c) : layer.initial_h,
                   held_ ? &*held_ : nullptr);
}

// True: nothing of it is left.
bool Units::space_step(double work) {
  // The trace it reads may be gone.
  if (builder_ && (!state_.trace || next_->trace != state_.trace_serial || next_->layer != space_layer() ||
                   next_->cell != space_cell() || next_->held != axes_held())) {
    builder_.reset();
    next_.reset();
  }
  if (!builder_) {
    if (!space_is_due()) return true;
    begin_space();
  }
  if (!builder_->run(work)) return false;
  next_->space = builder_->take();
  next_->serial = ++space_serial_;
  view_ = std::move(next_);
  builder_.reset();
  state_.changed();
  return true;
}

std::string Units::twin_key() const {
  const io::RecordEdits& edits = state_.edits_of(state_.project.cursor.sequence);
  std::string key = std::to_string(state_.project.cursor.sequence) + " " +
                    std::to_string(state_.project.seed) + " " + std::to_string(space_layer()) +
                    (space_cell() ? " c " : " h ");
  if (edits.letters.empty() && edits.states.empty()) return key;
  for (const rnn::Intervention& s : edits.states) {
    char text[96];
    std::snprintf(text, sizeof text, "%d/%d/%d/%d/%d/%.9g ", s.layer, s.unit, s.cell ? 1 : 0, s.first, s.last,
                  static_cast<double>(s.value));
    key += text;
  }
  return key + state_.letters;
}

bool Units::twin_wanted() const {
  return space_wanted() && space() != nullptr && !state_.twin && twin_obstacle().empty();
}

void Units::twin_step() {
  Twin& t = *twin_;
  if (const std::string key = twin_key(); key != t.key) {
    t = {};
    t.key = key;
    t.trace.want(key, [this, record = state_.project.cursor.sequence] {
      const auto start = state_.start_weights_of(state_.network, state_.project.seed);
      return state_.build_trace(state_.network, *start, record, state_.edits_of(record));
    });
  }
  if (t.trace.has_work()) return t.trace.work(std::min(kTwinSteps, state_.trace_steps(0.5)));
  if (const rnn::Trace* trace = t.trace.trace()) {
    const rnn::LayerTrace& layer = trace->layers[static_cast<std::size_t>(space_layer())];
    const experiment::StateRows rows = experiment::state_rows(layer, space_cell());
    t.steps = rows.rows;
    t.units = rows.units;
    for (int step = 0; step < rows.rows; ++step)
      t.states.insert(t.states.end(), rows.row(step), rows.row(step) + rows.units);
    t.initial = space_cell() ? layer.initial_c : layer.initial_h;
    t.trace.drop();
    return;
  }
  if (!t.builder) {
    t.building_own = !t.own;
    t.builder.emplace(t.rows(), t.initial, t.own ? &view_->space : nullptr);
    t.seen_in = t.own ? view_->serial : 0;
    if (t.own) t.seen.reset();
  }
  if (!t.building_own && t.seen_in != view_->serial) return t.builder.reset();  // the axes are others by now
  if (!t.builder->run(kSliceWork)) return;
  (t.building_own ? t.own : t.seen) = t.builder->take();
  t.builder.reset();
  state_.changed();
}

bool Units::update(double) {
  if (unseen_updates_ < kMomentUpdates) ++unseen_updates_;
  if (!space_wanted()) {
    if (!builder_ && twin_->key.empty()) return false;
    builder_.reset();
    next_.reset();
    *twin_ = {};  // made again if somebody comes back
    return false;
  }
  if (!state_.trace) {  // what was being read is gone
    builder_.reset();
    next_.reset();
    return false;
  }
  if (!space_is_due() && !builder_) return false;
  const rnn::LayerTrace& layer = state_.trace->layers[static_cast<std::size_t>(space_layer())];
  const double size = layer.hidden, rows = layer.steps;
  if (size * size * (std::min(rows, 1.0 * experiment::kCovarianceRows) / 2 + 10 * size) + size * rows * 4 <
      kImmediateWork)
    while (!space_step(std::numeric_limits<double>::infinity())) {
    }
  return false;
}

bool Units::has_work() const {
  if (builder_ || space_is_due()) return true;
  if (!twin_wanted()) return false;
  const Twin& t = *twin_;
  if (t.builder || t.trace.has_work() || t.trace.trace() != nullptr || t.key != twin_key()) return true;
  return !t.states.empty() && (!t.own || !t.seen || t.seen_in != view_->serial);
}

void Units::work_slice() {
  if (builder_ || space_is_due()) {
    space_step(kSliceWork);
    return;
  }
  if (twin_wanted()) twin_step();
}

void Units::mirror_space(nlohmann::json& sections) const {
  Section section("Space of states", "state_space");
  const std::string why = space_obstacle();
  if (!why.empty()) section.line({"Not possible: ", why, "."});
  if (const SpaceView* view = space()) {
    const experiment::StateSpace& space = view->space;
    section.line({layer_name(state_.network, view->layer, true), view->cell ? ", c" : ", h",
                  view->held ? ", in axes that are held: " : ": ", plural(space.steps, "step"), "."});
    section.header({"Component", "Variance explained", "Untrained network, its own", "At the position"});
    const experiment::StateSpace* twin = twin_own();
    const int step = view->step_of(session_.position());
    for (int c = 0; c < space.components; ++c) {
      char text[32];
      std::snprintf(
          text, sizeof text, "%.4f",
          static_cast<double>(step < 0 ? space.start[static_cast<std::size_t>(c)] : space.at(step, c)));
      section.row().cell(c + 1).cell(share_words(space.explained(c)));
      section.cell(twin != nullptr ? share_words(twin->explained(c)) : std::string("\u2013")).cell(text);
    }
  }
  section.button("state_space", "Space of states")
      .pressed(space_on_)
      .disabled(!why.empty())
      .arg("on", !space_on_);
  section.button("hold_axes", "Hold these axes").pressed(axes_held()).disabled(space() == nullptr);
  section.add_to(sections);
}

}  // namespace ribostep::session
