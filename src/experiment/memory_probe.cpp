#include "experiment/memory_probe.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "bio/split.h"
#include "rnn/trace.h"

namespace ribostep::experiment {
namespace {

constexpr double kHeldOut = 1.0 / 3;
constexpr int kUnitsAtFullBudget = 128;
constexpr double kClearly = 0.02;  // two points

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

std::string letters_back(int k, bool forward) {
  return (k == 1 ? "the letter 1 " : "letters up to " + std::to_string(k) + " ") +
         (forward ? "back" : "ahead");
}

}  // namespace

std::string obstacle_of_probe(const Prepared& prepared) {
  if (!prepared.data || prepared.data->empty())
    return "there are no sequences yet: paste some, or choose an example";
  if (prepared.data->alphabet().is_series())
    return "a series of values has no letters to be recovered: load sequences";
  return {};
}

struct MemoryProbe::State {
  enum class Phase : std::uint8_t { Trace, Rows, Done };

  const Prepared& prepared;
  rnn::Network net;
  rnn::Layer layer;
  std::vector<float> weights[2];  // trained, untrained
  ProbeResult out;
  std::size_t symbols = 4, lags = 1;  // lags: how many, 0..K
  int per_step = 1;
  std::vector<Extract> fit, test;

  Phase phase = Phase::Trace;
  int which = 0;         // network
  bool testing = false;  // fitted already
  std::size_t at = 0;    // extract of fit or test
  std::optional<rnn::TraceBuilder> builder;
  rnn::Trace trace;
  int row = 0;
  double done = 0, all = 1;  // letters, for progress

  Matrix gram, sums, readout;          // [H+1][H+1], [H+1][lags * symbols], its solution
  std::vector<double> letters, pairs;  // counts [symbols], [lags][symbols: read][symbols: k back]
  std::vector<std::int64_t> right, right_frequent, right_alone;

  State(const Prepared& p, const rnn::ModelSpec& spec, std::vector<float> trained,
        std::vector<float> untrained, ProbeQuestion question)
      : prepared(p), net(rnn::make_network(spec)) {
    weights[0] = std::move(trained);
    weights[1] = std::move(untrained);
    const int last = static_cast<int>(net.layers.size()) - 1;
    question.layer = std::clamp(question.layer, 0, last);
    layer = net.layers[static_cast<std::size_t>(question.layer)];
    question.cell = question.cell && rnn::has_cell_state(layer.cell);
    per_step = net.letters_per_step(layer.level);
    symbols = static_cast<std::size_t>(prepared.data->alphabet().size());
    const double share = std::min(1.0, static_cast<double>(kUnitsAtFullBudget) / layer.hidden);
    out.read = choose_extracts(prepared, net,
                               static_cast<std::int64_t>(static_cast<double>(question.budget) * share));
    out.forward = !layer.wiring.reverse;
    split(question);
    out.question = question;
    lags = static_cast<std::size_t>(question.lags) + 1;
    out.tested.assign(lags, 0);
    for (const Extract& e : fit) all += e.letters;
    for (const Extract& e : test) all += e.letters;
    all *= 2;
    begin_network();
    if (fit.empty() || test.empty()) phase = Phase::Done;
  }

