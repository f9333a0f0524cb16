// Automata for reading: a state a line, and as DOT for Graphviz. Letters that lead to the same state are put
// together.
#include <algorithm>

#include "motif/automaton.h"

namespace ribostep::motif {
namespace {

constexpr const char* kEpsilon = "\u03b5";
constexpr std::size_t kLabelLetters = 12;

struct Way {
  std::uint32_t letters;
  int to;
};
// In order of the first letter.
std::vector<Way> ways(const Dfa& dfa, int state) {
  std::vector<Way> found;
  for (int letter = 0; letter < dfa.letters(); ++letter) {
    const int to = dfa.step(state, letter);
    auto way = std::find_if(found.begin(), found.end(), [&](const Way& w) { return w.to == to; });
    if (way == found.end()) way = found.insert(found.end(), {0, to});
    way->letters |= 1u << static_cast<unsigned>(letter);
  }
  return found;
}

std::string edge_text(const Nfa::Edge& edge, const bio::Alphabet& alphabet) {
  switch (edge.guard) {
    case Nfa::Guard::AtStart:
      return "^";
    case Nfa::Guard::AtEnd:
      return "$";
    case Nfa::Guard::None:
      break;
  }
  if (edge.letters == 0) return kEpsilon;
  return letters_text(edge.letters, alphabet) + (edge.mismatch ? " (mismatch)" : "");
}

std::string number(char letter, int state) { return letter + std::to_string(state); }
std::string states_text(int count) { return std::to_string(count) + (count == 1 ? " state" : " states"); }

struct Dot {
  std::string text;
  Dot(const char* name, const std::string& start) {
    text = std::string("digraph ") + name +
           " {\n  rankdir=LR;\n  node [shape=circle];\n  start [shape=point];\n  start -> " + start + ";\n";
  }
  void node(const std::string& id, const std::string& label, bool accepting) {
    text += "  " + id + " [label=\"" + label + "\"" + (accepting ? ", shape=doublecircle" : "") + "];\n";
  }
  void edge(const std::string& from, const std::string& to, const std::string& label, bool dashed = false) {
    text +=
        "  " + from + " -> " + to + " [label=\"" + label + "\"" + (dashed ? ", style=dashed" : "") + "];\n";
  }
};

}  // namespace

std::string state_name(int state) { return number('s', state); }

std::string word_text(const Word& word, std::string_view symbols) {
  std::string text;
  for (const std::uint8_t letter : word) text += symbols[letter];
  return text.empty() ? kEpsilon : text;
}

// Of a long word the end is kept: it is what sets states apart.
std::string state_label(const Dfa& dfa, const std::vector<Word>& access, int state) {
  std::string word = word_text(access[static_cast<std::size_t>(state)], dfa.symbols);
  if (word.size() > kLabelLetters) word = "\u2026" + word.substr(word.size() - kLabelLetters);
  return state_name(state) + " " + word;
}

std::string to_text(const Nfa& nfa, const bio::Alphabet& alphabet) {
  std::string text = states_text(nfa.states) + ", start q" + std::to_string(nfa.start) + ", accept q" +
                     std::to_string(nfa.accept) + "\n";
  auto edge = nfa.edges.begin();
  for (int state = 0; state < nfa.states; ++state) {
    text += number('q', state) + ":";
    for (const char* between = " "; edge != nfa.edges.end() && edge->from == state; ++edge, between = ", ")
      text += between + edge_text(*edge, alphabet) + " -> " + number('q', edge->to);
    text += "\n";
  }
  return text;
}

std::string to_text(const Dfa& dfa, const bio::Alphabet& alphabet) {
  const std::vector<Word> access = access_words(dfa);
  std::string text = states_text(dfa.states()) + ", start " + state_name(dfa.start) + "\n";
  for (int state = 0; state < dfa.states(); ++state) {
    text += state_label(dfa, access, state) + (dfa.accepts(state) ? ", accepting:" : ":");
    const char* between = " ";
    for (const Way& way : ways(dfa, state)) {
      text += between + letters_text(way.letters, alphabet) + " -> " + state_name(way.to);
      between = ", ";
    }
    text += "\n";
  }
  return text;
}

std::string to_dot(const Nfa& nfa, const bio::Alphabet& alphabet) {
  Dot dot("nfa", number('q', nfa.start));
  for (int state = 0; state < nfa.states; ++state)
    dot.node(number('q', state), number('q', state), state == nfa.accept);
  for (const Nfa::Edge& edge : nfa.edges)
    dot.edge(number('q', edge.from), number('q', edge.to), edge_text(edge, alphabet), edge.mismatch);
  return dot.text + "}\n";
}

std::string to_dot(const Dfa& dfa, const bio::Alphabet& alphabet) {
  const std::vector<Word> access = access_words(dfa);
  Dot dot("dfa", state_name(dfa.start));
  for (int state = 0; state < dfa.states(); ++state)
    dot.node(state_name(state), state_label(dfa, access, state), dfa.accepts(state));
  for (int state = 0; state < dfa.states(); ++state)
    for (const Way& way : ways(dfa, state))
      dot.edge(state_name(state), state_name(way.to), letters_text(way.letters, alphabet));
  return dot.text + "}\n";
}

}  // namespace ribostep::motif
