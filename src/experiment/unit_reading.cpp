#include "experiment/unit_reading.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "bio/shuffle.h"
#include "experiment/unit_relations.h"
#include "rnn/trace.h"

namespace ribostep::experiment {
namespace {

constexpr std::uint64_t kShuffleStream = 0x556e697453687566ULL, kChanceStream = 0x556e69744368616eULL;
constexpr double kStill = 1e-7;  // a deviation below this share of the magnitude is rounding

float value_at(const rnn::LayerTrace& layer, const UnitPick& pick, int step) {
  switch (pick.value) {
    case UnitValue::State:
      return layer.h(step, pick.unit);
    case UnitValue::Cell:
      return layer.c(step, pick.unit);
    case UnitValue::Gate:
      return layer.gate(step, pick.gate, pick.unit);
  }
  return 0;
}

float before_first(const rnn::LayerTrace& layer, const UnitPick& pick) {
  const auto unit = static_cast<std::size_t>(pick.unit);
  if (pick.value == UnitValue::State && unit < layer.initial_h.size()) return layer.initial_h[unit];
  if (pick.value == UnitValue::Cell && unit < layer.initial_c.size()) return layer.initial_c[unit];
  return std::numeric_limits<float>::quiet_NaN();
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", std::fabs(value));
  return value < 0 ? "\u2212" + std::string(text) : text;
}

std::string said(const Relation& r, double value) {
  if (!std::isfinite(value)) return "not defined";
  return r.measure == Measure::Groups ? "\u03b7\u00b2 " + number(value) : "r " + number(value);
}

}  // namespace

bool exists(const rnn::Network& net, const UnitPick& pick) {
  if (pick.layer < 0 || pick.layer >= static_cast<int>(net.layers.size())) return false;
  const rnn::Layer& layer = net.layers[static_cast<std::size_t>(pick.layer)];
  if (pick.unit < 0 || pick.unit >= layer.hidden) return false;
  if (pick.value == UnitValue::Cell) return rnn::has_cell_state(layer.cell);
  return pick.value != UnitValue::Gate ||
         (pick.gate >= 0 && pick.gate < static_cast<int>(rnn::gates(layer.cell).size()));
}

const char* name(Peak peak) {
  static constexpr const char* kNames[] = {"largest", "highest", "lowest", "rise"};
  return kNames[static_cast<std::size_t>(peak)];
}
std::optional<Peak> peak_named(std::string_view text) {
  for (int i = 0; i < kPeaks; ++i)
    if (text == name(static_cast<Peak>(i))) return static_cast<Peak>(i);
  return std::nullopt;
}

std::optional<Motif> read_motif(const bio::Alphabet& alphabet, std::string_view text) {
  if (alphabet.is_series() || text.empty() || text.size() > kLongestMotif) return std::nullopt;
  Motif motif;
  for (const char c : text) {
    const int token = alphabet.token(c);
    if (token < 0) return std::nullopt;
    motif.text += alphabet.letter(token);
    motif.masks.push_back(alphabet.codes[static_cast<std::size_t>(token)].symbols);
  }
  return motif;
}

std::vector<std::string> motifs_of_condition(std::string_view condition) {
  std::vector<std::string> out;
  const auto space = [&](std::size_t at) {
    while (at < condition.size() && condition[at] == ' ') ++at;
    return at;
  };
  const auto letter = [&](std::size_t at) {
    return at < condition.size() && std::isalpha(static_cast<unsigned char>(condition[at])) != 0;
  };
  for (std::size_t at = condition.find("seq"); at != std::string_view::npos;
       at = condition.find("seq", at + 1)) {
    if (at > 0 && (letter(at - 1) || condition[at - 1] == '_')) continue;
    std::size_t to = space(at + 3);
    if (to >= condition.size() || condition[to] != '~') continue;
    to = space(to + 1);
    std::size_t end = to;
    while (letter(end)) ++end;
    std::string word(condition.substr(to, end - to));
    if (!word.empty() && std::find(out.begin(), out.end(), word) == out.end()) out.push_back(std::move(word));
  }
  return out;
}

double explained(Measure measure, double value) {
  if (!std::isfinite(value)) return 0;
  return measure == Measure::Groups ? value : value * value;
}

Logo make_logo(const bio::Alphabet& alphabet, std::span<const std::string> windows,
               std::span<const double> background) {
  Logo logo;
  logo.symbols = std::string(alphabet.symbols);
  logo.background.assign(background.begin(), background.end());
  logo.windows = static_cast<int>(windows.size());
  if (alphabet.is_series() || windows.empty()) return logo;
  const std::size_t symbols = logo.symbols.size();
  logo.columns = static_cast<int>(windows[0].size());
  for (std::size_t column = 0; column < windows[0].size(); ++column) {
    std::vector<double> share = logo.background;  // a pseudocount of one window
    double seen = 1;
    for (const std::string& window : windows) {
      const int token = column < window.size() ? alphabet.token(window[column]) : -1;
      if (token < 0) continue;
      const std::uint32_t mask = alphabet.codes[static_cast<std::size_t>(token)].symbols;
      double of = 0;
      for (std::size_t k = 0; k < symbols; ++k)
        if (mask >> k & 1u) of += logo.background[k];
      for (std::size_t k = 0; k < symbols; ++k)
        if (mask >> k & 1u) share[k] += of > 0 ? logo.background[k] / of : 0;
      seen += 1;
    }
    double bits = 0;
    for (std::size_t k = 0; k < symbols; ++k) {
      share[k] /= seen;
      if (share[k] > 0 && logo.background[k] > 0) bits += share[k] * std::log2(share[k] / logo.background[k]);
    }
    logo.share.insert(logo.share.end(), share.begin(), share.end());
    logo.bits.push_back(std::max(0.0, bits));
  }
  return logo;
}

std::string conclude(const std::vector<Relation>& relations, bool constant, bool same_weights) {
  if (constant) return "It hardly changes anywhere in these sequences: it reads nothing here.";
  const Relation* strongest = nullptr;
  const Relation* learned = nullptr;
  double most = 0, gain = 0;
  for (const Relation& r : relations) {
    const double trained = explained(r.measure, r.trained);
    const double luck = explained(r.measure, r.chance);
    const double more = trained - std::max(luck, explained(r.measure, r.untrained));
    if (trained > luck + kClearlyMore && trained > most) {
      strongest = &r;
      most = trained;
    }
    if (more > kClearlyMore && more > gain) {
      learned = &r;
      gain = more;
    }
  }
  if (strongest == nullptr) return "It goes along with nothing that was tried here beyond chance.";
  if (same_weights)
    return "It goes along with \u201c" + strongest->what + "\u201d most (" +
           said(*strongest, strongest->trained) +
           "), but the network is not trained yet: that is its architecture and its start.";
  if (learned == nullptr)
    return "It goes along with \u201c" + strongest->what + "\u201d most (" +
           said(*strongest, strongest->trained) + "), no more than the untrained network does (" +
           said(*strongest, strongest->untrained) + ").";
  return "It goes along with \u201c" + learned->what + "\u201d (" + said(*learned, learned->trained) +
         "), more than the untrained network does (" + said(*learned, learned->untrained) +
         ") and more than chance (" + said(*learned, learned->chance) + "); on shuffled sequences " +
         said(*learned, learned->shuffled) + ".";
}

struct UnitReader::State {
  enum class Phase : std::uint8_t { Pass, Table, Done };
  static constexpr int kTrained = 0, kShuffled = 1, kUntrained = 2, kPasses = 3;

