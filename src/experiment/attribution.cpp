// Runs an attribution slice by slice. Perturbations go through the network as it is, gradients through its
// soft twin (rnn/soft_input.h).
#include "experiment/attribution.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/random.h"
#include "bio/shuffle.h"
#include "rnn/gemm.h"
#include "rnn/soft_input.h"

namespace ribostep::experiment {
namespace {

using rnn::area;
using Method = AttributionMethod;

constexpr int kSliceSteps = 2048;  // of the first level, over all sequences of a slice
constexpr int kMostRows = 64;
constexpr std::uint64_t kBaselineStream = 0x4154545200000000ULL;  // of Random

// What the network is given in place of the sequence: one of both is empty.
struct Variant {
  std::vector<std::uint8_t> tokens;
  std::vector<float> values;
};

}  // namespace

int steps_that_matter(const rnn::ModelSpec& spec, int steps, int row) {
  if (spec.task == rnn::Task::SequenceLabel || spec.directions != rnn::Directions::Forward ||
      spec.circular != rnn::Circular::Linear)
    return steps;
  const int window = std::max(1, spec.window);  // a window is read whole
  return std::min(steps, (row / window + 1) * window);
}

struct AttributionBuilder::State {
  State(const rnn::Network& network, std::span<const float> weights, const rnn::TokenTable& token_table,
        const rnn::Example& given, const AttributionRequest& asked)
      : net(network),
        table(token_table),
        weights32(weights.begin(), weights.end()),
        parameters(weights.begin(), weights.end()),
        covariates(given.covariates.begin(), given.covariates.end()),
        like(given),
        bptt(network, token_table) {
    out.request = asked;
    const rnn::ModelSpec& spec = net.spec;
    const int all = rnn::steps(spec, given), per_step = spec.letters_per_step();
    const int length = series() ? all : static_cast<int>(given.tokens.size());
    steps = steps_that_matter(spec, all, asked.row);
    out.reach = steps * per_step;
    out.symbols = series() ? 0 : table.symbols;
    out.letters.assign(static_cast<std::size_t>(length), 0.0);
    // Letters behind the last whole codon stay: the network does not read them.
    const auto kept = static_cast<std::size_t>(steps == all ? length : out.reach);
    if (series())
      x.values.assign(given.values.begin(),
                      given.values.begin() + static_cast<std::ptrdiff_t>(area(steps, spec.channels)));
    else
      x.tokens.assign(given.tokens.begin(), given.tokens.begin() + static_cast<std::ptrdiff_t>(kept));
    like.covariates = covariates;
    like.position_labels = {};
    like.label = -1;
    if (method() == Method::Mutagenesis)
      out.effects.assign(area(length, table.symbols), std::numeric_limits<double>::quiet_NaN());
    out.adds_up = method() == Method::IntegratedGradients || method() == Method::LeftToRight;
    make_baselines();
    count_items();
  }

  bool series() const { return net.spec.input == rnn::Input::Values; }
  Method method() const { return out.request.method; }
  bool by_gradient() const {
    return method() == Method::GradientInput || method() == Method::IntegratedGradients;
  }
  rnn::Example example_of(const Variant& v) const {
    rnn::Example example = like;
    example.tokens = v.tokens;
    example.values = v.values;
    return example;
  }

  // ---- baselines

  std::uint8_t any_letter() const {
    const std::uint32_t any = table.symbols >= 32 ? ~0u : (1u << table.symbols) - 1;
    const auto at = std::find(table.masks.begin(), table.masks.end(), any);
    return static_cast<std::uint8_t>(at == table.masks.end() ? 0 : at - table.masks.begin());
  }
  Variant mean_variant() const {
    Variant v = x;
    std::fill(v.tokens.begin(), v.tokens.end(), any_letter());
    const int channels = net.spec.channels;
    for (int k = 0; series() && k < channels; ++k) {
      double sum = 0;
      for (int t = 0; t < steps; ++t)
        sum += static_cast<double>(x.values[area(t, channels) + static_cast<std::size_t>(k)]);
      for (int t = 0; t < steps; ++t)
        v.values[area(t, channels) + static_cast<std::size_t>(k)] = static_cast<float>(sum / steps);
    }
    return v;
  }
  Variant shuffled_variant(Random& random) const {
    Variant v = x;
    if (!series()) {
      v.tokens = bio::shuffled(x.tokens,
                               out.request.baseline == AttributionBaseline::Dinucleotide
                                   ? bio::ShuffleKind::Dinucleotide
                                   : bio::ShuffleKind::Mono,
                               random);
      return v;
    }
    std::vector<int> order(static_cast<std::size_t>(steps));
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, random);
    const int channels = net.spec.channels;
    for (int t = 0; t < steps; ++t)
      std::copy_n(
          x.values.begin() + static_cast<std::ptrdiff_t>(area(order[static_cast<std::size_t>(t)], channels)),
          channels, v.values.begin() + static_cast<std::ptrdiff_t>(area(t, channels)));
    return v;
  }
  void make_baselines() {
    if (out.request.baseline == AttributionBaseline::Mean) {
      baselines.push_back(mean_variant());
    } else {
      for (int i = 0; i < std::clamp(out.request.shuffles, 1, kMostShuffles); ++i) {
        Random random(out.request.seed, kBaselineStream + static_cast<std::uint64_t>(i));
        baselines.push_back(shuffled_variant(random));
      }
    }
    out.baselines = static_cast<int>(baselines.size());
  }
  double share() const { return 1.0 / static_cast<double>(baselines.size()); }

