// Conditions of the project over the run on screen; see conditions.h. Verbs by name and the text mirror are
// in conditions_verbs.cpp.
#include "session/conditions.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "session/state.h"

namespace ribostep::session {
namespace {

// Numbers that are read, a few nanoseconds each on a slow core.
constexpr std::int64_t kBlockCost = 100'000;   // of one condition in a slice: under half a millisecond
constexpr std::int64_t kAtOnceCost = 400'000;  // of all that are computed within the update that meets them
constexpr int kBlock = 4096, kAtOnce = 4096;   // positions at most

const ConditionHits kNothing;

bool same_name(std::string_view a, std::string_view b) {
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return low(x) == low(y); });
}

std::size_t at(int index) { return static_cast<std::size_t>(index); }

// What a position of a condition costs, in numbers that are read.
int cost_of(const query::Condition& condition, const rnn::Network& network) {
  int cost = 0;
  const int outputs = network.spec.outputs();
  for (const query::Node& n : condition.nodes) {
    switch (n.op) {
      case query::Op::Norm:
        cost += network.layers[at(n.layer)].hidden;
        break;
      case query::Op::Argmax:
        cost += outputs;
        break;
      case query::Op::Entropy:
        cost += 8 * outputs;  // logarithms
        break;
      case query::Op::NotFinite:
        for (const auto& layer : network.layers) cost += 2 * layer.hidden;
        cost += outputs;
        break;
      case query::Op::LetterIs:
      case query::Op::Motif:
        for (const auto& pattern : condition.motifs[at(n.unit)].patterns)
          cost += 2 + static_cast<int>(pattern.size());
        break;
      default:
        cost += 2;
    }
  }
  return std::max(1, cost);
}

}  // namespace

// ---- the list

const std::vector<io::Condition>& Conditions::list() const { return state_.project.debugging.conditions; }

const ConditionHits& Conditions::hits(int index) const {
  return index >= 0 && at(index) < found_.size() ? found_[at(index)] : kNothing;
}

query::Vocabulary Conditions::vocabulary() const {
  query::Vocabulary v;
  if (!session_.has_data()) return v;
  v.network = &state_.network;
  v.alphabet = &session_.data().alphabet();
  v.outputs = state_.output_names;
  v.labels = state_.derived().positions.names;
  v.channels = session_.data().channel_names();
  v.units = names_;
  return v;
}

query::Subject Conditions::subject() const {
  query::Subject s;
  const int record = state_.project.cursor.sequence;
  const bio::Dataset& data = session_.data();
  s.length = session_.length();
  s.trace = run_.trace != 0 ? state_.trace.get() : nullptr;
  s.directions = state_.network.spec.direction_count();
  s.alphabet = &data.alphabet();
  s.letters = state_.letters;
  s.labels = state_.edited ? std::span<const std::uint8_t>(state_.edited->position_labels)
                           : state_.derived().position_labels_of(record);
  s.channels = data.channels();
  if (s.channels > 0) s.values = data.values(record);
  return s;
}

query::Parsed Conditions::check(std::string_view text) const { return query::parse(text, vocabulary()); }
query::Completion Conditions::complete(std::string_view text, std::size_t caret) const {
  return query::complete(text, caret, vocabulary());
}

void Conditions::set(std::size_t index, io::Condition to) {
  std::vector<io::Condition>& all = state_.project.debugging.conditions;
  // A quantity holds nowhere: it can only be looked at.
  if (const query::Parsed parsed = check(to.text); parsed.ok() && !parsed.condition.truth) {
    to.stops = to.marks = false;
    to.watched = true;
  }
  if (index < all.size())
    all[index] = std::move(to);
  else
    all.push_back(std::move(to));
  state_.touch();
  update(0);
}

bool Conditions::add(io::Condition condition) {
  std::string why;
  const query::Parsed parsed = check(condition.text);
  if (!parsed.ok())
    why = parsed.problem.reason;
  else if (list().size() >= io::kMaxConditions)
    why = "there are " + std::to_string(io::kMaxConditions) + " already: remove one first";
  else if (std::any_of(list().begin(), list().end(), [&](const auto& c) { return c.text == condition.text; }))
    why = "it is in the list already";
  refused_ = why.empty() ? std::string() : condition.text;
  refused_why_ = why;
  if (!why.empty()) {
    state_.say(Severity::Error, "no condition was added: " + why);
    return false;
  }
  state_.remember("a condition added");
  set(list().size(), std::move(condition));
  return true;
}

