// A condition over a long run, as the debugger computes it between two frames.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/random.h"
#include "bench/loops.h"
#include "bench/steps.h"
#include "bio/alphabet.h"
#include "query/condition_eval.h"
#include "rnn/trace.h"

namespace ribostep::bench {

double condition_ms(int length, int hidden) {
  constexpr int kRuns = 41;
  constexpr const char* kText = "h[3] > 0.05 & f[2] < 0.6 | seq ~ TATAWAW within 1 | p(yes) jumps 0.02";
  rnn::ModelSpec spec;
  spec.hidden = hidden;
  const rnn::Network net = rnn::make_network(spec);
  std::vector<float> parameters(net.parameter_count);
  rnn::initialise<float>(net, 1, parameters);
  Random random(1);
  std::vector<std::uint8_t> tokens;
  std::string letters;
  for (int t = 0; t < length; ++t) {
    tokens.push_back(static_cast<std::uint8_t>(random.below(4)));
    letters += "ACGT"[tokens.back()];
  }
  const rnn::Trace trace = rnn::trace(net, parameters, {4, {1, 2, 4, 8}}, {tokens, 1, {}});
  const std::vector<std::string> outputs = {"yes", "no"};
  query::Vocabulary words;
  words.network = &net;
  words.alphabet = &bio::alphabet(bio::AlphabetKind::Dna);
  words.outputs = outputs;
  query::Subject run;
  run.trace = &trace;
  run.alphabet = words.alphabet;
  run.letters = letters;
  run.length = length;
  std::vector<double> times;
  for (int i = 0; i < kRuns; ++i) {
    const double start = now_ms();
    const query::Parsed parsed = query::parse(kText, words);
    const std::vector<float> values = query::evaluate(parsed.condition, run, 0, length + 1);
    times.push_back(now_ms() - start);
    if (!parsed.ok() || std::count(values.begin(), values.end(), 1.0f) == 0)
      throw std::runtime_error("the condition holds nowhere");
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace ribostep::bench
