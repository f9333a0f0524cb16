// Deterministic automata: the subset construction, the smallest machine (Hopcroft 1971), where two machines
// differ, and running one.
#include <algorithm>
#include <bit>

#include "motif/automaton.h"
#include "motif/automaton_sets.h"

namespace ribostep::motif {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

// Letters that no edge tells apart are followed together: `kind` of each letter, and a letter of each kind.
void kinds_of_letters(const Nfa& nfa, std::vector<int>& kind, std::vector<unsigned>& letter) {
  for (unsigned k = 0; k < nfa.symbols.size(); ++k) {
    int found = -1;
    for (std::size_t j = 0; j < letter.size() && found < 0; ++j)
      if (std::all_of(nfa.edges.begin(), nfa.edges.end(), [&](const Nfa::Edge& edge) {
            return ((edge.letters >> k ^ edge.letters >> letter[j]) & 1u) == 0;
          }))
        found = static_cast<int>(j);
    if (found < 0) {
      found = static_cast<int>(letter.size());
      letter.push_back(k);
    }
    kind.push_back(found);
  }
}

Word word_to(const std::vector<int>& parent, const std::vector<std::uint8_t>& letter, int node) {
  Word word;
  for (; parent[at(node)] >= 0; node = parent[at(node)]) word.push_back(letter[at(node)]);
  std::reverse(word.begin(), word.end());
  return word;
}

// States in breadth-first order from the start, symbols in order.
std::vector<int> breadth_first(const Dfa& dfa) {
  std::vector<int> order{dfa.start};
  std::vector<std::uint8_t> seen(at(dfa.states()));
  seen[at(dfa.start)] = 1;
  for (std::size_t k = 0; k < order.size(); ++k)
    for (int letter = 0; letter < dfa.letters(); ++letter)
      if (const int to = dfa.step(order[k], letter); seen[at(to)] == 0) {
        seen[at(to)] = 1;
        order.push_back(to);
      }
  return order;
}

}  // namespace

std::string counted(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t k = text.size(); k > 3;) text.insert(k -= 3, ",");
  return text;
}

Stage<Dfa> make_dfa(const Nfa& nfa, std::int64_t work) {
  Stage<Dfa> stage;
  std::vector<int> kind;
  std::vector<unsigned> letter;
  kinds_of_letters(nfa, kind, letter);
  Subsets subsets(nfa);
  subsets.start();
  Dfa dfa;
  dfa.symbols = nfa.symbols;
  std::vector<int> to(letter.size());
  for (int set = 0; set < subsets.size() && subsets.size() <= kCountedStates && subsets.work() < work;
       ++set) {
    for (std::size_t k = 0; k < letter.size(); ++k) to[k] = subsets.step(set, letter[k]);
    if (subsets.size() > kMaxStates) continue;  // only counted
    dfa.accepting.push_back(subsets.accepts(set) ? 1 : 0);
    for (const int k : kind) dfa.next.push_back(to[at(k)]);
  }
  stage.states = subsets.size();
  if (dfa.states() == subsets.size()) {
    stage.made = std::move(dfa);
    return stage;
  }
  const bool given_up = subsets.work() >= work, beyond = subsets.size() > kMaxStates;
  const std::string least = counted(std::min(subsets.size(), kCountedStates));
  stage.problem = "the deterministic automaton ";
  if (!beyond && work < kMaxWork) {
    stage.problem += "takes too long to be made while you type (" + least + " states were counted)";
  } else {
    stage.problem += "would have ";
    if (given_up || subsets.size() > kCountedStates) stage.problem += "more than ";
    stage.problem += least + " states";
    stage.problem += beyond ? " and " + counted(kMaxStates) + " are possible"
                            : ", each of them for very many of the nondeterministic one";
  }
  stage.problem +=
      "; use shorter repeats, fewer mismatches, or a motif that is looked for at one place only (whole "
      "sequence, or ^ before it)";
  if (!beyond && work < kMaxWork) stage.problem += ", or `ribostep motif`, which waits longer";
  return stage;
}

std::vector<std::uint8_t> run_nfa(const Nfa& nfa, std::span<const std::uint8_t> letters) {
  Subsets subsets(nfa, true);
  int set = subsets.start();
  std::vector<std::uint8_t> accepted{subsets.accepts(set)};
  for (const std::uint8_t letter : letters)
    accepted.push_back(subsets.accepts(set = subsets.step(set, letter)));
  return accepted;
}

int Dfa::run(std::span<const std::uint8_t> word) const {
  int state = start;
  for (const std::uint8_t letter : word) state = step(state, letter);
  return state;
}