bool Conditions::change(int index, io::Condition to) {
  if (index < 0 || at(index) >= list().size()) return false;
  const io::Condition& now = list()[at(index)];
  if (now == to) return true;
  if (now.text != to.text) {
    if (const query::Parsed parsed = check(to.text); !parsed.ok()) {
      refused_ = to.text;
      refused_why_ = parsed.problem.reason;
      state_.say(Severity::Error, "the condition stays as it was: " + refused_why_);
      return false;
    }
    refused_.clear();
    refused_why_.clear();
  }
  state_.remember("a condition changed");
  set(at(index), std::move(to));
  return true;
}

void Conditions::remove(int index) {
  if (index < 0 || at(index) >= list().size()) return;
  state_.remember("a condition removed");
  std::vector<io::Condition>& all = state_.project.debugging.conditions;
  all.erase(all.begin() + index);
  state_.touch();
  update(0);
}

std::vector<ConditionPreset> Conditions::presets() const {
  const std::string first = state_.output_names.empty() ? "" : state_.output_names[0];
  const ConditionPreset all[] = {{"The most probable output changes", "argmax changes"},
                                 {"An output jumps", "p(" + first + ") jumps 0.2"},
                                 {"The outputs are nearly certain", "entropy < 0.1"},
                                 {"The state moves far", "|dh| > 0.5"},
                                 {"A forget gate closes", "f[0] < 0.1"},
                                 {"A stop codon in frame", "codon = stop & frame = 0"},
                                 {"A start codon", "codon = start"},
                                 {"A TATA box, one mismatch", "seq ~ TATAWAW within 1"},
                                 {"The label changes", "label changes"},
                                 {"A number is no longer finite", "nan"}};
  std::vector<ConditionPreset> out;
  for (const ConditionPreset& one : all)
    if (check(one.text).ok()) out.push_back(one);
  return out;
}

// ---- computing

Conditions::Run Conditions::run_on_screen() const {
  const bool traced = state_.trace && state_.trace->length == session_.length();
  return {traced ? state_.trace_serial : 0, &session_.data(), state_.project.cursor.sequence, state_.letters};
}
bool Conditions::run_changed() const {
  const bool traced = state_.trace && state_.trace->length == session_.length();
  return run_.trace != (traced ? state_.trace_serial : 0) || run_.data != &session_.data() ||
         run_.record != state_.project.cursor.sequence || run_.letters != state_.letters;
}

// The list and the names as the project has them now; what a condition found stays with it.
void Conditions::read() {
  const std::vector<io::Condition>& all = list();
  const std::vector<io::UnitName>& named = state_.project.debugging.unit_names;
  if (parsed_ && all == list_ && named == names_of_) return;
  const bool anew = !parsed_ || named != names_of_;
  parsed_ = true;
  names_of_ = named;
  names_.clear();
  for (const io::UnitName& name : named) names_.push_back({name.layer, name.unit, name.name});
  std::vector<ConditionHits> found(all.size());
  const auto watched = [](const std::vector<io::Condition>& from) {
    std::vector<std::string> out;
    for (const io::Condition& c : from)
      if (c.on && c.watched) out.push_back(c.text);
    return out;
  };
  if (watched(all) != watched(list_)) ++tracks_revision_;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < list_.size() && k < found_.size(); ++k)
      if (list_[k].text == all[i].text) {
        found[i] = found_[k];
        if (all[i].watched && !list_[k].watched) found[i].ready = false;
        break;
      }
    if (anew || found[i].serial == 0) found[i].parsed = check(all[i].text);
    if (anew) found[i].ready = false;
    if (!found[i].parsed.ok()) found[i].hits.clear(), found[i].values.clear();
  }
  found_ = std::move(found);
  next_.assign(all.size(), {});
  done_.assign(all.size(), 0);
  list_ = all;
}

// What was found on another run goes, except that the screen keeps it for a moment where it is as long.
void Conditions::begin() {
  if (!run_changed()) return;
  Run now = run_on_screen();
  const bool keep = now.record == run_.record && now.letters.size() == run_.letters.size();
  run_ = std::move(now);
  for (ConditionHits& item : found_) {
    item.ready = false;
    if (keep) continue;
    item.hits.clear();
    item.values.clear();
  }
  next_.assign(found_.size(), {});
  done_.assign(found_.size(), 0);
}

bool Conditions::pending(int index) const {
  const ConditionHits& item = found_[at(index)];
  return list_[at(index)].on && item.parsed.ok() && !item.ready &&
         (run_.trace != 0 || !item.parsed.condition.needs_trace) && !run_.letters.empty();
}

