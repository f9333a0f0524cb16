// Small sequences, specs and a planted motif, shared by the tests of src/rnn.
#pragma once
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "rnn/bptt.h"

namespace rnn_samples {

using namespace ribostep;
using namespace ribostep::rnn;

// The four of the golden files, and all there are.
inline constexpr CellKind kCells[] = {CellKind::ElmanTanh, CellKind::ElmanRelu, CellKind::Lstm,
                                      CellKind::Gru};
inline constexpr CellKind kAllCells[] = {
    CellKind::ElmanTanh,   CellKind::ElmanRelu,         CellKind::Lstm, CellKind::Gru, CellKind::LstmCoupled,
    CellKind::LstmBounded, CellKind::LstmBoundedCoupled};

// Four symbols, R = A or G, N = any.
inline TokenTable table() { return {4, {1, 2, 4, 8, 5, 15}}; }
inline constexpr std::uint32_t kTokens = 6;
// The same with Y = C or T, and with the other strand: A-T, C-G, R-Y, N-N.
inline TokenTable strand_table() { return {4, {1, 2, 4, 8, 5, 10, 15}, {3, 2, 1, 0, 5, 4, 6}}; }

// A readout by the name it has in test output and in golden files.
struct ReadoutKind {
  const char* name;
  Task task;
  Pool pool;
};
inline constexpr ReadoutKind kReadouts[] = {{"last", Task::SequenceLabel, Pool::Last},
                                            {"mean", Task::SequenceLabel, Pool::Mean},
                                            {"max", Task::SequenceLabel, Pool::Max},
                                            {"position", Task::PositionLabel, Pool::Last},
                                            {"next", Task::NextSymbol, Pool::Last}};
inline constexpr ReadoutKind kNextVector{"next_vector", Task::NextVector, Pool::Last};

inline ModelSpec spec(CellKind cell, int hidden, int layers, Directions directions, ReadoutKind readout) {
  ModelSpec s;
  s.cell = cell;
  s.hidden = hidden;
  s.layers = layers;
  s.directions = directions;
  s.task = readout.task;
  s.pool = readout.pool;
  s.classes = 3;
  return s;
}
inline std::string describe(const ModelSpec& s) {
  std::string text = std::string(name(s.cell)) + " " + name(s.task);
  if (s.task == Task::SequenceLabel) text += std::string("/") + name(s.pool);
  return text + " " + name(s.directions) + " x" + std::to_string(s.layers);
}

// Every cell x readout x {1, 2 layers} x directions that can be chosen.
inline std::vector<ModelSpec> all_specs(int hidden) {
  std::vector<ModelSpec> specs;
  for (const CellKind cell : kCells)
    for (const ReadoutKind& readout : kReadouts)
      for (const int layers : {1, 2})
        for (const Directions d : {Directions::Forward, Directions::Both}) {
          const ModelSpec s = spec(cell, hidden, layers, d, readout);
          if (problem(s).empty()) specs.push_back(s);
        }
  return specs;
}

// Sequences with labels of every kind. Examples point into this object: do not copy it.
struct Samples {
  std::vector<std::vector<std::uint8_t>> tokens, position_labels;
  std::vector<Example> examples;

  Samples(const std::vector<int>& lengths, std::uint64_t seed, std::uint32_t token_count = kTokens) {
    Random random(seed, 17);
    for (const int length : lengths) {
      std::vector<std::uint8_t> t, l;
      for (int i = 0; i < length; ++i) {
        t.push_back(static_cast<std::uint8_t>(random.below(token_count)));
        const auto label = static_cast<std::uint8_t>(random.below(4));
        l.push_back(label == 3 ? kNoClass : label);
      }
      tokens.push_back(std::move(t));
      position_labels.push_back(std::move(l));
    }
    for (std::size_t i = 0; i < tokens.size(); ++i)
      examples.push_back({tokens[i], static_cast<int>(random.below(3)), position_labels[i]});
  }
  Samples(const Samples&) = delete;
};

// With real values, a class and covariates too, some of them unknown, and codes of strand_table(). A few
// letters are ambiguous.
struct FullSamples {
  static constexpr int kChannels = 2, kClasses = 3, kCovariates = 2;
  std::vector<std::vector<std::uint8_t>> tokens, position_labels;
  std::vector<std::vector<float>> values;
  std::vector<std::vector<double>> covariates;
  std::vector<Example> examples;

