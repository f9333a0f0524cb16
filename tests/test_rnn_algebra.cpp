// What must hold between networks, whatever their weights: directions exchanged, strands exchanged, circles
// rotated, wirings that come to the same, batches taken apart, and outputs that have not seen what they
// predict.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "rnn/trace.h"
#include "rnn_cover.h"

using namespace rnn_samples;

namespace {

template <class T>
std::vector<T> as(const std::vector<double>& p) {
  return {p.begin(), p.end()};
}
struct Gradient {
  BatchResult result;
  std::vector<double> values;
};
Gradient gradient(const Network& net, const std::vector<double>& p, std::span<const Example> examples) {
  Gradient g{{}, std::vector<double>(net.parameter_count)};
  g.result = Bptt<double>(net, strand_table()).accumulate(p, examples, 1.0, g.values);
  return g;
}
double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::fabs(a[i] - b[i]));
  return most;
}
template <class T>
std::vector<T> outputs(const Network& net, const std::vector<double>& p, const Example& example) {
  std::vector<T> rows;
  Bptt<T>(net, strand_table()).evaluate(as<T>(p), {&example, 1}, &rows);
  return rows;
}

// The name of the same tensor of the other direction; its own if it belongs to none.
std::string other_direction(const std::string& name) {
  const std::size_t level = name.find("_l");
  if (level == std::string::npos) return name;
  const std::size_t end = level + 3;  // one digit
  return name.compare(end, 8, "_reverse") == 0 ? name.substr(0, end) + name.substr(end + 8)
                                               : name.substr(0, end) + "_reverse" + name.substr(end);
}
// The weights with directions exchanged: each has the other's, and what reads both reads them the other way
// round.
std::vector<double> exchanged(const Network& net, const std::vector<double>& p) {
  std::vector<double> q(p.size());
  for (const Tensor& to : net.tensors)
    for (const Tensor& from : net.tensors) {
      if (from.name != other_direction(to.name)) continue;
      const bool reads_both =
          to.name == "readout.weight" || (to.name.rfind("weight_ih_l", 0) == 0 && to.name[11] != '0');
      const int half = reads_both ? to.cols / 2 : 0;
      for (int r = 0; r < to.rows; ++r)
        for (int c = 0; c < to.cols; ++c)
          q[to.offset + static_cast<std::size_t>(r * to.cols + c)] =
              p[from.offset + static_cast<std::size_t>(r * to.cols + (c + half) % to.cols)];
    }
  return q;
}

template <class V>
std::vector<V> reversed(const std::vector<V>& v, std::size_t group = 1) {
  std::vector<V> out;
  for (std::size_t i = v.size() / group; i-- > 0;)
    out.insert(out.end(), v.begin() + static_cast<std::ptrdiff_t>(i * group),
               v.begin() + static_cast<std::ptrdiff_t>((i + 1) * group));
  return out;
}
template <class V>
std::vector<V> rotated(std::vector<V> v, int by) {
  std::rotate(v.begin(), v.begin() + by, v.end());
  return v;
}

// Every step of layer `a` of one trace is, read backwards, that of layer `b` of another.
double largest_mirror_difference(const LayerTrace& a, const LayerTrace& b) {
  REQUIRE(a.steps == b.steps);
  double most = 0;
  for (int t = 0; t < a.steps; ++t)
    for (int j = 0; j < a.hidden; ++j)
      most = std::max(most, std::fabs(static_cast<double>(a.h(t, j) - b.h(a.steps - 1 - t, j))));
  return most;
}

}  // namespace

