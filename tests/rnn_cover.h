// A table of models in which every two choices a person can make meet at least once, and every three of those
// about wiring and initial states, as far as problem() allows them to meet. What a model then has to show is
// the business of the tests.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "rnn_samples.h"

namespace rnn_cover {

using namespace rnn_samples;

struct Factor {
  const char* name;
  int values;
  bool wiring;  // also covered by threes
  void (*set)(ModelSpec&, int);
};

inline const std::vector<Factor>& factors() {
  static const std::vector<Factor> all{
      {"cell", 7, false, [](ModelSpec& s, int v) { s.cell = kAllCells[v]; }},
      {"inside", 4, false,
       [](ModelSpec& s, int v) {
         s.peepholes = v % 2 == 1;
         s.layer_norm = v >= 2;
       }},
      {"levels", 9, true,
       [](ModelSpec& s, int v) {
         s.layers = v == 0 || v == 3 ? 1 : 2;
         if (v == 2) s.dilations = {1, 2};
         if (v == 3) s.dilations = {3};
         if (v == 8) s.dilations = {2, 2};
         s.window = v >= 4 ? 2 + v % 2 : 0;
         s.window_carry = v < 6;
         s.window_summary = v % 2 == 0 ? Summary::Last : Summary::Mean;
       }},
      {"directions", 4, true, [](ModelSpec& s, int v) { s.directions = static_cast<Directions>(v); }},
      {"circular", 4, true,
       [](ModelSpec& s, int v) {
         s.circular = static_cast<Circular>(v);
         s.max_passes = 4;
       }},
      {"initial", 4, true, [](ModelSpec& s, int v) { set_initial(s, static_cast<InitialState>(v)); }},
      {"readout", 6, false,
       [](ModelSpec& s, int v) {
         const ReadoutKind& readout = v < 5 ? kReadouts[v] : kNextVector;
         s.task = readout.task;
         s.pool = readout.pool;
       }},
      {"input", 7, false, [](ModelSpec& s, int v) {
         constexpr Input kInput[] = {Input::Letters, Input::Kmers,  Input::Codons, Input::Letters,
                                     Input::Kmers,   Input::Codons, Input::Values};
         s.input = kInput[v];
         s.kmer = 2;
         s.embedding = v >= 3 && v <= 5 ? v - 1 : 0;
         s.channels = v == 6 ? FullSamples::kChannels : 0;
       }}};
  return all;
}

using Choices = std::vector<int>;  // a value for each factor; in a part of them -1: any

inline ModelSpec spec_of(const Choices& choices) {
  ModelSpec s;
  s.hidden = 3;
  s.classes = 3;
  for (std::size_t i = 0; i < choices.size(); ++i) factors()[i].set(s, choices[i]);
  return s;
}

// Every part to be covered: pairs of all factors, threes of those about wiring.
inline std::vector<Choices> parts() {
  const auto n = factors().size();
  std::vector<Choices> all;
  const auto values = [](std::size_t i) { return factors()[i].values; };
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j)
      for (int a = 0; a < values(i); ++a)
        for (int b = 0; b < values(j); ++b) {
          Choices part(n, -1);
          part[i] = a, part[j] = b;
          all.push_back(part);
          if (!factors()[i].wiring || !factors()[j].wiring) continue;
          for (std::size_t k = j + 1; k < n; ++k)
            for (int c = 0; c < values(k) && factors()[k].wiring; ++c) {
              part[k] = c;
              all.push_back(part);
              part[k] = -1;
            }
        }
  return all;
}
inline bool covers(const Choices& row, const Choices& part) {
  for (std::size_t i = 0; i < part.size(); ++i)
    if (part[i] >= 0 && part[i] != row[i]) return false;
  return true;
}

// Some allowed choice of everything that `part` leaves open, found by trying all; empty: there is none.
inline Choices complete(const Choices& part) {
  Choices row = part;
  for (int& v : row) v = std::max(v, 0);
  for (;;) {
    if (problem(spec_of(row)).empty()) return row;
    std::size_t i = 0;
    for (; i < part.size(); ++i) {
      if (part[i] >= 0) continue;
      if (++row[i] < factors()[i].values) break;
      row[i] = 0;
    }
    if (i == part.size()) return {};
  }
}

struct Cover {
  std::vector<Choices> rows;
  std::vector<Choices> impossible;  // parts that problem() never allows
};
// Greedy: of some random completions of the first part not yet covered the one that covers most.
inline Cover make_cover() {
  Cover cover;
  Random random(1, 21);
  std::vector<Choices> open = parts();
  for (int attempt = 0; !open.empty();) {
    const Choices part = open.front();
    Choices best;
    std::size_t most = 0;
    for (int i = 0; i < 40; ++i, ++attempt) {
      Choices row = part;
      for (std::size_t f = 0; f < row.size(); ++f)
        if (row[f] < 0)
          row[f] = static_cast<int>(random.below(static_cast<std::uint32_t>(factors()[f].values)));
      if (!problem(spec_of(row)).empty()) continue;
      std::size_t count = 0;
      for (const Choices& other : open) count += covers(row, other);
      if (count > most) best = row, most = count;
    }
    if (best.empty()) {
      // Cheaper than trying everything: what contains an impossible part is impossible.
      bool known = false;
      for (const Choices& other : cover.impossible) known = known || covers(part, other);
      if (!known) best = complete(part);
    }
    if (best.empty()) {
      cover.impossible.push_back(part);
      open.erase(open.begin());
      continue;
    }
    cover.rows.push_back(best);
    open.erase(
        std::remove_if(open.begin(), open.end(), [&](const Choices& other) { return covers(best, other); }),
        open.end());
  }
  return cover;
}
inline const Cover& cover() {
  static const Cover made = make_cover();
  return made;
}

inline std::string describe(const Choices& row) {
  const ModelSpec s = spec_of(row);
  std::string text = std::string(name(s.cell)) + (s.peepholes ? " peepholes" : "") +
                     (s.layer_norm ? " norm" : "") + " x" + std::to_string(s.layers);
  for (const int d : s.dilations) text += " dilated " + std::to_string(d);
  if (s.window > 0)
    text += " windows " + std::to_string(s.window) + name(s.window_summary) + (s.window_carry ? "" : " anew");
  text += std::string(" ") + name(s.directions) + " " + name(s.circular) + " " + name(s.initial) + " " +
          name(s.task) + "/" + name(s.pool) + " " + name(s.input);
  return s.embedding > 0 ? text + " embedded" : text;
}

// Lengths that make 9, 0, 1, 5 and 2 steps. A codon takes three letters, and what is left over is not read.
inline std::vector<int> lengths(const ModelSpec& s) {
  if (s.input == Input::Codons) return {28, 2, 3, 17, 6};
  return {9, 0, 1, 5, 2};
}

}  // namespace rnn_cover
