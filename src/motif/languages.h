// Languages whose machine is known, to train networks on and to compare with what is got out of them:
// Tomita's seven, parity, brackets of limited depth, Reber's grammar embedded in itself, the reading frame.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "bio/dataset.h"
#include "motif/automaton.h"

namespace ribostep::motif {

struct Language {
  const char* id;     // "tomita3"
  const char* title;  // "Tomita 3"
  const char* words;  // its definition in a line, and its source
  bio::AlphabetKind alphabet;
  int max_length;    // of strings that are worth training on
  Dfa (*machine)();  // minimal
};
std::span<const Language> languages();
const Language* language(std::string_view id);  // null: none such

// Strings of a machine with what it says of them: the class of the whole ("accepted", "rejected") as label,
// and of every prefix ('1', '0') as annotation. Half of them accepted where the machine allows it at the
// length, spread over lengths; half of the rejected ones are an accepted string with one or two letters
// changed, the others random. No string twice unless they run out.
struct SampleOptions {
  int records = 400;
  int min_length = 1, max_length = 16;
  std::uint64_t seed = 1;
};
bio::Dataset sample(const Dfa& dfa, bio::AlphabetKind alphabet, const SampleOptions& options);
// The records of a set with the machine's say as label and annotation, as above ('.' where an ambiguity code
// leaves it open). Where they have only one class of positions, sampled strings with the other are added;
// `added` gets how many. At most `limit` letters are taken.
bio::Dataset labelled_by(const Dfa& dfa, const bio::Dataset& data, std::size_t limit, int& added);
// Strings given by hand (counterexamples) put behind a set, labelled in the same way.
bio::Dataset with_strings(const Dfa& dfa, const bio::Dataset& data, std::span<const Word> strings);

}  // namespace ribostep::motif