TEST_CASE("rnn algebra: reversed input and exchanged directions swap the halves") {
  for (int which = 0; which < 7 * kCount<Circular>; ++which) {
    ModelSpec s = spec(kAllCells[which % 7], 3, 2, Directions::Both, kReadouts[which % 4]);
    s.circular = static_cast<Circular>(which % kCount<Circular>);
    s.max_passes = 5;
    s.peepholes = is_lstm(s.cell) && which % 2 == 0;
    s.layer_norm = which % 3 == 0;
    set_initial(s, static_cast<InitialState>(which % kCount<InitialState>));
    if (which % 5 == 1) s.dilations = {2, 3};
    if (which % 5 == 2 && s.circular != Circular::Doubled) {
      s.window = 3;  // nine letters are three whole windows from either end
      s.window_summary = which % 2 == 0 ? Summary::Last : Summary::Mean;
    }
    REQUIRE_MESSAGE(problem(s).empty(), problem(s));
    const FullSamples samples({9}, 50);
    const std::vector<std::uint8_t> letters = reversed(samples.tokens[0]),
                                    labels = reversed(samples.position_labels[0]);
    Example mirrored = samples.examples[0];
    mirrored.tokens = letters;
    mirrored.position_labels = labels;
    const Network net = make_network(s);
    const auto p = dense_weights(net, 51), q = exchanged(net, p);
    CHECK(exchanged(net, q) == p);
    CHECK(q != p);
    Bptt<double> bptt(net, strand_table());
    // Only sums over both directions change their order.
    const double loss = bptt.evaluate(p, samples.examples).loss,
                 mirror = bptt.evaluate(q, {&mirrored, 1}).loss;
    CHECK_MESSAGE(std::fabs(loss - mirror) < 1e-11, describe(s));
    CHECK(std::fabs(bptt.evaluate(q, samples.examples).loss - loss) > 1e-6);
    const Trace a = trace(net, as<float>(p), strand_table(), samples.examples[0]),
                b = trace(net, as<float>(q), strand_table(), mirrored);
    // In float, enlarged where layer normalisation divides by little.
    for (std::size_t l = 0; l < 4; ++l)
      CHECK_MESSAGE(largest_mirror_difference(a.layers[l], b.layers[l ^ 1u]) < (s.layer_norm ? 1e-3 : 1e-5),
                    describe(s));
  }
}

TEST_CASE("rnn algebra: with tied strands the reverse complement swaps the halves") {
  for (const CellKind cell : kAllCells)
    for (const int window : {0, 3}) {
      ModelSpec s = spec(cell, 4, 3, Directions::StrandsTied, kReadouts[1]);
      s.window = window;
      s.dilations = {1, 2, 1};
      set_initial(s, InitialState::Learned);
      const FullSamples samples({12}, 52);
      std::vector<std::uint8_t> letters = reversed(samples.tokens[0]);
      for (std::uint8_t& code : letters) code = strand_table().complement[code];
      Example other = samples.examples[0];
      other.tokens = letters;
      const Network net = make_network(s);
      const auto p = as<float>(dense_weights(net, 53));
      const Trace a = trace(net, p, strand_table(), samples.examples[0]),
                  b = trace(net, p, strand_table(), other);
      double moved = 0;
      for (std::size_t l = 0; l < 6; ++l) {
        CHECK_MESSAGE(largest_mirror_difference(a.layers[l], b.layers[l ^ 1u]) < 1e-5, describe(s));
        moved = std::max(moved, largest_mirror_difference(a.layers[l], b.layers[l]));
      }
      CHECK(moved > 1e-2);
      // With weights of its own the other strand is another network.
      s.directions = Directions::Strands;
      const Network own = make_network(s);
      const auto q = as<float>(dense_weights(own, 53));
      CHECK(largest_mirror_difference(trace(own, q, strand_table(), samples.examples[0]).layers[0],
                                      trace(own, q, strand_table(), other).layers[1]) > 1e-2);
    }
}

