#include "session/origins.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "session/mirror_section.h"
#include "session/state.h"
#include "session/step_words.h"

namespace ribostep::session {
namespace {

using rnn::NumberKind;

constexpr std::size_t kMostPlaces = 200;
constexpr std::uint64_t kMostTwinBytes = 64u << 20u;  // a trace beside the one on screen
constexpr int kTwinSteps = 2000;                      // of it in a slice
constexpr std::size_t kMirrored = 24;                 // terms in the text mirror

bool of_outputs(const rnn::Quantity& q) {
  return q.what == NumberKind::Logit || q.what == NumberKind::Probability;
}

}  // namespace

// ---- asking

std::optional<rnn::Quantity> Origins::asked_here() const {
  return here().asked && here().asked_record == state_.project.cursor.sequence ? here().asked : std::nullopt;
}
bool Origins::asked() const { return asked_here().has_value(); }

// The cursor stays where it is when the number's step is read there.
int Origins::position_of(const rnn::Quantity& of) const {
  const rnn::Trace& trace = *state_.trace;
  const bool outputs = of_outputs(of);
  if (of.step < 0) return 0;
  const int per_step =
      outputs ? trace.letters_per_row : trace.layers[static_cast<std::size_t>(of.layer)].letters_per_step;
  const int position = session_.position();
  if (position > 0) {
    const int read = outputs ? trace.row_of(position - 1)
                             : trace.layers[static_cast<std::size_t>(of.layer)].step_of(position - 1);
    if (read == of.step) return position;
  }
  return std::min((of.step + 1) * per_step, trace.length);
}

void Origins::set_asked(const rnn::Quantity& of, bool followed) {
  here().asked = of;
  here().asked_record = state_.project.cursor.sequence;
  here().followed = followed;
  session_.set_running(false);
  session_.go_to(position_of(of));
  state_.changed();
}

void Origins::ask(const rnn::Quantity& of) {
  if (!state_.trace)
    return state_.say(Severity::Error, session_.trace_too_large()
                                           ? "where numbers come from cannot be told: this sequence is too "
                                             "long to be kept step by step; choose fewer units"
                                           : "the states of this sequence are still being computed");
  if (!rnn::exists(state_.network, *state_.trace, of))
    return state_.say(Severity::Error, "there is no such number in this network: check layer, unit and gate");
  const bool moves = position_of(of) != session_.position();
  if (!moves && asked_here() == of) return follow();
  // Another number of the place where we are: nothing to come back to.
  if (moves || here().followed || can_go_forward()) push();
  set_asked(of, false);
}

void Origins::ask_unit(int layer, int unit, int gate, int position) {
  if (!state_.trace || layer < 0 || layer >= static_cast<int>(state_.trace->layers.size()))
    return ask({NumberKind::H, layer, unit});  // which says why
  const rnn::LayerTrace& states = state_.trace->layers[static_cast<std::size_t>(layer)];
  rnn::Quantity q;
  q.layer = layer;
  q.unit = unit;
  q.step = position > 0 && states.steps > 0 ? states.step_of(std::min(position, session_.length()) - 1) : -1;
  if (gate >= 0) {
    q.what = gate < states.gate_count ? NumberKind::Gate : NumberKind::C;
    if (q.what == NumberKind::Gate) q.gate = gate;
  }
  if (q.what == NumberKind::Gate && q.step < 0)
    return state_.say(Severity::Error, "there is no gate before the first letter: step forward");
  ask(q);
}

void Origins::ask_output(NumberKind what, int output, int position) {
  rnn::Quantity q;
  q.what = what;
  q.output = output;
  q.step = state_.trace && state_.trace->rows > 0 && position > 0
               ? state_.trace->row_of(std::min(position, session_.length()) - 1)
               : -1;
  if (state_.trace && q.step < 0)
    return state_.say(Severity::Error, "nothing is predicted before the first letter: step forward");
  ask(q);
}

void Origins::dismiss() {
  here().asked.reset();
  here().followed = false;
  state_.changed();
}

const OriginView* Origins::view() const {
  const std::optional<rnn::Quantity> of = asked_here();
  if (!of || !state_.trace || !state_.trace_weights || !rnn::exists(state_.network, *state_.trace, *of)) {
    if (view_) ++view_serial_;
    view_.reset();
    return nullptr;
  }
  if (!view_ || view_of_ != of || view_trace_ != state_.trace_serial) {
    view_of_ = of;
    view_trace_ = state_.trace_serial;
    ++view_serial_;
    view_ = std::make_unique<OriginView>(origin_view(
        session_,
        rnn::origin_of(state_.network, *state_.trace_weights, state_.prepared->table, session_.example(),
                       *state_.trace, *of, state_.edits_of(state_.project.cursor.sequence).states)));
    view_->position = position_of(*of);
  }
  return view_.get();
}

std::uint64_t Origins::serial() const {
  view();
  return view_serial_;
}

void Origins::follow(int term, bool through_gate) {
  const OriginView* shown = view();
  if (!shown)
    return state_.say(Severity::Error, "no number is asked about: click one, or press O for the state shown");
  const std::vector<rnn::OriginTerm>& terms = shown->origin.terms;
  if (terms.empty()) return state_.say(Severity::Note, shown->sentence);
  if (term < 0) term = 0;
  if (term >= static_cast<int>(terms.size())) return state_.say(Severity::Error, "there is no such term");
  const auto i = static_cast<std::size_t>(term);
  const std::optional<rnn::Quantity>& to = through_gate ? terms[i].via : terms[i].source;
  if (!to) {
    const bool input = terms[i].kind == rnn::TermKind::Input;
    return state_.say(
        Severity::Note,
        through_gate ? "no gate lets this term through"
        : input ? "the trail ends here: " + shown->rows[i].name + " is what was read, times a learned weight"
                : "the trail ends here: " + shown->rows[i].name +
                      " is not made of any other state; choose another term to go on");
  }
  const rnn::Quantity next = *to;
  push();
  set_asked(next, true);
}

// ---- jumps

void Origins::leave() {
  here().record = state_.project.cursor.sequence;
  here().position = session_.position();
}

// The page makes an entry of its history for every place, so that its Back leads to the one before.
void Origins::push() {
  leave();
  places_.resize(now_ + 1);
  Place next = here();
  next.serial = next_serial_++;
  next.followed = false;
  places_.push_back(next);
  if (places_.size() > kMostPlaces) places_.pop_front();
  now_ = places_.size() - 1;
  state_.post({{{"type", "jump"}, {"serial", next.serial}, {"push", true}}, {}});
}

void Origins::note_jump() {
  // Nothing has moved since the last one: that is where this jump begins, too.
  if (now_ > 0 && !can_go_forward() && !here().followed) {
    const Place& before = places_[now_ - 1];
    if (before.record == state_.project.cursor.sequence && before.position == session_.position() &&
        before.asked == here().asked)
      return;
  }
  push();
  state_.changed();
}

void Origins::travel(std::size_t to, bool tell_page) {
  if (to == now_ || to >= places_.size()) return;
  leave();
  const std::uint64_t from = here().serial;
  const int by = static_cast<int>(to) - static_cast<int>(now_);
  now_ = to;
  session_.set_running(false);
  const int record = here().record, position = here().position;
  if (record < session_.data().size()) session_.select_sequence(record);
  session_.go_to(position);
  if (tell_page)
    state_.post(
        {{{"type", "jump"}, {"serial", here().serial}, {"push", false}, {"from", from}, {"by", by}}, {}});
  state_.changed();
}

void Origins::travel_by(int places) {
  const auto to = static_cast<std::ptrdiff_t>(now_) + places;
  if (to < 0 || to >= static_cast<std::ptrdiff_t>(places_.size()))
    return state_.say(Severity::Note, places < 0 ? "there is no jump to take back" : "this is the last jump");
  travel(static_cast<std::size_t>(to), true);
}

void Origins::jump_to(std::uint64_t serial) {
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (places_[i].serial == serial) return travel(i, false);
}

std::vector<Origins::Crumb> Origins::trail() const {
  std::vector<Crumb> crumbs;
  if (!state_.trace || !asked()) return crumbs;
  std::size_t first = now_, last = now_;
  while (first > 0 && places_[first].followed) --first;
  while (last + 1 < places_.size() && places_[last + 1].followed) ++last;
  for (std::size_t i = first; i <= last; ++i) {
    const Place& place = places_[i];
    if (!place.asked || place.asked_record != here().asked_record ||
        !rnn::exists(state_.network, *state_.trace, *place.asked))
      continue;
    crumbs.push_back({origin_symbol(session_, *place.asked), static_cast<int>(i) - static_cast<int>(now_)});
  }
  return crumbs;
}

// ---- the untrained twin

void Origins::want_twin(bool on) {
  twin_wanted_ = on;
  if (!on && twin_.wanted()) twin_.drop();
}

std::string Origins::twin_obstacle() const {
  if (!session_.trained() || state_.twin) return "this is the untrained network";
  if (!state_.prepared || session_.length() == 0) return "there is nothing to read";
  if (rnn::tracing_bytes(state_.network, session_.length()) > kMostTwinBytes)
    return "the sequence is too long to be read by the untrained twin beside it";
  return {};
}

bool Origins::update(double) {
  if (!twin_wanted_ || !state_.trace || !twin_obstacle().empty()) {
    if (twin_.wanted()) twin_.drop();
    return false;
  }
  // The letters as they are read now; another trace may be of other ones. While training only weights change.
  const int record = state_.project.cursor.sequence;
  const io::RecordEdits& edits = state_.edits_of(record);
  std::string key = std::to_string(record) + " " + std::to_string(state_.project.seed);
  if (!edits.letters.empty()) key += " " + state_.letters;
  twin_.want(key, [this, record, letters = edits.letters] {
    io::RecordEdits read;
    read.record = record;
    read.letters = letters;
    return state_.build_trace(state_.network, *state_.start_weights_of(state_.network, state_.project.seed),
                              record, read);
  });
  return false;
}

void Origins::work_slice() {
  twin_.work(std::min(kTwinSteps, state_.trace_steps(0.5)));
  if (twin_.trace()) state_.changed();
}

void Origins::project_changed() {
  twin_.drop();
  view_.reset();
  if (set_ == state_.project.data.content_hash) return;
  set_ = state_.project.data.content_hash;
  // The page's history stays as it is; what it says of places in other data is not listened to.
  Place only;
  only.serial = here().serial;
  places_.assign(1, only);
  now_ = 0;
}

// ---- by name, and in words

std::span<const VerbEntry> Origins::verbs() const {
  using Json = nlohmann::json;
  static constexpr VerbEntry kVerbs[] = {
      {"origin_of",
       [](Session& s, const Json& a) {
         const std::string what = text_in(a, "what");
         const auto kind = rnn::number_kind(what.empty() ? "h" : what);
         if (!kind || *kind == NumberKind::Pooled)
           return s.origins().state_.say(Severity::Error,
                                         "'" + what + "' is none of h, c, gate, logit and probability");
         const int position = whole_in(a, "position", s.position());
         if (*kind == NumberKind::Logit || *kind == NumberKind::Probability)
           return s.origins().ask_output(*kind, whole_in(a, "output", 0), position);
         const rnn::CellKind cell = s.network().spec.cell;
         int gate = -1;
         if (*kind == NumberKind::C) {
           if (!rnn::has_cell_state(cell))
             return s.origins().state_.say(Severity::Error,
                                           "this cell has no memory c: ask for h, or choose an LSTM");
           gate = static_cast<int>(rnn::gates(cell).size());
         }
         if (*kind == NumberKind::Gate) {
           const std::string symbol = text_in(a, "gate");
           gate = symbol.size() == 1 ? rnn::gate_index(cell, symbol[0]) : whole_in(a, "gate", -1);
           if (gate < 0 || gate >= static_cast<int>(rnn::gates(cell).size()))
             return s.origins().state_.say(Severity::Error, "this cell has no such gate");
         }
         s.origins().ask_unit(whole_in(a, "layer", 0), whole_in(a, "unit", 0), gate, position);
       }},
      {"follow",
       [](Session& s, const Json& a) {
         // A list of the text mirror sends words.
         const std::string text = text_in(a, "term");
         const bool digits =
             !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == std::string::npos;
         s.origins().follow(digits ? std::stoi(text) : whole_in(a, "term", -1), truth_in(a, "gate", false));
       }},
      {"origin_dismiss", [](Session& s, const Json&) { s.origins().dismiss(); }},
      {"hop_back", [](Session& s, const Json&) { s.origins().back(); }},
      {"hop_forward", [](Session& s, const Json&) { s.origins().forward(); }},
      {"jump_to",
       [](Session& s, const Json& a) {
         const double serial = real_in(a, "serial", -1);
         if (serial >= 0 && serial < 9e15) s.origins().jump_to(static_cast<std::uint64_t>(serial));
       }},
  };
  return kVerbs;
}

void Origins::mirror(nlohmann::json& sections) const {
  if (!session_.has_data() || session_.length() == 0) return;
  Section section("Where did this number come from?", "origin");
  if (const OriginView* shown = view()) {
    section.line(shown->title);
    section.line(shown->equation);
    if (!shown->sentence.empty()) section.line(shown->sentence);
    const std::size_t count = std::min(shown->rows.size(), kMirrored);
    if (count > 0) section.header({"term", "factors", "value", "from"});
    std::size_t places = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const OriginRow& row = shown->rows[i];
      char value[40];
      std::snprintf(value, sizeof value, "%.9g", shown->origin.terms[i].value);
      section.row().cell(row.name).cell(row.numbers).cell(value).cell(row.place);
      places += !row.place.empty();
    }
    const bool on = count > 0 && !shown->rows[0].place.empty();
    section.button("follow", on ? "Follow " + shown->rows[0].name : "Follow the largest term").disabled(!on);
    if (places > 1) {
      section.list_input("follow", "term", "Follow a term").value("");
      for (std::size_t i = 0; i < count; ++i)
        if (!shown->rows[i].place.empty()) section.option(std::to_string(i), shown->rows[i].name);
    }
  } else {
    section.line(asked() ? "The states of this sequence are being computed." : "No number is asked about.");
    section.button("origin_of", "Ask about the state of unit 0")
        .disabled(!state_.trace)
        .arg("what", "h")
        .arg("layer", state_.network.level_begin(state_.project.model.layers - 1))
        .arg("unit", 0);
    section.button("origin_of", "Ask about the first output")
        .disabled(!state_.trace || session_.position() == 0)
        .arg("what", "probability")
        .arg("output", 0);
  }
  section.button("hop_back", "Back to the place before").disabled(!can_go_back());
  section.button("hop_forward", "Forward again").disabled(!can_go_forward());
  section.add_to(sections);
}

}  // namespace ribostep::session
