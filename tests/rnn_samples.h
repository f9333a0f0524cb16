// Small sequences, specs and a planted motif, shared by the tests of src/rnn.
#pragma once
#include <string>
#include <vector>

#include "base/random.h"
#include "rnn/bptt.h"

namespace rnn_samples {

using namespace ribostep;
using namespace ribostep::rnn;

inline constexpr CellKind kCells[] = {CellKind::ElmanTanh, CellKind::ElmanRelu, CellKind::Lstm,
                                      CellKind::Gru};

// Four symbols, R = A or G, N = any.
inline TokenTable table() { return {4, {1, 2, 4, 8, 5, 15}}; }
inline constexpr std::uint32_t kTokens = 6;

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