  FullSamples(const std::vector<int>& lengths, std::uint64_t seed) {
    Random random(seed, 19);
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      tokens.emplace_back();
      position_labels.emplace_back();
      values.emplace_back();
      for (int t = 0; t < lengths[i]; ++t) {
        const bool ambiguous = random.below(10) == 0;
        tokens[i].push_back(static_cast<std::uint8_t>(ambiguous ? 4 + random.below(3) : random.below(4)));
        const auto label = static_cast<std::uint8_t>(random.below(4));
        position_labels[i].push_back(label == 3 ? kNoClass : label);
        for (int k = 0; k < kChannels; ++k) values[i].push_back(static_cast<float>(random.symmetric(1)));
      }
      covariates.push_back({random.symmetric(2), i % 3 == 1 ? unknown : random.symmetric(2)});
    }
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      Example example;
      example.tokens = tokens[i];
      example.label = static_cast<int>(random.below(3));
      example.position_labels = position_labels[i];
      example.values = values[i];
      example.covariate_class = i % 4 == 2 ? -1 : static_cast<int>(random.below(kClasses));
      example.covariates = covariates[i];
      examples.push_back(example);
    }
  }
  FullSamples(const FullSamples&) = delete;
};
// The spec's part of the covariates and channels of FullSamples.
inline void set_initial(ModelSpec& s, InitialState initial) {
  s.initial = initial;
  if (initial == InitialState::ByClass) {
    s.covariates = {"class"};
    s.covariate_classes = FullSamples::kClasses;
  }
  if (initial == InitialState::Encoder) {
    s.covariates = {"a", "b"};
    s.covariate_center = {0.5, -0.25};
    s.covariate_scale = {2, 0.75};
    s.encoder_units = 3;
  }
}

// Every number drawn, those that start at 0 too, so that none of them can be forgotten.
inline std::vector<double> dense_weights(const Network& net, std::uint64_t seed, double limit = 0.7) {
  Random random(seed, 20);
  std::vector<double> p(net.parameter_count);
  for (double& x : p) x = random.symmetric(limit);
  for (const Layer& layer : net.layers)
    if (layer.norm_gain >= 0) {
      const auto gain = view(net, std::span<double>(p), layer.norm_gain);
      for (int r = 0; r < gain.rows; ++r) gain(r) = 1 + random.symmetric(0.5);
    }
  return p;
}

template <class T>
std::vector<T> weights(const Network& net, std::uint64_t seed) {
  std::vector<T> p(net.parameter_count);
  initialise<T>(net, seed, p);
  return p;
}

// Half of the sequences carry "GATTACA"-like 2 0 3 3 0 somewhere; label 1 = it is there.
inline void plant_motif(Samples& samples, std::uint64_t seed) {
  constexpr std::uint8_t kMotif[] = {2, 0, 3, 3, 0};
  Random random(seed, 18);
  for (std::size_t i = 0; i < samples.tokens.size(); ++i) {
    const int label = static_cast<int>(i % 2);
    std::vector<std::uint8_t>& t = samples.tokens[i];
    const auto at = random.below(static_cast<std::uint32_t>(t.size() - std::size(kMotif)));
    if (label == 1)
      for (std::size_t k = 0; k < std::size(kMotif); ++k) t[at + k] = kMotif[k];
    samples.examples[i].label = label;
  }
}

}  // namespace rnn_samples
