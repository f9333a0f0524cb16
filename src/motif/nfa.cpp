// From the tree to a nondeterministic automaton (Thompson 1968), with a copy for each number of mismatches.
#include <algorithm>

#include "motif/automaton.h"
#include "motif/automaton_sets.h"

namespace ribostep::motif {
namespace {

using Guard = Nfa::Guard;
constexpr std::int64_t kVeryMany = 1'000'000'000;

const Node& node_of(const Pattern& pattern, int at) { return pattern.nodes[static_cast<std::size_t>(at)]; }

// States that a node adds, as Builder::build() adds them.
std::int64_t count(const Pattern& pattern, int at) {
  const Node& node = node_of(pattern, at);
  std::int64_t sum = 0;
  for (const int child : node.children) sum += count(pattern, child);
  if (node.kind == Node::Kind::Repeat)
    sum = node.high >= 0 ? node.high * sum : std::max(node.low, 1) * sum + 2;
  else if (node.kind != Node::Kind::Empty && node.kind != Node::Kind::Concat)
    sum += 1;
  return std::min(sum, kVeryMany);
}

// No edge leads back into the state a node is built from, and none of the node's own leaves its last one: so
// nodes can share both with what stands before and behind them.
struct Builder {
  const Pattern& pattern;
  Nfa& nfa;

  int add_state() { return nfa.states++; }
  void move(int from, int to, Guard guard = Guard::None) {
    if (from != to || guard != Guard::None) nfa.edges.push_back({from, to, 0, guard, false});
  }
  int build(int at, int from) {
    const Node& node = node_of(pattern, at);
    switch (node.kind) {
      case Node::Kind::Empty:
        return from;
      case Node::Kind::Concat:
        for (const int child : node.children) from = build(child, from);
        return from;
      case Node::Kind::Letters: {
        const int to = add_state();
        nfa.edges.push_back({from, to, node.letters, Guard::None, false});
        return to;
      }
      case Node::Kind::Either: {
        std::vector<int> ends;
        for (const int child : node.children) ends.push_back(build(child, from));
        const int to = add_state();
        for (const int end : ends) move(end, to);
        return to;
      }
      case Node::Kind::Repeat:
        return repeat(node, from);
      case Node::Kind::Start:
      case Node::Kind::End:
        break;
    }
    const int to = add_state();
    move(from, to, node.kind == Node::Kind::Start ? Guard::AtStart : Guard::AtEnd);
    return to;
  }
  int repeat(const Node& node, int from) {
    const int body = node.children[0];
    if (count(pattern, body) == 0) return from;  // nothing, however often
    const int copies = node.high >= 0 ? node.low : std::max(node.low, 1) - 1;
    for (int k = 0; k < copies; ++k) from = build(body, from);
    if (node.high < 0) {  // round a loop
      const int loop = add_state();
      move(from, loop);
      const int end = build(body, loop);
      move(end, loop);
      const int to = add_state();
      move(node.low == 0 ? loop : end, to);
      return to;
    }
    std::vector<int> stops;  // where the rest may be left out
    for (int k = node.low; k < node.high; ++k) {
      stops.push_back(from);
      from = build(body, from);
    }
    for (const int stop : stops) move(stop, from);
    return from;
  }
};

// Layer m: m letters have mismatched so far.
void layer(Nfa& nfa, int mismatches, std::uint32_t all) {
  const int states = nfa.states;
  const std::vector<Nfa::Edge> edges = std::move(nfa.edges);
  nfa.edges.clear();
  for (int m = 0; m <= mismatches; ++m) {
    const int here = m * states;
    for (const Nfa::Edge& edge : edges) {
      nfa.edges.push_back({edge.from + here, edge.to + here, edge.letters, edge.guard, false});
      if (edge.letters != 0 && edge.letters != all && m < mismatches)
        nfa.edges.push_back(
            {edge.from + here, edge.to + here + states, all & ~edge.letters, Guard::None, true});
    }
    if (m > 0) nfa.edges.push_back({nfa.accept + here - states, nfa.accept + here, 0, Guard::None, false});
  }
  nfa.states = states * (mismatches + 1);
  nfa.accept += states * mismatches;
}

// Only what can be reached, in the order it had; edges by where they begin.
void tidy(Nfa& nfa) {
  std::vector<int> first(static_cast<std::size_t>(nfa.states) + 1), queue{nfa.start};
  for (const Nfa::Edge& edge : nfa.edges) ++first[static_cast<std::size_t>(edge.from) + 1];
  for (std::size_t k = 1; k < first.size(); ++k) first[k] += first[k - 1];
  std::vector<Nfa::Edge> sorted(nfa.edges.size());
  std::vector<int> place = first;
  for (const Nfa::Edge& edge : nfa.edges)
    sorted[static_cast<std::size_t>(place[static_cast<std::size_t>(edge.from)]++)] = edge;
  std::vector<int> number(static_cast<std::size_t>(nfa.states), -1);
  const auto number_of = [&](int state) -> int& { return number[static_cast<std::size_t>(state)]; };
  number_of(nfa.start) = 0;
  for (std::size_t k = 0; k < queue.size(); ++k) {
    const auto state = static_cast<std::size_t>(queue[k]);
    for (int e = first[state]; e < first[state + 1]; ++e)
      if (const int to = sorted[static_cast<std::size_t>(e)].to; number_of(to) < 0) {
        number_of(to) = 0;
        queue.push_back(to);
      }
  }
  nfa.states = 0;
  for (int& n : number)
    if (n == 0) n = nfa.states++;
  nfa.edges.clear();
  for (const Nfa::Edge& edge : sorted)
    if (number_of(edge.from) >= 0)
      nfa.edges.push_back(
          {number_of(edge.from), number_of(edge.to), edge.letters, edge.guard, edge.mismatch});
  nfa.start = number_of(nfa.start);
  nfa.accept = number_of(nfa.accept);
}

}  // namespace

Stage<Nfa> make_nfa(const Pattern& pattern) {
  Stage<Nfa> stage;
  const std::int64_t states = (count(pattern, pattern.root) + 1) * (pattern.mismatches + 1);
  stage.states = static_cast<int>(std::min(states, kVeryMany));
  if (states > kMaxStates) {
    stage.problem = "the nondeterministic automaton would have " +
                    (states < kVeryMany ? counted(states) : "more than " + counted(kVeryMany)) +
                    " states and " + counted(kMaxStates) + " are possible; use shorter repeats" +
                    (pattern.mismatches > 0 ? " or fewer mismatches" : "");
    return stage;
  }
  const bio::Alphabet& alphabet = bio::alphabet(pattern.alphabet);
  const std::uint32_t all = (1u << alphabet.size()) - 1;
  Nfa& nfa = stage.made.emplace();
  nfa.symbols = alphabet.symbols;
  Builder builder{pattern, nfa};
  const auto any = [&](int state) { nfa.edges.push_back({state, state, all, Guard::None, false}); };
  nfa.start = builder.add_state();
  if (pattern.mode != Mode::Whole) any(nfa.start);
  nfa.accept = builder.build(pattern.root, nfa.start);
  if (pattern.mismatches > 0) layer(nfa, pattern.mismatches, all);
  if (pattern.mode == Mode::Contains && nfa.accept != nfa.start) any(nfa.accept);
  tidy(nfa);
  stage.states = nfa.states;
  return stage;
}

}  // namespace ribostep::motif
