// The machines of the languages, as tables; drawing strings from them is sampling.cpp's.
#include "motif/languages.h"

#include <cassert>

namespace ribostep::motif {
namespace {

// A row a state, with the state that each symbol leads to ('0' and on); a space between rows. `accepting`:
// '1' or '0' a state.
Dfa table(std::string_view symbols, std::string_view rows, std::string_view accepting) {
  Dfa dfa;
  dfa.symbols = symbols;
  for (const char c : rows)
    if (c != ' ') dfa.next.push_back(c - '0');
  for (const char c : accepting) dfa.accepting.push_back(c == '1');
  assert(dfa.next.size() == accepting.size() * symbols.size());
  return dfa;
}

// Reber's grammar, read as a graph: a row a node, a column a letter of "BTSXPVE", the node that it leads to;
// '-': no such edge. Node 7 is the end.
constexpr int kNodes = 8;
constexpr const char* kReber[kNodes] = {"1------", "-2--3--", "--24---", "-3---5-",
                                        "--63---", "----46-", "------7", "-------"};

// Embedded in itself: B, T or P, a string of the grammar, the same T or P again, E. States: start, after B,
// the grammar's nodes behind T and behind P, before E, accepted, lost.
Dfa embedded_reber() {
  constexpr int kInner = 2, kBeforeE = kInner + 2 * kNodes, kDone = kBeforeE + 1, kLost = kDone + 1;
  Dfa dfa;
  dfa.symbols = "BTSXPVE";
  const auto letter = [&](char c) { return dfa.symbols.find(c); };
  const std::size_t width = dfa.symbols.size();
  dfa.next.assign((kLost + 1) * width, kLost);
  dfa.accepting.assign(kLost + 1, 0);
  dfa.accepting[kDone] = 1;
  const auto edge = [&](int from, char c, int to) {
    dfa.next[static_cast<std::size_t>(from) * width + letter(c)] = to;
  };
  edge(0, 'B', 1);
  edge(kBeforeE, 'E', kDone);
  for (int branch = 0; branch < 2; ++branch) {
    const int first = kInner + branch * kNodes;
    const char fork = branch == 0 ? 'T' : 'P';
    edge(1, fork, first);
    for (int node = 0; node < kNodes; ++node)
      for (std::size_t k = 0; k < width; ++k)
        if (const char to = kReber[node][k]; to != '-') edge(first + node, dfa.symbols[k], first + to - '0');
    edge(first + kNodes - 1, fork, kBeforeE);
  }
  return minimal(dfa);
}

constexpr auto kBits = bio::AlphabetKind::Bits;
constexpr Language kLanguages[] = {
    {"tomita1", "Tomita 1", "1*: ones alone (Tomita 1982)", kBits, 40,
     [] { return table("01", "10 11", "10"); }},
    {"tomita2", "Tomita 2", "(10)*: one and zero in turn (Tomita 1982)", kBits, 40,
     [] { return table("01", "12 11 01", "100"); }},
    {"tomita3", "Tomita 3", "no odd run of 0s anywhere after an odd run of 1s (Tomita 1982)", kBits, 40,
     [] { return table("01", "01 20 34 23 44", "11010"); }},
    {"tomita4", "Tomita 4", "no 000 (Tomita 1982)", kBits, 40,
     [] { return table("01", "10 20 30 33", "1110"); }},
    {"tomita5", "Tomita 5", "an even number of 0s and an even number of 1s (Tomita 1982)", kBits, 40,
     [] { return table("01", "12 03 30 21", "1000"); }},
    {"tomita6", "Tomita 6", "the number of 0s less that of 1s is a multiple of 3 (Tomita 1982)", kBits, 40,
     [] { return table("01", "12 20 01", "100"); }},
    {"tomita7", "Tomita 7", "0*1*0*1*: at most three changes from run to run, zeros first (Tomita 1982)",
     kBits, 40, [] { return table("01", "01 21 23 43 44", "11110"); }},
    {"parity", "Parity", "an odd number of 1s", kBits, 40, [] { return table("01", "01 10", "01"); }},
    {"brackets", "Brackets", "balanced, nested at most four deep", bio::AlphabetKind::Brackets, 40,
     [] { return table("()", "12 30 22 41 53 24", "100000"); }},
    {"reber", "Embedded Reber grammar",
     "a string of Reber's grammar (1967) between two equal letters (Hochreiter & Schmidhuber 1997)",
     bio::AlphabetKind::Reber, 40, embedded_reber},
    {"frame", "Reading frame", "as many letters as whole codons: counts modulo 3", bio::AlphabetKind::Dna, 40,
     [] { return table("ACGT", "1111 2222 0000", "100"); }},
    {"orf_stop", "Stop in frame", "a stop codon (TAA, TAG, TGA) in the frame of the first letter was read",
     bio::AlphabetKind::Dna, 40,
     [] { return table("ACGT", "1112 3333 4353 0000 6060 6000 6666", "0000001"); }},
};

}  // namespace

std::span<const Language> languages() { return kLanguages; }

const Language* language(std::string_view id) {
  for (const Language& known : kLanguages)
    if (id == known.id) return &known;
  return nullptr;
}

}  // namespace ribostep::motif