TEST_CASE("rnn algebra: a coupled LSTM whose f is constant keeps an exponential moving average") {
  // f = 0.75 by its bias, g is read off each letter, o = 1 as good as.
  for (const CellKind cell : {CellKind::LstmCoupled, CellKind::LstmBoundedCoupled}) {
    ModelSpec s = spec(cell, 1, 1, Directions::Forward, kReadouts[0]);
    set_initial(s, InitialState::Learned);
    const Network net = make_network(s);
    std::vector<double> p(net.parameter_count);
    const auto b_x = view(net, std::span<double>(p), net.layers[0].b_x),
               w_x = view(net, std::span<double>(p), net.layers[0].w_x);
    b_x(gate_index(cell, 'f')) = std::log(3.0);
    for (int k = 0; k < 4; ++k) w_x(gate_index(cell, 'g'), k) = 0.5 * k - 1;
    view(net, std::span<double>(p), net.layers[0].c_0)(0) = 0.25;
    FullSamples samples({200}, 54);
    for (std::uint8_t& code : samples.tokens[0]) code = code % 4;
    const Trace t = trace(net, as<float>(p), strand_table(), samples.examples[0]);
    double average = 0.25, worst = 0;
    for (int i = 0; i < 200; ++i) {
      const double a = 0.5 * samples.tokens[0][static_cast<std::size_t>(i)] - 1;
      const double g = sigmoid_candidate(cell) ? 1 / (1 + std::exp(-a)) : std::tanh(a);
      average = 0.75 * average + 0.25 * g;
      worst = std::max(worst, std::fabs(static_cast<double>(t.layers[0].c(i, 0)) - average));
    }
    CHECK(worst < 1e-6);  // roundings in float, forgotten after some steps
  }
}

TEST_CASE("rnn algebra: doubled equals two passes where no level reads both directions") {
  for (int which = 0; which < 28; ++which) {
    const bool both = which % 4 == 3;
    ModelSpec s = spec(kAllCells[which % 7], 3, both ? 1 : 1 + which % 2,
                       both ? Directions::Both : Directions::Forward, kReadouts[which % 4]);
    s.circular = Circular::TwoPass;
    if (which % 3 == 1) s.dilations = std::vector<int>(static_cast<std::size_t>(s.layers), 2);
    set_initial(s, static_cast<InitialState>(which % 4));
    ModelSpec doubled_spec = s;
    doubled_spec.circular = Circular::Doubled;
    REQUIRE(problem(s).empty());
    REQUIRE(problem(doubled_spec).empty());
    // Not shorter than the dilation: t - d then lies more than one round back, where two copies have nothing.
    const FullSamples samples({8, 3, 2, 0, 5, s.dilations.empty() ? 1 : 4}, 55);
    const Network two = make_network(s), doubled = make_network(doubled_spec);
    const auto p = dense_weights(two, 56);
    const Gradient a = gradient(two, p, samples.examples), b = gradient(doubled, p, samples.examples);
    CHECK_MESSAGE(a.result.loss == b.result.loss, describe(s));
    double scale = 0;
    for (const double g : a.values) scale = std::max(scale, std::fabs(g));
    CHECK_MESSAGE(largest_difference(a.values, b.values) < 1e-12 * scale, describe(s));  // order of sums
    s.circular = Circular::Linear;
    CHECK(gradient(make_network(s), p, samples.examples).result.loss != a.result.loss);
  }
}

TEST_CASE("rnn algebra: a circle that settles does not know where it was cut open") {
  for (int which = 0; which < 14; ++which) {
    ModelSpec s =
        spec(kAllCells[which % 7], 4, 2, which < 7 ? Directions::Forward : Directions::Both, kReadouts[3]);
    s.circular = Circular::FixedPoint;
    s.max_passes = kMaxPasses;
    if (which % 3 == 1) s.dilations = {1, 2};  // an odd length: in two rounds it has met every letter
    if (which % 4 == 3) s.input = Input::Kmers, s.kmer = 3;  // they reach back over the origin
    set_initial(s, static_cast<InitialState>(which % 4));
    const FullSamples samples({17}, 57);
    const Network net = make_network(s);
    const auto p = dense_weights(net, 58, 0.4);
    const Example& given = samples.examples[0];
    REQUIRE(Bptt<double>(net, strand_table()).evaluate(p, {&given, 1}).unsettled == 0);
    CHECK(trace(net, as<float>(p), strand_table(), given).settled);
    s.circular = Circular::Linear;
    const Network linear = make_network(s);
    double worst = 0, worst_float = 0, worst_linear = 0;
    const auto compare = [&](auto zero, const Network& of, double& most, int by) {
      using T = decltype(zero);
      const std::vector<std::uint8_t> letters = rotated(samples.tokens[0], by);
      Example turned = given;
      turned.tokens = letters;
      const std::vector<T> want = rotated(outputs<T>(of, p, given), by * 3), got = outputs<T>(of, p, turned);
      REQUIRE(want.size() == 17 * 3);
      for (std::size_t i = 0; i < got.size(); ++i)
        most = std::max(most, std::fabs(static_cast<double>(got[i] - want[i])));
    };
    for (const int by : {1, 5, 16}) {
      compare(0.0, net, worst, by);
      compare(0.0f, net, worst_float, by);
      compare(0.0, linear, worst_linear, by);
    }
    CHECK_MESSAGE(worst < 1e-9, describe(s));
    CHECK_MESSAGE(worst_float < 1e-5, describe(s));
    CHECK_MESSAGE(worst_linear > 1e-4, describe(s));
  }
}

