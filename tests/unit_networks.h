// Networks whose units are known, because their weights were set by hand.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "experiment/prepare.h"
#include "rnn/network.h"

namespace ribostep::tests {

inline rnn::ModelSpec relu_spec(int hidden) {
  rnn::ModelSpec spec;
  spec.cell = rnn::CellKind::ElmanRelu;
  spec.hidden = hidden;
  spec.task = rnn::Task::NextSymbol;
  return spec;
}

// Unit i is 1 after a step when the letters just read are the first i + 1 of the word, else 0: it adds the
// unit before it, one step ago, and its own letter, and both together pass the threshold.
inline std::vector<float> word_detector(const std::string& word, int layer = 0,
                                        rnn::Directions directions = rnn::Directions::Forward) {
  rnn::ModelSpec spec = relu_spec(static_cast<int>(word.size()));
  spec.directions = directions;
  if (directions != rnn::Directions::Forward) spec.task = rnn::Task::PositionLabel;
  const rnn::Network net = rnn::make_network(spec);
  std::vector<float> weights(net.parameter_count);
  const rnn::Layer& of = net.layers[static_cast<std::size_t>(layer)];
  const auto w_x = rnn::view<float>(net, weights, of.w_x);
  const auto w_h = rnn::view<float>(net, weights, of.w_h);
  const auto bias = rnn::view<float>(net, weights, of.b_x);
  for (int i = 0; i < of.hidden; ++i) {
    w_x(i, static_cast<int>(std::string("ACGT").find(word[static_cast<std::size_t>(i)]))) = 1;
    if (i > 0) w_h(i, i - 1) = 1;
    if (i > 0) bias(i) = -1;
  }
  return weights;
}

// Units 4 j + s are 1 when the letter j back is symbol s.
inline std::vector<float> shift_register(int letters) {
  const rnn::Network net = rnn::make_network(relu_spec(4 * letters));
  std::vector<float> weights(net.parameter_count);
  const rnn::Layer& of = net.layers[0];
  const auto w_x = rnn::view<float>(net, weights, of.w_x);
  const auto w_h = rnn::view<float>(net, weights, of.w_h);
  for (int i = 0; i < of.hidden; ++i)
    if (i < 4)
      w_x(i, i) = 1;
    else
      w_h(i, i - 4) = 1;
  return weights;
}

inline std::vector<float> start_of(const rnn::ModelSpec& spec, std::uint64_t seed = 3) {
  const rnn::Network net = rnn::make_network(spec);
  std::vector<float> weights(net.parameter_count);
  rnn::initialise<float>(net, seed, weights);
  return weights;
}

// Random sequences, each with the word somewhere.
inline experiment::Prepared planted(const std::string& word, int records, int length,
                                    std::uint64_t seed = 11) {
  auto data = std::make_shared<bio::Dataset>();
  Random random(seed);
  for (int i = 0; i < records; ++i) {
    std::vector<std::uint8_t> tokens;
    for (int t = 0; t < length; ++t) tokens.push_back(static_cast<std::uint8_t>(random.below(4)));
    const std::uint32_t at = random.below(static_cast<std::uint32_t>(length - static_cast<int>(word.size())));
    for (std::size_t k = 0; k < word.size(); ++k)
      tokens[at + k] = static_cast<std::uint8_t>(std::string("ACGT").find(word[k]));
    data->add("r" + std::to_string(i + 1), "", i % 2 != 0 ? "odd" : "even", tokens);
  }
  return experiment::prepare(data, bio::LabelRule::Auto);
}

}  // namespace ribostep::tests