  const Prepared& prepared;
  rnn::Network net;
  std::vector<float> weights[2];  // trained, untrained
  UnitReading out;
  Columns columns;
  Random shuffling;
  Phase phase = Phase::Pass;
  std::size_t extract = 0;
  int pass = 0;
  std::optional<rnn::TraceBuilder> builder;
  // Of the shuffled copies, record by record; the examples under way point into the last.
  std::vector<std::vector<std::uint8_t>> tokens;
  std::vector<std::vector<float>> values;
  std::vector<ReadRecord> given, shuffled;
  std::array<std::vector<float>, kPasses> unit;   // of every step of every record
  std::vector<float> first;                       // of each record, before its first step; trained
  std::array<std::vector<float>, kPasses> means;  // of the unit over each record
  int row = 0;

  State(const Prepared& p, const rnn::ModelSpec& spec, std::vector<float> trained,
        std::vector<float> untrained, UnitQuestion question)
      : prepared(p),
        net(rnn::make_network(spec)),
        columns(p, net, question),
        shuffling(question.seed, kShuffleStream) {
    weights[0] = std::move(trained);
    weights[1] = std::move(untrained);
    out.question = std::move(question);
    out.read = choose_extracts(prepared, net, out.question.budget);
    out.forward = columns.forward();
    out.centred = columns.centred();
    if (out.read.list.empty()) phase = Phase::Table;
  }