void Conditions::compute_block(int index) {
  ConditionHits& next = next_[at(index)];
  ConditionHits& shown = found_[at(index)];
  const bool watched = list_[at(index)].watched;
  const int cost = cost_of(shown.parsed.condition, state_.network);
  const int block_length = std::clamp(static_cast<int>(kBlockCost / cost), 64, kBlock);
  const int end = std::min(done_[at(index)] + block_length, session_.length() + 1);
  const std::vector<float> block = query::evaluate(shown.parsed.condition, subject(), done_[at(index)], end);
  for (std::size_t i = 0; i < block.size(); ++i) {
    const int position = done_[at(index)] + static_cast<int>(i);
    if (shown.parsed.condition.truth && position > 0 && block[i] > 0.5f) next.hits.push_back(position);
    if (!watched || !std::isfinite(block[i])) continue;
    const bool first = next.low > next.high;
    next.low = first ? block[i] : std::min(next.low, block[i]);
    next.high = first ? block[i] : std::max(next.high, block[i]);
  }
  if (watched) next.values.insert(next.values.end(), block.begin(), block.end());
  done_[at(index)] = end;
  if (end <= session_.length()) return;
  next.parsed = std::move(shown.parsed);
  next.ready = true;
  next.serial = ++serials_;
  shown = std::move(next);
  next = {};
  done_[at(index)] = 0;
  state_.changed();
}

void Conditions::settle() {
  read();
  begin();
  for (int i = 0; i < static_cast<int>(found_.size()); ++i)
    while (pending(i)) compute_block(i);
}

bool Conditions::update(double) {
  read();
  begin();
  for (std::size_t i = 0; i < found_.size(); ++i)
    found_[i].waiting = found_[i].parsed.ok() && found_[i].parsed.condition.needs_trace && run_.trace == 0;
  if (!session_.running()) held_ = false;
  std::int64_t cost = 0;
  for (int i = 0; i < static_cast<int>(found_.size()); ++i)
    if (pending(i))
      cost += static_cast<std::int64_t>(cost_of(found_[at(i)].parsed.condition, state_.network)) *
              (session_.length() + 1 - done_[at(i)]);
  if (session_.length() <= kAtOnce && cost <= kAtOnceCost) settle();
  return false;
}

bool Conditions::has_work() const {
  if (list().empty()) return false;
  if (run_changed() || list_ != list()) return true;
  for (int i = 0; i < static_cast<int>(found_.size()); ++i)
    if (pending(i)) return true;
  return false;
}

void Conditions::work_slice() {
  read();
  begin();
  for (int i = 0; i < static_cast<int>(found_.size()); ++i)
    if (pending(i)) return compute_block(i);
}

// ---- walking

bool Conditions::wanted(int index) const {
  if (at(index) >= found_.size() || at(index) >= list_.size()) return false;
  const io::Condition& c = list_[at(index)];
  return c.on && (c.stops || c.marks) && found_[at(index)].parsed.ok();
}
template <class F>
void Conditions::each_wanted(int index, F f) const {
  for (int i = 0; i < static_cast<int>(found_.size()); ++i)
    if (index == i || (index < 0 && wanted(i))) f(found_[at(i)]);
}

bool Conditions::any_hits_wanted() const {
  bool any = false;
  each_wanted(-1, [&](const ConditionHits&) { any = true; });
  return any;
}

int Conditions::next_hit(int from, int index) const {
  int best = -1;
  each_wanted(index, [&](const ConditionHits& item) {
    const auto hit = std::upper_bound(item.hits.begin(), item.hits.end(), from);
    if (hit != item.hits.end() && (best < 0 || *hit < best)) best = *hit;
  });
  return best;
}
int Conditions::previous_hit(int from, int index) const {
  int best = -1;
  each_wanted(index, [&](const ConditionHits& item) {
    const auto hit = std::lower_bound(item.hits.begin(), item.hits.end(), from);
    if (hit != item.hits.begin()) best = std::max(best, *(hit - 1));
  });
  return best;
}

int Conditions::count(int index) const {
  if (index >= 0) return static_cast<int>(hits(index).hits.size());
  std::vector<int> all;
  each_wanted(-1,
              [&](const ConditionHits& item) { all.insert(all.end(), item.hits.begin(), item.hits.end()); });
  std::sort(all.begin(), all.end());
  return static_cast<int>(std::unique(all.begin(), all.end()) - all.begin());
}
int Conditions::rank(int position, int index) const {
  const std::vector<int>& all = hits(index).hits;
  return static_cast<int>(std::upper_bound(all.begin(), all.end(), position) - all.begin());
}