  void split(ProbeQuestion& question) {
    const std::vector<Extract>& list = out.read.list;
    if (list.empty()) return;
    std::vector<int> lengths;
    for (const Extract& e : list) lengths.push_back(e.letters);
    std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2),
                     lengths.end());
    const int median = lengths[lengths.size() / 2];
    question.lags = std::clamp(question.lags, 0, std::min(kMostLags, std::max(0, (median - 1) / 2)));
    const bio::Split halves =
        bio::split_train_validation(*prepared.data, prepared.labels, false, kHeldOut, question.seed);
    for (const Extract& e : list) {
      if (e.letters <= question.lags) continue;
      const bool held = std::binary_search(halves.validation.begin(), halves.validation.end(), e.record);
      (held ? test : fit).push_back(e);
    }
    if (!fit.empty() && !test.empty()) return;
    // One sequence, or none long enough on one side: its first half against its second.
    out.by_sequence = false;
    question.lags = std::min(question.lags, std::max(0, (median - 1) / 4));
    fit = test = list;
  }

  void begin_network() {
    const Eigen::Index size = layer.hidden + 1, targets = static_cast<Eigen::Index>(lags * symbols);
    gram = Matrix::Zero(size, size);
    sums = Matrix::Zero(size, targets);
    letters.assign(symbols, 0);
    pairs.assign(lags * symbols * symbols, 0);
    right.assign(lags, 0);
    right_frequent.assign(lags, 0);
    right_alone.assign(lags, 0);
    std::fill(out.tested.begin(), out.tested.end(), 0);
    out.fitted = 0;
    testing = false;
    at = 0;
  }

  const Extract& extract() const { return (testing ? test : fit)[at]; }
  std::span<const std::uint8_t> tokens() const {
    return prepared.data->tokens(extract().record).first(static_cast<std::size_t>(extract().letters));
  }

  // The letter k back of a step's last one, as a symbol; -1: an ambiguity code.
  int letter_back(std::span<const std::uint8_t> from, int last, std::size_t k) const {
    const int by = static_cast<int>(k);
    const int token = from[static_cast<std::size_t>(out.forward ? last - by : last + by)];
    return token < static_cast<int>(symbols) ? token : -1;
  }
  // Whether all letters that are asked for lie in the sequence, and on the right side of a halved one.
  bool usable(int last, int length) const {
    const int far = static_cast<int>(lags) - 1;
    const int low = out.forward ? last - far : last, high = out.forward ? last : last + far;
    if (low < 0 || high >= length) return false;
    if (out.by_sequence) return true;
    return testing ? low >= length / 2 : high < length / 2;
  }

  Vector features(const rnn::LayerTrace& from, int step) const {
    Vector h(layer.hidden + 1);
    for (int u = 0; u < layer.hidden; ++u) {
      const float value = out.question.cell ? from.c(step, u) : from.h(step, u);
      h[u] = std::isfinite(value) ? static_cast<double>(value) : 0;
    }
    h[layer.hidden] = 1;
    return h;
  }

  void learn(const Vector& h, std::span<const std::uint8_t> from, int last) {
    gram.selfadjointView<Eigen::Lower>().rankUpdate(h);
    ++out.fitted;
    const int now = letter_back(from, last, 0);
    if (now >= 0) letters[static_cast<std::size_t>(now)] += 1;
    for (std::size_t k = 0; k < lags; ++k) {
      const int target = letter_back(from, last, k);
      if (target < 0) continue;
      sums.col(static_cast<Eigen::Index>(k * symbols) + target) += h;
      if (now >= 0) pair(k, now)[target] += 1;
    }
  }
  double* pair(std::size_t k, int now) {
    return pairs.data() + (k * symbols + static_cast<std::size_t>(now)) * symbols;
  }

  void score(const Vector& h, std::span<const std::uint8_t> from, int last) {
    const Vector scores = readout.transpose() * h;
    const auto most = std::max_element(letters.begin(), letters.end()) - letters.begin();
    const int now = letter_back(from, last, 0);
    for (std::size_t k = 0; k < lags; ++k) {
      const int target = letter_back(from, last, k);
      if (target < 0) continue;
      ++out.tested[k];
      Eigen::Index best = 0;
      scores.segment(static_cast<Eigen::Index>(k * symbols), static_cast<Eigen::Index>(symbols))
          .maxCoeff(&best);
      right[k] += best == target;
      right_frequent[k] += most == target;
      const double* counts = now >= 0 ? pair(k, now) : letters.data();
      right_alone[k] += std::max_element(counts, counts + symbols) - counts == target;
    }
  }

  void solve() {
    gram.triangularView<Eigen::StrictlyUpper>() = gram.transpose();
    const double mean = gram.diagonal().head(layer.hidden).mean();
    const double ridge = std::max(out.question.ridge * mean, 1e-9);
    gram.diagonal().head(layer.hidden).array() += ridge;  // the intercept is free
    gram(layer.hidden, layer.hidden) += 1e-9;
    readout = gram.ldlt().solve(sums);
  }

  void rows(int count) {
    const rnn::LayerTrace& from = trace.layers[static_cast<std::size_t>(out.question.layer)];
    const std::span<const std::uint8_t> read = tokens();
    const int length = extract().letters;
    for (; count > 0 && row < from.steps; --count, ++row) {
      const int last = last_letter_read(layer, per_step, row, length);
      if (!usable(last, length)) continue;
      if (testing)
        score(features(from, row), read, last);
      else
        learn(features(from, row), read, last);
    }
    if (row < from.steps) return;
    done += length;
    trace = {};
    phase = Phase::Trace;
    if (++at < (testing ? test : fit).size()) return;
    at = 0;
    if (!testing) {
      solve();
      testing = true;
      return;
    }
    end_network();
  }

  void end_network() {
    const auto shares = [&](const std::vector<std::int64_t>& counts) {
      std::vector<double> share(lags);
      for (std::size_t k = 0; k < lags; ++k)
        share[k] =
            out.tested[k] > 0 ? static_cast<double>(counts[k]) / static_cast<double>(out.tested[k]) : 0;
      return share;
    };
    (which == 0 ? out.trained : out.untrained) = shares(right);
    out.frequent = shares(right_frequent);
    out.last_alone = shares(right_alone);
    if (++which < 2) return begin_network();
    out.reach_trained = reach(out.trained);
    out.reach_untrained = reach(out.untrained);
    conclude();
    phase = Phase::Done;
  }

  int reach(const std::vector<double>& accuracy) const {
    for (std::size_t k = 1; k < lags; ++k) {
      const double chance = std::max(out.frequent[k], out.last_alone[k]);
      const double n = static_cast<double>(std::max<std::int64_t>(1, out.tested[k]));
      const double error = std::sqrt(chance * (1 - chance) / n);
      if (!(accuracy[k] > chance + 2 * error + kClearly)) return static_cast<int>(k) - 1;
    }
    return static_cast<int>(lags) - 1;
  }

  void conclude() {
    if (out.tested[0] == 0 || out.fitted == 0) {
      out.conclusion = "There are too few letters to test on: load longer or more sequences.";
      return;
    }
    const auto phrase = [&](int k) {
      return k == 0 ? std::string("no other letter") : letters_back(k, out.forward);
    };
    out.conclusion =
        "Beyond what the letter just read gives away, " + phrase(out.reach_trained) +
        " can be recovered from the state" +
        (out.reach_trained + 1 == static_cast<int>(lags) && lags > 1 ? " (as far as was asked)" : "");
    if (weights[0] == weights[1])
      out.conclusion += "; the network is not trained yet.";
    else if (out.reach_untrained == out.reach_trained)
      out.conclusion += "; from the untrained network's as well: that much is its architecture.";
    else
      out.conclusion += "; from the untrained network's, " + phrase(out.reach_untrained) + ".";
  }
};