  const UnitPick& pick() const { return out.question.of; }
  bool series() const { return prepared.data->alphabet().is_series(); }

  void begin_pass() {
    const Extract& of = out.read.list[extract];
    rnn::Example example = experiment::example(prepared, net.spec, of);
    if (pass == kShuffled) shuffle_letters(example);
    const std::vector<float>& use = weights[pass == kUntrained ? 1 : 0];
    builder.emplace(net, use, prepared.table, example);
    if (pass == kUntrained) return;
    ReadRecord record;
    record.record = of.record;
    record.letters = of.letters;
    record.begin = unit[static_cast<std::size_t>(pass)].size();
    record.tokens = example.tokens;
    record.position_labels = example.position_labels;
    record.values = example.values;
    (pass == kShuffled ? shuffled : given).push_back(record);
  }

  // The same neighbours in another order; of a series the same positions. Labels stay where they are.
  void shuffle_letters(rnn::Example& example) {
    if (!series()) {
      tokens.push_back(bio::shuffled(example.tokens, bio::ShuffleKind::Dinucleotide, shuffling));
      example.tokens = tokens.back();
      return;
    }
    const std::size_t rows = example.tokens.size();
    const std::size_t channels = rows > 0 ? example.values.size() / rows : 0;
    std::vector<std::size_t> order(rows);
    for (std::size_t i = 0; i < rows; ++i) order[i] = i;
    shuffle(order, shuffling);
    values.emplace_back();
    for (const std::size_t i : order)
      values.back().insert(values.back().end(),
                           example.values.begin() + static_cast<std::ptrdiff_t>(i * channels),
                           example.values.begin() + static_cast<std::ptrdiff_t>((i + 1) * channels));
    example.values = values.back();
  }

  void end_pass() {
    const rnn::Trace trace = builder->take();
    builder.reset();
    const rnn::LayerTrace& layer = trace.layers[static_cast<std::size_t>(pick().layer)];
    std::vector<float>& series_of = unit[static_cast<std::size_t>(pass)];
    double sum = 0;
    for (int step = 0; step < layer.steps; ++step) {
      series_of.push_back(value_at(layer, pick(), step));
      sum += static_cast<double>(series_of.back());
    }
    means[static_cast<std::size_t>(pass)].push_back(static_cast<float>(sum / std::max(1, layer.steps)));
    if (pass == kTrained) {
      given.back().steps = layer.steps;
      first.push_back(before_first(layer, pick()));
    }
    if (pass == kShuffled) shuffled.back().steps = layer.steps;
    if (++pass < kPasses) return;
    pass = 0;
    if (++extract < out.read.list.size()) return;
    phase = Phase::Table;
    summarise();
    find_windows();
  }

