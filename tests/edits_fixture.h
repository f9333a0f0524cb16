// A session with edits under test: all bits of what is on screen, verbs by name, a small LSTM over planted
// motifs.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "session/edits.h"
#include "session_fixture.h"

namespace ribostep::tests {

struct Bits {
  std::string letters;
  std::vector<float> states, cells, gates, probabilities, weights;
  bool operator==(const Bits&) const = default;
};

inline Bits bits(const session::Session& s) {
  REQUIRE(s.trace() != nullptr);
  Bits b;
  b.letters = s.letters();
  for (const rnn::LayerTrace& layer : s.trace()->layers) {
    b.states.insert(b.states.end(), layer.states.begin(), layer.states.end());
    b.cells.insert(b.cells.end(), layer.cells.begin(), layer.cells.end());
    b.gates.insert(b.gates.end(), layer.gates.begin(), layer.gates.end());
  }
  b.probabilities = s.trace()->probabilities;
  b.weights.assign(s.weights().begin(), s.weights().end());
  return b;
}

inline void verb(Fixture& f, nlohmann::json head) {
  head["type"] = "verb";
  f.session.receive({std::move(head), {}});
  f.worker.settle();
}

inline std::string said(Fixture& f) { return f.session.status().text; }

inline void choose(Fixture& f, rnn::CellKind cell, const std::function<void(rnn::ModelSpec&)>& change = {}) {
  rnn::ModelSpec spec = f.session.project().model;
  spec.cell = cell;
  spec.hidden = 5;
  if (change) change(spec);
  REQUIRE(rnn::problem(spec).empty());
  f.session.set_model(spec);
  f.worker.settle();
}

struct Planted : Fixture {
  Planted() {
    paste(planted_fasta());
    choose(*this, rnn::CellKind::Lstm);
    session.go_to(17);
  }
  session::Edits& edits() { return session.edits(); }
};

inline std::string other(char letter) { return letter == 'A' ? "C" : "A"; }

// h of every unit after each of the first `count` letters.
inline bool same_until(const rnn::Trace& a, const rnn::Trace& b, int count) {
  for (std::size_t l = 0; l < a.layers.size(); ++l)
    for (int t = 0; t < count; ++t)
      for (int u = 0; u < a.layers[l].hidden; ++u) {
        if (a.layers[l].h(t, u) != b.layers[l].h(t, u)) return false;
        if (!a.layers[l].cells.empty() && a.layers[l].c(t, u) != b.layers[l].c(t, u)) return false;
      }
  return true;
}

}  // namespace ribostep::tests
