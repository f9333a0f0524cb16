// RecurrentPass against torch.nn over the whole matrix of cells, layers, directions, lengths, sizes and
// batches: tests/golden/recurrent_torch.py wrote the figures. Float is held against our own double.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "rnn/recurrent_pass.h"

using namespace ribostep::rnn;

namespace {

constexpr int kFeatures = 3;

double entry(std::uint64_t stream, std::uint64_t i, double scale) {
  const auto mixed = static_cast<std::uint32_t>((i + 7919 * stream + 1) * 2654435761ULL);
  return static_cast<double>(mixed) / 4294967296.0 * scale - 0.5 * scale;
}
template <class T>
std::vector<T> formula(std::uint64_t stream, std::size_t count, double scale = 1) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(entry(stream, i, scale));
  return values;
}

// Norm and eight projections, as the recipe keeps them.
std::vector<double> sketch(const std::vector<double>& values) {
  std::vector<double> out(9, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    out[0] += values[i] * values[i];
    for (std::size_t k = 0; k < 8; ++k) out[k + 1] += values[i] * entry(100 + k, i, 1);
  }
  out[0] = std::sqrt(out[0]);
  return out;
}

struct Case {
  std::string cell;
  int layers, directions, steps, hidden, rows;
  std::string name() const {
    std::ostringstream text;
    text << cell << '/' << layers << '/' << directions << '/' << steps << '/' << hidden << '/' << rows;
    return text.str();
  }
};

template <class T>
std::map<std::string, std::vector<T>> run(const Case& c) {
  ModelSpec spec;
  spec.cell = *cell_kind(c.cell);
  spec.hidden = c.hidden;
  spec.layers = c.layers;
  spec.directions = c.directions == 2 ? Directions::Both : Directions::Forward;
  const Network net = make_recurrent_network(spec, kFeatures);
  std::vector<T> parameters(net.parameter_count);
  for (std::size_t t = 0; t < net.tensors.size(); ++t) {
    const auto values = formula<T>(t, net.tensors[t].size(), 2 / std::sqrt(static_cast<double>(c.hidden)));
    std::copy(values.begin(), values.end(),
              parameters.begin() + static_cast<std::ptrdiff_t>(net.tensors[t].offset));
  }
  const auto states = static_cast<std::size_t>(c.layers * c.directions * c.rows * c.hidden);
  PassInput<T> input{c.steps,   c.rows,
                     kFeatures, formula<T>(40, static_cast<std::size_t>(c.steps * c.rows * kFeatures), 2),
                     {},        formula<T>(41, states),
                     {}};
  const bool lstm = has_cell_state(spec.cell);
  if (lstm) input.c0 = formula<T>(42, states);
  if (c.rows == 3)
    input.lengths = c.steps == 1   ? std::vector{1, 1, 1}
                    : c.steps == 7 ? std::vector{5, 7, 2}
                                   : std::vector{200, 64, 131};
  RecurrentPass<T> pass(net);
  PassOutput<T> out = pass.forward(parameters, input);
  const std::vector<T> dy = formula<T>(43, out.output.size()), dh = formula<T>(44, states),
                       dc = formula<T>(45, lstm ? states : 0);
  PassGradients<T> g = pass.backward(dy, dh, dc);
  std::map<std::string, std::vector<T>> all = {
      {"output", out.output}, {"h_n", out.h_n}, {"dx", g.x}, {"dh0", g.h0}};
  if (lstm) {
    all["c_n"] = out.c_n;
    all["dc0"] = g.c0;
  }
  for (const Tensor& tensor : net.tensors) {
    const auto begin = g.parameters.begin() + static_cast<std::ptrdiff_t>(tensor.offset);
    all[tensor.name] = std::vector<T>(begin, begin + static_cast<std::ptrdiff_t>(tensor.size()));
  }
  return all;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* cell : {"elman", "elman_relu", "lstm", "gru"})
    for (const int layers : {1, 2})
      for (const int directions : {1, 2})
        for (const int steps : {1, 7, 200})
          for (const int hidden : {1, 5, 64})
            for (const int rows : {1, 3}) all.push_back({cell, layers, directions, steps, hidden, rows});
  return all;
}

}  // namespace

TEST_CASE("outputs, final states and all gradients equal PyTorch's in double, over the whole matrix") {
  std::ifstream file(RIBOSTEP_SOURCE_DIR "/tests/golden/recurrent_torch.txt");
  REQUIRE(file);
  std::map<std::string, std::vector<double>> golden;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name;
    fields >> name;
    for (double value; fields >> value;) golden[name].push_back(value);
  }
  int compared = 0;
  for (const Case& c : cases())
    for (const auto& tensor : run<double>(c)) {
      const std::vector<double>& values = tensor.second;
      const std::string key = c.name() + "/" + tensor.first;
      REQUIRE_MESSAGE(golden.count(key) == 1, key);
      const std::vector<double>& expected = golden[key];
      const std::vector<double> found = sketch(values);
      REQUIRE(expected.size() == found.size());
      // 1e-10 of the tensor's norm: its largest entry lies between norm / sqrt(n) and norm, rounding far
      // below.
      const double tolerance = 1e-10 * std::max(expected[0], 1e-12);
      for (std::size_t k = 0; k < found.size(); ++k)
        CHECK_MESSAGE(std::abs(found[k] - expected[k]) <= tolerance,
                      key << " " << k << ": " << found[k] << " " << expected[k]);
      ++compared;
    }
  CHECK(compared == static_cast<int>(golden.size()));
}

TEST_CASE("float agrees with double to what float can hold") {
  for (const Case& c : cases()) {
    const auto exact = run<double>(c);
    for (const auto& tensor : run<float>(c)) {
      const std::string& name = tensor.first;
      const std::vector<float>& values = tensor.second;
      const std::vector<double>& expected = exact.at(name);
      double largest = 0, worst = 0;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        largest = std::max(largest, std::abs(expected[i]));
        worst = std::max(worst, std::abs(static_cast<double>(values[i]) - expected[i]));
      }
      // 24 bits over sums of some thousand terms: 5e-5 of the largest entry, 1e-5 where all are small.
      CHECK_MESSAGE(worst <= 1e-5 + 5e-5 * largest, c.name()
                                                        << "/" << name << ": " << worst << " of " << largest);
    }
  }
}