  void summarise() {
    const std::vector<float>& all = unit[kTrained];
    out.steps = static_cast<std::int64_t>(all.size());
    double sum = 0, squares = 0;
    std::int64_t n = 0;
    out.low = std::numeric_limits<double>::infinity();
    out.high = -out.low;
    for (const float v : all) {
      if (!std::isfinite(v)) continue;
      const double x = static_cast<double>(v);
      ++n;
      sum += x;
      out.low = std::min(out.low, x);
      out.high = std::max(out.high, x);
    }
    if (n == 0) {
      out.low = out.high = 0;
      return;
    }
    out.mean = sum / static_cast<double>(n);
    for (const float v : all)
      if (std::isfinite(v))
        squares += (static_cast<double>(v) - out.mean) * (static_cast<double>(v) - out.mean);
    out.deviation = std::sqrt(squares / static_cast<double>(n));
  }

  // Against the step read before it; NaN where there is none.
  float rise(std::size_t record, int step) const {
    const ReadRecord& r = given[record];
    const int before = out.forward ? step - 1 : step + 1;
    const float now = unit[kTrained][r.begin + static_cast<std::size_t>(step)];
    if (before < 0 || before >= r.steps) return now - first[record];
    return now - unit[kTrained][r.begin + static_cast<std::size_t>(before)];
  }

  void find_windows() {
    struct Place {
      double score;
      int record, step;
    };
    std::vector<Place> places;
    for (std::size_t r = 0; r < given.size(); ++r)
      for (int step = 0; step < given[r].steps; ++step) {
        const double value =
            static_cast<double>(unit[kTrained][given[r].begin + static_cast<std::size_t>(step)]);
        const double score = out.question.peak == Peak::Largest   ? std::fabs(value)
                             : out.question.peak == Peak::Highest ? value
                             : out.question.peak == Peak::Lowest  ? -value
                                                                  : static_cast<double>(rise(r, step));
        if (std::isfinite(score)) places.push_back({score, static_cast<int>(r), step});
      }
    // Among equals the ones read first.
    std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
      if (a.score != b.score) return a.score > b.score;
      if (a.record != b.record) return a.record < b.record;
      return out.forward ? a.step < b.step : a.step > b.step;
    });
    const auto records = static_cast<int>(given.size());
    out.per_sequence = out.question.per_sequence > 0
                           ? out.question.per_sequence
                           : (out.question.windows + std::max(1, records) - 1) / std::max(1, records);
    std::vector<std::vector<int>> taken(given.size());
    for (const Place& place : places) {
      if (static_cast<int>(out.windows.size()) >= out.question.windows) break;
      const ReadRecord& r = given[static_cast<std::size_t>(place.record)];
      std::vector<int>& here = taken[static_cast<std::size_t>(place.record)];
      int begin, end;
      columns.window(r, place.step, begin, end);
      if (static_cast<int>(here.size()) >= out.per_sequence) continue;
      const bool overlaps = std::any_of(here.begin(), here.end(),
                                        [&](int other) { return std::abs(other - begin) < end - begin; });
      if (overlaps) continue;
      here.push_back(begin);
      add_window(r, place.step, static_cast<std::size_t>(place.record), begin, end);
    }
    make_the_logo();
  }

  void add_window(const ReadRecord& r, int step, std::size_t record, int begin, int end) {
    TopWindow top;
    top.record = r.record;
    top.value = unit[kTrained][r.begin + static_cast<std::size_t>(step)];
    top.rise = rise(record, step);
    const int at = out.centred ? (begin + end - 1) / 2 : out.forward ? end - 1 : begin;
    top.position = at + 1;
    top.marked = at - begin;
    if (!series())
      for (int i = begin; i < end; ++i)
        top.letters += i < 0 || i >= r.letters
                           ? '-'
                           : prepared.data->alphabet().letter(r.tokens[static_cast<std::size_t>(i)]);
    out.windows.push_back(std::move(top));
  }

  void make_the_logo() {
    if (series()) return;
    const bio::Alphabet& alphabet = prepared.data->alphabet();
    std::vector<double> counts(static_cast<std::size_t>(alphabet.size()), 1.0);
    for (const ReadRecord& r : given)
      for (const std::uint8_t token : r.tokens)
        if (alphabet.is_symbol(token)) counts[token] += 1;
    double sum = 0;
    for (const double c : counts) sum += c;
    for (double& c : counts) c /= sum;
    std::vector<std::string> letters;
    for (const TopWindow& w : out.windows) letters.push_back(w.letters);
    out.logo = make_logo(alphabet, letters, counts);
  }

  // One row of the table.
  void relate() {
    const Column column = columns.make(row, given, shuffled);
    const auto side = [&](int which) -> const std::vector<float>& {
      return column.per_sequence ? means[static_cast<std::size_t>(which)]
                                 : unit[static_cast<std::size_t>(which)];
    };
    Relation r;
    r.what = column.what;
    r.measure = column.measure;
    r.per_sequence = column.per_sequence;
    r.trained = strength(r.measure, column.given, side(kTrained), &r.n);
    r.shuffled = strength(r.measure, column.shuffled, side(kShuffled));
    r.untrained = strength(r.measure, column.given, side(kUntrained));
    r.chance = std::numeric_limits<double>::quiet_NaN();
    Random random(out.question.seed, kChanceStream + static_cast<std::uint64_t>(row));
    std::vector<float> moved = side(kTrained);
    for (int round = 0; round < kChanceRounds && std::isfinite(r.trained); ++round) {
      if (column.per_sequence) {
        shuffle(moved, random);
      } else {
        for (const ReadRecord& record : given) {
          if (record.steps < 2) continue;
          const auto by = static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint32_t>(record.steps)));
          const auto begin = moved.begin() + static_cast<std::ptrdiff_t>(record.begin);
          std::rotate(begin, begin + by, begin + record.steps);
        }
      }
      const double value = std::fabs(strength(r.measure, column.given, moved));
      if (std::isfinite(value) && !(r.chance >= value)) r.chance = value;
    }
    out.relations.push_back(std::move(r));
    if (++row < columns.count()) return;
    finish();
  }

  void finish() {
    const bool constant =
        out.deviation <= kStill * std::max({std::fabs(out.low), std::fabs(out.high), 1e-30});
    out.conclusion = conclude(out.relations, constant, weights[0] == weights[1]);
    phase = Phase::Done;
  }
};