// ---- without states

bool Conditions::lacks_states(int index) const {
  const ConditionHits& item = found_[at(index)];
  return list_[at(index)].on && item.parsed.ok() && item.parsed.condition.needs_trace && run_.trace == 0 &&
         !run_.letters.empty();
}
bool Conditions::stop_lacks_states() const {
  for (int i = 0; i < static_cast<int>(found_.size()); ++i)
    if (list_[at(i)].stops && found_[at(i)].parsed.condition.truth && lacks_states(i)) return true;
  return false;
}
std::string Conditions::no_states_words() const {
  return session_.trace_too_large()
             ? "this sequence is too long for its states: conditions about them say nothing here"
             : "the states are still being computed: conditions about them say nothing yet";
}

bool Conditions::hit_lacks_states(int index) const {
  bool any = false;
  for (int i = 0; i < static_cast<int>(found_.size()); ++i)
    any = any || ((index == i || (index < 0 && wanted(i))) && lacks_states(i));
  return any;
}

bool Conditions::holds_run() {
  read();
  begin();
  if (!stop_lacks_states()) return false;
  if (!held_) state_.say(Severity::Note, no_states_words());
  held_ = true;
  return !session_.trace_too_large();
}

void Conditions::go_to_next_hit(int index) {
  settle();
  if (!any_hits_wanted() && index < 0)
    return state_.say(Severity::Note, "there is no condition yet whose hits could be walked along: add one");
  const bool blind = hit_lacks_states(index);
  const int hit = blind && !session_.trace_too_large() ? -1 : next_hit(session_.position(), index);
  if (blind && hit < 0) return state_.say(Severity::Note, no_states_words());
  if (hit < 0) {
    const int last = previous_hit(session_.length() + 1, index);
    return state_.say(Severity::Note, last < 0
                                          ? "no hit in this sequence"
                                          : "no hit after position " + std::to_string(session_.position()) +
                                                ": the last one is at " + std::to_string(last));
  }
  session_.set_running(false);
  state_.origins->note_jump();
  session_.go_to(hit);
}
void Conditions::go_to_previous_hit(int index) {
  settle();
  if (!any_hits_wanted() && index < 0)
    return state_.say(Severity::Note, "there is no condition yet whose hits could be walked along: add one");
  const bool blind = hit_lacks_states(index);
  const int hit = blind && !session_.trace_too_large() ? -1 : previous_hit(session_.position(), index);
  if (blind && hit < 0) return state_.say(Severity::Note, no_states_words());
  if (hit < 0) {
    const int first = next_hit(0, index);
    return state_.say(Severity::Note, first < 0
                                          ? "no hit in this sequence"
                                          : "no hit before position " + std::to_string(session_.position()) +
                                                ": the first one is at " + std::to_string(first));
  }
  session_.set_running(false);
  state_.origins->note_jump();
  session_.go_to(hit);
}

std::string Conditions::words(int index) const {
  const ConditionHits& item = hits(index);
  if (index < 0 || at(index) >= list().size()) return {};
  if (!item.parsed.ok()) return item.parsed.problem.reason;
  if (!list()[at(index)].on) return "switched off";
  if (item.waiting)
    return session_.trace_too_large() ? "this sequence is too long for its states" : "waits for the states";
  if (!item.ready && item.hits.empty()) return "being computed";
  if (!item.parsed.condition.truth) return "watched";
  const int all = count(index);
  if (all == 0) return "no hit";
  const int position = session_.position(), reached = rank(position, index);
  if (reached > 0 && item.hits[at(reached - 1)] == position)
    return "hit " + std::to_string(reached) + " of " + std::to_string(all);
  return plural(all, "hit");
}

std::string Conditions::stop_words(int position, int index) const {
  const std::string where = "stopped at position " + std::to_string(position) + ": ";
  return index < 0 ? where + "a state or an output is no finite number from here on"
                   : where + list_[at(index)].text;
}