TEST_CASE("rnn algebra: windows are rotated with the circle when they fit into it") {
  ModelSpec s = spec(CellKind::Gru, 4, 2, Directions::Forward, kReadouts[3]);
  s.circular = Circular::FixedPoint;
  s.max_passes = kMaxPasses;
  s.window = 3;
  const FullSamples samples({15}, 59);
  const Network net = make_network(s);
  const auto p = dense_weights(net, 60, 0.4);
  const auto by = [&](int letters) {
    const std::vector<std::uint8_t> turned = rotated(samples.tokens[0], letters);
    Example example = samples.examples[0];
    example.tokens = turned;
    return largest_difference(outputs<double>(net, p, example),
                              rotated(outputs<double>(net, p, samples.examples[0]), letters * 3));
  };
  CHECK(by(6) < 1e-9);
  CHECK(by(1) > 1e-4);  // other windows
}

TEST_CASE("rnn algebra: a mod-3 counter settles only on a circle of a multiple of 3") {
  // One of three units is on and hands on to the next at every letter.
  ModelSpec s = spec(CellKind::ElmanRelu, 3, 1, Directions::Forward, kReadouts[3]);
  s.circular = Circular::FixedPoint;
  s.max_passes = 11;
  set_initial(s, InitialState::Learned);
  const Network net = make_network(s);
  std::vector<double> p(net.parameter_count);
  const auto w_h = view(net, std::span<double>(p), net.layers[0].w_h);
  for (int j = 0; j < 3; ++j) w_h((j + 1) % 3, j) = 1;
  view(net, std::span<double>(p), net.layers[0].h_0)(0, 0) = 1;
  const FullSamples samples({6, 7, 8, 9}, 61);
  for (const Example& example : samples.examples) {
    const bool fits = example.tokens.size() % 3 == 0;
    const BatchResult result = Bptt<double>(net, strand_table()).evaluate(p, {&example, 1});
    CHECK(result.unsettled == (fits ? 0 : 1));
    CHECK(result.passes == (fits ? 2 : 11));
    const Trace t = trace(net, as<float>(p), strand_table(), example);
    CHECK(t.settled == fits);
    CHECK(t.passes == result.passes);
    CHECK(t.layers[0].h(0, 1) == (fits ? 1.0f : t.layers[0].h(0, 1)));
  }
  CHECK(Bptt<double>(net, strand_table()).evaluate(p, samples.examples).unsettled == 2);
}

TEST_CASE("rnn algebra: dilated by 1 is plain") {
  for (const CellKind cell : kAllCells)
    for (const Directions d : {Directions::Forward, Directions::Both}) {
      ModelSpec s = spec(cell, 5, 2, d, kReadouts[3]);
      const FullSamples samples({9, 4, 1}, 62);
      const auto p = dense_weights(make_network(s), 63);
      const Gradient plain = gradient(make_network(s), p, samples.examples);
      s.dilations = {1, 1};
      const Gradient by_one = gradient(make_network(s), p, samples.examples);
      CHECK(by_one.result.loss == plain.result.loss);
      CHECK(by_one.values == plain.values);
      s.dilations = {1, 2};
      CHECK(gradient(make_network(s), p, samples.examples).result.loss != plain.result.loss);
    }
}

