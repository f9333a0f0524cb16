// Words for patterns: sets of letters as people write them, the syntax tree as text and as DOT.
#include <bit>

#include "motif/automaton.h"
#include "motif/pattern.h"

namespace ribostep::motif {
namespace {

struct ModeWords {
  const char *name, *label;
};
constexpr ModeWords kModes[] = {{"contains", "contains"}, {"ends", "ends here"}, {"whole", "whole sequence"}};

std::string letters_in(std::uint32_t letters, const bio::Alphabet& alphabet) {
  std::string text;
  for (int k = 0; k < alphabet.size(); ++k)
    if ((letters >> static_cast<unsigned>(k) & 1u) != 0)
      text += alphabet.symbols[static_cast<std::size_t>(k)];
  return text;
}

std::string node_text(const Node& node, const bio::Alphabet& alphabet) {
  switch (node.kind) {
    case Node::Kind::Empty:
      return "nothing";
    case Node::Kind::Letters: {
      const std::string text = letters_text(node.letters, alphabet);
      if (text == ".") return "any letter";
      return "letter " + text +
             (text.size() == 1 && std::popcount(node.letters) > 1 ? " = " + letters_in(node.letters, alphabet)
                                                                  : "");
    }
    case Node::Kind::Concat:
      return "sequence";
    case Node::Kind::Either:
      return "either";
    case Node::Kind::Repeat:
      if (node.low == 0 && node.high == 1) return "optional";
      if (node.high < 0) return "repeat " + std::to_string(node.low) + " or more";
      return "repeat " + std::to_string(node.low) +
             (node.high > node.low ? " to " + std::to_string(node.high) : std::string());
    case Node::Kind::Start:
      return "start of the string";
    case Node::Kind::End:
      break;
  }
  return "end of the string";
}

void write(const Pattern& pattern, int at, std::size_t depth, std::string& text) {
  const Node& node = pattern.nodes[static_cast<std::size_t>(at)];
  text += std::string(2 * depth, ' ') + node_text(node, bio::alphabet(pattern.alphabet)) + "\n";
  for (const int child : node.children) write(pattern, child, depth + 1, text);
}

}  // namespace

const char* name(Mode mode) { return kModes[static_cast<std::size_t>(mode)].name; }
const char* label(Mode mode) { return kModes[static_cast<std::size_t>(mode)].label; }
std::optional<Mode> match_mode(std::string_view name) {
  for (std::uint8_t k = 0; k < 3; ++k)
    if (name == kModes[k].name) return static_cast<Mode>(k);
  return std::nullopt;
}

std::string letters_text(std::uint32_t letters, const bio::Alphabet& alphabet) {
  const std::uint32_t all = (1u << alphabet.size()) - 1;
  if (letters == all) return ".";
  for (const bio::Code& code : alphabet.codes)
    if (code.symbols == letters) return std::string(1, code.letter);
  const bool most = 2 * std::popcount(letters) > alphabet.size();
  return (most ? "[^" : "[") + letters_in(most ? all & ~letters : letters, alphabet) + "]";
}

std::string to_text(const Pattern& pattern) {
  std::string text;
  write(pattern, pattern.root, 0, text);
  return text;
}

std::string to_dot(const Pattern& pattern) {
  std::string text = "digraph tree {\n  node [shape=box];\n";
  for (std::size_t n = 0; n < pattern.nodes.size(); ++n)
    text += "  n" + std::to_string(n) + " [label=\"" +
            node_text(pattern.nodes[n], bio::alphabet(pattern.alphabet)) + "\"];\n";
  for (std::size_t n = 0; n < pattern.nodes.size(); ++n)
    for (const int child : pattern.nodes[n].children)
      text += "  n" + std::to_string(n) + " -> n" + std::to_string(child) + ";\n";
  return text + "}\n";
}

}  // namespace ribostep::motif