int Conditions::first_stop(int from, int to) {
  from = std::max(from, 0);
  to = std::min(to, session_.length());
  if (to <= from) return -1;
  read();
  begin();
  int best = -1, by = -1;
  const query::Subject run = subject();
  for (int i = 0; i < static_cast<int>(found_.size()); ++i) {
    const ConditionHits& item = found_[at(i)];
    if (!list_[at(i)].on || !list_[at(i)].stops || !item.parsed.ok() || !item.parsed.condition.truth)
      continue;
    int hit = -1;
    if (item.ready) {
      const auto next = std::upper_bound(item.hits.begin(), item.hits.end(), from);
      if (next != item.hits.end() && *next <= to) hit = *next;
    } else if (run.trace || !item.parsed.condition.needs_trace) {
      const std::vector<float> values = query::evaluate(item.parsed.condition, run, from + 1, to + 1);
      const auto next = std::find_if(values.begin(), values.end(), [](float v) { return v > 0.5f; });
      if (next != values.end()) hit = from + 1 + static_cast<int>(next - values.begin());
    }
    if (hit < 0 || (best >= 0 && hit >= best)) continue;
    best = hit;
    by = i;
  }
  // Where it begins: a person who runs on has seen it.
  if (run.trace) {
    bool before = from > 0 && query::not_finite(*run.trace, from);
    for (int p = from + 1; p <= (best < 0 ? to : best - 1); ++p) {
      const bool now = query::not_finite(*run.trace, p);
      if (now && !before) {
        best = p;
        by = -1;
        break;
      }
      before = now;
    }
  }
  if (best >= 0) state_.say(by < 0 ? Severity::Warning : Severity::Note, stop_words(best, by));
  return best;
}

void Conditions::run_to_stop() {
  settle();
  session_.set_running(false);
  const bool blind = stop_lacks_states();
  if (blind && !session_.trace_too_large()) return state_.say(Severity::Note, no_states_words());
  const int stop = first_stop(session_.position(), session_.length());
  if (stop >= 0) {
    state_.origins->note_jump();
    return session_.go_to(stop);
  }
  if (blind) return state_.say(Severity::Note, no_states_words());
  const bool any = std::any_of(list_.begin(), list_.end(), [](const auto& c) { return c.on && c.stops; });
  state_.say(Severity::Note, any ? "no breakpoint is hit from here to the end"
                                 : "there is no breakpoint: add a condition that stops");
}

// ---- names of units

std::string Conditions::unit_name(int layer, int unit) const {
  for (const io::UnitName& name : state_.project.debugging.unit_names)
    if (name.layer == layer && name.unit == unit) return name.name;
  return {};
}
std::string Conditions::unit_label(int layer, int unit) const {
  const std::string name = unit_name(layer, unit);
  return "unit " + std::to_string(unit) + (name.empty() ? "" : " \"" + name + "\"");
}

bool Conditions::name_unit(int layer, int unit, std::string name) {
  std::vector<io::UnitName>& all = state_.project.debugging.unit_names;
  const auto refuse = [&](const std::string& why) {
    state_.say(Severity::Error, "the unit was not named: " + why);
    return false;
  };
  if (!session_.has_data()) return refuse("there is no network yet: load sequences");
  if (layer < 0 || layer >= static_cast<int>(state_.network.layers.size()) || unit < 0 ||
      unit >= state_.network.layers[at(layer)].hidden)
    return refuse("there is no such unit");
  if (const std::string why = query::name_problem(name); !why.empty()) return refuse(why);
  if (name == unit_name(layer, unit)) return true;
  for (const io::UnitName& other : all)
    if ((other.layer != layer || other.unit != unit) && !name.empty() && same_name(other.name, name))
      return refuse("another one has this name: choose a different one");
  const auto old =
      std::find_if(all.begin(), all.end(), [&](const auto& n) { return n.layer == layer && n.unit == unit; });
  if (old == all.end() && all.size() >= io::kMaxUnitNames)
    return refuse(std::to_string(io::kMaxUnitNames) + " units have names already");
  read();
  state_.remember("a unit's name");
  for (std::size_t i = 0; i < found_.size(); ++i) {
    std::string& text = state_.project.debugging.conditions[i].text;
    std::string next = text;
    std::vector<query::Mention> mentions = found_[i].parsed.condition.mentions;
    std::sort(mentions.begin(), mentions.end(),
              [](const auto& a, const auto& b) { return a.begin > b.begin; });
    for (const query::Mention& m : mentions) {
      if (m.layer != layer || m.unit != unit) continue;
      if (name.empty())
        next.replace(at(m.whole_begin), at(m.whole_end - m.whole_begin), m.plain);
      else
        next.replace(at(m.begin), at(m.end - m.begin), name);
    }
    if (next.size() <= io::kMaxConditionText) text = next;
  }
  if (name.empty())
    all.erase(old);
  else if (old != all.end())
    old->name = std::move(name);
  else
    all.push_back({layer, unit, std::move(name)});
  state_.touch();
  update(0);
  return true;
}

}  // namespace ribostep::session