TEST_CASE(
    "rnn algebra: windows of one letter are a stack if the state carries over, and are not if it starts "
    "anew") {
  for (const CellKind cell : kAllCells)
    for (const Summary summary : {Summary::Last, Summary::Mean})
      for (const Directions d : {Directions::Forward, Directions::Both}) {
        ModelSpec s = spec(cell, 5, 3, d, kReadouts[3]);
        const FullSamples samples({9, 4, 1}, 64);
        const auto p = dense_weights(make_network(s), 65);
        const Gradient stacked = gradient(make_network(s), p, samples.examples);
        s.window = 1;
        s.window_summary = summary;
        const Gradient windows = gradient(make_network(s), p, samples.examples);
        CHECK(windows.result.loss == stacked.result.loss);
        CHECK(largest_difference(windows.values, stacked.values) < 1e-12);
        s.window_carry = false;
        CHECK(gradient(make_network(s), p, samples.examples).result.loss != stacked.result.loss);
      }
}

TEST_CASE("rnn algebra: a batch of n gives the bits of n batches of one, and so does looking") {
  for (const rnn_cover::Choices& row : rnn_cover::cover().rows) {
    const ModelSpec s = rnn_cover::spec_of(row);
    const FullSamples samples(rnn_cover::lengths(s), 66);
    const Network net = make_network(s);
    const auto p = dense_weights(net, 67);
    const auto in_float = as<float>(p);
    Bptt<float> bptt(net, strand_table());
    std::vector<float> together, alone, looked;
    const BatchResult all = bptt.evaluate(in_float, samples.examples, &together);
    double loss = 0;
    for (const Example& example : samples.examples) {
      loss += bptt.evaluate(in_float, {&example, 1}, &alone).loss;
      const Trace t = trace(net, in_float, strand_table(), example);
      const std::vector<float>& shown =
          s.task == Task::SequenceLabel ? t.final_probabilities : t.probabilities;
      looked.insert(looked.end(), shown.begin(), shown.end());
    }
    CHECK_MESSAGE(together == alone, rnn_cover::describe(row));
    if (s.task != Task::NextVector) CHECK_MESSAGE(looked == together, rnn_cover::describe(row));
    CHECK_MESSAGE(all.loss == loss, rnn_cover::describe(row));

    const Gradient batch = gradient(net, p, samples.examples);
    std::vector<double> sum(net.parameter_count);
    double scale = 0;
    for (const Example& example : samples.examples) {
      const Gradient one = gradient(net, p, {&example, 1});
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += one.values[i];
    }
    for (const double g : sum) scale = std::max(scale, std::fabs(g));
    CHECK_MESSAGE(largest_difference(batch.values, sum) < 1e-12 * scale, rnn_cover::describe(row));
  }
}

TEST_CASE("rnn algebra: looking in small slices shows the same") {
  for (std::size_t i = 0; i < rnn_cover::cover().rows.size(); i += 7) {
    const rnn_cover::Choices& row = rnn_cover::cover().rows[i];
    const ModelSpec s = rnn_cover::spec_of(row);
    const FullSamples samples(rnn_cover::lengths(s), 68);
    const Network net = make_network(s);
    const auto p = as<float>(dense_weights(net, 69));
    const Trace whole = trace(net, p, strand_table(), samples.examples[0]);
    TraceBuilder builder(net, p, strand_table(), samples.examples[0]);
    double before = 0;
    int slices = 1;
    for (; !builder.run(2); ++slices) {
      CHECK(builder.progress() >= before);
      CHECK(builder.progress() < 1);
      before = builder.progress();
    }
    CHECK(slices > 5);
    const Trace sliced = builder.take();
    CHECK(sliced.probabilities == whole.probabilities);
    for (std::size_t l = 0; l < whole.layers.size(); ++l) {
      CHECK_MESSAGE(sliced.layers[l].states == whole.layers[l].states, rnn_cover::describe(row));
      CHECK_MESSAGE(sliced.layers[l].gates == whole.layers[l].gates, rnn_cover::describe(row));
    }
  }
}

