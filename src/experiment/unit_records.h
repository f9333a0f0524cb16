// Which records, and how much of each, are read when a question is about a whole data set: everything, or an
// even choice within a stated budget of letters. For unit_reading and memory_probe.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "experiment/prepare.h"
#include "rnn/network.h"

namespace ribostep::experiment {

inline constexpr int kLongestExtract = 20000;                     // letters of one record
inline constexpr std::uint64_t kExtractTraceBytes = 160u << 20u;  // a step-by-step trace takes at most

struct Extract {
  int record = 0;
  int letters = 0;  // from the first on; whole codons
};
struct Extracts {
  std::vector<Extract> list;  // ascending records
  std::int64_t letters = 0;   // together
  int records = 0;            // of the data set
  bool cut = false;           // some record is not read to its end
  std::string words() const;  // "all 20 sequences, 800 letters"; "57 of 4,000 sequences, evenly chosen, ..."
};
// Of n records, where they do not fit, those at floor(i n / m): as many (m) as fit on average, at least one.
Extracts choose_extracts(const Prepared& prepared, const rnn::Network& net, std::int64_t budget);
// The beginning of the record as the network reads it.
rnn::Example example(const Prepared& prepared, const rnn::ModelSpec& spec, const Extract& extract);

// The last letter (0-based) of a step in the direction its layer reads, of `letters`.
int last_letter_read(const rnn::Layer& layer, int letters_per_step, int step, int letters);

}  // namespace ribostep::experiment