Dfa minimal(const Dfa& dfa) {
  const std::vector<int> order = breadth_first(dfa);
  const std::size_t n = order.size(), letters = dfa.symbols.size();
  std::vector<int> number(at(dfa.states()), -1);
  for (std::size_t k = 0; k < n; ++k) number[at(order[k])] = static_cast<int>(k);
  // Predecessors of each state by each letter.
  std::vector<std::size_t> first(n * letters + 1);
  std::vector<int> before(n * letters);
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t s = 0; s < n; ++s)
      for (std::size_t a = 0; a < letters; ++a) {
        const std::size_t key = at(number[at(dfa.step(order[s], static_cast<int>(a)))]) * letters + a;
        if (pass == 0)
          ++first[key + 1];
        else
          before[first[key]++] = static_cast<int>(s);
      }
    if (pass == 0)
      for (std::size_t k = 1; k < first.size(); ++k) first[k] += first[k - 1];
  }
  const auto begin_of = [&](std::size_t key) {
    return key == 0 ? 0 : first[key - 1];
  };  // first[] has moved on

  // Blocks are stretches of `place`; those that are marked in a round stand at a block's front.
  std::vector<int> place(n), where(n), block(n);
  struct Block {
    std::size_t begin, end, marked;
  };
  std::vector<Block> blocks;
  std::size_t filled = 0;
  for (const bool accepting : {false, true}) {
    const std::size_t begin = filled;
    for (std::size_t s = 0; s < n; ++s)
      if (dfa.accepts(order[s]) == accepting) {
        block[s] = static_cast<int>(blocks.size());
        where[s] = static_cast<int>(filled);
        place[filled++] = static_cast<int>(s);
      }
    if (filled > begin) blocks.push_back({begin, filled, 0});
  }
  std::vector<std::uint8_t> waiting(n * letters);  // [block][letter]
  std::vector<std::pair<int, std::size_t>> work;
  const auto push = [&](int b, std::size_t a) {
    if (waiting[at(b) * letters + a] != 0) return;
    waiting[at(b) * letters + a] = 1;
    work.push_back({b, a});
  };
  const auto size = [&](int b) { return blocks[at(b)].end - blocks[at(b)].begin; };
  if (blocks.size() == 2)
    for (std::size_t a = 0; a < letters; ++a) push(size(0) < size(1) ? 0 : 1, a);
  std::vector<int> touched, splitter;
  while (!work.empty()) {
    const auto [b, a] = work.back();
    work.pop_back();
    waiting[at(b) * letters + a] = 0;
    splitter.assign(place.begin() + static_cast<std::ptrdiff_t>(blocks[at(b)].begin),
                    place.begin() + static_cast<std::ptrdiff_t>(blocks[at(b)].end));
    for (const int s : splitter) {
      const std::size_t key = at(s) * letters + a;
      for (std::size_t p = begin_of(key); p < first[key]; ++p) {
        const int from = before[p];
        Block& home = blocks[at(block[at(from)])];
        if (home.marked == 0) touched.push_back(block[at(from)]);
        const std::size_t front = home.begin + home.marked++;
        const int other = place[front];
        std::swap(place[front], place[at(where[at(from)])]);
        std::swap(where[at(from)], where[at(other)]);
      }
    }
    for (const int t : touched) {
      Block& home = blocks[at(t)];
      const std::size_t cut = home.begin + home.marked;
      home.marked = 0;
      if (cut == home.end) continue;
      const Block fresh{home.begin, cut, 0};
      home.begin = cut;
      const int id = static_cast<int>(blocks.size());
      blocks.push_back(fresh);
      for (std::size_t k = fresh.begin; k < fresh.end; ++k) block[at(place[k])] = id;
      for (std::size_t c = 0; c < letters; ++c)
        push(waiting[at(t) * letters + c] != 0 || size(id) <= size(t) ? id : t, c);
    }
    touched.clear();
  }

  Dfa merged;
  merged.symbols = dfa.symbols;
  merged.start = block[0];
  for (const Block& b : blocks) {
    const int state = order[at(place[b.begin])];
    merged.accepting.push_back(dfa.accepting[at(state)]);
    for (std::size_t a = 0; a < letters; ++a)
      merged.next.push_back(block[at(number[at(dfa.step(state, static_cast<int>(a)))])]);
  }
  Dfa result;
  result.symbols = dfa.symbols;
  const std::vector<int> canonical = breadth_first(merged);
  std::vector<int> rank(canonical.size());
  for (std::size_t k = 0; k < canonical.size(); ++k) rank[at(canonical[k])] = static_cast<int>(k);
  for (const int state : canonical) {
    result.accepting.push_back(merged.accepting[at(state)]);
    for (std::size_t a = 0; a < letters; ++a)
      result.next.push_back(rank[at(merged.step(state, static_cast<int>(a)))]);
  }
  return result;
}