TEST_CASE("rnn algebra: what comes next is asked only of a network that has not seen it") {
  const auto refused = [](ModelSpec s) {
    s.task = Task::NextSymbol;
    const std::string why = problem(s);
    CHECK(why.find("already seen") != std::string::npos);
    CHECK(leak(s) == why);
    // And with reason: at the same wiring the output at a position depends on the letter behind it.
    s.task = Task::PositionLabel;
    REQUIRE(problem(s).empty());
    const FullSamples samples({8}, 70);
    std::vector<std::uint8_t> changed = samples.tokens[0];
    changed[5] = static_cast<std::uint8_t>((changed[5] + 1) % 4);
    Example other = samples.examples[0];
    other.tokens = changed;
    const Network net = make_network(s);
    const auto p = dense_weights(net, 71);
    const auto a = outputs<double>(net, p, samples.examples[0]), b = outputs<double>(net, p, other);
    double difference = 0;
    for (std::size_t k = 4 * 3; k < 5 * 3; ++k) difference = std::max(difference, std::fabs(a[k] - b[k]));
    CHECK(difference > 1e-9);
  };
  const ModelSpec base = spec(CellKind::Lstm, 4, 2, Directions::Forward, kReadouts[4]);
  CHECK(leak(base).empty());
  for (const Directions d : {Directions::Both, Directions::Strands, Directions::StrandsTied}) {
    ModelSpec s = base;
    s.directions = d;
    refused(s);
  }
  for (const Circular c : {Circular::TwoPass, Circular::Doubled, Circular::FixedPoint}) {
    ModelSpec s = base;
    s.circular = c;
    refused(s);
  }
  for (const bool carry : {false, true})
    for (const Summary summary : {Summary::Last, Summary::Mean}) {
      ModelSpec s = base;
      s.window = 3;
      s.window_carry = carry;
      s.window_summary = summary;
      refused(s);
    }
}

TEST_CASE("rnn algebra: changing what comes next leaves the prediction of it alone") {
  for (const rnn_cover::Choices& row : rnn_cover::cover().rows) {
    ModelSpec s = rnn_cover::spec_of(row);
    if (s.task != Task::NextSymbol && s.task != Task::NextVector) continue;
    s.truncate = s.layers == 1 ? 2 : 0;
    const bool values = s.input == Input::Values;
    const int width = s.input == Input::Codons ? 3 : 1, steps = 7, changed = 4;
    FullSamples samples({steps * width}, 72), other({steps * width}, 72);
    if (values) {
      other.values[0][changed * FullSamples::kChannels] += 1;
    } else {
      auto& letters = other.tokens[0];
      // A letter, or a codon, that is another one for certain.
      for (int i = changed * width; i < (changed + 1) * width; ++i) {
        samples.tokens[0][static_cast<std::size_t>(i)] = 1;
        letters[static_cast<std::size_t>(i)] = 2;
      }
    }
    const Network net = make_network(s);
    const auto p = as<float>(dense_weights(net, 73));
    const Trace a = trace(net, p, strand_table(), samples.examples[0]),
                b = trace(net, p, strand_table(), other.examples[0]);
    REQUIRE(a.rows == steps);
    for (int t = 0; t < steps; ++t) {
      bool same = true;
      for (int k = 0; k < a.outputs; ++k) same = same && a.p(t, k) == b.p(t, k);
      // Not every later step hears of it through dilated layers, and a ReLU may be off at this one.
      if (t == changed && s.cell == CellKind::ElmanRelu) continue;
      if (t <= changed) CHECK_MESSAGE(same == (t < changed), rnn_cover::describe(row) << " at " << t);
    }
  }
}
