#include "session/edits.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "io/tables.h"
#include "session/state.h"
#include "session/step_words.h"

namespace ribostep::session {
namespace {

constexpr int kSideSteps = 2000;  // of the ghost in a slice

std::string counted(int n, const char* what) { return plural(n, "letter") + " " + what; }

// The part of `change` that `by` leaves: before it, after it, or both.
void cut_out(std::vector<rnn::Intervention>& states, const rnn::Intervention& by) {
  std::vector<rnn::Intervention> out;
  for (const rnn::Intervention& old : states) {
    if (old.layer != by.layer || old.unit != by.unit || old.cell != by.cell || old.last < by.first ||
        old.first > by.last) {
      out.push_back(old);
      continue;
    }
    rnn::Intervention part = old;
    part.last = by.first - 1;
    if (part.first <= part.last) out.push_back(part);
    part = old;
    part.first = by.last + 1;
    if (part.first <= part.last) out.push_back(part);
  }
  states = std::move(out);
}

}  // namespace

// ---- letters

std::string Edits::letters_obstacle() const {
  if (!session_.has_data() || session_.data().size() == 0) return "there are no letters yet: load sequences";
  if (session_.data().channels() > 0)
    return "a series of values has no letters: change its numbers in the file it came from";
  return {};
}

bool Edits::letters_edited() const {
  return state_.edited && !state_.edits_of(state_.project.cursor.sequence).letters.empty();
}

const bio::EditedLetters& Edits::letters() const {
  if (state_.edited) return state_.edited->letters;
  // Asked for each time it is drawn: kept until the sequence is another.
  if (as_given_of_ != state_.letters || as_given_.letters != state_.letters) {
    as_given_of_ = state_.letters;
    as_given_ = bio::edit_letters(state_.letters, {});
  }
  return as_given_;
}

io::RecordEdits& Edits::own(const char* label, bool merge) {
  state_.remember(label, merge);
  std::vector<io::RecordEdits>& all = state_.project.debugging.edits;
  const int record = state_.project.cursor.sequence;
  const auto at = std::find_if(all.begin(), all.end(), [&](const auto& e) { return e.record == record; });
  if (at != all.end()) return *at;
  all.push_back({record, {}, {}});
  return all.back();
}

// What a record is read as has changed: the screen follows.
void Edits::applied() {
  std::vector<io::RecordEdits>& all = state_.project.debugging.edits;
  all.erase(std::remove_if(all.begin(), all.end(), [](const auto& e) { return e.empty(); }), all.end());
  state_.read_edits();
  state_.project.cursor.position = std::min(state_.project.cursor.position, session_.length());
  state_.next_trace_s = -1;
  // The trace on screen stays until the new one is there, if it is as long: nothing flickers while dragging.
  const bool as_long = state_.trace && state_.trace->length == session_.length();
  state_.builder.reset();
  state_.want_trace(!as_long);
  if (as_long) state_.make_trace_soon();
  state_.touch();
}

void Edits::replace(int at, int removed, std::string_view inserted) {
  if (const std::string why = letters_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot change letters: " + why);
  const int size = session_.length();
  at = std::clamp(at, 0, size);
  removed = std::clamp(removed, 0, size - at);
  const bio::Alphabet& alphabet = session_.data().alphabet();
  std::string letters;
  for (std::size_t i = 0; i < inserted.size(); ++i) {
    const char c = inserted[i];
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    const int token = alphabet.token(c);
    if (token < 0) {
      const unsigned char byte = static_cast<unsigned char>(c);
      return state_.say(Severity::Error, "letter " + std::to_string(i + 1) + " of what was to come in" +
                                             (byte > 32 && byte < 127 ? std::string(", '") + c + "'," : "") +
                                             " is not " + std::string(alphabet.name) +
                                             ": nothing was changed");
    }
    letters += alphabet.letter(token);
  }
  if (letters.size() > io::kMaxInserted)
    return state_.say(Severity::Error, "that is " + std::to_string(letters.size()) +
                                           " letters at once: load them as a sequence of their own");
  if (removed == size && letters.empty())
    return state_.say(Severity::Error, "a sequence needs a letter: the last one stays");
  if (session_.letters().substr(static_cast<std::size_t>(at), static_cast<std::size_t>(removed)) == letters)
    return;
  bool known = false;
  for (const io::RecordEdits& edits : state_.project.debugging.edits)
    known = known || edits.record == state_.project.cursor.sequence;
  if (!known && state_.project.debugging.edits.size() >= io::kMaxEditedRecords)
    return state_.say(Severity::Error, std::to_string(io::kMaxEditedRecords) +
                                           " sequences are changed already: restore one of them first");
  const std::string given = session_.data().letters(state_.project.cursor.sequence);
  std::vector<bio::LetterEdit> next = state_.edits_of(state_.project.cursor.sequence).letters;
  next.push_back({at, removed, letters});
  next = bio::simplified(given, bio::edit_letters(given, next));
  if (next.size() > io::kMaxLetterEdits)
    return state_.say(Severity::Error, std::to_string(io::kMaxLetterEdits) +
                                           " changes in one sequence are the most that are kept");
  io::RecordEdits& edits = own("letters", false);
  edits.letters = std::move(next);
  // States set by hand stay with the letters they stood on.
  const int grown = static_cast<int>(letters.size()) - removed;
  for (rnn::Intervention& state : edits.states) {
    if (state.first > at + removed) state.first = std::max(1, state.first + grown);
    if (state.last > at + removed) state.last = std::max(state.first, state.last + grown);
  }
  applied();
  const int length = static_cast<int>(letters.size());
  state_.say(Severity::Note,
             removed == 0  ? counted(length, "inserted before position ") + std::to_string(at + 1)
             : length == 0 ? counted(removed, "deleted at position ") + std::to_string(at + 1)
             : removed == 1 && length == 1 ? "position " + std::to_string(at + 1) + " is " + letters + " now"
                                           : counted(removed, "replaced by ") + std::to_string(length) +
                                                 " from position " + std::to_string(at + 1));
}

void Edits::restore_letters() {
  if (!letters_edited()) return;
  own("letters as given", false).letters.clear();
  applied();
  state_.say(Severity::Note, "the letters are as they were given");
}

std::string Edits::letters_words() const {
  if (!letters_edited()) return {};
  const bio::EditedLetters& now = letters();
  int inserted = 0, changed = 0, kept = 0;
  for (std::size_t i = 0; i < now.origin.size(); ++i) {
    if (now.origin[i] < 0)
      ++inserted;
    else
      ++kept, changed += now.changed[i] != 0;
  }
  const int deleted = session_.data().length(state_.project.cursor.sequence) - kept;
  std::string text;
  for (const auto& [count, what] :
       {std::pair{changed, "changed"}, {inserted, "inserted"}, {deleted, "deleted"}})
    if (count > 0) text += text.empty() ? counted(count, what) : ", " + std::to_string(count) + " " + what;
  return text;
}

// ---- states

std::string Edits::states_obstacle() const {
  if (!session_.has_data() || session_.length() == 0) return "nothing is read yet: load sequences";
  return rnn::intervention_obstacle(state_.network.spec);
}

const std::vector<rnn::Intervention>& Edits::states() const {
  return state_.edits_of(state_.project.cursor.sequence).states;
}

void Edits::intervene(const rnn::Intervention& change, bool continues) {
  if (const std::string why = states_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot set a state: " + why);
  rnn::Intervention set = change;
  set.last = std::min(set.last, session_.length());
  if (!rnn::fits(state_.network, set, session_.length()))
    return state_.say(Severity::Error, "there is no such unit or position in this network");
  if (states().size() + 2 > io::kMaxInterventions)
    return state_.say(Severity::Error, std::to_string(io::kMaxInterventions) +
                                           " states set by hand are the most that are kept: release some");
  if (!continues) state_.coalesce.clear();
  io::RecordEdits& edits = own("a state by hand", true);
  cut_out(edits.states, set);
  edits.states.push_back(set);
  applied();
}

void Edits::take_state(int layer, int record, int position) {
  if (const std::string why = states_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot set a state: " + why);
  const int here = session_.position();
  const auto& layers = state_.network.layers;
  if (layer < 0 || layer >= static_cast<int>(layers.size()) || record < 0 || record >= session_.data().size())
    return state_.say(Severity::Error, "there is no such layer or sequence");
  const rnn::Layer& of = layers[static_cast<std::size_t>(layer)];
  const io::RecordEdits& as_read = state_.edits_of(record);
  if (state_.trace_too_large(session_.data().length(record)))
    return state_.say(Severity::Error, "that sequence is too long for this network to be traced");
  rnn::TraceBuilder builder = state_.build_trace(state_.network, *state_.weights_to_show(), record, as_read);
  while (!builder.run(1 << 20)) {
  }
  const rnn::Trace other = builder.take();
  const rnn::LayerTrace& from = other.layers[static_cast<std::size_t>(layer)];
  if (position < 0 || position > other.length || from.steps == 0)
    return state_.say(Severity::Error, "that sequence has no position " + std::to_string(position));
  if (states().size() + 2 * static_cast<std::size_t>(of.hidden) > io::kMaxInterventions)
    return state_.say(Severity::Error, std::to_string(io::kMaxInterventions) +
                                           " states set by hand are the most that are kept: release some");
  const bool memory = rnn::has_cell_state(of.cell);
  const int step = position > 0 ? from.step_of(position - 1) : -1;
  io::RecordEdits& edits = own("another sequence's state", false);
  for (int unit = 0; unit < of.hidden; ++unit) {
    const auto u = static_cast<std::size_t>(unit);
    const auto put = [&](bool cell, float value) {
      const rnn::Intervention set{layer, unit, cell, here, here, value};
      cut_out(edits.states, set);
      edits.states.push_back(set);
    };
    if (memory) put(true, step < 0 ? from.initial_c[u] : from.c(step, unit));
    put(false, step < 0 ? from.initial_h[u] : from.h(step, unit));
  }
  applied();
  state_.say(Severity::Note, "at position " + std::to_string(here) + " it goes on from the state of " +
                                 std::string(session_.data().name(record)) + " at position " +
                                 std::to_string(position));
}

void Edits::release(int layer, int unit, bool cell) {
  const auto same = [&](const rnn::Intervention& s) {
    return s.layer == layer && s.unit == unit && s.cell == cell;
  };
  if (std::none_of(states().begin(), states().end(), same)) return;
  io::RecordEdits& edits = own("a state released", false);
  edits.states.erase(std::remove_if(edits.states.begin(), edits.states.end(), same), edits.states.end());
  applied();
}

void Edits::release_all() {
  if (states().empty()) return;
  own("all states released", false).states.clear();
  applied();
  state_.say(Severity::Note, "no state is set by hand any more");
}

std::string Edits::states_words() const {
  std::string text;
  int told = 0;
  const int all = static_cast<int>(states().size());
  for (const rnn::Intervention& s : states()) {
    if (++told > 4) return text + "; and " + std::to_string(all - 4) + " more";
    char value[32];
    std::snprintf(value, sizeof value, "%.4g", static_cast<double>(s.value));
    text += (text.empty() ? "" : "; ") + std::string(s.cell ? "c[" : "h[") + std::to_string(s.unit) +
            "] = " + value +
            (s.first == s.last ? " at " + std::to_string(s.first)
                               : " from " + std::to_string(s.first) + " to " + std::to_string(s.last));
    if (state_.network.layers.size() > 1) text += ", " + layer_name(state_.network, s.layer);
  }
  return text;
}

// ---- weights

std::string Edits::weights_obstacle() const {
  if (!session_.has_data()) return "there is no network yet: load sequences";
  if (!state_.project.weights) return "the recipe is still being replayed: wait, or cancel it";
  if (state_.training.state == TrainingState::Running) return "training is running: pause it first";
  if (state_.twin) return "the untrained twin is on show: switch it off first";
  if (state_.visited_weights) return "an earlier update is on show: return to the last one, or go on from it";
  return {};
}

void Edits::set_weight(int tensor, int row, int col, float value, bool continues) {
  if (const std::string why = weights_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot change a weight: " + why);
  const auto& tensors = state_.network.tensors;
  if (tensor < 0 || tensor >= static_cast<int>(tensors.size()) || !std::isfinite(value))
    return state_.say(Severity::Error, "there is no such weight");
  const rnn::Tensor& of = tensors[static_cast<std::size_t>(tensor)];
  if (row < 0 || row >= of.rows || col < 0 || col >= of.cols)
    return state_.say(Severity::Error, "there is no such weight");
  auto weights = std::make_shared<std::vector<float>>(*state_.project.weights);
  float& at = (*weights)[of.offset + static_cast<std::size_t>(row) * static_cast<std::size_t>(of.cols) +
                         static_cast<std::size_t>(col)];
  if (at == value) return;
  if (!continues) state_.coalesce.clear();
  state_.remember("weight " + of.name, true);
  at = value;
  state_.drop_run();
  // No recipe makes these: training would go on from them as a new leg.
  state_.project.train = state_.effective_train();
  state_.project.updates = 0;
  state_.project.changes.clear();
  state_.project.weights_hash.clear();
  state_.project.weights = state_.project.start_weights = state_.live_weights = weights;
  state_.training = {};
  state_.cross_validation = {};
  state_.predictions.stale = state_.predictions.available;
  state_.next_trace_s = -1;
  state_.builder.reset();
  state_.want_trace(false);
  state_.make_trace_soon();
  state_.touch();
}

// ---- the ghost

const rnn::Trace* Edits::original() const { return original_.trace(); }
std::uint64_t Edits::original_serial() const { return original_.trace() ? original_.serial() : 0; }
int Edits::origin_of(int index) const {
  if (!state_.edited) return index;
  const std::vector<int>& origin = state_.edited->letters.origin;
  return index >= 0 && index < static_cast<int>(origin.size()) ? origin[static_cast<std::size_t>(index)] : -1;
}

bool Edits::update(double) {
  const int record = state_.project.cursor.sequence;
  if (!state_.prepared || !state_.trace_weights || state_.edits_of(record).empty()) {
    if (original_.wanted()) {
      original_.drop();
      state_.changed();
    }
    return false;
  }
  if (state_.trace_too_large(session_.data().length(record))) return false;
  // The same weights as the trace on screen, so that the edits alone make the difference.
  if (original_.wanted() && of_weights_ == state_.trace_weights && of_record_ == record) return false;
  of_weights_ = state_.trace_weights;
  of_record_ = record;
  original_.drop();
  original_.want("original", [this, record, weights = state_.trace_weights] {
    return state_.build_trace(state_.network, *weights, record, {});
  });
  return true;
}
bool Edits::has_work() const { return original_.has_work(); }
void Edits::work_slice() {
  original_.work(std::min(kSideSteps, state_.trace_steps(0.5)));
  if (original_.trace()) state_.changed();
}
void Edits::project_changed() {
  original_.drop();
  of_weights_ = nullptr;
}

// ---- by name, and in words

std::span<const VerbEntry> Edits::verbs() const {
  using Json = nlohmann::json;
  static constexpr VerbEntry kVerbs[] = {
      {"mutate",
       [](Session& s, const Json& a) {
         s.edits().replace(whole_in(a, "position", s.position()) - 1, 1, text_in(a, "letter"));
       }},
      {"insert_letters",
       [](Session& s, const Json& a) {
         s.edits().replace(whole_in(a, "position", s.position() + 1) - 1, 0, text_in(a, "letters"));
       }},
      {"delete_letters",
       [](Session& s, const Json& a) {
         s.edits().replace(whole_in(a, "position", s.position()) - 1, whole_in(a, "count", 1), "");
       }},
      {"replace_letters",
       [](Session& s, const Json& a) {
         s.edits().replace(whole_in(a, "position", s.position()) - 1, whole_in(a, "count", 1),
                           text_in(a, "letters"));
       }},
      {"restore_letters", [](Session& s, const Json&) { s.edits().restore_letters(); }},
      {"set_state",
       [](Session& s, const Json& a) {
         const int first = whole_in(a, "first", s.position());
         s.edits().intervene({whole_in(a, "layer", 0), whole_in(a, "unit", 0), truth_in(a, "cell", false),
                              first, whole_in(a, "last", first), static_cast<float>(real_in(a, "value", 0))});
       }},
      {"take_state",
       [](Session& s, const Json& a) {
         s.edits().take_state(whole_in(a, "layer", 0), whole_in(a, "sequence", 0),
                              whole_in(a, "position", 1));
       }},
      {"release_states", [](Session& s, const Json&) { s.edits().release_all(); }},
      {"set_weight",
       [](Session& s, const Json& a) {
         s.edits().set_weight(whole_in(a, "tensor", 0), whole_in(a, "row", 0), whole_in(a, "column", 0),
                              static_cast<float>(real_in(a, "value", 0)), truth_in(a, "continues", false));
       }},
  };
  return kVerbs;
}

void Edits::mirror(nlohmann::json& sections) const {
  if (!session_.has_data() || session_.length() == 0 || !letters_obstacle().empty()) return;
  nlohmann::json section = {{"title", "Edit and see"}, {"id", "edits"}};
  nlohmann::json lines = nlohmann::json::array();
  if (const std::string words = letters_words(); !words.empty()) lines.push_back(words);
  if (const std::string words = states_words(); !words.empty()) lines.push_back(words);
  if (lines.empty()) lines.push_back("The sequence is read as it was given.");
  section["lines"] = std::move(lines);
  section["inputs"] = {
      {{"verb", "mutate"},
       {"arg", "letter"},
       {"label", "Letter at the position"},
       {"value", session_.position() > 0
                     ? std::string(1, session_.letters()[static_cast<std::size_t>(session_.position() - 1)])
                     : std::string()},
       {"kind", "text"}},
      {{"verb", "insert_letters"},
       {"arg", "letters"},
       {"label", "Insert after the position"},
       {"value", ""},
       {"kind", "text"}}};
  section["buttons"] = {
      {{"verb", "delete_letters"}, {"label", "Delete the letter"}, {"disabled", session_.position() == 0}},
      {{"verb", "restore_letters"}, {"label", "Letters as given"}, {"disabled", !letters_edited()}},
      {{"verb", "release_states"}, {"label", "Release states set by hand"}, {"disabled", states().empty()}}};
  sections.push_back(std::move(section));
}

}  // namespace ribostep::session
