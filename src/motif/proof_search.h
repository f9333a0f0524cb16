// Looking for a string on which network and machine differ: first every string in order, then long ones.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "motif/proof.h"

namespace ribostep::motif {

// About how long a step of a Reader takes, in ns natively: what searches are rationed by, so that they do the
// same on every machine.
double step_cost(const rnn::ModelSpec& spec);

struct Found {
  std::optional<Word> failing;
  int tried_length = 0;         // every string up to here
  std::int64_t strings = 0;     // tried one by one
  int distinct = 0;             // states of network and machine together
  bool closed = false;          // the network was seen in every state it can ever be in
  int pumped = 0, longest = 0;  // repeated words, and the letters of the longest string
  // Over everything `search_all` saw (the first 1,000 states at least, however early one fails): of each unit
  // the smallest and largest |h| [H].
  std::vector<float> smallest, largest;
  // The first states of network (h, c) and machine.
  std::vector<std::vector<float>> first;
  std::vector<int> first_machine;
  double readout = 0;  // and the right answer's logit less the other's, at its smallest
};
// Strings in order (by length, then letters), each different state (to the last bit) of network and machine
// once: what two strings with the same state are followed by is the same. When no new state turns up, every
// string has been tried, of whatever length.
void search_all(const Dfa& dfa, Reader& reader, double budget, Found& found);
// Words of up to three letters repeated after each state's access word, up to 20,000 letters or until the
// network repeats itself, then every string of up to three letters behind: slow leaks. Then random strings.
void search_long(const Dfa& dfa, Reader& reader, double budget, Found& found);

}  // namespace ribostep::motif