MemoryProbe::MemoryProbe(const Prepared& prepared, const rnn::ModelSpec& spec, std::vector<float> trained,
                         std::vector<float> untrained, ProbeQuestion question)
    : state_(new State(prepared, spec, std::move(trained), std::move(untrained), question)) {}
MemoryProbe::~MemoryProbe() = default;

bool MemoryProbe::run(int steps) {
  State& s = *state_;
  if (s.phase == State::Phase::Trace) {
    if (!s.builder) {
      const rnn::Example example = experiment::example(s.prepared, s.net.spec, s.extract());
      s.builder.emplace(s.net, s.weights[s.which], s.prepared.table, example);
    }
    if (s.builder->run(steps)) {
      s.trace = s.builder->take();
      s.builder.reset();
      s.row = 0;
      s.phase = State::Phase::Rows;
    }
  } else if (s.phase == State::Phase::Rows) {
    s.rows(std::max(1, steps / 8));
  }
  return s.phase == State::Phase::Done;
}

double MemoryProbe::progress() const {
  const State& s = *state_;
  return s.phase == State::Phase::Done ? 1 : std::min(1.0, s.done / s.all);
}

ProbeResult MemoryProbe::take() {
  State& s = *state_;
  // Nothing could be fitted: no sequence has a letter to look back to.
  if (s.out.trained.empty()) {
    for (auto* shares : {&s.out.trained, &s.out.untrained, &s.out.frequent, &s.out.last_alone})
      shares->assign(s.lags, 0);
    s.conclude();
  }
  return std::move(s.out);
}

}  // namespace ribostep::experiment
