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
constexpr int kTakeAtOnce = 512;  // steps of another sequence that nobody waits for

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

// States set by hand stay with the letters they stood on, and go with those that go. `first` and `last`:
// where a range that begins or ends at a position does so now.
template <class First, class Last>
void move_states(std::vector<rnn::Intervention>& states, First first, Last last) {
  for (rnn::Intervention& state : states) {
    const bool initial = state.first == 0;
    state.last = state.last == 0 ? 0 : last(state.last);
    state.first = initial ? 0 : first(state.first);
  }
  std::erase_if(states, [](const auto& state) { return state.first > state.last; });
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
bool Edits::applied() {
  const io::RecordEdits& now = state_.edits_of(state_.project.cursor.sequence);
  std::size_t inserted = 0;
  for (const bio::LetterEdit& edit : now.letters) inserted = std::max(inserted, edit.inserted.size());
  if (now.letters.size() > io::kMaxLetterEdits || now.states.size() > io::kMaxInterventions ||
      inserted > io::kMaxInserted) {
    // A document with more could not be opened again.
    state_.project.debugging.edits = state_.past.back().project.debugging.edits;
    state_.say(Severity::Error, "that is more than is kept of one sequence (" +
                                    std::to_string(io::kMaxLetterEdits) + " changes, as many states, " +
                                    std::to_string(io::kMaxInserted) +
                                    " letters at once): nothing was changed");
    return false;
  }
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
  return true;
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
  std::vector<bio::LetterEdit> fewest = bio::simplified(given, bio::edit_letters(given, next));
  // A long stretch pasted over another falls apart wherever the two agree: one edit says it better.
  if (fewest.size() <= io::kMaxLetterEdits || next.size() > io::kMaxLetterEdits) next = std::move(fewest);
  if (next.size() > io::kMaxLetterEdits)
    return state_.say(Severity::Error, std::to_string(io::kMaxLetterEdits) +
                                           " changes in one sequence are the most that are kept");
  io::RecordEdits& edits = own("letters", false);
  edits.letters = std::move(next);
  const int grown = static_cast<int>(letters.size()) - removed;
  const int left = std::min(removed, static_cast<int>(letters.size()));  // of the letters that were there
  move_states(
      edits.states, [&](int p) { return p > at + removed ? p + grown : std::min(p, at + 1 + left); },
      [&](int p) { return p > at + removed ? p + grown : std::min(p, at + left); });
  if (!applied()) return;
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
  restore_range(0, session_.length());
  state_.say(Severity::Note, "the letters are as they were given");
}

void Edits::restore_range(int at, int count) {
  if (!letters_edited()) return;
  const bio::EditedLetters now = letters();
  const int size = static_cast<int>(now.letters.size());
  at = std::clamp(at, 0, size);
  const int end = at + std::clamp(count, 0, size - at);
  const std::string given = session_.data().letters(state_.project.cursor.sequence);
  // Letters of the given sequence that come before letter i, going by those that are still there.
  const auto before = [&](int i) {
    while (--i >= 0)
      if (now.origin[static_cast<std::size_t>(i)] >= 0) return now.origin[static_cast<std::size_t>(i)] + 1;
    return 0;
  };
  // What was deleted at the edges comes back only with the whole sequence.
  int from = before(at), to = before(end);
  for (int i = at; i < end; ++i)
    if (now.origin[static_cast<std::size_t>(i)] >= 0) {
      from = at == 0 && end == size ? 0 : now.origin[static_cast<std::size_t>(i)];
      break;
    }
  // Fewer letters had come in place of more: those belong to the last of them.
  if (end - at > 1 && now.changed[static_cast<std::size_t>(end - 1)]) {
    to = static_cast<int>(given.size());
    for (int i = end; i < size; ++i)
      if (now.origin[static_cast<std::size_t>(i)] >= 0) {
        to = now.origin[static_cast<std::size_t>(i)];
        break;
      }
  }
  if (at == 0 && end == size) from = 0, to = static_cast<int>(given.size());
  bio::EditedLetters next;
  std::vector<int> stands(static_cast<std::size_t>(size) + 1,
                          0);  // where each letter is afterwards; -1: gone
  const auto keep = [&](char letter, int origin, char changed) {
    next.letters += letter;
    next.origin.push_back(origin);
    next.changed.push_back(changed);
  };
  for (int i = 0; i < at; ++i) {
    const auto u = static_cast<std::size_t>(i);
    stands[u] = static_cast<int>(next.letters.size());
    keep(now.letters[u], now.origin[u], now.changed[u]);
  }
  for (int k = from; k < to; ++k) keep(given[static_cast<std::size_t>(k)], k, 0);
  for (int i = at; i < end; ++i) {
    const int origin = now.origin[static_cast<std::size_t>(i)];
    stands[static_cast<std::size_t>(i)] = origin < 0 ? -1 : at + origin - from;
  }
  for (int i = end; i < size; ++i) {
    const auto u = static_cast<std::size_t>(i);
    stands[u] = static_cast<int>(next.letters.size());
    keep(now.letters[u], now.origin[u], now.changed[u]);
  }
  if (next.letters.empty())
    return state_.say(Severity::Error, "a sequence needs a letter: restore all letters instead");
  if (next.letters == now.letters && next.origin == now.origin) return;
  io::RecordEdits& edits = own("letters as given", false);
  edits.letters = bio::simplified(given, next);
  move_states(
      edits.states,
      [&](int p) {
        for (int i = p - 1; i < size; ++i)
          if (stands[static_cast<std::size_t>(i)] >= 0) return stands[static_cast<std::size_t>(i)] + 1;
        return static_cast<int>(next.letters.size()) + 1;
      },
      [&](int p) {
        if (p >= size) return static_cast<int>(next.letters.size());
        for (int i = p - 1; i >= 0; --i)
          if (stands[static_cast<std::size_t>(i)] >= 0) return stands[static_cast<std::size_t>(i)] + 1;
        return 0;
      });
  if (!applied()) return;
}

std::uint64_t Edits::letters_serial() const {
  const int record = state_.project.cursor.sequence;
  const std::vector<bio::LetterEdit>& now = state_.edits_of(record).letters;
  if (letters_serial_ == 0 || serial_record_ != record || serial_of_ != state_.project.data.content_hash ||
      serial_edits_ != now) {
    ++letters_serial_;
    serial_record_ = record;
    serial_of_ = state_.project.data.content_hash;
    serial_edits_ = now;
  }
  return letters_serial_;
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
  if (!applied()) return;
}

void Edits::clamp_state(int layer, int unit, bool cell, int first, int last) {
  const rnn::Trace* trace = session_.trace();
  const auto& layers = state_.network.layers;
  if (!trace || layer < 0 || layer >= static_cast<int>(layers.size()) || unit < 0 ||
      unit >= layers[static_cast<std::size_t>(layer)].hidden ||
      (cell && !rnn::has_cell_state(layers[static_cast<std::size_t>(layer)].cell)))
    return state_.say(Severity::Error, trace ? "there is no such unit in this network"
                                             : "the states are still being computed: wait a moment");
  const rnn::LayerTrace& of = trace->layers[static_cast<std::size_t>(layer)];
  const int here = std::min(session_.position(), trace->length);
  const auto u = static_cast<std::size_t>(unit);
  const float value = here == 0 || of.steps == 0 ? (cell ? of.initial_c[u] : of.initial_h[u])
                      : cell                     ? of.c(of.step_of(here - 1), unit)
                                                 : of.h(of.step_of(here - 1), unit);
  intervene({layer, unit, cell, first, last, value});
}

const rnn::Intervention* Edits::held(int layer, int unit, bool cell, int position) const {
  if (layer < 0 || layer >= static_cast<int>(state_.network.layers.size())) return nullptr;
  const rnn::Network& net = state_.network;
  const int level = net.layers[static_cast<std::size_t>(layer)].level;
  const int per_step = net.letters_per_step(level), window = net.steps_per_window(level);
  const int below = session_.length() / net.spec.letters_per_step();  // letters behind the last belong to it
  const int steps = std::max(1, (below + window - 1) / window);
  const auto step_of = [&](int p) { return p <= 0 ? -1 : std::min((p - 1) / per_step, steps - 1); };
  const int at = step_of(position);
  const rnn::Intervention* found = nullptr;  // the last one counts
  for (const rnn::Intervention& s : states())
    if (s.layer == layer && s.unit == unit && s.cell == cell && step_of(s.first) <= at &&
        at <= step_of(s.last))
      found = &s;
  return found;
}

void Edits::take_state(int layer, int record, int position) {
  if (const std::string why = states_obstacle(); !why.empty())
    return state_.say(Severity::Error, "cannot set a state: " + why);
  const auto& layers = state_.network.layers;
  if (layer < 0 || layer >= static_cast<int>(layers.size()) || record < 0 || record >= session_.data().size())
    return state_.say(Severity::Error, "there is no such layer or sequence");
  const rnn::Layer& of = layers[static_cast<std::size_t>(layer)];
  const io::RecordEdits& as_read = state_.edits_of(record);
  const int length = static_cast<int>(
      as_read.letters.empty()
          ? session_.data().length(record)
          : static_cast<int>(
                bio::edit_letters(session_.data().letters(record), as_read.letters).letters.size()));
  if (position < 0 || position > length)
    return state_.say(Severity::Error, std::string(session_.data().name(record)) + " has no position " +
                                           std::to_string(position) + ": choose 0 to " +
                                           std::to_string(length));
  if (state_.trace_too_large(length))
    return state_.say(Severity::Error, "that sequence is too long for this network to be traced");
  if (states().size() + 2 * static_cast<std::size_t>(of.hidden) > io::kMaxInterventions)
    return state_.say(Severity::Error, std::to_string(io::kMaxInterventions) +
                                           " states set by hand are the most that are kept: release some");
  take_ = {layer, record, position, session_.position(), state_.project.cursor.sequence};
  taken_.drop();
  taken_.want("taken", [this, record, weights = state_.weights_to_show(), edits = as_read] {
    return state_.build_trace(state_.network, *weights, record, edits);
  });
  taken_.work(kTakeAtOnce);
  if (taken_.trace())
    put_state(*taken_.trace());
  else
    state_.changed();
}

void Edits::put_state(const rnn::Trace& other) {
  const Take take = take_;
  const rnn::LayerTrace& from = other.layers[static_cast<std::size_t>(take.layer)];
  const rnn::Layer& of = state_.network.layers[static_cast<std::size_t>(take.layer)];
  const bool memory = rnn::has_cell_state(of.cell);
  const int step = take.position > 0 && from.steps > 0 ? from.step_of(take.position - 1) : -1;
  io::RecordEdits& edits = own("another sequence's state", false);
  for (int unit = 0; unit < of.hidden; ++unit) {
    const auto u = static_cast<std::size_t>(unit);
    const auto put = [&](bool cell, float value) {
      const rnn::Intervention set{take.layer, unit, cell, take.here, take.here, value};
      cut_out(edits.states, set);
      edits.states.push_back(set);
    };
    if (memory) put(true, step < 0 ? from.initial_c[u] : from.c(step, unit));
    put(false, step < 0 ? from.initial_h[u] : from.h(step, unit));
  }
  taken_.drop();  // `other` with it
  if (!applied()) return;
  state_.say(Severity::Note, "at position " + std::to_string(take.here) + " it goes on from the state of " +
                                 std::string(session_.data().name(take.record)) + " at position " +
                                 std::to_string(take.position));
}

void Edits::release_where(const std::function<bool(const rnn::Intervention&)>& gone) {
  if (std::none_of(states().begin(), states().end(), gone)) return;
  io::RecordEdits& edits = own("a state released", false);
  edits.states.erase(std::remove_if(edits.states.begin(), edits.states.end(), gone), edits.states.end());
  if (!applied()) return;
}

void Edits::release(int layer, int unit, bool cell) {
  release_where([&](const auto& s) { return s.layer == layer && s.unit == unit && s.cell == cell; });
}

void Edits::release_unit(int layer, int unit) {
  release_where([&](const auto& s) { return s.layer == layer && s.unit == unit; });
}

void Edits::release_all() {
  if (states().empty()) return;
  own("all states released", false).states.clear();
  if (!applied()) return;
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
  if (!continues) state_.coalesce.clear();
  if (at == value) return;
  state_.remember("weight " + of.name, true);
  if (!continues) state_.history->keep_by_itself();
  at = value;
  state_.take_by_hand(std::move(weights));
}

// ---- the ghost

const rnn::Trace* Edits::original() const {
  const int record = state_.project.cursor.sequence;
  // Between choosing another sequence and the next update it is still of the one before.
  return of_record_ == record && !state_.edits_of(record).empty() ? original_.trace() : nullptr;
}
std::uint64_t Edits::original_serial() const { return original() ? original_.serial() : 0; }
int Edits::origin_of(int index) const {
  if (!state_.edited) return index;
  const std::vector<int>& origin = state_.edited->letters.origin;
  return index >= 0 && index < static_cast<int>(origin.size()) ? origin[static_cast<std::size_t>(index)] : -1;
}

void Edits::follow_record() {
  const int record = state_.project.cursor.sequence;
  if (taken_.wanted() && take_.of_record != record) {
    taken_.drop();
    state_.say(Severity::Note, "another sequence is on screen: no state was taken");
  }
}

bool Edits::update(double) {
  follow_record();
  const int record = state_.project.cursor.sequence;
  const bool fit =
      state_.trace && state_.trace_weights && state_.trace_weights->size() == state_.network.parameter_count;
  const bool none = !state_.prepared || !fit || state_.edits_of(record).empty() ||
                    state_.trace_too_large(session_.data().length(record));
  if (none) {
    if (original_.wanted()) {
      original_.drop();
      state_.changed();
    }
    return false;
  }
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
bool Edits::has_work() const { return taken_.has_work() || original_.has_work(); }
void Edits::work_slice() {
  const int steps = std::min(kSideSteps, state_.trace_steps(0.5));
  if (taken_.has_work()) {
    taken_.work(steps);
    if (taken_.trace()) put_state(*taken_.trace());
    return state_.changed();
  }
  original_.work(steps);
  if (original_.trace()) state_.changed();
}
void Edits::project_changed() {
  original_.drop();
  taken_.drop();
  of_weights_ = nullptr;
  ++letters_serial_;
}

}  // namespace ribostep::session