UnitReader::UnitReader(const Prepared& prepared, const rnn::ModelSpec& spec, std::vector<float> trained,
                       std::vector<float> untrained, UnitQuestion question)
    : state_(new State(prepared, spec, std::move(trained), std::move(untrained), std::move(question))) {}
UnitReader::~UnitReader() = default;

bool UnitReader::run(int steps) {
  State& s = *state_;
  switch (s.phase) {
    case State::Phase::Pass:
      if (!s.builder) s.begin_pass();
      if (s.builder->run(steps)) s.end_pass();
      break;
    case State::Phase::Table:
      if (s.row < s.columns.count())
        s.relate();
      else
        s.finish();
      break;
    case State::Phase::Done:
      break;
  }
  return s.phase == State::Phase::Done;
}

double UnitReader::progress() const {
  const State& s = *state_;
  const auto share = [](double part, double whole) { return whole > 0 ? part / whole : 1.0; };
  constexpr double kOfPasses = 0.8;
  if (s.phase == State::Phase::Done) return 1;
  if (s.phase == State::Phase::Table) return kOfPasses + (1 - kOfPasses) * share(s.row, s.columns.count());
  const double passes =
      static_cast<double>(s.extract) * State::kPasses + s.pass + (s.builder ? s.builder->progress() : 0);
  return kOfPasses * share(passes, static_cast<double>(s.out.read.list.size()) * State::kPasses);
}

UnitReading UnitReader::take() { return std::move(state_->out); }

}  // namespace ribostep::experiment