std::optional<Word> difference(const Dfa& a, const Dfa& b) {
  std::vector<std::uint64_t> seen((at(a.states()) * at(b.states()) + 63) / 64);
  std::vector<std::pair<int, int>> queue;
  std::vector<int> parent;
  std::vector<std::uint8_t> letter_to;
  const auto meet = [&](int p, int q, int from, int letter) {
    const std::size_t key = at(p) * at(b.states()) + at(q);
    const std::uint64_t bit = std::uint64_t{1} << (key % 64);
    if ((seen[key / 64] & bit) != 0) return;
    seen[key / 64] |= bit;
    queue.push_back({p, q});
    parent.push_back(from);
    letter_to.push_back(static_cast<std::uint8_t>(letter));
  };
  meet(a.start, b.start, -1, 0);
  for (std::size_t k = 0; k < queue.size(); ++k) {
    const auto [p, q] = queue[k];
    if (a.accepts(p) != b.accepts(q)) return word_to(parent, letter_to, static_cast<int>(k));
    for (int letter = 0; letter < a.letters(); ++letter)
      meet(a.step(p, letter), b.step(q, letter), static_cast<int>(k), letter);
  }
  return std::nullopt;
}

// By the whole sets, every letter on its own: not as make_dfa() does it.
std::optional<Word> difference(const Nfa& a, const Dfa& b) {
  Subsets subsets(a, true);
  subsets.start();
  Dfa all;
  all.symbols = a.symbols;
  for (int set = 0; set < subsets.size(); ++set) {
    all.accepting.push_back(subsets.accepts(set));
    for (unsigned letter = 0; letter < a.symbols.size(); ++letter)
      all.next.push_back(subsets.step(set, letter));
  }
  return difference(all, b);
}

std::vector<Word> access_words(const Dfa& dfa) {
  std::vector<Word> words(at(dfa.states()));
  std::vector<std::uint8_t> known(at(dfa.states()));
  known[at(dfa.start)] = 1;
  for (const int state : breadth_first(dfa))
    for (int letter = 0; letter < dfa.letters(); ++letter)
      if (const int to = dfa.step(state, letter); known[at(to)] == 0) {
        known[at(to)] = 1;
        words[at(to)] = words[at(state)];
        words[at(to)].push_back(static_cast<std::uint8_t>(letter));
      }
  return words;
}

bool is_sink(const Dfa& dfa, int state) {
  for (int letter = 0; letter < dfa.letters(); ++letter)
    if (dfa.step(state, letter) != state) return false;
  return true;
}

Run run_codes(const Dfa& dfa, std::span<const std::uint8_t> codes, std::span<const std::uint32_t> masks) {
  Run run;
  run.state.reserve(codes.size() + 1);
  run.accepted.reserve(codes.size() + 1);
  std::vector<int> now{dfa.start}, next;
  std::vector<std::uint32_t> seen(at(dfa.states()));  // the round in which a state was entered last
  seen[at(dfa.start)] = 1;
  std::uint32_t position = 0, round = 1;
  std::uint32_t kept = ~0u;  // symbols that led from the set to itself
  std::int64_t purse = kMaxFollowed;
  const auto record = [&] {
    bool yes = false, no = false;
    for (const int state : now) (dfa.accepts(state) ? yes : no) = true;
    run.state.push_back(now.size() == 1 ? now[0] : -1);
    run.accepted.push_back(static_cast<std::uint8_t>(yes && no ? 2 : yes));
    if (now.size() > 1) run.ambiguous.push_back(position);
  };
  record();
  for (const std::uint8_t code : codes) {
    ++position;
    const bool several = now.size() > 1, stays = several && masks[code] == kept;
    if (several && !stays && run.open_from == 0) {
      purse -= static_cast<std::int64_t>(now.size()) * std::popcount(masks[code]);
      if (purse < 0) run.open_from = position;
    }
    if (stays || run.open_from != 0) {
      run.state.push_back(-1);
      run.accepted.push_back(run.open_from != 0 ? 2 : run.accepted.back());
      run.ambiguous.push_back(position);
      continue;
    }
    ++round;
    next.clear();
    bool same = true;
    for (const int state : now)
      for (std::uint32_t bits = masks[code]; bits != 0; bits &= bits - 1) {
        const int to = dfa.step(state, std::countr_zero(bits));
        if (seen[at(to)] == round) continue;
        same = same && seen[at(to)] == round - 1;
        seen[at(to)] = round;
        next.push_back(to);
      }
    kept = same && next.size() == now.size() ? masks[code] : ~0u;
    now.swap(next);
    record();
  }
  return run;
}

}  // namespace ribostep::motif