  // ---- the function itself

  std::vector<double> values_of(const std::vector<Variant>& variants) {
    std::vector<rnn::Example> batch;
    for (const Variant& v : variants) batch.push_back(example_of(v));
    const std::vector<double> logits = bptt.logits_of(parameters, batch, std::max(0, out.request.row));
    const auto k = static_cast<std::size_t>(net.spec.outputs());
    std::vector<double> f;
    for (std::size_t i = 0; i < variants.size(); ++i)
      f.push_back(explained(net.spec, out.request, std::span<const double>(logits).subspan(i * k, k)));
    return f;
  }
  void ends() {
    out.f = values_of({x})[0];
    for (const double f : values_of(baselines)) out.f0 += f * share();
  }

  // ---- perturbations: numbered from 0, each a sequence to be read

  int rows_per_slice() const { return std::clamp(kSliceSteps / std::max(1, steps), 1, kMostRows); }
  void count_items() {
    const std::int64_t reach = out.reach, count = out.baselines;
    if (method() == Method::Mutagenesis) items = reach * table.symbols;
    if (method() == Method::Occlusion) items = reach;
    if (method() == Method::LeftToRight) items = (reach + 1) * count;
    if (method() == Method::GradientInput) items = 1;
    if (method() == Method::IntegratedGradients) items = (kFirstPathSteps + 1) * count;
  }

