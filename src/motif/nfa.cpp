// From the tree to a nondeterministic automaton (Thompson 1968), a copy of it for each number of mismatches;
// and following sets of its states, letter by letter.
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
  std::stable_sort(nfa.edges.begin(), nfa.edges.end(),
                   [](const Nfa::Edge& a, const Nfa::Edge& b) { return a.from < b.from; });
  std::vector<int> number(static_cast<std::size_t>(nfa.states), -1), queue{nfa.start};
  number[static_cast<std::size_t>(nfa.start)] = 0;
  for (std::size_t k = 0; k < queue.size(); ++k) {
    auto edge = std::lower_bound(nfa.edges.begin(), nfa.edges.end(), queue[k],
                                 [](const Nfa::Edge& e, int state) { return e.from < state; });
    for (; edge != nfa.edges.end() && edge->from == queue[k]; ++edge)
      if (int& to = number[static_cast<std::size_t>(edge->to)]; to < 0) {
        queue.push_back(edge->to);
        to = 0;
      }
  }
  nfa.states = 0;
  for (int& n : number)
    if (n == 0) n = nfa.states++;
  const auto renumber = [&](int& state) { state = number[static_cast<std::size_t>(state)]; };
  std::erase_if(nfa.edges,
                [&](const Nfa::Edge& edge) { return number[static_cast<std::size_t>(edge.from)] < 0; });
  for (Nfa::Edge& edge : nfa.edges) {
    renumber(edge.from);
    renumber(edge.to);
  }
  renumber(nfa.start);
  renumber(nfa.accept);
}

// The set of states after some letters, straightforwardly.
class Follower {
 public:
  explicit Follower(const Nfa& nfa) : nfa_(nfa), first_(static_cast<std::size_t>(nfa.states) + 1) {
    for (const Nfa::Edge& edge : nfa.edges) ++first_[static_cast<std::size_t>(edge.from) + 1];
    for (std::size_t k = 1; k < first_.size(); ++k) first_[k] += first_[k - 1];
  }
  using Set = std::vector<int>;
  Set start() const { return closed({nfa_.start}, true, false); }
  Set step(const Set& set, int letter) const {
    Set next;
    for (const int state : set)
      for (const Nfa::Edge& edge : edges(state))
        if ((edge.letters >> static_cast<unsigned>(letter) & 1u) != 0) next.push_back(edge.to);
    return closed(std::move(next), false, false);
  }
  bool accepts(const Set& set, bool at_start) const {
    const Set all = closed(set, at_start, true);
    return std::find(all.begin(), all.end(), nfa_.accept) != all.end();
  }

 private:
  std::span<const Nfa::Edge> edges(int state) const {
    const auto s = static_cast<std::size_t>(state);
    return std::span(nfa_.edges).subspan(first_[s], first_[s + 1] - first_[s]);
  }
  Set closed(Set set, bool at_start, bool at_end) const {
    std::vector<std::uint8_t> in(static_cast<std::size_t>(nfa_.states));
    Set result;
    const auto enter = [&](int state) {
      if (in[static_cast<std::size_t>(state)] != 0) return;
      in[static_cast<std::size_t>(state)] = 1;
      result.push_back(state);
    };
    for (const int state : set) enter(state);
    for (std::size_t k = 0; k < result.size(); ++k)
      for (const Nfa::Edge& edge : edges(result[k]))
        if (edge.letters == 0 &&
            (edge.guard == Guard::None || (edge.guard == Guard::AtStart ? at_start : at_end)))
          enter(edge.to);
    return result;
  }

  const Nfa& nfa_;
  std::vector<std::size_t> first_;
};

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
  nfa.start = builder.add_state();
  nfa.accept = builder.build(pattern.root, nfa.start);
  if (pattern.mismatches > 0) layer(nfa, pattern.mismatches, all);
  const auto any = [&](int state) {
    nfa.edges.insert(nfa.edges.begin(), {state, state, all, Guard::None, false});
  };
  if (pattern.mode == Mode::Contains) any(nfa.accept);
  if (pattern.mode != Mode::Whole && (pattern.mode == Mode::EndsHere || nfa.start != nfa.accept))
    any(nfa.start);
  tidy(nfa);
  stage.states = nfa.states;
  return stage;
}

std::vector<std::uint8_t> run_nfa(const Nfa& nfa, std::span<const std::uint8_t> letters) {
  const Follower follower(nfa);
  Follower::Set set = follower.start();
  std::vector<std::uint8_t> accepted{follower.accepts(set, true)};
  for (const std::uint8_t letter : letters) {
    set = follower.step(set, letter);
    accepted.push_back(follower.accepts(set, false));
  }
  return accepted;
}

std::optional<Word> difference(const Nfa& a, const Dfa& b) {
  const Follower follower(a);
  SetTable table(a.states + 1);  // the last bit: nothing has been read
  std::vector<Follower::Set> sets;
  const auto number = [&](Follower::Set set, bool at_start) {
    std::fill(table.scratch.begin(), table.scratch.end(), 0);
    if (at_start) set.push_back(a.states);
    for (const int state : set)
      table.scratch[static_cast<std::size_t>(state) / 64] |= std::uint64_t{1} << (state % 64);
    const int found = table.keep();
    if (at_start) set.pop_back();
    if (found == static_cast<int>(sets.size())) sets.push_back(std::move(set));
    return found;
  };
  struct Pair {
    int set, state, parent, letter;
  };
  std::vector<Pair> queue{{number(follower.start(), true), b.start, -1, 0}};
  std::vector<std::vector<bool>> seen(1, std::vector<bool>(static_cast<std::size_t>(b.states())));
  seen[0][static_cast<std::size_t>(b.start)] = true;
  std::vector<std::vector<int>> next(1);  // of each set, once followed
  for (std::size_t k = 0; k < queue.size(); ++k) {
    const Pair pair = queue[k];
    if (follower.accepts(sets[static_cast<std::size_t>(pair.set)], k == 0) != b.accepts(pair.state)) {
      Word word;
      for (Pair at = pair; at.parent >= 0; at = queue[static_cast<std::size_t>(at.parent)])
        word.insert(word.begin(), static_cast<std::uint8_t>(at.letter));
      return word;
    }
    for (int letter = 0; letter < b.letters(); ++letter) {
      const auto from = static_cast<std::size_t>(pair.set);
      if (static_cast<int>(next[from].size()) == letter) {
        const int found = number(follower.step(sets[from], letter), false);
        next[from].push_back(found);
        if (sets.size() > next.size()) {
          next.resize(sets.size());
          seen.resize(sets.size(), std::vector<bool>(static_cast<std::size_t>(b.states())));
        }
      }
      const int set = next[from][static_cast<std::size_t>(letter)], state = b.step(pair.state, letter);
      if (std::vector<bool>& row = seen[static_cast<std::size_t>(set)];
          !row[static_cast<std::size_t>(state)]) {
        row[static_cast<std::size_t>(state)] = true;
        queue.push_back({set, state, static_cast<int>(k), letter});
      }
    }
  }
  return std::nullopt;
}

}  // namespace ribostep::motif