  Variant substituted(int position, std::uint8_t token) const {
    Variant v = x;
    v.tokens[static_cast<std::size_t>(position)] = token;
    return v;
  }
  struct Hidden {
    int first, last;
  };
  Hidden hidden_at(int position) const {
    const int w = std::clamp(out.request.window, 1, kMostOccluded);
    return {std::max(0, position - (w - 1) / 2), std::min(out.reach - 1, position + w / 2)};
  }
  // `from` with letters (or values) [first, last] of `with`.
  Variant spliced(const Variant& from, const Variant& with, int first, int last) const {
    Variant v = from;
    if (last < first) return v;
    const auto copy = [&](auto& to, const auto& source, int width) {
      std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(area(first, width)),
                  area(last - first + 1, width),
                  to.begin() + static_cast<std::ptrdiff_t>(area(first, width)));
    };
    if (series())
      copy(v.values, with.values, net.spec.channels);
    else
      copy(v.tokens, with.tokens, 1);
    return v;
  }
  Variant item(std::int64_t i) const {
    if (method() == Method::Mutagenesis)
      return substituted(static_cast<int>(i / table.symbols), static_cast<std::uint8_t>(i % table.symbols));
    if (method() == Method::Occlusion) {
      const Hidden hidden = hidden_at(static_cast<int>(i));
      return spliced(x, hidden_behind, hidden.first, hidden.last);
    }
    const Variant& baseline = baselines[static_cast<std::size_t>(i / (out.reach + 1))];
    return spliced(baseline, x, 0, static_cast<int>(i % (out.reach + 1)) - 1);
  }
  // A substitution by the letter that is there.
  bool idle(std::int64_t i) const {
    return method() == Method::Mutagenesis &&
           x.tokens[static_cast<std::size_t>(i / table.symbols)] == i % table.symbols;
  }
  void found(std::int64_t i, double f) {
    if (method() == Method::Mutagenesis) {
      out.effects[static_cast<std::size_t>(i)] = f - out.f;
      if (i % table.symbols == table.symbols - 1) sum_up_substitutions(static_cast<int>(i / table.symbols));
    } else if (method() == Method::Occlusion) {
      const Hidden hidden = hidden_at(static_cast<int>(i));
      out.letters[static_cast<std::size_t>(i)] = (out.f - f) / (hidden.last - hidden.first + 1);
      out.done = static_cast<int>(i) + 1;
    } else {
      const std::int64_t read = i % (out.reach + 1);
      if (read > 0) out.letters[static_cast<std::size_t>(read - 1)] += (f - before) * share();
      if (i <= out.reach) out.done = static_cast<int>(read);
      before = f;
    }
  }
  void sum_up_substitutions(int position) {
    const auto symbols = static_cast<std::size_t>(table.symbols), at = static_cast<std::size_t>(position);
    double sum = 0;
    for (std::size_t k = 0; k < symbols; ++k) sum += out.effects[at * symbols + k];
    const double others =
        x.tokens[at] < symbols ? static_cast<double>(symbols - 1) : static_cast<double>(symbols);
    out.letters[at] = others > 0 ? -sum / others : 0;
    out.done = position + 1;
  }

  bool perturb() {
    std::vector<Variant> variants;
    std::vector<std::int64_t> numbers;
    const auto most = static_cast<std::size_t>(rows_per_slice());
    std::int64_t to = next;
    for (; to < items && variants.size() < most; ++to)
      if (!idle(to)) {
        variants.push_back(item(to));
        numbers.push_back(to);
      }
    const std::vector<double> f = values_of(variants);
    std::size_t at = 0;
    for (std::int64_t i = next; i < to; ++i) {
      const bool run = at < numbers.size() && numbers[at] == i;
      found(i, run ? f[at] : out.f);
      at += run;
    }
    next = to;
    return next == items;
  }

  // ---- gradients

  void prepare_gradients() {
    soft = rnn::soft_network(net, table, weights32);
    soft_bptt.emplace(soft.net, rnn::TokenTable{table.symbols, {}, {}});
    soft_x = rnn::soft_input(net.spec, table, example_of(x));
    for (const Variant& b : baselines) {
      std::vector<double> difference = rnn::soft_input(net.spec, table, example_of(b));
      for (std::size_t i = 0; i < difference.size(); ++i) difference[i] = soft_x[i] - difference[i];
      differences.push_back(std::move(difference));
    }
    zeros.assign(soft_x.size(), 0.0f);
    for (std::vector<double>* sums : {&at_ends, &inside, &between})
      sums->assign(static_cast<std::size_t>(steps), 0.0);
    path = kFirstPathSteps;
  }
  int channels() const { return soft.net.spec.channels; }
  std::vector<double> slopes(std::span<const double> inputs) {
    rnn::Example example = like;
    example.tokens = {};
    example.values = zeros;
    return soft_bptt
        ->score_gradients(soft.parameters, example, inputs, std::max(0, out.request.row),
                          [&](std::span<const double> logits, std::span<double> d) {
                            explained(net.spec, out.request, logits, d);
                          })
        .input_gradients;
  }
  // What a gradient at one point says of each step: sum over the kinds of g (x - x0).
  void add(const double* slope, const std::vector<double>& difference, std::vector<double>& sums) const {
    const int width = channels();
    for (int t = 0; t < steps; ++t)
      for (int k = 0; k < width; ++k) {
        const std::size_t at = area(t, width) + static_cast<std::size_t>(k);
        sums[static_cast<std::size_t>(t)] += slope[at] * difference[at];
      }
  }
  // Contributions of steps to letters.
  void spread(const std::vector<double>& of_steps) {
    std::fill(out.letters.begin(), out.letters.end(), 0.0);
    const rnn::ModelSpec& spec = net.spec;
    const int k = spec.input == rnn::Input::Kmers ? spec.kmer : spec.letters_per_step();
    const int stride = spec.letters_per_step(), length = static_cast<int>(x.tokens.size());
    for (int t = 0; t < steps; ++t) {
      const int last = t * stride + stride - 1;
      for (int i = last - k + 1; i <= last; ++i) {
        // Before the first letter: round a circle its end; else the step reads no letter that could differ.
        const int letter = i >= 0 ? i : std::max(0, i + length);
        out.letters[static_cast<std::size_t>(letter)] += of_steps[static_cast<std::size_t>(t)] / k;
      }
    }
    if (k > 1)
      out.note = std::string("what a step of ") + std::to_string(k) +
                 " letters contributes is split evenly among them";
  }

  bool slope_at_x() {
    const std::vector<double> slope = slopes(soft_x);
    for (const std::vector<double>& difference : differences) add(slope.data(), difference, inside);
    for (double& c : inside) c *= share();
    spread(inside);
    next = items;
    return true;
  }

  // Simpson's rule over `path` steps; the points of half as many have been summed up before. Item: one point
  // of one baseline.
  bool along_path() {
    const bool first = path == kFirstPathSteps;
    const std::int64_t points = first ? path + 1 : path / 2, count = out.baselines;
    items = points * count;
    const std::int64_t to = std::min(items, next + rows_per_slice());
    std::vector<double> inputs;
    const auto point_of = [&](std::int64_t i) { return first ? i / count : 2 * (i / count) + 1; };
    for (std::int64_t i = next; i < to; ++i) {
      const double back = 1 - static_cast<double>(point_of(i)) / path;
      const std::vector<double>& difference = differences[static_cast<std::size_t>(i % count)];
      for (std::size_t k = 0; k < soft_x.size(); ++k) inputs.push_back(soft_x[k] - back * difference[k]);
    }
    const std::vector<double> slope = slopes(inputs);
    for (std::int64_t i = next; i < to; ++i) {
      const std::int64_t point = point_of(i);
      add(slope.data() + static_cast<std::size_t>(i - next) * soft_x.size(),
          differences[static_cast<std::size_t>(i % count)],
          point == 0 || point == path ? at_ends
          : point % 2 == 0            ? inside
                                      : between);
    }
    next = to;
    if (next < items) return false;
    std::vector<double> mean(static_cast<std::size_t>(steps));
    for (std::size_t t = 0; t < mean.size(); ++t)
      mean[t] = (at_ends[t] + 2 * inside[t] + 4 * between[t]) / (3.0 * path) * share();
    spread(mean);
    out.steps = path;
    check();
    if (out.trusted || path == kMostPathSteps) return true;
    for (std::size_t t = 0; t < mean.size(); ++t) inside[t] += std::exchange(between[t], 0.0);
    path *= 2;
    next = 0;
    return false;
  }

  void check() {
    out.sum = std::accumulate(out.letters.begin(), out.letters.end(), 0.0);
    out.residual = out.sum - (out.f - out.f0);
    // Written so that what is no number is not trusted either.
    out.trusted = std::isfinite(out.residual) && (!out.adds_up || std::fabs(out.residual) <= out.tolerance());
  }

  bool run() {
    if (!begun) {
      begun = true;
      ends();
      if (method() == Method::Occlusion) hidden_behind = mean_variant();
      if (by_gradient()) prepare_gradients();
      return false;
    }
    const bool finished = method() == Method::GradientInput         ? slope_at_x()
                          : method() == Method::IntegratedGradients ? along_path()
                                                                    : perturb();
    if (finished) {
      out.done = out.reach;
      if (!out.effects.empty())  // the output does not hear of the rest
        std::fill(out.effects.begin() + static_cast<std::ptrdiff_t>(area(out.reach, table.symbols)),
                  out.effects.end(), 0.0);
      check();
    }
    return finished;
  }

  rnn::Network net;
  rnn::TokenTable table;
  std::vector<float> weights32;
  std::vector<double> parameters;
  std::vector<double> covariates;
  rnn::Example like;  // everything but what is read
  rnn::Bptt<double> bptt;
  Attribution out;
  int steps = 0;
  Variant x, hidden_behind;
  std::vector<Variant> baselines;
  std::int64_t next = 0, items = 0;
  double before = 0;  // left-to-right: f one letter earlier
  bool begun = false;
  // Gradients.
  rnn::SoftNetwork soft;
  std::optional<rnn::Bptt<double>> soft_bptt;
  std::vector<double> soft_x;                    // [steps][channels]
  std::vector<std::vector<double>> differences;  // x - x0, for each baseline
  std::vector<float> zeros;
  std::vector<double> at_ends, inside, between;  // [steps]
  int path = 0;
};

AttributionBuilder::AttributionBuilder(const rnn::Network& net, std::span<const float> parameters,
                                       const rnn::TokenTable& table, const rnn::Example& example,
                                       const AttributionRequest& request)
    : state_(std::make_unique<State>(net, parameters, table, example, request)) {}
AttributionBuilder::~AttributionBuilder() = default;
AttributionBuilder::AttributionBuilder(AttributionBuilder&&) noexcept = default;

bool AttributionBuilder::run() { return state_->run(); }

double AttributionBuilder::progress() const {
  const State& s = *state_;
  return s.items > 0 ? static_cast<double>(s.next) / static_cast<double>(s.items) : 0;
}

std::string AttributionBuilder::words() const {
  const State& s = *state_;
  std::string text = label(s.method());
  if (s.method() == Method::IntegratedGradients && s.path > 0)
    text += ", " + std::to_string(s.path) + " steps";
  return text;
}

const Attribution& AttributionBuilder::found() const { return state_->out; }

}  // namespace ribostep::experiment
